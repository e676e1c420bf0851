//! Nodes that break the node protocol, or die: what `master` says of each, and that no process outlives the run.
//!
//! The nodes are the shell scripts of `tests/nodes/`; the first line of each says what it does wrong. A golden a case,
//! under `tests/snapshots/`: exit code, standard output and standard error.

mod binary;

use std::fs;
use std::process::Output;
use std::thread;
use std::time::Duration;

use binary::{Run, golden, kill};

/// What a script says when the node in question is s0: it takes a put as its second step.
const PUT: &str = "joinServer 0\njoinClient 1 0\nput 1 a 1\n";

/// The case under test: a node of `tests/nodes/`, with arguments of its own, in a script.
struct Case<'c> {
    node: &'c str,
    arguments: &'c [&'c str],
    options: &'c [&'c str],
    script: &'c str,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self { node: "", arguments: &[], options: &[], script: PUT }
    }
}

impl Case<'_> {
    /// A word that only the processes of this run have.
    fn mark(&self) -> String {
        format!("{}-{}-{:?}", self.node, std::process::id(), thread::current().id())
    }

    /// The command that makes a server this node.
    fn run_command(&self, node: &str) -> String {
        let arguments: String = self.arguments.iter().map(|word| format!(" '{word}'")).collect();
        let command = format!("sh tests/nodes/{node}.sh {}{arguments}", self.mark());
        format!("run \"{}\"\n", command.replace('\\', "\\\\").replace('"', "\\\""))
    }

    fn start(&self) -> Run {
        Run::start(self.options, self.run_command(self.node) + self.script)
    }

    /// Runs it to its end, after which no process of it is left.
    fn output(&self) -> Output {
        let run = self.start();
        let parent = run.process();
        let output = run.end();
        wait_until("no process is left", || !is_anything_left(parent, &self.mark()));
        output
    }

    /// What `master` says of it, which is that a node has failed.
    fn fails(&self) -> String {
        let output = self.output();
        assert_eq!(output.status.code(), Some(3), "{}", golden(&output));
        golden(&output)
    }
}

/// What `master` says of a node that takes a put.
fn fails(node: &str) -> String {
    Case { node, ..Case::default() }.fails()
}

/// The same, of a node that is told what to do wrong.
fn fails_with(node: &str, argument: &str) -> String {
    Case { node, arguments: &[argument], ..Case::default() }.fails()
}

/// The words of all processes that hold these words, one after the other, in command line and environment.
fn processes_with(words: &[&str]) -> Vec<Vec<String>> {
    let folders = fs::read_dir("/proc").expect("this is Linux").flatten();
    // A process may end while it is looked at; one that has ended has no words.
    let read = |folder: &fs::DirEntry, name| fs::read(folder.path().join(name)).unwrap_or_default();
    let words_of = folders.map(|folder| [read(&folder, "cmdline"), read(&folder, "environ")].concat());
    let words_of = words_of.map(|bytes| String::from_utf8_lossy(&bytes).split('\0').map(str::to_owned).collect());
    words_of.filter(|held: &Vec<_>| held.windows(words.len()).any(|window| window == words)).collect()
}

/// Has anything of a run survived: a node of the master, or something that a node of ours started?
fn is_anything_left(master: i32, mark: &str) -> bool {
    let is_there = |words: &[&str]| !processes_with(words).is_empty();
    is_there(&["--parent", &master.to_string()]) || is_there(&[mark]) || is_there(&[&format!("mark={mark}")])
}

/// Waits until something holds, at most ten seconds.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    const GLANCE: Duration = Duration::from_millis(2);
    for _ in 0..5_000 {
        if holds() {
            return;
        }
        thread::sleep(GLANCE);
    }
    panic!("not within ten seconds: {what}");
}

// Lines that are no messages.

#[test]
fn prints_among_its_messages() {
    insta::assert_snapshot!(fails("prints"));
}

/// However early it does, and however late the master writes `init`, it is told the same.
#[test]
fn prints_before_it_reads() {
    insta::assert_snapshot!(fails("greets"));
}

#[test]
fn prints_and_dies_before_it_reads() {
    insta::assert_snapshot!(fails("greets_and_dies"));
}

#[test]
fn puts_out_a_body_without_envelope() {
    insta::assert_snapshot!(fails("no_envelope"));
}

#[test]
fn puts_out_json_that_is_no_object() {
    insta::assert_snapshot!(fails("no_object"));
}

#[test]
fn puts_out_a_body_that_is_no_object() {
    insta::assert_snapshot!(fails("no_body"));
}

#[test]
fn puts_out_a_key_twice() {
    insta::assert_snapshot!(fails("twice_a_key"));
}

#[test]
fn puts_out_bytes_that_are_not_utf_8() {
    insta::assert_snapshot!(fails("not_utf_8"));
}

