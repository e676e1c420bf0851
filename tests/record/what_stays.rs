//! What stays of a record: where `--out` may point, what `--force` removes, and what each exit code leaves.

use std::fs;
use std::fs::File;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::binary::{Run, golden, kill, record_of};
use crate::{Place, Record, assert_golden};

const SCRIPT: &str = "joinServer 0\njoinClient 1 0\nput 1 a 1\nget 1 a\n";
/// Its run ends with exit code 3.
const FAILING: &str = "run \"sh -c 'exit 7'\"\njoinServer 0\n";

/// What `master` says of a folder that it does not take, and that it begins no run.
#[track_caller]
fn refused(place: &Place, code: i32, arguments: &[&str]) -> String {
    let output = place.master(arguments, SCRIPT);
    let said = golden(&output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("repeat:"), "a run began: {said}");
    said
}

#[test]
fn a_folder_that_is_not_empty_is_refused() {
    let place = Place::new();
    place.write("out/notes.txt", "");
    place.write("out/.hidden", "");
    assert_golden("a_folder_that_is_not_empty_is_refused", &refused(&place, 2, &["--out", "out"]));
    assert_eq!(Record::read(&place.path("out")).names(), [".hidden", "notes.txt"]);
}

#[test]
fn a_file_is_refused_with_and_without_force() {
    let place = Place::new();
    place.write("out", "text");
    let said = refused(&place, 2, &["--out", "out"]);
    assert_eq!(said, refused(&place, 2, &["--out", "out", "--force"]));
    assert_golden("a_file_is_refused_with_and_without_force", &said);
    assert_eq!(fs::read_to_string(place.path("out")).expect("it is still there"), "text");
}

#[test]
fn a_folder_that_cannot_be_made_is_the_environments_fault() {
    let place = Place::new();
    place.write("file", "");
    assert_golden(
        "a_folder_that_cannot_be_made_is_the_environments_fault",
        &refused(&place, 4, &["--out", "file/out"]),
    );
}

#[test]
fn a_folder_where_nothing_can_be_made_is_the_environments_fault() {
    assert_golden(
        "a_folder_where_nothing_can_be_made_is_the_environments_fault",
        &refused(&Place::new(), 4, &["--out", "/proc/out"]),
    );
}

#[test]
fn force_alone_is_refused() {
    assert_golden("force_alone_is_refused", &refused(&Place::new(), 2, &["--force"]));
}

#[test]
fn without_a_name_it_is_refused() {
    assert_golden("without_a_name_it_is_refused", &refused(&Place::new(), 2, &["--out", ""]));
}

/// Nothing is made for a script that is not carried out.
#[test]
fn a_script_with_a_mistake_makes_no_folder() {
    let place = Place::new();
    assert_eq!(place.master(&["--out", "out"], "joinSrever 0\n").status.code(), Some(2));
    assert!(!place.path("out").exists());
}

#[test]
fn an_empty_folder_is_taken_and_an_absent_one_made_with_its_parents() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).expect("a folder");
    let record = place.record("empty", &[], SCRIPT, 0);
    assert_eq!(record, place.record("a/b/c", &[], SCRIPT, 0));
}

/// Whoever repeats the run finds its first record there.
#[test]
fn the_line_that_repeats_a_run_does() {
    let place = Place::new();
    let output = place.master(&["--out", "my out"], SCRIPT);
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(err, "repeat: master --out 'my out' --force < SCRIPT (it came through a pipe)\n");
    let record = Record::read(&place.path("my out"));
    assert_eq!(place.master(&["--out", "my out", "--force"], SCRIPT).stderr, output.stderr);
    assert_eq!(Record::read(&place.path("my out")), record);
}

#[test]
fn force_leaves_what_is_no_records_alone() {
    let (place, elsewhere) = (Place::new(), Place::new());
    place.record("out", &[], "joinServer 0\njoinServer 7\njoinServer 8\n", 0);
    let others = ["notes.txt", "nodes/README", "nodes/s8/notes", "nodes/mine/log", "trace.jsonl.gz"];
    others.iter().for_each(|name| place.write(&format!("out/{name}"), "mine"));
    place.write("out/nodes/s7/data/log", "of an earlier run");
    elsewhere.write("linked/log", "somebody else's");
    symlink(elsewhere.path("linked"), place.path("out/nodes/s9")).expect("a link");

    let output = place.master(&["--out", "out", "--force"], SCRIPT);
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    let names = ["nodes/README", "nodes/mine/log", "nodes/s8/notes", "nodes/s9/log", "notes.txt", "trace.jsonl.gz"];
    let mut record = Record::read(&place.path("out"));
    for name in names {
        let text = record.0.remove(name).unwrap_or_else(|| panic!("{name} is gone"));
        assert!(text == b"mine" || text == b"somebody else's");
    }
    assert_eq!(record, other_record(), "what is left is the record of this run alone");
}

