//! What scripts may look like, and what they mean.

use crate::base::{NodeName, Span};
use crate::script::tests::{TABLE, reading};
use crate::script::{Argument, Invocation, LineParser, Phase, Source, parse};

fn invocations(text: &str) -> Vec<Invocation<()>> {
    let source = Source::from_bytes("a.txt", text.as_bytes().to_vec()).unwrap();
    parse(&TABLE, &source).unwrap_or_else(|mistakes| panic!("{mistakes}")).invocations
}

#[test]
fn a_script_without_commands_is_valid() {
    for text in ["", "\n", "# a\n//b\n \t\r\n", "\u{feff}", "\u{feff}# a", "   // a"] {
        assert_eq!(reading(text), "", "{text:?}");
    }
}

#[test]
fn blanks_line_ends_and_comments_do_not_matter() {
    let text = "\u{feff}  joinServer\t0 \r\n\n# a comment\njoinClient 1   0//x is a value, no comment? no: s0";
    assert!(reading(text).contains("`0//x` is not a node's id"));
    let text = "\u{feff}  joinServer\t0 \r\n\n\t# a comment\njoinClient 1   0 //comment\nput 1 a#b http://c #d\nexit";
    assert_eq!(reading(text), "joinServer 0\njoinClient 1 0\nput 1 a#b http://c\nexit\n");
}

#[test]
fn the_form_with_parentheses_is_the_same() {
    let text = "joinServer(0)\njoinServer( 1 )\njoinClient(2,0) # c\nput(2,\"a,\tb(c)\nstabilize()\nfailLink(0 , s1)";
    let text = text.replace("put(2,\"a,\tb(c)", "put(2,\"a,\tb(c)\t// d");
    assert_eq!(reading(text), "joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 \"a b(c\nstabilize\nfailLink 0 1\n");
}

#[test]
fn a_comment_may_begin_after_a_comma() {
    assert!(reading("joinServer 0\njoinClient 1 0\nput(1,#a,b)").contains("the closing parenthesis is missing"));
}

#[test]
fn keys_and_values_are_words_as_they_stand() {
    assert_eq!(
        reading("joinServer 0\njoinClient 1 0\nput 1 (a, \"b\nget 1 \\\""),
        "joinServer 0\njoinClient 1 0\nput 1 (a, \"b\nget 1 \\\"\n"
    );
}

#[test]
fn what_follows_the_end_is_not_read() {
    for end in ["exit", "done", "exit()", " done # comment"] {
        let read = invocations(&format!("joinServer 0\n{end}\nfrobnicate\0\n"));
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].command.phase, Phase::End);
    }
}

#[test]
fn an_id_may_join_again_as_the_same_kind() {
    assert_eq!(invocations("joinServer 0\njoinClient 1 0\njoinServer s0\njoinClient c1 s0").len(), 4);
}

#[test]
fn a_number_is_the_node_that_joined_under_it() {
    let read = invocations("joinServer 0\njoinClient 1 0\npause 0\npause 1\npause c1");
    let nodes: Vec<_> = read[2..].iter().map(|invocation| invocation.node(0)).collect();
    assert_eq!(nodes, [NodeName::server(0), NodeName::client(1), NodeName::client(1)]);
}

#[test]
fn arguments_have_the_types_of_their_parameters() {
    let read = invocations(
        "seed 9007199254740991\nprotocol multi_paxos\nrun \"a \\\"b\\\" \\\\\\\\ # c\" # d\njoinServer 0\n\
         joinServer 1\ndelay 0 1 1500us note \"n\" jitter 0.5s\ndelay 0 1 2s",
    );
    assert_eq!(read[0].number(0), 9_007_199_254_740_991);
    assert_eq!(read[1].optional_words(0), Some(&["multi_paxos"][..]));
    assert_eq!(read[2].text(0), "a \"b\" \\\\ # c");
    assert_eq!(read[2].canonical(), "run \"a \\\"b\\\" \\\\\\\\ # c\"");
    assert_eq!(read[5].duration(2), Span(1_500));
    assert_eq!(read[5].optional_duration(3), Some(Span(500_000)));
    assert_eq!(read[5].canonical(), "delay 0 1 1500us jitter 500ms note \"n\"");
    assert_eq!(read[6].arguments[3..], [Argument::Absent, Argument::Absent]);
    assert_eq!(read[6].optional_duration(3), None);
    assert_eq!((read[5].place.line, read[5].place.column, read[5].place.range()), (6, 1, 0..5));
}

#[test]
fn a_list_keeps_the_order_in_which_it_was_written() {
    let read = invocations("protocol(raft, gossip) # both\ncluster servers=1");
    assert_eq!(read[0].optional_words(0), Some(&["raft", "gossip"][..]));
    assert_eq!(read[0].canonical(), "protocol raft gossip");
    let read = invocations("cluster protocol=multi_paxos,gossip servers=1");
    assert_eq!(read[0].optional_words(2), Some(&["multi_paxos", "gossip"][..]));
    assert_eq!(read[0].canonical(), "cluster servers=1 protocol=multi_paxos,gossip");
}

#[test]
#[should_panic(expected = "argument 0 of `seed` was asked for as a node, and is Number(1)")]
fn an_argument_asked_for_as_another_kind_is_a_bug() {
    let _ = invocations("seed 1")[0].node(0);
}

#[test]
fn a_prompt_keeps_what_joined() {
    let mut parser = LineParser::new(&TABLE);
    assert!(parser.parse_line(1, "joinServer 0").unwrap().is_some());
    assert!(parser.parse_line(2, "  # nothing").unwrap().is_none());
    let before = parser.clone();
    assert_eq!(parser.parse_line(3, "joinServer 1 2").unwrap_err().len(), 1);
    assert_eq!(parser.joined().collect::<Vec<_>>(), [NodeName::server(0), NodeName::server(1)]);
    assert_eq!(before.joined().collect::<Vec<_>>(), [NodeName::server(0)]);
    assert!(!parser.ended());
    assert!(parser.parse_line(4, "exit").unwrap().is_some());
    assert!(parser.ended());
    assert!(parser.parse_line(5, "frobnicate").unwrap().is_none());
}

#[test]
fn the_table_gives_names_and_usage() {
    assert_eq!(TABLE.find("failLink").unwrap().name, "breakConnection");
    assert!(TABLE.find("faillink").is_none());
    assert!(TABLE.names().any(|name| name == "done"));
    let usage = |name: &str| TABLE.find(name).unwrap().usage();
    assert_eq!(usage("delay"), "delay A B DELAY [jitter JITTER] [note \"TEXT\"]");
    assert_eq!(usage("stabilize"), "stabilize");
}
