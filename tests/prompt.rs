//! `master` on a terminal: the same commands, one by one.

mod pseudo_terminal;

use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};

use pseudo_terminal::PseudoTerminal;

/// Types lines at the prompt of a terminal without a line editor, and gives back what `master` wrote on standard output and standard error, and
/// its exit code. Both streams are pipes: what the terminal itself shows is the line editor's business.
fn type_at_the_prompt(arguments: &[&str], lines: &str) -> (String, String, Option<i32>) {
    type_at("dumb", arguments, lines)
}

/// The same at a terminal of a kind; all lines are there before the first is asked for.
fn type_at(kind: &str, arguments: &[&str], lines: &str) -> (String, String, Option<i32>) {
    let terminal = PseudoTerminal::open();
    let mut child = Command::new(env!("CARGO_BIN_EXE_master"))
        .args(arguments)
        .env("TERM", kind)
        .stdin(terminal.stream())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the master is started");
    terminal.press(lines);
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("text");
    child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
    let code = child.wait().expect("it ends").code();
    assert!(terminal.is_ordinary(), "the terminal is left in another mode");
    (out, err, code)
}

/// What was printed, without the prompt and the codes of a line editor.
fn printed(out: &str) -> Vec<String> {
    let lines = out.lines().map(|line| line.rsplit("> ").next().unwrap_or_default().trim_end().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn commands_are_carried_out_one_by_one() {
    let lines = "joinServer 0\njoinClient 2 0\nput 2 a 1\nget 2 a\nget 2 b\nprintStore 0\nexit\n";
    let (out, err, code) = type_at_the_prompt(&[], lines);
    assert_eq!(printed(&out)[1..], ["a:1", "b:ERR_KEY", "a:1"], "{out}");
    assert_eq!((err.as_str(), code), ("", Some(0)));
}

#[test]
fn a_line_may_be_typed_at_the_console_of_a_node() {
    let lines = "cluster servers=3 clients=1 protocol=multi-paxos\nc1: put 'a' {'x':1}\nc1: get 'a'\nc1: get a\n\
                 c1: get 'b'\ns1: print kv\ns1: print depth\nexit\n";
    let (out, err, code) = type_at_the_prompt(&[], lines);
    assert_eq!(printed(&out)[1..], ["success", "{'x': 1}", "KEY_DOES_NOT_EXIST", "a:{'x': 1}", "3"], "{out}");
    assert!(err.contains("--> prompt:4:9") && err.contains("write 'a' for the text"), "{err}");
    assert_eq!(code, Some(0));
}

/// A student pastes her handout: with the line editor too, no line is lost.
#[test]
fn pasted_lines_are_carried_out_one_by_one() {
    let lines = "joinServer 0\rjoinClient 2 0\rput 2 a 1\rget 2 a\rget 2 b\rexit\r";
    let (out, err, code) = type_at("xterm", &[], lines);
    let answers = |text: &str| text.lines().filter(|line| line.ends_with("a:1") || line.ends_with("b:ERR_KEY")).count();
    assert_eq!((answers(&out), err.as_str(), code), (2, "", Some(0)), "{out}");
}

#[test]
fn the_trace_hash_is_told_at_the_end() {
    let (_, err, _) = type_at_the_prompt(&["--trace-hash"], "joinServer 0\nexit\n");
    assert!(err.starts_with("trace hash: "), "{err}");
}

#[test]
fn a_mistake_is_explained_and_not_carried_out() {
    let lines = "joinServer 0\njoinClient 1 7\nput 1 a 1\nkillServer 0\nkillServer 0\nexit\n";
    let (_, err, code) = type_at_the_prompt(&[], lines);
    assert!(err.contains("--> prompt:2:14"), "{err}");
    assert!(err.contains("--> prompt:3:5"), "client 1 was not joined by a line with a mistake: {err}");
    assert!(err.contains("warning: prompt:5: server 0 is already dead"), "{err}");
    assert_eq!(code, Some(0));
}

#[test]
fn help_comes_from_the_table() {
    let (out, err, _) = type_at_the_prompt(&[], "help\nhelp get\nhelp nothing\nexit\n");
    assert!(out.contains("cut A [->] B"), "{out}");
    assert!(out.contains("Lets a client ask what a key maps to"), "{out}");
    assert!(err.contains("there is no command `nothing`"), "{err}");
}

#[test]
fn the_transcript_shows_each_command_with_what_it_did() {
    let (out, _, _) = type_at_the_prompt(&["-v", "--in-process"], "joinServer 0\njoinClient 2 0\nput 2 a 1\nexit\n");
    let lines = printed(&out);
    let put = lines.iter().position(|line| line == "0.000000 put 2 a 1").expect("the command");
    assert_eq!(
        lines[put + 1..],
        ["         | success", "         = s0 a:1", "0.002000 end: 2 messages, 0 lost, 0 in flight"]
    );
}

#[test]
fn a_block_begins_when_it_is_ended() {
    let lines = "cluster servers=1 clients=2\npar\nput c1 x 1\nwait 1s\nget c2 y\nend\nget c1 x\nexit\n";
    let (out, err, code) = type_at_the_prompt(&[], lines);
    assert_eq!(printed(&out)[1..], ["y:ERR_KEY", "x:1"], "{out}");
    assert!(err.starts_with("error: `wait` cannot stand within `par`\n"), "{err}");
    assert_eq!(code, Some(0));
}

/// The end of what is typed ends the block too.
#[test]
fn a_block_that_is_left_open_is_carried_out() {
    let (out, err, code) = type_at_the_prompt(&[], "cluster servers=1 clients=2\npar\nget c1 x\n\x04");
    assert_eq!(printed(&out)[1..], ["x:ERR_KEY"], "{out}");
    assert_eq!((err.as_str(), code), ("", Some(0)));
}

#[test]
fn a_part_that_nobody_plays_is_explained_and_not_carried_out() {
    let (out, err, code) = type_at_the_prompt(&["-v"], "cluster servers=2\ncrash leader\ncrash random\nexit\n");
    assert!(err.starts_with("error: nobody is `leader` under gossip\n --> prompt:2:1\n"), "{err}");
    assert!(!out.contains("crash leader") && out.contains("crash random"), "{out}");
    assert_eq!(code, Some(0));
}

/// A seed in the line that starts a cluster is the script's, and the user's own wins over it.
#[test]
fn the_seed_of_the_command_line_wins_over_that_of_a_cluster() {
    let drawn = |arguments: &[&str], seed: u32| {
        let lines = format!("cluster servers=9 seed={seed}\ncrash majority\nexit\n");
        let (out, err, code) = type_at_the_prompt(&[&["-v"], arguments].concat(), &lines);
        assert_eq!((err.as_str(), code), ("", Some(0)));
        out.lines().find(|line| line.contains("~ majority: ")).expect("the draw is told").to_owned()
    };
    assert_ne!(drawn(&[], 1), drawn(&[], 2));
    assert_eq!(drawn(&["--seed", "2"], 1), drawn(&[], 2));
}

/// What was typed is a script that does the same, with its lines where they were typed; what was refused is a comment.
#[test]
fn the_record_holds_what_was_typed_as_a_script() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let lines =
        "joinServer 0\nhelp get\njoinSrever 1\n\njoinClient 2 0\n# note\nput 2 a 1\nkillServer 0\nkillServer 0\nexit\n";
    let (_, _, code) = type_at_the_prompt(&["--out", &path("typed")], lines);
    assert_eq!(code, Some(0));
    let script = fs::read_to_string(path("typed/script.txt")).expect("a script");
    assert_eq!(script, lines.replace("help get", "# help get").replace("joinSrever 1", "# joinSrever 1"));

    let mut master = Command::new(env!("CARGO_BIN_EXE_master"));
    let status = master.args(["--out", &path("read"), &path("typed/script.txt")]).stderr(Stdio::null()).status();
    assert_eq!(status.expect("it ends").code(), Some(0));
    for name in ["script.txt", "stdout.txt", "transcript.txt", "trace.jsonl", "history.jsonl"] {
        let read = |record: &str| fs::read_to_string(path(&format!("{record}/{name}"))).expect("a file");
        assert_eq!(read("typed"), read("read"), "{name}");
    }
}

#[test]
fn a_run_that_stops_at_the_prompt_leaves_its_record() {
    let (_, err, code) = type_at_the_prompt(&[], "run \"sh -c 'exit 7'\"\njoinServer 0\n");
    assert_eq!(code, Some(3), "{err}");
    let folder = err.lines().last().and_then(|line| line.strip_prefix("record: ")).expect("it is named last");
    let trace = fs::read_to_string(format!("{folder}/trace.jsonl")).expect("a trace");
    assert!(trace.ends_with("\"kind\":\"stopped\",\"text\":\"s0: it died: exit status 7\"}\n"), "{trace}");
    fs::remove_dir_all(folder).expect("it is ours");
}
