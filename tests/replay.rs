//! A saved trace carried out again: fresh nodes that are given the same lines do the same, and one that does not is named.

mod binary;
mod files;
mod library;

use std::fs;
use std::process::Output;

use splitbrain::base::Verdict;
use splitbrain::cluster::{InMemory, ReplayStop, Replayed, replay};
use splitbrain::experiment::Form;
use splitbrain::protocol::PROTOCOLS;
use splitbrain::trace::{Ending, TraceLines};
use tempfile::TempDir;

use binary::golden;
use files::scripts;
use library::{Run, Setup, run};

/// Every fault that changes what a node finds on its disk, and every kind of death.
const EVERYTHING: &str = "joinServer 0\njoinServer 1\njoinServer 2\njoinClient 9 0\ndelay 0 1 5ms jitter 2ms\n\
    put 9 a 1\nput 9 b 2\nkill 0\nrestart 0\njoinClient 9 0\ncrash 0 after 3 outputs\nput 9 c 3\nrestart 0\njoinClient 9 0\n\
    disk 0 lie\nput 9 d 4\ndisk 0 torn\ncrash 0\ndisk 0 heal\nrestart 0\njoinClient 9 0\nput 9 e 5\ndisk 0 slow 20ms\n\
    put 9 f 6\ndisk 0 heal\ndisk 0 full\nput 9 g 7\nrestart 0\ndisk 0 heal\nrestart 0\nstabilize\ndisk 1 flip 600\nkill 1\n\
    restart 1\ndisk 1 wipe\nrestart 1\nkill 2\nstabilize\nprintStore 1\n";

fn trace_in_memory(script: &str) -> String {
    let (writer, lines) = TraceLines::in_memory();
    let setup = Setup { protocol: &PROTOCOLS[0], form: Form::Plain, spawner: InMemory };
    let Run { verdict, out, err } = run(script, setup, Some(writer));
    assert!(verdict <= Verdict::Failed, "{out}{err}");
    lines.text()
}

fn replayed(trace: &str) -> Result<Replayed, ReplayStop> {
    replay(trace.as_bytes(), &mut InMemory)
}