/// The record of the script in a folder of its own.
fn other_record() -> Record {
    Place::new().record("out", &[], SCRIPT, 0)
}

/// `end` looks.
#[test]
fn without_a_name_nothing_stays_of_a_run_that_needs_no_evidence() {
    let failing = "cluster servers=3 protocol=multi-paxos\nkill s1,s2\nstabilize\n";
    for (script, code) in [(SCRIPT, 0), (failing, 1), ("joinSrever 0\n", 2), ("wait 1000000s\nwait 1s\n", 5)] {
        assert_eq!(Run::start(&[], script).end().status.code(), Some(code), "{script}");
    }
}

/// The path is the last line on standard error, and what it names is whole.
#[test]
fn a_failing_node_leaves_the_record_of_its_run() {
    let (temporary, script) = (tempfile::tempdir().expect("a folder"), Place::new());
    script.write("script", FAILING);
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    command.arg("--trace-hash").arg(script.path("script")).env("TMPDIR", temporary.path());
    let output = command.output().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{}", golden(&output));
    let folder = record_of(&output).expect("it is named last");
    assert_eq!(Record::read(&folder), Place::new().record("out", &[], FAILING, 3), "it is the record that --out keeps");
}

/// With `--out` the user knows where it is.
#[test]
fn a_failing_node_leaves_a_chosen_folder_without_a_word() {
    let place = Place::new();
    let output = place.master(&["--out", "out"], FAILING);
    assert!(!golden(&output).contains("record:"));
    assert!(place.path("out/trace.jsonl").exists());
}

/// Standard output is full; the record is whole all the same, and names no path.
#[test]
fn a_full_standard_output_leaves_the_record_of_its_run() {
    let temporary = tempfile::tempdir().expect("a folder");
    let script = temporary.path().join("script");
    fs::write(&script, SCRIPT).expect("a file");
    let full = File::options().write(true).open("/dev/full").expect("Linux");
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    command.arg(&script).env("TMPDIR", temporary.path()).stdout(full);
    let output = command.output().expect("it ends");
    assert_eq!(output.status.code(), Some(4), "{}", golden(&output));
    let folder = record_of(&output).expect("it is named last");
    let record = Record::read(&folder);
    assert_eq!(record.text("stdout.txt"), "a:1\n");
    assert!(record.text("transcript.txt").ends_with("| a:1\n         ! stopped: the environment failed\n"));
    assert_eq!(record.objects("history.jsonl").len(), 5, "two operations are whole");
    assert_eq!(record.objects("trace.jsonl").last().expect("a line")["text"], "the environment failed");
}

#[test]
fn a_temporary_folder_that_cannot_be_made_is_named() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    command.args(["--in-process", "-"]).env("TMPDIR", "/no/such/folder").stdin(Stdio::null());
    let output = command.output().expect("it ends");
    assert_eq!(output.status.code(), Some(4));
    let sentence = "error: could not make a folder for the record of the run in /no/such/folder: No such file";
    assert!(golden(&output).contains(sentence), "{}", golden(&output));
}

/// The node never answers: the signal comes while the master waits for it.
#[test]
fn an_interrupted_run_keeps_a_chosen_folder() {
    let place = Place::new();
    let silent = "joinServer 0\nrun \"sh -c 'echo waits >&2; exec sleep 600'\"\njoinServer 1\n";
    let run = Run::start_in(place.0.path(), &["--out", "out"], silent);
    let log = place.path("out/nodes/s1/log");
    while fs::read_to_string(&log).unwrap_or_default().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    kill(run.process(), "INT");
    assert_eq!(run.end().status.code(), Some(130));
    let record = Record::read(&place.path("out"));
    let last = record.objects("trace.jsonl").pop().expect("a line");
    assert_eq!((&last["kind"], &last["text"]), (&"stopped".into(), &"interrupted: every node was ended".into()));
}
