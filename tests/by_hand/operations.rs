//! What clients put and get.

use splitbrain::store::{Operation, Value};

use crate::harness::{Cluster, Load, Plan, check, under_both};

#[test]
fn what_is_put_is_got_and_stands_in_every_chain() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let mut client = cluster.client(1);
        assert_eq!(client.ask("get 'a'"), "KEY_DOES_NOT_EXIST");
        assert_eq!(client.ask("put 'a' 1"), "success");
        assert_eq!(client.ask("get 'a'"), "1");
        assert_eq!(client.ask("cas 'a' 2 3"), "PRECONDITION_FAILED");
        assert_eq!(client.ask("cas 'a' 1 3"), "success");
        assert_eq!(client.ask("Operation(get, 'a')"), "3");
        assert_eq!(client.ask("Operation(put, 'b', 'two words')"), "success");
        assert_eq!(client.ask("get \"b\""), "two words");
        let chains = cluster.equal_chains();
        check(&client.history(), &chains);
        assert_eq!(chains[&1].len(), 8);
        for server in 1..=3 {
            assert_eq!(cluster.ask(server, "printKVStore"), ["a:3", "b:two words"]);
        }
    });
}

#[test]
fn two_clients_at_once_and_five_servers() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan { servers: 5, ..Plan::of(protocol) });
        let load = Load::begin(&cluster, 1..=2, 1);
        load.wait_for_progress(30);
        let history = load.end();
        let chains = cluster.equal_chains();
        assert_eq!(chains.len(), 5);
        check(&history, &chains);
    });
}

/// As they are typed, and as Python 3 prints them; texts bare.
const LITERALS: [(&str, &str); 32] = [
    ("'a string'", "a string"),
    ("\"double\"", "double"),
    ("''", ""),
    ("'it\\'s'", "it's"),
    ("\"it's\"", "it's"),
    ("'say \"hi\"'", "say \"hi\""),
    ("'a-b--c'", "a-b--c"),
    ("'-'", "-"),
    ("'größe, 数, 🦀'", "größe, 数, 🦀"),
    ("'client=c9 request=1 nonce=1 previous=None hash=0'", "client=c9 request=1 nonce=1 previous=None hash=0"),
    ("'\\u00e9\\x41'", "éA"),
    ("'back\\\\slash'", "back\\slash"),
    ("1", "1"),
    ("-5", "-5"),
    ("+7", "7"),
    ("0x10", "16"),
    ("123456789012345678901234567890", "123456789012345678901234567890"),
    ("1.0", "1.0"),
    ("-2.50", "-2.5"),
    ("1e100", "1e+100"),
    ("1e-7", "1e-07"),
    ("None", "None"),
    ("True", "True"),
    ("False", "False"),
    ("[1, 'a', None]", "[1, 'a', None]"),
    ("(1,)", "(1,)"),
    ("()", "()"),
    ("{3}", "{3}"),
    ("set()", "set()"),
    ("{'phone':-5,'x':\"it's\"}", "{'phone': -5, 'x': \"it's\"}"),
    ("{'a': [1, (2.0, {'b': {7}}), True], (1, 2): 'größe'}", "{'a': [1, (2.0, {'b': {7}}), True], (1, 2): 'größe'}"),
    ("['-', \"a\\tb\"]", "['-', 'a\\tb']"),
];

#[test]
fn every_kind_of_literal_comes_back_as_python_prints_it() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let mut client = cluster.client(1);
        for (typed, printed) in LITERALS {
            assert_eq!(client.ask(&format!("put 'key' {typed}")), "success", "{typed}");
            assert_eq!(client.ask("get 'key'"), printed, "{typed}");
            assert_eq!(client.ask(&format!("put {typed} 'value'")), "success", "{typed}");
            assert_eq!(client.ask(&format!("get {typed}")), "value", "{typed}");
        }
        let chains = cluster.equal_chains();
        check(&client.history(), &chains);
        for (at, (typed, _)) in LITERALS.iter().enumerate() {
            let value = Value::from_literal(typed).unwrap();
            let put = Operation::Put { key: "key".into(), value };
            assert_eq!(chains[&1][at * 4].operation, put.to_string());
        }
    });
}

/// An answer is one line, and nothing that somebody has put moves the cursor of who gets it.
#[test]
fn an_answer_stays_one_line_whatever_was_put() {
    let mut cluster = Cluster::running(&Plan::of("raft"));
    let mut client = cluster.client(1);
    client.console.type_line("put 'a' 'one\\ntwo\\x1b[2J\\x7f\\x9b'");
    client.console.type_line("get 'a'");
    let lines = [(); 2].map(|()| client.console.answer().1);
    assert_eq!(lines, ["success", r"one\ntwo\u{1b}[2J\u{7f}\u{9b}"]);
    cluster.equal_chains();
    assert_eq!(cluster.ask(2, "print kv"), [r"a:one\ntwo\u{1b}[2J\u{7f}\u{9b}"]);
    let block = &cluster.ask(2, "printBlockchain")[0];
    assert!(block.starts_with(r#"1 put a "one\ntwo\u001b[2J\u{7f}\u{9b}" client=c1"#), "{block}");
}