/// How many steps a trace holds.
fn steps_of(trace: &str) -> u64 {
    trace.lines().filter(|line| line.contains(r#""kind":"step""#)).count() as u64
}

#[test]
fn every_script_of_the_repository_is_done_again() {
    let mut all_steps = 0;
    for (path, text) in scripts() {
        let trace = trace_in_memory(&text);
        let Replayed { steps, .. } = replayed(&trace).unwrap_or_else(|stop| panic!("{}: {stop}", path.display()));
        assert_eq!(steps, steps_of(&trace), "{}", path.display());
        all_steps += steps;
    }
    assert!(all_steps > 1_000, "only {all_steps} steps: the test has gone blind");
}

#[test]
fn whatever_happened_to_its_disk_a_node_does_the_same_again() {
    let trace = trace_in_memory(EVERYTHING);
    for kind in ["killed", "crashed", "refused"] {
        assert!(trace.contains(&format!(r#""kind":"{kind}""#)), "no node was {kind}");
    }
    let Replayed { steps, nodes, ending } = replayed(&trace).unwrap();
    assert_eq!((steps, nodes, ending), (steps_of(&trace), 4, Ending::End));
}

/// What was altered is found, in the lines of a node and in the lengths of its files.
#[test]
fn a_trace_that_was_altered_is_not_done_again() {
    let trace = trace_in_memory(
        "joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 a 1\nput 2 b 1\nkill 0\nrestart 0\n\
        joinClient 2 0\nput 2 c 1\n",
    );
    for (old, new) in [
        (r#""value":"1","clock":1}"#, r#""value":"2","clock":1}"#),
        (r#""incarnation":1,"timeouts""#, r#""incarnation":2,"timeouts""#),
        (r#""file":"log","length":1024"#, r#""file":"log","length":1536"#),
        (r#"["log",1536]"#, r#"["log",1024]"#),
        (r#""type":"sync""#, r#""type":"append""#),
        (r#""id":"retry","after":300000"#, r#""id":"retry","after":300001"#),
    ] {
        assert!(trace.contains(old), "{old} is not in the trace:\n{trace}");
        let stop = replayed(&trace.replacen(old, new, 1)).expect_err(old);
        assert!(matches!(stop, ReplayStop::Difference(_)), "{old}: {stop}");
    }
}

#[test]
fn what_is_no_trace_is_refused_with_its_line() {
    let trace = trace_in_memory("joinServer 0\n");
    let header = trace.lines().next().expect("a header");
    let stop = |text: String| replayed(&text).unwrap_err().to_string();
    let no_header = "its first line is not that of a splitbrain trace of version 1";
    assert_eq!(stop(String::new()), no_header);
    assert_eq!(stop("joinServer 0\n".to_owned()), no_header);
    assert_eq!(stop(header.replace("\"version\":1", "\"version\":2")), no_header);
    assert!(stop(format!("{header}\nnonsense\n")).starts_with("its line 2 is no happening: "));
    let step = trace.lines().find(|line| line.contains(r#""kind":"step""#)).expect("a step");
    let alone = stop(format!("{header}\n{step}\n"));
    assert!(alone.ends_with("is not one of a run: the node was never started"), "{alone}");
}

/// Whoever carries out a trace that somebody else made must not lose a file by it.
#[test]
fn a_trace_reaches_no_file_but_those_of_its_nodes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine");
    fs::write(&file, "not to be touched").expect("a file");
    let name = format!(r#"["{}",1]"#, file.display());
    let trace = trace_in_memory("joinServer 0\nkill 0\n").replace(r#"["log",512]"#, &name);
    assert!(trace.contains(&name), "{trace}");
    let forged = folder.path().join("trace.jsonl");
    fs::write(&forged, trace).expect("a file");
    let output = master(&["replay", &forged.display().to_string()], "");
    assert_eq!((output.status.code(), fs::read_to_string(&file).unwrap().as_str()), (Some(2), "not to be touched"));
    assert!(text(&output.stderr).contains("is no name of a file"), "{output:#?}");
}

#[test]
fn a_happening_without_what_it_needs_is_refused() {
    let trace = trace_in_memory("joinServer 0\ndisk 0 lie\n");
    for (old, field) in [(r#""line":"#, "line"), (r#""kind":"step","node":"#, "node"), (r#""fault":"#, "fault")] {
        let without = trace.replacen(old, &old.replace(&format!("\"{field}\":"), "\"other\":"), 1);
        let stop = replayed(&without).expect_err(field).to_string();
        assert!(stop.contains(&format!("missing field `{field}`")), "{stop}");
    }
}

fn master(arguments: &[&str], script: &str) -> Output {
    binary::Run::start(arguments, script).end()
}

/// A record of a run on processes.
fn record(script: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("record").display().to_string();
    let output = master(&["--out", &path], script);
    assert!(output.status.success(), "{}", golden(&output));
    (folder, path)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("master prints UTF-8")
}

#[test]
fn a_record_is_done_again_on_processes_and_in_memory() {
    let (_folder, path) = record(EVERYTHING);
    let steps = steps_of(&fs::read_to_string(format!("{path}/trace.jsonl")).expect("a trace"));
    let file = format!("{path}/trace.jsonl");
    for arguments in [vec!["replay", &path], vec!["replay", &path, "--in-process"], vec!["replay", &file]] {
        let output = master(&arguments, "");
        assert_eq!(text(&output.stdout), format!("{path}/trace.jsonl: {steps} steps of 4 nodes, the same again\n"));
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
    }
}

/// What a node that is not ours renames, it has renamed before whatever comes next: a flip, or a crash while a slow disk
/// is still at what came before it.
#[test]
fn a_file_has_its_new_name_again_whatever_comes_next() {
    let writes = "if [ -e log ]; then append $(cat log) 1; else append new x; sync new; rename new log; fi; answer";
    for between in [
        "put 2 a 1\ndisk 0 flip 0\nkill 0",
        "disk 0 slow 50ms\ncrash 0 after 2 outputs\nput 2 a 1",
        "disk 0 slow 50ms\ncrash 0 after 3 outputs\nput 2 a 1",
    ] {
        let run = format!("run \"sh tests/nodes/files.sh '{writes}'\"\njoinServer 0\njoinClient 2 0\n");
        let (_folder, path) = record(&format!("{run}{between}\nrestart 0\njoinClient 2 0\nput 2 b 2\n"));
        let trace = fs::read_to_string(format!("{path}/trace.jsonl")).expect("a trace");
        assert!(trace.contains(r#""files":[["log",1]]"#), "{between}: the file was not renamed:\n{trace}");
        let output = master(&["replay", &path], "");
        assert_eq!((text(&output.stderr).as_str(), output.status.code()), ("", Some(0)), "{between}");
    }
}

#[test]
fn a_trace_that_breaks_off_passes_for_no_verdict_and_one_that_stopped_says_why() {
    let (folder, path) = record("joinServer 0\njoinClient 1 0\nput 1 a 1\n");
    let trace = fs::read_to_string(format!("{path}/trace.jsonl")).expect("a trace");
    let broken = folder.path().join("broken.jsonl");
    let without_end: String = trace.lines().take(8).map(|line| format!("{line}\n")).collect();
    fs::write(&broken, without_end).expect("a file");
    let output = master(&["replay", &broken.display().to_string()], "");
    assert_eq!(output.status.code(), Some(5));
    assert!(text(&output.stdout).ends_with("\nthe trace has no end: what came after is not there\n"), "{output:#?}");

    let stopped = folder.path().join("stopped").display().to_string();
    let run = master(&["--out", &stopped], "run \"sh tests/nodes/refuses.sh\"\njoinServer 0\n");
    assert_eq!(run.status.code(), Some(3), "{run:#?}");
    let output = master(&["replay", &stopped], "");
    assert_eq!(output.status.code(), Some(0), "{output:#?}");
    assert!(text(&output.stdout).contains("the run stopped there, in a step that is not in the trace: s0: "));
}

#[test]
fn a_node_that_hides_an_input_is_named_with_the_event() {
    let (_folder, path) = record("run \"sh tests/nodes/tells_its_pid.sh\"\njoinServer 0\njoinServer 1\n");
    let output = master(&["replay", &path], "");
    let err = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{err}");
    let sentence = "s0 does not do again what it did: it was given the same lines, up to event ";
    assert!(err.contains(sentence), "{err}");
    assert!(err.contains("\n  given: {\"src\":\"master\",\"dest\":\"s0\""), "{err}");
    assert!(err.contains("\n  then:  ") && err.contains("\n  now:   "), "{err}");
}

#[test]
fn a_record_that_is_not_there_is_the_environments_failure() {
    let output = master(&["replay", "/proc/none"], "");
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stderr).contains("could not read the trace /proc/none"), "{}", golden(&output));
}
