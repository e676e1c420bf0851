//! Every form of the courses at both consoles, and what is said of others.

use super::*;
use crate::script::Shown;
use crate::store::{Operation, Value};

const S: fn(u32) -> NodeName = NodeName::server;

fn reader(node: NodeName) -> OrderReader {
    OrderReader::new(node, &[S(1), S(2), S(3)])
}

fn order(node: NodeName, line: &str) -> Order {
    let order = reader(node).read(1, line).unwrap_or_else(|why| panic!("{line}\n{why}"));
    order.unwrap_or_else(|| panic!("{line} is nothing"))
}

fn at_server(line: &str) -> Order {
    order(S(1), line)
}

fn at_client(line: &str) -> Order {
    order(NodeName::client(1), line)
}

fn servers<const N: usize>(numbers: [u32; N]) -> BTreeSet<NodeName> {
    numbers.into_iter().map(S).collect()
}

#[test]
fn an_operation_has_literals_in_every_form_of_the_courses() {
    let get = |key: Value| Order::Operation(Operation::Get { key });
    let put = |key: &str, value: &str| {
        Order::Operation(Operation::Put { key: key.into(), value: Value::from_literal(value).unwrap() })
    };
    for line in ["get \"a\"", "get 'a'", "get('a')", "Operation(get, 'a')", "Operation get 'a'", "  get 'a' # why"] {
        assert_eq!(at_client(line), get("a".into()), "{line}");
    }
    assert_eq!(at_client("get 1"), get(Value::Integer(1)));
    for line in ["put 'a' {'key1':'val1'}", "put('a', {'key1':'val1'})", "Operation(put, 'a', {'key1':'val1'})"] {
        assert_eq!(at_client(line), put("a", "{'key1': 'val1'}"), "{line}");
    }
    let cas = Operation::Cas { key: "a".into(), from: Value::Integer(1), to: "b".into() };
    assert_eq!(at_client("cas 'a' 1 'b'"), Order::Operation(cas.clone()));
    assert_eq!(at_client("Operation(cas, 'a', 1, 'b')"), Order::Operation(cas));
}

#[test]
fn a_client_attaches_nominates_and_leaves() {
    for line in ["reconnect 2", "reconnect(2)", "reconnect s2", "joinClient 2"] {
        assert_eq!(at_client(line), Order::Attach(S(2)), "{line}");
    }
    for line in ["nominate 2", "nominate(2)", "nominate s2"] {
        assert_eq!(at_client(line), Order::Nominate(S(2)), "{line}");
    }
    assert_eq!(at_client("e"), Order::Leave);
    // Servers and clients have numbers of their own.
    assert_eq!(at_client("nominate 1"), Order::Nominate(S(1)));
}

#[test]
fn a_server_fails_leaves_and_is_nominated_by_itself_or_names_another_one() {
    assert_eq!(at_server("failProcess"), Order::Fail);
    assert_eq!(at_server("kill"), Order::Fail);
    assert_eq!(at_server("e"), Order::Leave);
    assert_eq!(at_server("nominate"), Order::Nominate(S(1)));
    assert_eq!(at_server("nominate 2"), Order::Nominate(S(2)));
    assert_eq!(at_server("nominate(1)"), Order::Nominate(S(1)));
}

#[test]
fn a_link_is_named_by_its_other_end_or_by_both_and_an_end_may_be_a_port() {
    for line in
        ["failLink(1, 3)", "failLink 1 3", "failLink 3", "failLink 3 1", "failLink s3", "failLink 8003", "cut 3"]
    {
        assert_eq!(at_server(line), Order::Cut(servers([3])), "{line}");
    }
    for line in ["failLink(8001, 8003)", "failLink 5001 3", "failLink 9003"] {
        assert_eq!(at_server(line), Order::Cut(servers([3])), "{line}");
    }
    for line in ["failLink 2,3", "failLink *", "failLink 1 2,3"] {
        assert_eq!(at_server(line), Order::Cut(servers([2, 3])), "{line}");
    }
    for line in ["fixLink(1, 3)", "fixLink 1 3", "fixLink 3", "fixLink 8003", "mend 3"] {
        assert_eq!(at_server(line), Order::Mend(servers([3])), "{line}");
    }
}

