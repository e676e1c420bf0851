//! Servers that are not ours: programs that speak the node protocol of `docs/node-protocol.md`, run by `run "COMMAND"`.
//!
//! The programs are in `tests/nodes`, for the shell; most are our own server with one thing altered. What they need
//! beside it (`sh`, `sed -u`, `/proc`) every Linux has. Python is needed for `examples/register.py` only: its tests pass
//! where there is none.

mod binary;
mod files;

use std::path::Path;
use std::process::{Command, Output};
use std::{fmt, fs};

use nix::sys::signal::Signal;
use splitbrain::base::limits;

use binary::golden;
use files::scripts;

const SERVER: &str = env!("CARGO_BIN_EXE_server");

/// What came of a run.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
    golden: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the master writes UTF-8");
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
            golden: golden(output),
        }
    }

    /// Both must be as they should be, or everything is shown.
    #[track_caller]
    fn assert(&self, code: i32, sentence: &str) {
        assert!(self.code == Some(code) && self.err.contains(sentence), "expected {code}, `{sentence}`: {self:?}");
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.golden)
    }
}

fn run_with(arguments: &[&str], script: &str) -> Run {
    Run::of(&binary::Run::start(arguments, script).end())
}

fn run(script: &str) -> Run {
    run_with(&[], script)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of this repository.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The line of a script that makes servers run these words.
fn run_line(words: &[&str]) -> String {
    let command = shlex::try_join(words.iter().copied()).expect("words without NUL");
    format!("run \"{}\"\n", command.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A script whose servers are our own, with every line that they put out edited.
fn edited(expression: &str, script: &str) -> String {
    run_line(&["sh", "tests/nodes/flip.sh", SERVER, expression]) + script
}

/// Two servers with a client each; `a` is written at server 0, and both hold it.
const TWO_SERVERS: &str =
    "joinServer 0\njoinServer 1\njoinClient 2 0\njoinClient 3 1\nput 2 a 1\nput 2 b 2\nstabilize\n";

#[test]
fn our_own_server_as_a_program_gives_the_bytes_that_it_gives_built_in() {
    // It is killed, and comes back with what it wrote.
    let script = read("scripts/cs380d/partition.txt") + "kill 0\njoinServer 0\nprintStore 0\n";
    let as_program = run_line(&[SERVER, "--protocol", "gossip"]) + &script;
    for arguments in [[].as_slice(), &["--transcript"]] {
        let (built_in, foreign) = (run_with(arguments, &script), run_with(arguments, &as_program));
        let without_run: String =
            foreign.out.split_inclusive('\n').filter(|line| !line.starts_with("0.000000 run ")).collect();
        assert_eq!((built_in.code, foreign.code), (Some(0), Some(0)), "{foreign:?}");
        assert_eq!(built_in.out, without_run);
        assert!(built_in.out.contains("a:1"), "it prints something that could differ");
    }
}

#[test]
fn a_node_that_flips_one_value_shows_in_the_output() {
    let script = read("scripts/cs380d/partition.txt");
    let (right, flipped) = (run(&script), run(&edited(r#"s/\["b","2"\]/["b","3"]/"#, &script)));
    assert_eq!(flipped.code, Some(0), "{flipped:?}");
    assert_ne!(right.out, flipped.out);
    assert_eq!(right.out.replace("b:2", "b:3"), flipped.out, "nothing else differs");
}

/// Partition and heal, a dead server, and dependencies that another server does not have.
const UNMET_DEPENDENCY: &str = "joinServer 0\njoinServer 1\njoinServer 2\nbreakConnection 0 1\njoinClient 3 0\n\
    put 3 a 1\nput 3 a 2\nget 3 a\njoinClient 3 1\nget 3 a\nget 3 none\nstabilize\nget 3 a\nput 3 c 3\nstabilize\n\
    printStore 0\nprintStore 1\nprintStore 2\nkillServer 0\njoinServer 0\nprintStore 0\nstabilize\nprintStore 0\n";

/// Is there a Python? The product does not need one.
fn is_python_there() -> bool {
    let found = Command::new("python3").arg("--version").output();
    found.inspect_err(|error| println!("skipped: python3 cannot be started ({error})")).is_ok()
}

/// A script whose servers are those of the documentation.
fn python(script: &str) -> String {
    run_line(&["python3", "examples/register.py"]) + script
}

/// Why the Python server prints something else than gossip under a script, if it does.
fn why_it_differs(script: &str) -> Option<&'static str> {
    let commands: String = script.lines().filter(|line| !line.starts_with('#')).collect();
    let has_line = |beginning: &str| script.lines().any(|line| line.starts_with(beginning));
    if commands.contains("jitter") || commands.contains("loss ") || has_line("reorder") {
        Some("draws are keyed by message type, and its servers call theirs otherwise")
    } else if commands.contains(" sends ") || commands.contains(" write ") || has_line("printNetwork") {
        Some("a message is meant by its type, and its servers call theirs otherwise")
    } else if has_line("rate") {
        Some("a rate is for bytes, and what its servers say is of other lengths")
    } else if commands.contains("protocol=") {
        Some("a protocol is chosen before a program")
    } else if commands.contains("leader") {
        Some("its servers tell no part that they play")
    } else if commands.contains("snapshot ") {
        Some("its servers have no chain to show")
    } else if commands.contains("flip") {
        Some("an offset is another place in its log, whose records are of other lengths")
    } else {
        None
    }
}

/// The script with these servers from the first that joins on, and without asking for chains, which they have not.
fn without_chains(script: &str, run_line: &str) -> String {
    let starts_servers = |line: &str| line.contains("joinServer") || line.starts_with("cluster ");
    let first = script.lines().position(|line| starts_servers(line) && !line.starts_with('#'));
    let lines = script.lines().enumerate().filter(|(_, line)| !line.contains("printBlockchain"));
    let servers = |number| if Some(number) == first { run_line } else { "" };
    lines.map(|(number, line)| format!("{}{line}\n", servers(number))).collect()
}

#[test]
fn the_python_server_of_the_documentation_prints_what_gossip_prints() {
    if !is_python_there() {
        return;
    }
    let mut scripts = scripts();
    scripts.push(("UNMET_DEPENDENCY".into(), UNMET_DEPENDENCY.to_owned()));
    // Those for other protocols say nothing of gossip.
    let chooses = |script: &String| script.lines().any(|line| !line.starts_with('#') && line.contains("protocol"));
    let (mut compared, of_gossip) = (0, scripts.iter().filter(|(_, script)| !chooses(script)).count());
    for (name, script) in &scripts {
        let name = name.display();
        if let Some(reason) = why_it_differs(script) {
            println!("left out: {name}: {reason}");
            continue;
        }
        // In memory, for it prints the same there, and sooner.
        let gossip = run_with(&["--in-process"], &without_chains(script, ""));
        let python = run(&without_chains(script, &python("")));
        assert_eq!((python.code, &python.out), (gossip.code, &gossip.out), "{name}: {python:?}");
        compared += 1;
    }
    assert!(compared > of_gossip / 2, "most scripts can be compared: {compared} of {of_gossip}");
    let out = run(UNMET_DEPENDENCY).out;
    assert!(out.contains("a:ERR_DEP") && out.contains("none:ERR_KEY"), "both refusals are in it: {out}");
}

/// A transcript: its commands without their times, each with the lines below it.
fn commands_of(transcript: &str) -> Vec<(&str, Vec<&str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in transcript.lines() {
        match (line.strip_prefix("         "), commands.last_mut()) {
            (Some(detail), Some((_, details))) => details.push(detail),
            (Some(_), None) | (None, _) => {
                commands.push((line.split_once(' ').map_or("", |(_, text)| text), Vec::new()));
            }
        }
    }
    commands
}

/// Server 0 crashes somewhere, is started again, serves, and converges with server 1.
fn crash_script(crash: &str) -> String {
    format!(
        "joinServer 0\njoinServer 1\njoinClient 2 0\njoinClient 3 1\nput 2 a 1\n{crash}\nput 2 b 2\nput 3 c 3\n\
         put 2 d 4\nrestart 0\njoinClient 2 0\nput 2 e 5\nrestart 0\nprintStore 0\njoinClient 2 0\nput 2 f 6\n\
         stabilize\nprintStore 0\nprintStore 1\n"
    )
}

/// What came of [`crash_script`].
struct Crashed {
    /// What server 0 acknowledged, and did not hold when it was started again.
    lost: Vec<String>,
    /// What happened until then, beside stores that changed.
    faults: Vec<String>,
}

/// Runs it. Whatever happens, the run goes on, and in the end both servers hold the last put and the same.
#[track_caller]
fn crash(program: &str, crash: &str) -> Crashed {
    let run = run_with(&["--transcript"], &(run_line(&["python3", program]) + &crash_script(crash)));
    assert_eq!(run.code, Some(0), "{crash}: {run:?}");
    let commands = commands_of(&run.out);
    let prints: Vec<_> = (0..commands.len()).filter(|&at| commands[at].0.starts_with("printStore")).collect();
    let &[first, left, right] = prints.as_slice() else { panic!("{run:?}") };
    assert_eq!(commands[left].1, commands[right].1, "{crash}: {run:?}");
    assert!(commands[left].1.contains(&"| f:6"), "{crash}: {run:?}");
    let before = &commands[..first];
    let acknowledged = before.iter().filter(|(_, details)| details.contains(&"| success"));
    let pairs = acknowledged.filter_map(|(command, _)| command.strip_prefix("put 2 ")?.split_once(' '));
    let stored = pairs.map(|(key, value)| format!("| {key}:{value}"));
    let lost = stored.filter(|pair| !commands[first].1.contains(&pair.as_str())).collect();
    let faults = before.iter().flat_map(|(_, details)| details).filter(|detail| detail.starts_with(['~', '!']));
    Crashed { lost, faults: faults.map(|&fault| fault.to_owned()).collect() }
}

/// At how many points in [`crash_script`] server 0 can crash until its store is printed.
const CRASH_POINTS: usize = 15;

#[test]
fn the_python_server_loses_nothing_that_it_acknowledged_wherever_it_crashes() {
    if !is_python_there() {
        return;
    }
    for outputs in 0..CRASH_POINTS {
        let Crashed { lost, faults } = crash("examples/register.py", &format!("crash 0 after {outputs} outputs"));
        let crashes = faults.iter().filter(|fault| fault.starts_with("~ s0 crashed after")).count();
        assert_eq!((crashes, lost.as_slice()), (1, [].as_slice()), "after {outputs} outputs: {faults:?}");
    }
}

#[test]
fn a_server_that_answers_before_it_syncs_is_found() {
    if !is_python_there() {
        return;
    }
    let server = read("examples/register.py");
    let hasty = server.replace("            self.sync()  # before the answer", "            # before the answer");
    assert_ne!(server, hasty);
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), hasty).expect("a program");
    let Crashed { lost, .. } = crash(file.path().to_str().expect("a path in UTF-8"), "crash 0 after 3 outputs");
    assert_eq!(lost, ["| a:1", "| b:2"], "both were appended, sent and answered");
}

/// The write is torn in its middle; what came before it is whole, and the next one goes where it began.
#[test]
fn the_python_server_cuts_off_a_torn_write() {
    if is_python_there() {
        let Crashed { lost, faults } = crash("examples/register.py", "disk 0 torn\ncrash 0 after 1 outputs\nput 3 z 9");
        assert!(lost.is_empty());
        let torn = "~ s0 lost half of an append to its log (torn)";
        assert!(faults.iter().any(|fault| fault == torn), "{faults:?}");
    }
}

#[test]
fn the_python_server_ends_where_its_disk_is_full_and_comes_back_when_there_is_room() {
    if !is_python_there() {
        return;
    }
    let script = "joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 a 1\ndisk 0 full\nget 2 a\nput 2 a 2\nget 2 a\n\
                  restart 0\nprintStore 0\ndisk 0 heal\nrestart 0\nprintStore 0\njoinClient 2 0\nput 2 a 3\n\
                  disk 0 full\ndisk 0 heal\nput 2 b 4\nstabilize\nprintStore 0\nprintStore 1\n";
    let run = run(&python(script));
    assert_eq!(run.out, "a:1\na:ERR_NO_SERVER\na:1\na:3\nb:4\na:3\nb:4\n", "{run:?}");
    let reason = "server 0 ended by itself, because its disk is full: by line 6: log: could not append to it";
    assert_eq!((run.code, run.err.matches(reason).count()), (Some(0), 2), "at a put, and at its next start: {run:?}");
}

#[test]
fn the_python_server_waits_for_a_slow_disk_with_the_answer_only() {
    if !is_python_there() {
        return;
    }
    let start = "joinServer 0\njoinServer 1\njoinClient 2 0\ndisk 0 slow 50ms\n";
    let out = |script: &str| run_with(&["--transcript"], &python(&(start.to_owned() + script))).out;
    assert!(out("put 2 a 1\nprintStore 1\n").contains("\n0.052000 printStore 1\n"), "the answer waits");
    // The append and the message to server 1 have happened, and the sync has not.
    let early = out("crash 0 after 2 outputs\nput 2 a 1\nwait 5ms\nprintStore 1\nrestart 0\nprintStore 0\nstabilize\n");
    assert!(early.contains("printStore 1\n         | a:1\n"), "server 1 was told early: {early}");
    assert!(early.contains("printStore 0\n0.0"), "server 0 has forgotten it: {early}");
    assert!(early.contains("stabilize\n         = s0 a:1\n"), "and hears of it again: {early}");
}

#[test]
fn the_python_server_refuses_a_log_that_no_loss_of_power_leaves() {
    if !is_python_there() {
        return;
    }
    let script = "joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 a 1\nput 2 b 2\nkill 0\ndisk 0 flip 15\nrestart 0\n\
                  printStore 0\ndisk 0 wipe\nrestart 0\nstabilize\nprintStore 0\n";
    let run = run(&python(script));
    assert_eq!((run.code, run.out.as_str()), (Some(0), "a:1\nb:2\n"), "{run:?}");
    assert!(run.err.contains("because of what is on its disk: by line 8: log: line 2 is corrupt"), "{run:?}");
}

/// What a server prints that does `write` to its files at a put and `timer` at a timer, when it was started again.
fn files_after(write: &str, timer: &str, script: &str) -> String {
    let server = run_line(&["sh", "tests/nodes/files.sh", write, timer]);
    let run = run(&format!("{server}joinServer 0\njoinClient 1 0\n{script}restart 0\nprintStore 0\n"));
    assert_eq!(run.code, Some(0), "{run:?}");
    run.out
}

/// What a slow disk is syncing when a file is replaced, or cut off and written anew, is what was in it before.
#[test]
fn a_slow_sync_saves_nothing_that_came_in_the_place_of_what_it_is_about() {
    let write = "append log abc; wake 10000; sync log; answer";
    let script = "disk 0 slow 50ms\nput 1 a 1\ncrash 0\n";
    assert_eq!(files_after(write, "append new defgh; rename new log", script), "log:\n");
    assert_eq!(files_after(write, "cut_off log 1; append log defgh", script), "log:a\n");
    assert_eq!(files_after(write, "append new defgh; sync new; rename new log", script), "log:defgh\n");
    assert_eq!(files_after(write, "append new defgh; rename new log; sync log; wake 200000", script), "log:\n");
    let later = format!("{}wait 50ms\ncrash 0\n", script.replace("crash 0\n", ""));
    assert_eq!(files_after(write, "append new defgh; rename new log; sync log", &later), "log:defgh\n");
}

#[test]
fn a_server_that_ends_without_a_word_because_of_its_disk_is_told_so() {
    let server = run_line(&["sh", "tests/nodes/files.sh", "exit 1"]);
    run(&format!("{server}joinServer 0\njoinClient 1 0\ndisk 0 full\nput 1 a 1\n"))
        .assert(0, "server 0 ended by itself, because its disk is full: by line 4: its log is empty\n");
}

#[test]
fn a_file_that_is_shorter_than_it_was_said_to_be_is_found_when_its_server_dies() {
    let write = r#"printf abc >log; disk append log '"length":4'; answer"#;
    let server = run_line(&["sh", "tests/nodes/files.sh", write]);
    run(&format!("{server}joinServer 0\njoinClient 1 0\nput 1 a 1\nkill 0\n"))
        .assert(3, "s0: its files are not what it said: it said that its file `log` has 4 bytes, and it has 3");
}

/// The master neither waits for a pipe nor follows a link that stands in a file's place.
#[test]
fn a_folder_that_stands_in_the_way_of_a_rename_is_the_nodes_doing() {
    let server = run_line(&["sh", "tests/nodes/files.sh", "mkdir vote; append log a; rename log vote; answer"]);
    run(&format!("{server}joinServer 0\njoinClient 1 0\nput 1 a 1\n"))
        .assert(3, "its file `log` cannot be renamed to `vote`: ");
}

#[test]
fn what_is_no_file_is_none_of_a_servers_files() {
    let put = "joinServer 0\njoinClient 1 0\nput 1 a 1\n";
    for place in ["mkfifo log", "mkdir log", "ln -s /etc/passwd log"] {
        let empty = format!("append log a; cut_off log 0; rm log; {place}; answer");
        assert_eq!(files_after(&empty, "", "put 1 a 1\nkill 0\n"), "", "{place}");
        let write = format!("append log a; rm log; {place}; answer");
        let server = run_line(&["sh", "tests/nodes/files.sh", &write]);
        run(&format!("{server}{put}disk 0 flip 0\nkill 0\n"))
            .assert(3, "s0: its files are not what it said: it said that its file `log` has 1 bytes, and it has 0");
    }
}

#[test]
fn a_server_finds_what_it_told_of_and_nothing_else() {
    let write =
        "append log abc; sync log; append log def; append log ghi; append other x; printf jkl >>log; mkdir f; answer";
    let left = |end: &str| files_after(write, "", &format!("put 1 a 1\n{end}\n"));
    assert_eq!(left("kill 0"), "log:abcdefghi\nother:x\n");
    assert_eq!(left("crash 0"), "log:abc\nother:\n");
    assert_eq!(left("disk 0 torn\ncrash 0"), "log:abcdefg\nother:\n", "the middle of the last append");
    assert_eq!(left("kill 0\nrestart 0\ncrash 0"), "log:abc\nother:\n", "a kill syncs nothing");
    assert_eq!(left("disk 0 lie\nkill 0\ndisk 0 wipe"), "");
}

#[test]
fn a_file_that_was_cut_off_to_nothing_may_be_removed() {
    assert_eq!(files_after("append log abc; cut_off log 0; rm log; answer", "", "put 1 a 1\nkill 0\n"), "");
}

/// It had appended before that in the same step, and the crash came before both.
#[test]
fn a_server_may_cut_off_what_it_never_told_of() {
    let write = "append log abcdef; sync log; cut_off log $(($(length log) - 2)); answer";
    let script = "put 1 a 1\ncrash 0 after 0 outputs\nput 1 a 2\n";
    assert_eq!(files_after(write, "", script), "log:abcd\n");
}

/// A sync that is under way covers no more than what the file has when it is over.
#[test]
fn a_server_may_cut_off_what_a_slow_disk_is_still_syncing() {
    let write = "append log abcdef; sync log; wake 10000; answer";
    assert_eq!(files_after(write, "cut_off log 2", "disk 0 slow 50ms\nput 1 a 1\ncrash 0\n"), "log:ab\n");
}

/// In its next step it finds the file under its new name, although the disk is still busy; and it may make another one
/// under the old name. What was synced before a rename, as far as the server can tell, is durable with the rename.
#[test]
fn a_file_has_its_new_name_at_once_on_a_slow_disk_too() {
    let save = |text: &str| format!("append vote.tmp {text}; sync vote.tmp; rename vote.tmp vote");
    let (write, timer) = (format!("{}; wake 10000; answer", save("1")), save("22"));
    for death in ["kill 0", "crash 0"] {
        let script = format!("disk 0 slow 50ms\nput 1 a 1\n{death}\n");
        assert_eq!(files_after(&write, &timer, &script), "vote:22\n", "{death}");
    }
    // Where the crash comes before the rename, the old file is there.
    let write = format!("{}; answer", save("$(field msg_id)"));
    let script = "put 1 a 1\ndisk 0 slow 50ms\ncrash 0 after 1 outputs\nput 1 a 2\n";
    assert_eq!(files_after(&write, "", script), "vote:1\nvote.tmp:\n");
}

#[test]
fn a_server_without_a_chain_is_a_warning() {
    let no_chain =
        r#"s/{"type":"inspect_ok","in_reply_to":\([0-9]*\),"chain":.*/{"type":"error","in_reply_to":\1,"code":10}}/"#;
    let run = run(&edited(no_chain, &format!("{TWO_SERVERS}printBlockchain 0\nprintStore 0\n")));
    run.assert(0, "server 0 shows no blockchain");
    assert_eq!(run.out, "a:1\nb:2\n");
}

#[test]
fn a_forged_chain_fails_the_run_and_names_the_block() {
    let script = format!("{TWO_SERVERS}printBlockchain 0\nprintStore 0\n");
    assert_eq!(run(&edited("", &script)).code, Some(0), "the chain that is not forged passes");
    let run = run(&edited(r#"s/"operation":"put b 2"/"operation":"put b 3"/"#, &script));
    run.assert(1, "the blockchain of server 0 is broken: block 2");
    assert!(run.out.ends_with("a:1\nb:2\n"), "the run goes on: {run:?}");
}

#[test]
fn servers_that_report_no_digest_do_not_converge() {
    let run = run(&edited(r#"s/"digest":"[0-9a-f]*",\{0,1\}//"#, &format!("{TWO_SERVERS}printStore 1\n")));
    run.assert(1, "stabilize did not converge within 5s: s0, s1 without a digest");
    assert_eq!(run.out, "a:1\nb:2\n", "the run goes on");
}

#[test]
fn the_rules_of_timers() {
    let timers = run_line(&["sh", "tests/nodes/timers.sh"]);
    let script = "joinServer 0\nwait 40ms\nprintStore 0\nkillServer 0\njoinServer 0\nwait 1s\nprintStore 0\n";
    let run = run(&(timers + script));
    assert_eq!(run.code, Some(0), "{run:?}");
    let fired = [
        "1:message at 1000",
        "2:timer same at 1000",
        "3:timer between at 30000",
        "4:timer replaced at 30000",
        "5:timer again at 30000",
        "6:timer made_later at 30000",
        "1:timer reborn at 60000",
    ];
    assert_eq!(run.out.lines().collect::<Vec<_>>(), fired);
}

/// What the server that notes its timers prints after this script, and what a transcript says of them.
fn timers_by_a_clock(script: &str) -> (Vec<String>, Vec<String>) {
    let timers = run_line(&["sh", "tests/nodes/timers.sh"]);
    let run = run_with(&["--transcript"], &(timers + script));
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines = |mark: &str| {
        let lines = run.out.lines().filter_map(|line| line.strip_prefix(&format!("         {mark} ")));
        lines.map(str::to_owned).collect()
    };
    (lines("|"), lines("~"))
}

/// Of those that come at once the one with the earliest time comes first; what is not passed comes sooner.
#[test]
fn timers_that_a_clock_jumps_over_come_at_once() {
    let (fired, shifted) = timers_by_a_clock("joinServer 0\nwait 5ms\nclock 0 jump +40ms\nwait 5ms\nprintStore 0\n");
    let expected = [
        "1:message at 1000",
        "2:timer same at 1000",
        "3:timer between at 45000",
        "4:timer replaced at 45000",
        "5:timer again at 45000",
        "6:timer made_later at 45000",
        "7:timer outlives at 50000",
    ];
    assert_eq!(fired, expected);
    let expected = [
        "s0 timer between after 0.005000 instead of 0.030000 (clock)",
        "s0 timer replaced after 0.005000 instead of 0.030000 (clock)",
        "s0 timer again after 0.005000 instead of 0.030000 (clock)",
        "s0 timer made_later after 0.004000 instead of 0.029000 (clock)",
        "s0 timer outlives after 0.010000 instead of 0.050000 (clock)",
    ];
    assert_eq!(shifted, expected);
}

#[test]
fn timers_of_a_clock_that_jumps_back_come_later_and_in_their_order() {
    let script = "joinServer 0\nwait 5ms\nclock 0 jump -1s\nwait 30ms\nprintStore 0\n";
    let (fired, shifted) = timers_by_a_clock(script);
    let before = ["1:message at 1000", "2:timer same at 1000"];
    assert_eq!(fired, [before.as_slice(), &THEIR_ORDER].concat(), "it went back to 0, and shows 30000 after 30 ms");
    let expected = [
        "s0 timer between after 0.035000 instead of 0.030000 (clock)",
        "s0 timer replaced after 0.035000 instead of 0.030000 (clock)",
        "s0 timer again after 0.035000 instead of 0.030000 (clock)",
        "s0 timer made_later after 0.034000 instead of 0.029000 (clock)",
    ];
    assert_eq!(shifted, expected);
}

/// What `tests/nodes/timers.sh` notes behind its first timer.
const THEIR_ORDER: [&str; 4] =
    ["3:timer between at 30000", "4:timer replaced at 30000", "5:timer again at 30000", "6:timer made_later at 30000"];

/// Under a fast clock each comes as soon as the clock shows its time, and in the next life too.
#[test]
fn timers_go_by_a_clock_that_runs_on_over_the_lives_of_a_server() {
    let script = "joinServer 0\nwait 2ms\nclock 0 rate 4\nwait 7ms\nprintStore 0\nkill 0\nwait 1ms\nrestart 0\n\
                  wait 5ms\nprintStore 0\n";
    let (fired, shifted) = timers_by_a_clock(script);
    // In its second life it begins at 2 + 4 * 8 ms, and its timer comes 20 ms later.
    let expected =
        [&["1:message at 1000", "2:timer same at 1000"], THEIR_ORDER.as_slice(), &["1:timer reborn at 54000"]];
    assert_eq!(fired, expected.concat());
    assert_eq!(
        shifted[..2],
        [
            "s0 timer between after 0.009000 instead of 0.030000 (clock)",
            "s0 timer replaced after 0.009000 instead of 0.030000 (clock)",
        ]
    );
    let last = ["s0 steps by its own clock", "s0 timer reborn after 0.005000 instead of 0.020000 (clock)"];
    assert_eq!(shifted[shifted.len() - 2..], last);
}

/// A record of it is done again: what a node was told is on its lines.
#[test]
fn a_server_whose_clock_was_changed_does_the_same_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("record").display().to_string();
    let timers = run_line(&["sh", "tests/nodes/timers.sh"]);
    let script = "joinServer 0\nclock 0 rate 1.5\nwait 5ms\nclock 0 jump +20ms\nwait 5ms\nclock 0 jump -1s\nwait 1s\n";
    let ran = run_with(&["--out", &record], &(timers + script));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let replayed = run_with(&["replay", &record], "");
    replayed.assert(0, "");
    assert!(replayed.out.contains("steps of 1 node"), "{replayed:?}");
}

/// A signal that is blocked or ignored stays so in a program that is started.
#[test]
fn a_node_gets_every_signal_that_it_may_want_to_catch() {
    let tells = r#"sed -n "s/Sig\(Blk\|Ign\):\t/\1 /p" /proc/self/status >&2; exit 1"#;
    let run = run(&(run_line(&["sh", "-c", tells]) + "joinServer 0\n"));
    let mask = |name: &str| {
        let line = run.err.lines().find_map(|line| line.strip_prefix("  | ")?.strip_prefix(name));
        u64::from_str_radix(line.unwrap_or_else(|| panic!("{run:?}")).trim(), 16).expect("a mask")
    };
    let wanted = [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT, Signal::SIGCHLD, Signal::SIGUSR1, Signal::SIGPIPE];
    let wanted = wanted.iter().fold(0, |mask, &signal| mask | 1 << (signal as i32 - 1));
    assert_eq!((mask("Blk"), mask("Ign") & wanted), (0, 0));
}

#[test]
fn a_node_gets_the_documented_environment_and_nothing_else() {
    let variables =
        [("SECRET", "1"), ("LC_ALL", "de_DE"), ("TZ", "Asia/Tokyo"), ("PYTHONHASHSEED", "7"), ("HOME", "/")];
    let script = run_line(&["sh", "tests/nodes/environment.sh"]) + "joinServer 0\nprintStore 0\n";
    let mut master = assert_cmd::Command::new(env!("CARGO_BIN_EXE_master"));
    let run = Run::of(&master.current_dir(root()).envs(variables).write_stdin(script).output().expect("it starts"));
    assert_eq!(run.code, Some(0), "{run:?}");
    let path = format!("PATH:{}", std::env::var("PATH").expect("cargo needs one"));
    let is_folder = |line: &&str| line.starts_with("SPLITBRAIN_DATA:/") && line.ends_with("/s0/data");
    let folder = run.out.lines().find(is_folder).unwrap_or_else(|| panic!("its own folder, an absolute path: {run:?}"));
    let expected = ["LANG:C.UTF-8", "LC_ALL:C.UTF-8", &path, "PYTHONHASHSEED:0", folder, "TZ:UTC"];
    assert_eq!(run.out.lines().collect::<Vec<_>>(), expected);
}

/// A worked example that is wrong teaches a mistake.
#[test]
fn the_documentation_shows_what_really_is_on_the_pipes() {
    let documentation = read("docs/node-protocol.md");
    let example = documentation.split("\n## A worked example\n").nth(1).expect("the heading");
    let mut fences = example.split("```").skip(1).step_by(2).map(|fence| fence.split_once('\n').expect("a line").1);
    let (script, lines) = (fences.next().expect("the script"), fences.next().expect("the lines"));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("lines");
    let words = ["sh", "tests/nodes/record.sh", SERVER, file.to_str().expect("a path in UTF-8")];
    // Only the server of the example is recorded.
    let recorded = script.replacen("joinServer 1\n", &format!("run \"{SERVER}\"\njoinServer 1\n"), 1);
    let run = run(&(run_line(&words) + &recorded));
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(fs::read_to_string(file).expect("what was recorded"), lines);
}

#[test]
fn the_documentation_quotes_the_python_server_as_it_is() {
    let (documentation, server) = (read("docs/node-protocol.md"), read("examples/register.py"));
    let quotes: Vec<_> = documentation.split("```python\n").skip(1).collect();
    assert!(!quotes.is_empty());
    for quote in quotes {
        let quote = quote.split("```").next().expect("its end");
        assert!(server.contains(quote), "examples/register.py does not say:\n{quote}");
    }
}

/// What the master refuses: the line, after which others, and the sentence that says so.
#[test]
fn what_breaks_the_protocol_is_refused_with_the_line() {
    let line = |dest: &str, body: &str| format!(r#"{{"src":"s0","dest":"{dest}","body":{body}}}"#);
    let init_ok = line("master", r#"{"type":"init_ok","in_reply_to":1,"lockstep":1}"#);
    let done = line("clock", r#"{"type":"done","step":1}"#);
    let (first, later, after) = (vec![], vec![init_ok.as_str()], vec![init_ok.as_str(), done.as_str()]);
    let cases = [
        (&first, "hello".to_owned(), "a line that is no message of the node protocol"),
        (&first, r#"["s0","master",{"type":"init_ok","in_reply_to":1}]"#.to_owned(), "JSON object"),
        (&later, line("s0", r#"["write"]"#), "JSON object"),
        (&later, line("s0", r#"{"kind":"write"}"#), "missing field `type`"),
        (&first, done.clone(), "before `init_ok`"),
        (&first, line("master", r#"{"type":"init_ok","in_reply_to":7,"lockstep":1}"#), "it answered 7,"),
        (&first, line("master", r#"{"type":"init_ok","in_reply_to":1}"#), "does not accept the offer"),
        (&later, later[0].to_owned(), "only once"),
        (&later, line("clock", r#"{"type":"done","step":2}"#), "names step 2, and this is step 1"),
        (&later, line("clock", r#"{"type":"alarm"}"#), "and not `alarm`"),
        (&later, line("clock", r#"{"type":"set_timer","id":"a","after":0.5}"#), "invalid type"),
        (&later, line("master", r#"{"type":"answer"}"#), "and not `answer`"),
        (&later, line("s9", r#"{"type":"x"}"#), "neither a node that was joined"),
        (&later, line("nobody", r#"{"type":"x"}"#), "neither a node that was joined"),
        (&later, line("s0", r#"{"type":"x"}"#).replacen("s0", "s1", 1), "in the name of `s1`"),
        (&later, line("master", r#"{"type":"invoke_ok","in_reply_to":5}"#), "it answered 5,"),
        (&after, line("s0", r#"{"type":"late"}"#), "after `done`"),
        (&later, line("disk", r#"{"type":"write","file":"log"}"#), "and not `write`"),
        (&later, line("disk", r#"{"type":"sync","file":"../log"}"#), "is no name of a file"),
        (&later, line("disk", r#"{"type":"append","file":"log","length":0}"#), "it appended to the file `log`"),
        (&later, line("disk", r#"{"type":"sync","file":"log"}"#), "it has no file `log`"),
        (&later, line("disk", r#"{"type":"rename","file":"log","to":"old"}"#), "it has no file `log`"),
        (&later, line("disk", r#"{"type":"truncate","file":"log","length":0}"#), "it has no file `log`"),
        (&later, line("s0", r#"{"type":"x"}"#).replacen(r#""body""#, r#""early":1,"body""#, 1), "expected a boolean"),
    ];
    let says = |lines: &[&str]| {
        let words: Vec<_> = ["sh", "tests/nodes/say.sh"].iter().chain(lines).copied().collect();
        run(&(run_line(&words) + "joinServer 0\n"))
    };
    for (before, refused, sentence) in &cases {
        let run = says(&[before.as_slice(), &[refused, &done]].concat());
        run.assert(3, sentence);
        assert!(run.err.contains("error: s0: ") && run.err.contains(&format!("\n  line: {refused}\n")), "{run:?}");
    }
    assert_eq!(says(&after).code, Some(0), "the node that breaks nothing passes");
}

/// Nodes that die, fall silent or never stop, each a line of the shell.
#[test]
fn how_a_node_fails_is_said() {
    let leave = format!("{SERVER}; exit 4");
    let cases = [
        ("exit 3", "it died: exit status 3\n  when it was to take: {\"src\":\"master\""),
        ("kill -9 $$", "it died: killed by signal 9 (SIGKILL)"),
        // Signals that something in a guard catches or ignores, and one without a name.
        ("ulimit -c 0; kill -SEGV $$", "it died: killed by signal 11 (SIGSEGV)"),
        ("kill -PIPE $$", "it died: killed by signal 13 (SIGPIPE)"),
        ("kill -USR1 $$", "it died: killed by signal 10 (SIGUSR1)"),
        ("kill -34 $$", "it died: killed by signal 34 (an unknown signal)"),
        ("read -r line; printf '{'", "it put out half a line, without a line break; then it died: exit status 0"),
        ("exec >&-; exec sleep 600", "it closed its standard output, and lives on"),
        (". tests/nodes/node.sh; read -r line; accept; yes \"$(say s0 '{\"type\":\"x\"}')\"", "more than 100000 lines"),
        ("echo last words >&2; exit 1", "the last lines of its log:\n  | last words\n"),
        (leave.as_str(), "with exit status 0, and died: exit status 4"),
    ];
    for (line, sentence) in cases {
        let script = run_line(&["sh", "-c", line]) + "joinServer 0\n";
        run(&script).assert(3, sentence);
    }
    let silent = run_line(&["sleep", "600"]) + "joinServer 0\n";
    let given = "it did not end its answer within 1 s (--step-limit)\n  it was given: {\"src\":\"master\"";
    run_with(&["--step-limit", "1"], &silent).assert(3, given);
}

/// The limit of a step is kept also behind a step that a node did not end, and was not to blame for.
#[test]
fn a_node_that_falls_silent_is_found_after_another_has_ended_because_of_its_disk() {
    let silent = run_line(&["sleep", "600"]);
    let script = format!("joinServer 0\njoinClient 1 0\ndisk 0 full\nput 1 a 1\n{silent}joinServer 2\n");
    run_with(&["--step-limit", "1"], &script).assert(3, "s2: it did not end its answer within 1 s");
}

#[test]
fn an_answer_to_inspect_without_the_part_that_was_asked_for_is_no_empty_store() {
    let script = format!("{TWO_SERVERS}printStore 0\n");
    run(&edited(r#"s/"store":\(.*"more"\)/"stock":\1/"#, &script)).assert(3, "has no field `store`");
    run(&edited(r#"s/"store":.*"more":false/"store":[],"more":true/"#, &script)).assert(3, "shows nothing of it");
}

/// The client is ours, and not to blame.
#[test]
fn a_node_that_dies_of_a_line_is_reported_with_the_line() {
    let no_value = r#"s/\("type":"read_ok",.*"value":\)"1"/\1null/"#;
    let run = run(&edited(no_value, &format!("{TWO_SERVERS}get 2 a\n")));
    run.assert(3, "c2: it died: exit status 1\n  when it was to take: {\"src\":\"s0\",\"dest\":\"c2\"");
    assert!(run.err.contains(r#""type":"read_ok""#), "{run:?}");
}

#[test]
fn a_program_that_cannot_be_run_is_named() {
    run("run \"/no/such/program --flag\"\njoinServer 0\n")
        .assert(3, "could not start the program `/no/such/program`: No such file");
}

/// Exactly at the limit: on the way down the line is longer, and that is not the recipient's fault.
#[test]
fn the_longest_line_is_carried_and_one_byte_more_is_not() {
    let script = |bytes: usize| {
        let long = run_line(&["sh", "tests/nodes/long.sh", &bytes.to_string()]);
        run(&format!("joinServer 0\n{long}joinServer 1\nwait 5ms\nprintStore 0\n"))
    };
    let longest = script(limits::LINE_BYTES);
    assert_eq!(longest.code, Some(0), "{longest:?}");
    script(limits::LINE_BYTES + 1).assert(3, "s1: it put out a line of more than 16777216 bytes");
}

#[test]
fn a_process_that_a_node_leaves_behind_does_not_hold_up_the_end_of_the_run() {
    let run = run(&(run_line(&["sh", "tests/nodes/linger.sh", SERVER]) + "joinServer 0\nprintStore 0\n"));
    assert_eq!(run.code, Some(0), "{run:?}");
}

/// It takes the limits' 5 s of wall time.
#[test]
fn a_node_that_stays_at_the_end_of_its_input_is_ended() {
    let run = run(&(run_line(&["sh", "tests/nodes/stay.sh", SERVER]) + "joinServer 0\n"));
    run.assert(3, "s0: it did not leave within 5 s of the end of its input, and was ended by SIGTERM");
}
