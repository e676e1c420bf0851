//! Bad scripts in YAML through the real `master`: what it says, where it points, and that it started nothing.
//!
//! A golden a case, under `tests/snapshots/`: exit code, standard output and standard error.

mod binary;

use std::time::Instant;

use binary::{Run, golden};
use splitbrain::base::limits;
use splitbrain::experiment::TABLE;
use splitbrain::script::{self, Notation, Source};

/// Three servers and a client.
const CLUSTER: &str = "cluster: {servers: 3, clients: 1}\n";

/// What `master` says of a document that it must refuse.
fn refused(document: impl Into<Vec<u8>>) -> String {
    let output = Run::start(&["--format", "yaml"], document).end();
    assert_eq!(output.status.code(), Some(2), "{}", golden(&output));
    assert!(output.stdout.is_empty(), "{}", golden(&output));
    let said = golden(&output);
    assert!(!said.contains("repeat:"), "a run began:\n{said}");
    said
}

/// The same, for steps in a cluster.
fn refused_steps(steps: &str) -> String {
    refused(format!("{CLUSTER}steps:\n{steps}"))
}

/// One test a case: its name, and what is refused.
macro_rules! cases {
    ($($name:ident: $said:expr;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!($said);
            }
        )*
    };
}

// The document.
cases! {
    a_list_instead_of_a_mapping: refused("- heal\n");
    a_text_instead_of_a_mapping: refused("--- heal\n");
    an_unknown_key_at_the_top: refused("cluster: {servers: 1}\nstep:\n  - heal\n");
    a_command_at_the_top: refused("---\nprotocol: raft\nsteps: []\n");
    steps_that_are_no_list: refused(format!("{CLUSTER}steps: heal\n"));
    steps_with_nothing_behind: refused("steps:\n");
    a_step_that_is_not_about_the_network: refused(format!("{CLUSTER}network:\n  - delay: [s1, s2, 5ms]\n  - stabilize\n"));
    two_documents: refused("---\nsteps: [stabilize]\n---\nsteps: [heal]\n");
    a_key_twice: refused("steps: [stabilize]\ncluster: {servers: 1}\nsteps: []\n");
    a_directive: refused("%YAML 1.1\n---\nsteps: []\n");
    a_document_that_is_too_long: refused(format!("steps:\n{}", "  - stabilize\n".repeat(5_000_000 / 14)));
}

// What YAML has, and scripts have no use for.
cases! {
    an_anchor_and_its_alias: refused_steps("  - put: &write [c1, x, 1]\n  - put: *write\n");
    an_alias_of_nothing: refused_steps("  - get: *other\n");
    many_aliases: {
        let level = |level: u32| format!("a{level}: &a{level} [{}]\n", format!("*a{}, ", level - 1).repeat(9));
        let bomb: String = (1..9).map(level).collect();
        refused(format!("a0: &a0 [x]\n{bomb}steps: []\n"))
    };
    a_merge_key: refused_steps("  - put: {<<: {client: c1}, key: a, value: 1}\n");
    a_tag: refused_steps("  - put: [c1, x, !!int 1]\n");
    a_key_that_is_a_list: refused_steps("  - [put, get]: [c1, x]\n");
    null_in_place_of_a_word: refused_steps("  - put: [c1, x, null]\n  - put: [c1, ~, 1]\n  - get: {client: c1, key: }\n");
}

// What is no YAML.
cases! {
    a_tab_as_indentation: refused_steps("\t- heal\n");
    a_tab_between: refused_steps("  - put:\n\t- c1\n");
    a_list_that_is_not_closed: refused_steps("  - put: [c1, x, 1\n  - heal\n");
    a_mapping_that_is_not_closed: refused_steps("  - put: {client: c1, key: x\n");
    a_bracket_of_another_kind: refused_steps("  - put: [c1, x}\n");
    a_quote_that_is_not_closed: refused_steps("  - put: [c1, \"x, 1]\n");
    an_escape_that_is_not_known: refused_steps("  - put: [c1, \"\\q\", 1]\n");
    a_line_that_is_indented_otherwise: refused_steps("  - heal\n - stabilize\n");
    a_colon_within_a_text: refused_steps("  - when: s1 sends write to s2: cut s1 s2\n");
    nested_too_deep: refused(format!("steps: {}\n", "[".repeat(limits::YAML_DEPTH + 1)));
    bytes_that_are_no_text: refused(b"steps:\n  - put: [c1, \xff, 1]\n".to_vec());
}