#[test]
fn puts_out_half_a_line_and_dies() {
    insta::assert_snapshot!(fails("half_a_line"));
}

#[test]
fn puts_out_a_line_without_end() {
    insta::assert_snapshot!(fails("endless_line"));
}

#[test]
fn puts_out_lines_without_end() {
    insta::assert_snapshot!(fails("flood"));
}

// Messages that may not be.

#[test]
fn speaks_in_another_name() {
    insta::assert_snapshot!(fails("forges"));
}

#[test]
fn sends_to_a_server_that_never_joined() {
    insta::assert_snapshot!(fails_with("sends_to", "s99"));
}

#[test]
fn sends_to_the_disk() {
    insta::assert_snapshot!(fails_with("sends_to", "disk"));
}

#[test]
fn sends_to_nobody() {
    insta::assert_snapshot!(fails_with("sends_to", "n1"));
}

#[test]
fn sends_a_client_what_means_nothing_to_it() {
    insta::assert_snapshot!(fails_with("sends_to", "c1"));
}

#[test]
fn sends_a_client_a_deeply_nested_value() {
    insta::assert_snapshot!(fails("deep"));
}

#[test]
fn answers_an_order_that_nobody_gave() {
    insta::assert_snapshot!(fails_with("tells_master", r#"{"type":"invoke_ok","in_reply_to":99}"#));
}

#[test]
fn tells_the_master_what_it_does_not_take() {
    insta::assert_snapshot!(fails_with("tells_master", r#"{"type":"write_ok","in_reply_to":1}"#));
}

#[test]
fn sets_a_timer_in_the_past() {
    insta::assert_snapshot!(fails_with("tells_clock", r#"{"type":"set_timer","id":"a","after":-1}"#));
}

#[test]
fn sets_a_timer_without_a_name() {
    insta::assert_snapshot!(fails_with("tells_clock", r#"{"type":"set_timer","after":1}"#));
}

#[test]
fn tells_the_clock_what_it_does_not_know() {
    insta::assert_snapshot!(fails_with("tells_clock", r#"{"type":"sleep","after":1}"#));
}

#[test]
fn tells_a_state_that_is_none() {
    insta::assert_snapshot!(fails_with("tells_clock", r#"{"type":"done","step":2,"state":{"store":{"a":"1"}}}"#));
}

/// The greatest number there is, and a timer that never comes, are no breach.
#[test]
fn sets_a_timer_beyond_the_end_of_time() {
    let node = r#"{"type":"set_timer","id":"a","after":18446744073709551615}"#;
    let script = format!("{PUT}wait 1s\n");
    let case = Case { node: "tells_clock", arguments: &[node], script: &script, ..Case::default() };
    let output = case.output();
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    insta::assert_snapshot!(golden(&output));
}

/// That is no breach; what it says does not reach the terminal as it stands.
#[test]
fn refuses_in_words_that_move_the_cursor() {
    let output = Case { node: "refuses", ..Case::default() }.output();
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    insta::assert_snapshot!(golden(&output));
}

// What they say of their files.

/// What `master` says of a node that tells the disk these things, and writes nothing.
fn tells_disk(bodies: &[&str]) -> String {
    Case { node: "tells_disk", arguments: bodies, ..Case::default() }.fails()
}

const APPEND: &str = r#"{"type":"append","file":"log","length":5}"#;

#[test]
fn appends_without_growing() {
    insta::assert_snapshot!(tells_disk(&[APPEND, APPEND]));
}

#[test]
fn appends_nothing_to_a_file_that_is_not_there() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"append","file":"log","length":0}"#]));
}

#[test]
fn syncs_a_file_that_is_not_there() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"sync","file":"log"}"#]));
}

#[test]
fn renames_a_file_that_is_not_there() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"rename","file":"vote.new","to":"vote"}"#]));
}

#[test]
fn renames_a_file_that_it_did_not_write() {
    insta::assert_snapshot!(tells_disk(&[APPEND, r#"{"type":"rename","file":"log","to":"old"}"#]));
}

#[test]
fn cuts_off_a_file_that_is_not_there() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"truncate","file":"log","length":0}"#]));
}

#[test]
fn cuts_a_file_off_behind_its_end() {
    insta::assert_snapshot!(tells_disk(&[APPEND, r#"{"type":"truncate","file":"log","length":6}"#]));
}

#[test]
fn names_a_file_in_another_folder() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"append","file":"../s1/data/log","length":5}"#]));
}

#[test]
fn names_a_file_by_nothing() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"sync","file":""}"#]));
}

#[test]
fn names_a_file_at_great_length() {
    insta::assert_snapshot!(tells_disk(&[&format!(r#"{{"type":"sync","file":"{}"}}"#, "x".repeat(65))]));
}

#[test]
fn renames_a_file_into_another_folder() {
    insta::assert_snapshot!(tells_disk(&[APPEND, r#"{"type":"rename","file":"log","to":"a/b"}"#]));
}

#[test]
fn appends_without_a_length() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"append","file":"log"}"#]));
}

#[test]
fn appends_less_than_nothing() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"append","file":"log","length":-1}"#]));
}

#[test]
fn tells_the_disk_what_it_does_not_know() {
    insta::assert_snapshot!(tells_disk(&[r#"{"type":"fsync","file":"log"}"#]));
}

/// Nobody looks at what it says of its files as long as it lives; it is found when that is to survive.
#[test]
fn says_that_it_wrote_what_it_did_not_write() {
    for written in ["0", "4"] {
        for death in ["kill", "crash"] {
            let script = format!("{PUT}{death} 0\n");
            let case = Case { node: "forgets_to_write", arguments: &[written], script: &script, ..Case::default() };
            let said = case.fails().replace(&format!("{death} 0"), "[death] 0");
            insta::assert_snapshot!(format!("says_that_it_wrote_{written}_of_5_bytes"), said);
        }
    }
}

/// There is nothing to flip; and what it claims to have written is looked for at the end at the latest.
#[test]
fn a_flip_of_what_a_node_did_not_write_does_nothing() {
    let script = format!("{PUT}disk 0 flip 1\n");
    let case = Case { node: "forgets_to_write", arguments: &["0"], script: &script, ..Case::default() };
    insta::assert_snapshot!(case.fails());
}

// Steps.

#[test]
fn never_answers_init() {
    insta::assert_snapshot!(Case { node: "mute", options: &["--step-limit", "3"], ..Case::default() }.fails());
}

#[test]
fn answers_init_without_lockstep() {
    insta::assert_snapshot!(fails("plain"));
}

#[test]
fn answers_another_init() {
    insta::assert_snapshot!(fails("wrong_init"));
}

#[test]
fn speaks_before_it_answers_init() {
    insta::assert_snapshot!(fails("hasty"));
}

#[test]
fn ends_another_step() {
    insta::assert_snapshot!(fails("wrong_step"));
}

#[test]
fn ends_a_step_twice() {
    insta::assert_snapshot!(fails("two_dones"));
}

#[test]
fn speaks_after_done() {
    insta::assert_snapshot!(fails("afterthought"));
}

#[test]
fn speaks_between_two_steps() {
    insta::assert_snapshot!(speaks_late(r"Ready.\n"));
}

/// A master that waits for the end of this line waits for ever.
#[test]
fn speaks_half_a_line_between_two_steps() {
    insta::assert_snapshot!(speaks_late("Ready?"));
}

/// What `master` says of a server that puts out `text` between its first and its second step.
fn speaks_late(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let [begun, spoken] = ["begun", "spoken"].map(|name| folder.path().join(name).display().to_string());
    let second = Case { node: "late", arguments: &[&begun, &spoken], ..Case::default() }.run_command("patient");
    let script = format!("joinServer 0\n{second}joinServer 1\n");
    Case { node: "late", arguments: &[text, &begun, &spoken], script: &script, ..Case::default() }.fails()
}

/// The line that it is given is longer than a pipe, so that the master waits for it to read.
#[test]
fn never_reads_a_long_line() {
    let script = format!("joinServer 0\njoinClient 1 0\nput 1 a {}\n", "x".repeat(1_000_000));
    let said = Case { node: "deaf", script: &script, options: &["--step-limit", "3"], ..Case::default() }.fails();
    insta::assert_snapshot!(said);
}

/// The pipe to it has a reader even when it is killed; that the master waits for room in it must end all the same.
#[test]
fn leaves_a_process_that_keeps_its_input_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("begun").display().to_string();
    let script = format!("joinServer 0\njoinClient 1 0\nput 1 a {}\n", "x".repeat(1_000_000));
    let options = &["--step-limit", "3"];
    let said = Case { node: "keeps_input", arguments: &[&file], script: &script, options }.fails();
    insta::assert_snapshot!(said);
}

/// A command is quoted as short as a line.
#[test]
fn never_answers_a_long_command() {
    let script = format!("joinServer 0\njoinClient 1 0\nput 1 a {}\n", "x".repeat(100_000));
    let case =
        Case { node: "tells_clock", arguments: &[r#"{"type":"cancel_timer","id":""}"#], script: &script, options: &[] };
    let output = case.output();
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(golden(&output));
}

#[test]
fn answers_a_question_with_another_message() {
    let answer = r#"{"type":"read_ok","in_reply_to":1,"value":"1"}"#;
    let script = "joinServer 0\nprintStore 0\n";
    insta::assert_snapshot!(Case { node: "inspected", arguments: &[answer], script, ..Case::default() }.fails());
}

#[test]
fn shows_a_store_without_end() {
    let answer = r#"{"type":"inspect_ok","in_reply_to":1,"store":[],"more":true}"#;
    let script = "joinServer 0\nprintStore 0\n";
    insta::assert_snapshot!(Case { node: "inspected", arguments: &[answer], script, ..Case::default() }.fails());
}

#[test]
fn shows_a_store_for_a_chain() {
    let answer = r#"{"type":"inspect_ok","in_reply_to":1,"store":[["a","1"]],"more":true}"#;
    let script = "joinServer 0\nprintBlockchain 0\n";
    insta::assert_snapshot!(Case { node: "inspected", arguments: &[answer], script, ..Case::default() }.fails());
}

// Lives and deaths.

#[test]
fn closes_its_output() {
    insta::assert_snapshot!(fails("closes_output"));
}

#[test]
fn closes_its_input() {
    insta::assert_snapshot!(fails("closes_input"));
}

/// Its log has 100,000 lines, of which the last 20 are shown.
#[test]
fn dies_in_a_step() {
    insta::assert_snapshot!(fails("dies"));
}

#[test]
fn is_killed_in_a_step() {
    insta::assert_snapshot!(fails("kills_itself"));
}

/// It is found at once, and not only when the limit of the step is over.
#[test]
fn dies_and_leaves_a_process_that_keeps_its_output_open() {
    insta::assert_snapshot!(fails("parent"));
}

#[test]
fn is_no_program() {
    let script = "run \"tests/nodes/no-such-program --port 8000\"\njoinServer 0\n";
    insta::assert_snapshot!(Case { node: "mute", script, ..Case::default() }.fails());
}

#[test]
fn is_a_file_that_is_no_program() {
    let script = "run \"tests/nodes/mute.sh\"\njoinServer 0\n";
    insta::assert_snapshot!(Case { node: "mute", script, ..Case::default() }.fails());
}

/// One of splitbrain's own servers is killed from outside between two steps.
#[test]
fn is_killed_from_outside() {
    let program = Case { node: "kills_a_sibling", ..Case::default() };
    let script =
        format!("joinServer 0\n{}joinServer 1\njoinClient 2 0\nput 2 a 1\n", program.run_command(program.node));
    let run = Run::start(&[], script);
    let parent = run.process();
    let output = run.end();
    wait_until("no process is left", || !is_anything_left(parent, &program.mark()));
    insta::assert_snapshot!(golden(&output));
}

// The end of a run.

#[test]
fn does_not_leave() {
    insta::assert_snapshot!(
        Case { node: "stubborn", script: "joinServer 0\njoinServer 1\n", ..Case::default() }.fails()
    );
}

#[test]
fn speaks_at_the_end_of_its_input() {
    insta::assert_snapshot!(Case { node: "last_word", script: "joinServer 0\n", ..Case::default() }.fails());
}

#[test]
fn fails_at_the_end_of_its_input() {
    insta::assert_snapshot!(Case { node: "bad_end", script: "joinServer 0\n", ..Case::default() }.fails());
}

/// That is no breach, but the process is ended, and nobody waits for its output to end.
#[test]
fn leaves_a_process_that_keeps_its_output_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("begun").display().to_string();
    for node in ["leaves_a_child", "leaves_a_daemon"] {
        let output = Case { node, arguments: &[&file], script: "joinServer 0\n", ..Case::default() }.output();
        assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    }
}

// Interruption.

/// The master waits for a node that never answers; a signal ends both.
#[test]
fn an_interrupted_run_leaves_nothing_behind() {
    for signal in ["INT", "TERM", "HUP"] {
        let case = Case { node: "mute", arguments: &[signal], ..Case::default() };
        let run = case.start();
        let parent = run.process();
        wait_until("the node runs", || processes_with(&[&case.mark()]).iter().any(|words| words[0] == "sh"));
        kill(parent, signal);
        let output = run.end();
        wait_until("no process is left", || !is_anything_left(parent, &case.mark()));
        insta::assert_snapshot!("an_interrupted_run_leaves_nothing_behind", golden(&output));
    }
}

/// Nobody but the kernel can end them then.
#[test]
fn a_killed_master_leaves_no_node_behind() {
    let script = "protocol gossip\njoinServer 0\n";
    let case = Case { node: "mute", ..Case::default() };
    let run = Run::start(&[], format!("{script}{}joinServer 1\n", case.run_command(case.node)));
    let parent = run.process();
    wait_until("the node runs", || processes_with(&[&case.mark()]).iter().any(|words| words[0] == "sh"));
    assert_eq!(processes_with(&["--parent", &parent.to_string(), "server"]).len(), 1, "our own server runs");
    kill(parent, "KILL");
    assert_eq!(run.end().status.code(), None);
    wait_until("no process is left", || !is_anything_left(parent, &case.mark()));
}
