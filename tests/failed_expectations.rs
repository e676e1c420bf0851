//! Expectations that do not hold, and commands that must fail and do not, through the real `master`: what it says, and that
//! the run goes on unless it is told otherwise.

mod binary;

use std::path::Path;

use binary::{Run, golden};

/// Two servers, and a client of each.
const NODES: &str = "joinServer 0\njoinServer 1\njoinClient 2 0\njoinClient 3 1\n";

/// What `master` says of a script that does not pass.
fn failed(arguments: &[&str], script: &str) -> String {
    let output = Run::start(arguments, script).end();
    assert_eq!(output.status.code(), Some(1), "{}", golden(&output));
    golden(&output)
}

#[test]
fn stores_that_differ() {
    let puts: String = (0..11).map(|key| format!("put 2 k{key} 1\n")).collect();
    let script = format!(
        "{NODES}cut 0 1\nput 2 a 1\nput 3 a 2\nput 2 b {}\nput 2 \"c 3\nexpect stores equal\n\
         expect stores equal within 300ms \"replicas \\\"converge\\\" after heal\"\n{puts}expect stores equal 0,1\n\
         expect not stores equal 0\nkill 1\nexpect stores equal 0,1\nexpect not stores equal 0,1\nkill 0\n\
         expect stores equal\nget 2 a\n",
        "long".repeat(100)
    );
    insta::assert_snapshot!(failed(&["-v"], &script));
}

#[test]
fn chains_that_differ() {
    let script = format!(
        "{NODES}put 2 a 1\ncut 0 1\nput 2 b 2\nexpect chains equal\nexpect chain 0 prefix-of 1\nput 3 c 3\n\
         expect chains equal 0,1 \"one chain\"\nexpect chain 1 prefix-of 0\nexpect not chain 0 prefix-of 0\n"
    );
    let script = script.replace("expect not chain 0 prefix-of 0\n", "pause 1\nexpect chain 0 prefix-of 1\nresume 1\n");
    insta::assert_snapshot!(failed(&["-v"], &script));
}

#[test]
fn another_leader() {
    let script = "cluster servers=3 clients=1 protocol=multi-paxos\nexpect leader count == 1\nput c1 x 1\n\
                  expect leader == s1\nexpect leader count == 2 within 100ms\nexpect not leader == s3\nkill s3\n\
                  expect leader == s3\ncrash s2\nexpect leader count == 1 within 3s\n";
    insta::assert_snapshot!(failed(&["-v"], script));
}

#[test]
fn answers_that_are_others() {
    let script = format!(
        "{NODES}put 2 x 1\nexpect get 2 x == 2\nexpect get 2 y == 2 \"y is there\"\nexpect not get 3 x == 1\n\
         expect get 3 x == 2 within 250ms\nhold 2 0\nexpect get 2 x == 1 within 5s\nexpect get 2 x == 1\n\
         leave 3\nexpect get 3 x == 1\n"
    );
    insta::assert_snapshot!(failed(&["-v"], &script));
}

#[test]
fn the_dead_and_the_unanswered() {
    let script = format!(
        "{NODES}expect not alive 0\nwait 1s\ncrash 1\nexpect alive 1 within 2s\njoinServer 1\nexpect alive 1\nkill 1\n\
         expect alive 1\nwhen 0 dies: async never = get 2 x\nexpect answered never\nasync a = get 2 x\nexpect not answered a within 0ms\n\
         expect answered a\nwait 1s\nexpect not answered a\nhold 2 0\nasync b = put 2 x 1\nexpect answered b within 20s\n"
    );
    insta::assert_snapshot!(failed(&["-v"], &script));
}

#[test]
fn commands_that_must_fail_and_do_not() {
    let script = format!(
        "{NODES}! put 2 x 1\n! get 2 x\n! 2: get 'x'\n! wait 1s\n! kill 1\n! stabilize\n! printStore 0\n\
         put 2 y 2\n! printStore 0\nasync a = get 2 x\n! await a\n"
    );
    let many: String = (0..12).map(|key| format!("put 2 k{key} 1\n")).collect();
    insta::assert_snapshot!(failed(&["-v"], &format!("{script}{many}! printStore 0\nget 2 x\n")));
}

/// Standard output is for what commands print.
#[test]
fn plain_output_holds_nothing_of_it() {
    let script = format!("{NODES}put 2 x 1\n! get 2 x\n! get 2 y\nexpect get 2 x == 7\nprintStore 0\n");
    insta::assert_snapshot!(failed(&[], &script));
}

#[test]
fn a_stabilize_that_does_not_converge() {
    let script = "cluster servers=3 protocol=multi-paxos\nkill s1,s2\nstabilize\nprintStore s3\nexpect alive s3\n";
    insta::assert_snapshot!(failed(&[], script));
}

#[test]
fn fail_fast_leaves_out_what_follows() {
    let script = format!("{NODES}expect alive 0\nexpect not alive 1\nput 2 x 1\nexpect not alive 0\n");
    insta::assert_snapshot!(failed(&["-v", "--fail-fast"], &script));
    // What is found last leaves out nothing.
    let last = format!("{NODES}expect not alive 1\n");
    assert!(!failed(&["--fail-fast"], &last).contains("left out"));
}

/// While a command is tried that must fail, what others bring about is told as ever.
#[test]
fn what_comes_meanwhile_is_none_of_the_failure() {
    let script = format!("{NODES}when 0 sends write to 1: kill 9\n").replace("kill 9", "resume 1") + "! put 2 x 1\n";
    insta::assert_snapshot!(failed(&["-v"], &script));
}

/// The record holds a finding with its state.
#[test]
fn the_record_tells_what_was_found() {
    let folder = tempfile::TempDir::new().unwrap();
    let script = format!("{NODES}cut 0 1\nput 2 a 1\nexpect stores equal\nsnapshot a parts=store\n");
    let output = Run::start_in(folder.path(), &["--out", "record", "--snapshots", "golden", "-v"], script).end();
    assert_eq!(output.status.code(), Some(1));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(Path::new("record")).join(name)).unwrap();
    let trace = read("trace.jsonl");
    let lines: Vec<_> = trace
        .lines()
        .filter(|line| line.contains("\"kind\":\"finding\"") || line.contains("\"kind\":\"snapshot\""))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    // Wherever snapshots are kept besides, the record is whole.
    assert_eq!(read("stdout.txt"), "s0: store of 1 key\n  a: 1\ns1: empty store\n");
    assert!(read("transcript.txt").contains("         | s1: empty store\n"));
    assert!(!String::from_utf8(output.stdout).unwrap().contains("empty store"));
}