#[test]
fn where_ports_are_known_they_name_the_servers_that_listen_there() {
    let ports = [(S(1), 7000), (S(2), 7001), (S(3), 7003), (S(4), 7003)];
    let mut reader = OrderReader::new(S(1), &[1, 2, 3, 4].map(S)).with_ports(ports);
    let mut read = |line| reader.read(1, line).map(|order| order.unwrap());
    for line in ["failLink 7001", "failLink(7000, 7001)", "failLink 1 7001"] {
        assert_eq!(read(line).unwrap(), Order::Cut(servers([2])), "{line}");
    }
    assert_eq!(read("failLink 9003").unwrap(), Order::Cut(servers([3])), "nobody listens there: as in the courses");
    // On two machines.
    assert!(read("failLink 7003").unwrap_err().starts_with("error: no server 7003 is in the cluster"));
}

#[test]
fn a_server_connects_to_all_others_but_those_that_are_named() {
    let connect = |but| Order::Connect { but };
    for line in ["c", "reconnect", "connect"] {
        assert_eq!(at_server(line), connect(servers([])), "{line}");
    }
    for line in ["reconnect 2 3", "reconnect(2, 3)", "c s3 s2"] {
        assert_eq!(at_server(line), connect(servers([2, 3])), "{line}");
    }
}

#[test]
fn a_server_shows_each_part_of_what_it_holds_under_each_of_its_names() {
    let parts = [
        (Shown::Blockchain, &["printBlockchain", "print blockchain", "print bc", "printBlockchain()"][..]),
        (Shown::Store, &["printKVStore", "print kv", "printStore"]),
        (Shown::Queue, &["printQueue", "print rq"]),
        (Shown::Depth, &["print depth", "printDepth"]),
        (Shown::BrokenLinks, &["print brokenLinks", "printBrokenLinks"]),
        (Shown::Log, &["printLog"]),
        (Shown::Role, &["printRole"]),
    ];
    for (shown, lines) in parts {
        for line in lines {
            assert_eq!(at_server(line), Order::Show(shown), "{line}");
        }
    }
}

#[test]
fn blank_lines_and_comments_are_nothing() {
    for line in ["", "  \t", "# a comment", "// another"] {
        assert_eq!(reader(S(1)).read(1, line), Ok(None), "{line}");
    }
}

/// A line is read by itself: what one line says changes nothing for the next.
#[test]
fn a_line_may_be_typed_any_number_of_times_and_after_a_mistake() {
    let mut reader = reader(NodeName::client(1));
    for number in 1..100 {
        assert!(reader.read(number, "get a").is_err());
        assert!(reader.read(number, "reconnect 7").is_err());
        assert_eq!(reader.read(number, "reconnect 2"), Ok(Some(Order::Attach(S(2)))));
        assert_eq!(reader.read(number, "e"), Ok(Some(Order::Leave)));
    }
}

#[test]
fn nothing_that_is_typed_makes_it_panic() {
    let words =
        ["s1:", "c9:", "é:", "!", "!e", "(", ")", "print", "Operation", "nominate", "cut", "\"", "'", "->", "*"];
    for one in words {
        for other in words {
            for node in [S(1), NodeName::client(1), NodeName::client(999)] {
                for line in [format!("{one} {other}"), format!("{one}{other}"), format!("é{one}({other}")] {
                    let _ = reader(node).read(1, &line);
                }
            }
        }
    }
}

#[test]
fn help_knows_what_is_typed_at_the_other_consoles() {
    let asked = |node, line| reader(node).read(1, line).unwrap_err();
    let put = asked(S(1), "help put");
    assert!(put.starts_with("`put` is typed at the console of a client: "), "{put}");
    let fail = asked(NodeName::client(1), "help failLink");
    assert!(fail.starts_with("`failLink` is typed at the console of a server: "), "{fail}");
    let near = asked(S(1), "help printt");
    assert!(near.starts_with("there is no command `printt` at the console of a server"), "{near}");
}

#[test]
fn names_are_those_of_the_console() {
    let names = reader(NodeName::client(1)).names();
    assert_eq!(
        names,
        [
            "Operation cas",
            "Operation get",
            "Operation put",
            "cas",
            "e",
            "get",
            "help",
            "joinClient",
            "leave",
            "nominate",
            "put",
            "reconnect"
        ]
    );
    assert!(reader(S(1)).names().contains(&"print bc"));
    assert_eq!(reader(S(1)).prompt(), "server 1> ");
}
