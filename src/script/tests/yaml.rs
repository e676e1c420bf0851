//! The YAML form gives what the line form gives, and both can be written again.

use proptest::prelude::*;

use super::properties::{check, cluster_line, line_in_a_cluster, line_with_structure, valid_line, writing, written};
use crate::script::tests::{NODES, TABLE};
use crate::script::{Invocation, Mistakes, Notation, Place, Script, Source, parse, print};

fn read(text: &str) -> Result<Script<()>, Mistakes> {
    parse(&TABLE, &Source::from_bytes("a", text.as_bytes().to_vec())?)
}

fn sound(text: &str) -> Script<()> {
    read(text).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes}"))
}

/// All that an invocation says, but for where, and for whether a node is typed as its number or its name.
fn meaning(invocation: &Invocation<()>) -> String {
    let parts: Vec<_> = invocation
        .and_held()
        .map(|one| {
            let kinds = one.arguments.iter().map(std::mem::discriminant).collect::<Vec<_>>();
            format!("{} {} {} {kinds:?}", one.command.name, one.typed_name, one.console.is_some())
        })
        .collect();
    format!("{}: {}", invocation.canonical(), parts.join(" holds "))
}

fn meanings(script: &Script<()>) -> Vec<String> {
    script.invocations.iter().map(meaning).collect()
}

/// What the steps are in lines, behind some nodes.
fn in_lines(steps: &str) -> Vec<String> {
    let text =
        format!("steps:\n{}{steps}", NODES.lines().map(|line| format!("- {}\n", as_step(line))).collect::<String>());
    let script = sound(&text);
    script.invocations[NODES.lines().count()..].iter().map(Invocation::canonical).collect()
}

/// `joinServer 0` as `joinServer: 0`.
fn as_step(line: &str) -> String {
    line.replacen(' ', ": ", 1)
}

#[test]
fn every_way_to_write_a_step_is_the_line_that_says_it() {
    let same = [
        ("- stabilize", "stabilize"),
        ("- killServer: 0", "killServer 0"),
        ("- put: [2, color, blue]", "put 2 color blue"),
        ("- put: {client: c2, key: color, value: blue}", "put 2 color blue"),
        ("- put: 2 color blue", "put 2 color blue"),
        ("- {\"put\": [2, \"x\", \"\\u00e9\"]}", "put 2 x é"),
        ("- put: [2, 'null', \"~\"]", "put 2 null ~"),
        ("- put: [2, 0x10, 1.50]", "put 2 0x10 1.50"),
        ("- put: [2, true, No]", "put 2 true No"),
        ("- put:\n  - 2\n  - a\n  - b", "put 2 a b"),
        ("- put: >-\n    2 a\n    b", "put 2 a b"),
        ("- cut: [0, 1]", "cut 0 1"),
        ("- cut: 0 -> 1", "cut 0 -> 1"),
        ("- cut: [0, ->, 1]", "cut 0 -> 1"),
        ("- cut: [[0, 1], s1]", "cut 0,1 1"),
        ("- cut: {links: [0, 1]}", "cut 0 1"),
        ("- drop: next 2 write 0 -> 1", "drop next 2 write 0 -> 1"),
        ("- drop: [next, 2, write, 0, ->, 1]", "drop next 2 write 0 -> 1"),
        ("- delay: {a: 0, b: 1, delay: 50ms, jitter: 10ms}", "delay 0 1 50ms jitter 10ms"),
        ("- delay: [0, 1, 50ms, jitter, 10ms]", "delay 0 1 50ms jitter 10ms"),
        ("- delay: [0, 1, 50ms, note, two words, jitter, 10ms]", "delay 0 1 50ms jitter 10ms note \"two words\""),
        ("- partition: 0 | 1", "partition 0 | 1"),
        ("- partition: [[0, c2], [1]]", "partition 0 2 | 1"),
        ("- partition: halves", "partition halves"),
        ("- kill: [0, 1]", "kill 0,1"),
        ("- kill: [[0, 1]]", "kill 0,1"),
        ("- crash: 0 after 2 outputs", "crash 0 after 2 outputs"),
        ("- async: {name: a, do: {put: [2, x, 1]}}", "async a = put 2 x 1"),
        ("- async: a = put 2 x 1", "async a = put 2 x 1"),
        ("- async: [a, {put: [2, x, 1]}]", "async a = put 2 x 1"),
        ("- async: [a, put 2 x 1]", "async a = put 2 x 1"),
        ("- when: {condition: 0 sends write to 1, do: {cut: [0, 1]}}", "when 0 sends write to 1: cut 0 1"),
        (
            "- when: {condition: 0 dies, do: {async: {name: b, do: {put: [2, x, 1]}}}}",
            "when 0 dies: async b = put 2 x 1",
        ),
        ("- fails: {put: [2, x, 1]}", "! put 2 x 1"),
        ("- fails: put 2 x 1", "! put 2 x 1"),
        ("- fails: stabilize", "! stabilize"),
        ("- fails: {do: stabilize}", "! stabilize"),
        ("- expect: stores equal", "expect stores equal"),
        ("- expect: get c2 x == 1", "expect get 2 x == 1"),
        ("- expect: {that: stores equal, within: 5s}", "expect stores equal within 5s"),
        ("- expect: {that: alive 0, message: it  came \"back\"}", "expect alive 0 \"it  came \\\"back\\\"\""),
        ("- expect: 'alive 0 within 1s \"it  came back\"'", "expect alive 0 within 1s \"it  came back\""),
        ("- snapshot: {name: one, of: [0, 1], parts: [chain]}", "snapshot one of=0,1 parts=chain"),
        ("- at: {console: c2, line: 'put \"a b\" [1, ''x'']'}", "2: put 'a b' [1, 'x']"),
    ];
    for (step, line) in same {
        assert_eq!(in_lines(step), [line], "{step}");
    }
}

