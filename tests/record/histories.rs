//! What a history says of operations that end in every way a run can bring about.

use crate::{Place, Record, assert_golden};

/// A script whose server 0 is a node of `tests/nodes/`.
fn with_node(node: &str, script: &str) -> String {
    let nodes = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/nodes");
    // The nodes find what they share from the root of this repository.
    format!("run \"sh -c 'cd {nodes}/../.. && exec sh {nodes}/{node}.sh record'\"\n{script}")
}

/// A put through client 1 at server 0.
const PUT: &str = "joinServer 0\njoinClient 1 0\nput 1 a 1\n";

/// Type, process and what more a golden would drown of each operation's end.
fn ends(record: &Record) -> Vec<String> {
    let lines = record.objects("history.jsonl").into_iter().skip(1).filter(|line| line["type"] != "invoke");
    lines
        .map(|line| {
            let [kind, f, server, code] =
                [&line["type"], &line["f"], &line["server"], &line["error"]["code"]].map(ToString::to_string);
            format!("{kind} {f} at {server} error {code}").replace('"', "")
        })
        .collect()
}

/// Server 0 and its client, then the same client with no server, with one that lacks what it has seen, and cut off.
#[test]
fn every_way_to_end() {
    let script = "joinServer 0\njoinServer 1\ncut 0 1\njoinClient 2 0\nput 2 a 1\nbreakConnection 2 0\nput 2 a 2\n\
        get 2 a\njoinClient 2 1\nget 2 a\nget 2 b\ncut 2 1\nput 2 a 3\nmend 2 1\nput 2 a 4\n";
    let record = Place::new().record("out", &[], script, 0);
    assert_eq!(
        ends(&record),
        [
            "ok put at s0 error null",
            "fail put at null error 1002",
            "fail get at null error 1002",
            "fail get at s1 error 1001",
            "ok get at s1 error null",
            "info put at s1 error 0",
            "ok put at s1 error null",
        ]
    );
    assert_golden("every_way_to_end", record.text("history.jsonl"));
}

#[test]
fn a_put_that_is_refused_has_failed() {
    let record = Place::new().record("out", &[], &with_node("refuses", PUT), 0);
    assert_eq!(ends(&record), ["fail put at s0 error 11"]);
}

/// The server refuses the repetition; what it made of the first request nobody knows.
#[test]
fn a_put_that_is_refused_when_it_is_asked_again_is_unknown() {
    let record = Place::new().record("out", &[], &with_node("refuses_later", PUT), 0);
    assert_eq!(ends(&record), ["info put at s0 error 11"]);
}

/// The refusal answers one of the two; the other one may have been taken.
#[test]
fn a_put_that_is_refused_and_was_duplicated_is_unknown() {
    let script = PUT.replace("put", "duplicate 1 -> 0 100%\nput");
    let record = Place::new().record("out", &[], &with_node("refuses", &script), 0);
    assert_eq!(ends(&record), ["info put at s0 error 11"]);
    let end = record.objects("trace.jsonl").pop().expect("a line");
    let count = |field: &str| end[field].as_u64().expect("a number");
    assert_eq!((count("sent"), count("duplicated")), (2, 1));
    assert_eq!(count("sent") + count("duplicated"), count("delivered") + count("lost") + count("in_flight"));
}

#[test]
fn a_put_whose_server_dies_of_it_is_unknown() {
    let record = Place::new().record("out", &[], &with_node("dies", PUT), 3);
    assert_eq!(ends(&record), ["info put at null error null"]);
    let (trace, history) = (record.objects("trace.jsonl"), record.objects("history.jsonl"));
    let (last, end) = (trace.last().expect("a line"), history.last().expect("a line"));
    assert_eq!((&last["kind"], &last["text"]), (&"stopped".into(), &"s0: it died: exit status 3".into()));
    assert_eq!((&end["event"], &end["error"]["text"]), (&last["event"], &"the run stopped".into()));
    assert!(record.text("transcript.txt").ends_with("         ! stopped: s0: it died: exit status 3\n"));
    assert!(record.text("nodes/s0/log").ends_with("request 100000\n"));
}

/// A get goes round the client's servers. The one that is named is the one that answered, and not the one that was
/// asked last: that one is cut off.
#[test]
fn a_get_names_the_server_that_answered() {
    let script = "joinClient 2 0\ncreateConnection 2 1\ncut 2 1\nget 2 a\n";
    let script = format!("joinServer 1\n{}{script}", with_node("answers_late", "joinServer 0\n"));
    let record = Place::new().record("out", &[], &script, 0);
    assert_eq!(ends(&record), ["ok get at s0 error null"]);
    let trace = record.objects("trace.jsonl");
    let asked = trace.iter().flat_map(|step| step["outputs"].as_array().into_iter().flatten());
    let asked: Vec<_> = asked.filter(|line| line["body"]["type"] == "read").map(|line| &line["dest"]).collect();
    assert_eq!(asked.last(), Some(&&"s1".into()));
    let completed = trace.iter().find(|object| object["kind"] == "completed").expect("an end");
    assert_eq!(completed["requests"], asked.len());
}