// Steps.
cases! {
    a_key_that_is_no_parameter: refused_steps("  - put: {client: c1, kye: color, value: blue}\n");
    a_parameter_that_is_left_out: refused_steps("  - put: {client: c1, value: blue}\n");
    a_line_in_place_of_a_step: refused_steps("  - put c1 x 1\n  - put(c1, x, 1)\n");
    a_line_of_a_console_in_place_of_a_step: refused_steps("  - s1: printBlockchain\n");
    nothing_behind_a_name: refused_steps("  - heal:\n  - put:\n");
    a_list_in_place_of_a_step: refused_steps("  - [heal]\n");
    two_commands_in_a_step: refused_steps("  - put: [c1, x, 1]\n    get: [c1, x]\n");
    an_unknown_command: refused_steps("  - prnitStore: s1\n");
    a_value_with_a_blank: refused_steps("  - put: [c1, title, \"two words\"]\n");
    a_value_that_would_begin_a_comment: refused_steps("  - put: [c1, color, \"#ff0000\"]\n");
    an_empty_value: refused_steps("  - put: [c1, color, \"\"]\n");
    a_value_with_a_line_end: refused_steps("  - put: [c1, color, \"a\\nb\"]\n");
    a_mapping_in_place_of_a_word: refused_steps("  - put: [c1, {key: x}, 1]\n");
    words_of_a_wrong_kind: refused_steps("  - wait: 5\n  - put: [s1, x, 1]\n  - cut: [s1, s1]\n");
    a_node_that_never_joins: refused_steps("  - cut: [s1, s9]\n");
    an_end_without_a_list: refused_steps("  - par\n  - put: [c1, x, 1]\n  - end\n");
    a_console_without_its_line: refused_steps("  - at: {console: s1, lines: printBlockchain}\n");
    what_is_typed_at_a_console: refused_steps("  - at: {console: c1, line: \"put 'a\"}\n  - at: {console: s1, line: printblockchain}\n");
    a_command_that_cannot_be_held: refused_steps("  - async: {name: a, do: {stabilize: }}\n  - async: {name: b, do: stabilize}\n");
    a_type_of_message_that_nobody_sends: refused_steps("  - drop: {messages: wirte s1 -> s2}\n");
}

// Several mistakes at once.
cases! {
    a_misspelled_cluster_does_not_cause_twenty_mistakes:
        refused("cluster: {servers: 3, clints: 2}\nsteps:\n  - put: [c1, x, 1]\n  - get: [c2, x]\n  - printStore: s4\n");
    mistakes_stand_in_the_order_of_the_document:
        refused("steps:\n  - put: [c1, x]\n  - bogus\n  - wait: 5\nnetwork:\n  - stabilize\ncluster: {servers: none}\n");
    mistakes_of_one_line_each_have_their_place:
        refused("{\"cluster\": {\"servers\": 2}, \"steps\": [{\"cut\": [\"s1\", \"s7\"]}, \"heel\", {\"wait\": 1}]}");
    mistakes_before_the_end_of_the_yaml_are_said_with_it: refused_steps("  - put: &a [c1, x, 1]\n  - cut: [s1, s2\n");
}

/// What hostile documents cost is bounded: each of these is refused, or read, at once.
#[test]
fn no_document_takes_long_or_grows() {
    let bomb: String =
        (0..40).map(|level| format!("a{level}: &a{level} [{}]\n", format!("*a{}, ", level - 1).repeat(9))).collect();
    let documents = [
        bomb,
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "steps:\n".to_owned() + &"- &a x\n".repeat(100_000),
        "steps:\n".to_owned() + &"# c\n".repeat(500_000),
        format!("steps: [{}", "stabilize, ".repeat(300_000)),
        format!("? {}\n", "a".repeat(1_000_000)),
        format!("steps: \"{}", "\\u00".repeat(500_000)),
        "steps: [".to_owned() + &"\"a\": ".repeat(200_000),
        "steps:\n".to_owned() + &"- {put: }\n".repeat(200_000),
        "--- |\n".to_owned() + &" a\n".repeat(500_000),
        "---\n".repeat(100_000),
        format!("steps:\n{}{}", "- heal\n".repeat(20_000), "\n".repeat(2_000_000)),
        format!("steps:\n- put: {}", "a ".repeat(400_000)),
    ];
    for document in documents {
        let begun = Instant::now();
        let mut source = Source::from_bytes("a", document.into_bytes()).unwrap();
        source.notation = Notation::Yaml;
        let result = script::parse(&TABLE, &source).map(|script| script.invocations.len());
        let shown = result.map_err(|mistakes| mistakes.to_string().chars().take(60).collect::<String>());
        assert!(begun.elapsed().as_secs() < 10, "{shown:?} took {:?}", begun.elapsed());
    }
}