#[test]
fn lines_that_start_at_one_instant_are_a_list() {
    assert_eq!(
        in_lines("- par:\n  - put: [2, x, 1]\n  - kill: 0\n- par: []"),
        ["par", "put 2 x 1", "kill 0", "end", "par", "end"]
    );
}

#[test]
fn sections_are_carried_out_in_their_order() {
    let script = sound("steps: [stabilize]\nnetwork: [{cut: [1, 2]}]\ncluster: {servers: 2, clients: 1, seed: 7}\n");
    let lines: Vec<_> = script.invocations.iter().map(Invocation::canonical).collect();
    assert_eq!(lines, ["cluster servers=2 clients=1 seed=7", "cut s1 s2", "stabilize"]);
}

#[test]
fn a_list_of_protocols_is_a_list_or_a_text() {
    for steps in ["[raft, gossip]", "raft gossip", "{name: [raft, gossip]}"] {
        let script = sound(&format!("steps:\n- protocol: {steps}\n- joinServer: 0\n"));
        assert_eq!(script.invocations[0].canonical(), "protocol raft gossip");
        assert_eq!(print(&script, Notation::Yaml), "steps:\n  - protocol: [raft, gossip]\n  - joinServer: 0\n");
    }
    for list in ["[raft, gossip]", "\"raft,gossip\""] {
        let script = sound(&format!("cluster: {{servers: 3, protocol: {list}}}\n"));
        assert_eq!(script.invocations[0].canonical(), "cluster servers=3 protocol=raft,gossip");
        assert_eq!(print(&script, Notation::Yaml), "cluster: {servers: 3, protocol: [raft, gossip]}\nsteps: []\n");
    }
}

