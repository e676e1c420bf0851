//! What is in the folder, and that it is the same every time.

use crate::{Place, Record, scripts};

/// Two servers, of which one is killed and comes back, and a client.
const SCRIPT: &str = "joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 a 1\nget 2 a\nstabilize\nkillServer 1\n\
    joinServer 1\nstabilize\nprintStore 1\n";

#[test]
fn a_record_is_these_files() {
    let record = Place::new().record("out", &[], SCRIPT, 0);
    let names = [
        "history.jsonl",
        "nodes/c2/log",
        "nodes/s0/data/log",
        "nodes/s0/log",
        "nodes/s1/data/log",
        "nodes/s1/log",
        "script.txt",
        "stdout.txt",
        "trace.jsonl",
        "transcript.txt",
    ];
    assert_eq!(record.names(), names);
}

/// Also what an editor left in it: a byte order mark, line ends of another system, no line end at the end.
#[test]
fn the_script_is_kept_to_the_byte() {
    let script = "\u{feff}# here\r\njoinServer 0\r\nexit\nnot read";
    assert_eq!(Place::new().record("out", &[], script, 0).text("script.txt"), script);
}

#[test]
fn both_forms_of_output_are_kept_whichever_is_printed() {
    let place = Place::new();
    let (plain, transcript) = (place.master(&[], SCRIPT).stdout, place.master(&["-v"], SCRIPT).stdout);
    assert_ne!(plain, transcript);
    for (name, arguments) in [("one", [].as_slice()), ("other", &["-v"])] {
        let record = place.record(name, arguments, SCRIPT, 0);
        assert_eq!(record.0["stdout.txt"], plain);
        assert_eq!(record.0["transcript.txt"], transcript);
    }
}

/// What a node said in each of its lives stands in one log.
#[test]
fn a_log_is_that_of_all_lives() {
    let place = Place::new();
    let talkative = format!("run \"sh -c 'echo begun >&2; exec {}'\"\n", env!("CARGO_BIN_EXE_server"));
    let record = place.record("out", &[], &(talkative + SCRIPT), 0);
    assert_eq!((record.text("nodes/s0/log"), record.text("nodes/s1/log")), ("begun\n", "begun\nbegun\n"));
}

/// No path, process id or time of day is in any file: other folders, other processes, another time.
#[test]
fn two_runs_have_one_record_wherever_their_nodes_live() {
    let (place, other_place) = (Place::new(), Place::new());
    for (number, (path, script)) in scripts().into_iter().enumerate() {
        let record = place.record(&format!("{number}"), &[], &script, 0);
        let again = other_place.record(&format!("a/longer/path/{number}"), &["-v"], &script, 0);
        assert!(record == again, "{}: two runs differ", path.display());
        assert!(record.names().iter().any(|name| name.starts_with("nodes/")));
        let in_memory = place.record(&format!("{number}-in-memory"), &["--in-process"], &script, 0);
        assert_eq!(in_memory.names().len(), 5, "nodes in memory have no logs");
        assert!(record.without_nodes() == in_memory, "{}: in memory it differs", path.display());
    }
}

/// A check must be able to fail: another seed is another record.
#[test]
fn another_seed_has_another_record() {
    let (place, script) = (Place::new(), "joinServer 0\n");
    let (one, other) =
        (place.record("one", &["--seed", "1"], script, 0), place.record("other", &["--seed", "2"], script, 0));
    let differ: Vec<_> = one.names().into_iter().filter(|name| one.0[*name] != other.0[*name]).collect();
    assert_eq!(differ, ["trace.jsonl"]);
    assert_eq!(seeds(&one), ["1"]);
    assert_eq!(seeds(&other), ["2"]);
    let chosen = place.record("chosen", &[], "seed 7\njoinServer 0\n", 0);
    assert_eq!(seeds(&chosen), ["7"], "the script's own");
    let overruled = place.record("overruled", &["--seed", "9"], "seed 7\njoinServer 0\n", 0);
    assert_eq!(seeds(&overruled), ["9"]);
}

/// The seeds that the trace says the run had.
fn seeds(record: &Record) -> Vec<String> {
    let begun = record.objects("trace.jsonl").into_iter().filter(|object| object["kind"] == "begun");
    begun.map(|object| object["seed"].to_string()).collect()
}

#[test]
fn an_empty_script_has_a_record() {
    let record = Place::new().record("out", &[], "", 0);
    assert_eq!((record.text("script.txt"), record.text("stdout.txt")), ("", ""));
    assert_eq!(record.text("transcript.txt"), "0.000000 end: 0 messages, 0 lost, 0 in flight\n");
    let kinds: Vec<_> = record.objects("trace.jsonl").iter().map(|object| object["kind"].clone()).collect();
    assert_eq!(serde_json::to_string(&kinds).expect("JSON"), r#"[null,"begun","end"]"#);
}