#[test]
fn json_is_yaml() {
    let script = sound(r#"{"cluster": {"servers": 1, "clients": 1}, "steps": [{"put": ["c1", "x", 1]}, "stabilize"]}"#);
    assert_eq!(script.invocations.len(), 3);
}

#[test]
fn each_step_has_its_place_in_the_document() {
    let script = sound("cluster: {servers: 2,\n  clients: 1}\nsteps:\n- stabilize\n- {put: [c1,\n    x, 1]}\n");
    let places: Vec<_> = script.invocations.iter().map(|one| (one.place.line, one.place.column)).collect();
    assert_eq!(places, [(1, 1), (4, 3), (5, 4)]);
}

#[test]
fn comments_and_blank_lines_are_written_again() {
    let yaml = "# what it shows\n\ncluster: {servers: 2} # of two\nsteps:\n  - stabilize\n\n  # then\n  - par:\n      - kill: s1\n  # at last\n";
    assert_eq!(print(&sound(yaml), Notation::Yaml), yaml);
    let lines = "# what it shows\n\ncluster servers=2 # of two\nstabilize\n\n# then\npar\nkill s1\nend\n# at last\n";
    assert_eq!(print(&sound(yaml), Notation::Lines), lines);
    assert_eq!(print(&sound(lines), Notation::Yaml), yaml);
    assert_eq!(print(&sound(lines), Notation::Lines), lines);
}

/// Sound lines behind nodes, with what may stand between them.
fn script_in_lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        (valid_line(), writing()).prop_map(|(line, writing)| written(&line, &writing)),
        line_with_structure(),
        Just("# a remark".to_owned()),
        Just(String::new()),
    ];
    let in_a_cluster = (cluster_line(), prop::collection::vec(line_in_a_cluster(), 0..6), writing()).prop_map(
        |(cluster, lines, writing)| {
            let lines: Vec<_> = std::iter::once(&cluster).chain(&lines).map(|line| written(line, &writing)).collect();
            lines.join("\n")
        },
    );
    let alone = prop::collection::vec(line, 0..8).prop_map(|lines| format!("{NODES}{}", lines.join("\n")));
    prop_oneof![alone, in_a_cluster]
}

/// Pieces of documents in any order.
fn almost_a_document() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"steps:",
        b"cluster:",
        b"network:",
        b"servers: 3",
        b"- ",
        b"put",
        b"cut",
        b"par",
        b"async",
        b"at",
        b"when",
        b"name",
        b"do",
        b": ",
        b":",
        b"[",
        b"]",
        b"{",
        b"}",
        b", ",
        b"\n",
        b"\n  ",
        b"\n    ",
        b"\t",
        b"\"",
        b"'",
        b"#",
        b" # c\n",
        b"&a ",
        b"*a",
        b"<<",
        b"!!str ",
        b"---\n",
        b"...\n",
        b"%YAML 1.2\n",
        b"|\n",
        b">-\n",
        b"? ",
        b"null",
        b"~",
        b"c1",
        b"s1",
        b"0",
        b"2",
        b"x",
        b"50ms",
        b"s1 -> s2",
        b"\\",
        b"\r\n",
        b"\0",
        "é".as_bytes(),
        "日".as_bytes(),
        "\u{85}".as_bytes(),
        "\u{2028}".as_bytes(),
        b"\xff",
        "\u{feff}".as_bytes(),
        b"heal",
        b"stabilize",
        b"console",
        b"line",
        b"(",
        b")",
    ];
    let pieces = prop::collection::vec(prop::sample::select(pieces), 0..50).prop_map(|pieces| pieces.concat());
    (prop::sample::select(vec!["---\n", "steps:\n- ", "{", ""]), pieces)
        .prop_map(|(begin, rest)| [begin.as_bytes(), &rest].concat())
}

proptest! {
    #[test]
    fn a_script_that_is_written_in_either_form_is_the_same_script(text in script_in_lines()) {
        // Random lines may not fit each other (a name that is begun twice): these are no scripts.
        let Ok(script) = read(&text) else { return Ok(()) };
        for notation in Notation::ALL {
            let printed = print(&script, notation);
            let again = read(&printed);
            prop_assert!(again.is_ok(), "{printed}\n{}", again.unwrap_err());
            let again = again.unwrap();
            prop_assert_eq!(meanings(&again), meanings(&script), "{}", printed);
            prop_assert_eq!(&again.remarks, &canonical_remarks(&script), "{}", printed);
            prop_assert_eq!(print(&again, notation), printed);
        }
    }

    #[test]
    fn nothing_like_a_document_makes_it_panic_or_point_beside_a_line(bytes in almost_a_document()) {
        check(&bytes);
    }
}

/// The remarks of a script as they are read again.
fn canonical_remarks(script: &Script<()>) -> crate::script::Remarks {
    sound(&print(script, Notation::Lines)).remarks
}

#[test]
fn a_place_is_where_its_text_stands() {
    let text = "steps:\n- joinServer: \"é0\"\n";
    let mistakes = read(text).unwrap_err();
    let Place { line, column, start, end } = mistakes.shown()[0].place;
    assert_eq!((line, column, &text.lines().nth(line - 1).unwrap()[start..end]), (2, 16, "é0"));
}
