//! The lines of a console by hand, on a pipe and on a terminal.
//!
//! The console under test is this file again, in a process of its own: [`the_console`].

mod pseudo_terminal;
#[path = "pseudo_terminal/seen.rs"]
mod seen;

use std::io::Write as _;
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use splitbrain::base::NodeName;
use splitbrain::console::by_hand::{Lines, Opened, Order, OrderReader, Typed};
use splitbrain::script::Shown;

use seen::Seen;

/// The console of server 1: prints what each line asks for. `printQueue` is answered while the next line is typed.
#[test]
#[ignore = "the others start it, in processes of their own"]
fn the_console() {
    let servers = [1, 2, 3].map(NodeName::server);
    let mut orders = OrderReader::new(servers[0], &servers);
    let Opened { lines, printer, terminal } = Lines::open(&orders.prompt(), orders.names()).unwrap();
    let answer = printer;
    let (left, leave) = mpsc::channel();
    let take = move |typed| {
        let say = |text: &str| answer.answer(text).unwrap();
        match typed {
            Typed::Line { number, text } => match orders.read(number, &text) {
                Ok(Some(Order::Show(Shown::Queue))) => {
                    let late = answer.clone();
                    thread::spawn(move || {
                        thread::sleep(Duration::from_millis(300));
                        (1..=5).for_each(|count| late.answer(&format!("late {count}")).unwrap());
                        late.remark("a late remark");
                    });
                }
                Ok(Some(Order::Fail)) => left.send(3).unwrap(),
                Ok(Some(Order::Leave)) => {
                    left.send(0).unwrap();
                    return ControlFlow::Break(());
                }
                Ok(order) => say(&format!("{number} {order:?}")),
                Err(why) => answer.remark(&why),
            },
            Typed::Unreadable { number, why } => answer.remark(&format!("{number}: {why}")),
            Typed::End => left.send(10).unwrap(),
            Typed::Interrupted => left.send(11).unwrap(),
            Typed::Failed(error) => panic!("{error}"),
        }
        ControlFlow::Continue(())
    };
    lines.on_a_thread(take).unwrap();
    let code = leave.recv().unwrap();
    if code == 3 {
        // The prompt for the next line is there by now.
        thread::sleep(Duration::from_millis(300));
    }
    terminal.restore();
    std::process::exit(code);
}

fn console() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "the_console", "--nocapture", "--quiet"]);
    command
}

/// A console on a terminal of a kind.
fn seen_at(kind: &str) -> Seen {
    let mut seen = Seen::start(kind, &console());
    seen.wait_for("server 1> ");
    seen
}

/// What was printed, without the lines of the test harness.
fn typed_on_a_pipe(input: &[u8]) -> (Vec<String>, String, Option<i32>) {
    let mut child = console().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let lines = out.lines().map(str::to_owned).filter(|line| !line.is_empty() && !line.starts_with("running "));
    (lines.collect(), String::from_utf8(output.stderr).unwrap(), output.status.code())
}

#[test]
fn on_a_pipe_there_is_no_prompt_and_no_echo() {
    let (out, err, code) = typed_on_a_pipe(b"print depth\r\n\n# why\nnominate 2\ne\nprint kv\n");
    assert_eq!(
        out,
        ["1 Some(Show(Depth))", "2 None", "3 None", "4 Some(Nominate(NodeName { kind: Server, number: 2 }))"]
    );
    assert_eq!((err.as_str(), code), ("", Some(0)));
}

#[test]
fn on_a_pipe_what_cannot_be_read_is_explained_and_the_rest_is_carried_out() {
    let long = "a".repeat(2 * 1024 * 1024);
    let input = [b"print \xff\nprint kv\n".as_slice(), long.as_bytes(), b"\nputt\nprint bc"].concat();
    let (out, err, code) = typed_on_a_pipe(&input);
    assert_eq!(out, ["2 Some(Show(Store))", "5 Some(Show(Blockchain))"]);
    let err: Vec<_> = err.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        err,
        [
            "1: the line is not text in UTF-8, and is not carried out",
            "3: the line is longer than 1048576 bytes, and is not carried out",
            "error: there is no command `putt`",
            "4 | putt",
        ]
    );
    assert_eq!(code, Some(10));
}

#[test]
fn on_a_terminal_lines_are_edited_completed_and_repeated() {
    let mut seen = seen_at("xterm");
    seen.press("print deptt\u{7f}h\r");
    seen.wait_for("1 Some(Show(Depth))");
    seen.wait_for("server 1> ");
    seen.press("printKVS\t\r");
    seen.wait_for("2 Some(Show(Store))");
    seen.wait_for("server 1> ");
    seen.press("\u{1b}[A\u{1b}[A\r");
    seen.wait_for("3 Some(Show(Depth))");
    seen.wait_for("server 1> ");
    seen.press("e\r");
    seen.assert_left(0);
}

/// An answer that comes while a line is typed stands above the line, which goes on as it was.
#[test]
fn on_a_terminal_what_comes_late_stands_above_the_prompt() {
    let mut seen = seen_at("xterm");
    seen.press("printQueue\r");
    seen.wait_for("server 1> ");
    seen.press("print de");
    for late in ["late 1\r\n", "late 2\r\n", "late 5\r\n", "a late remark\r\n"] {
        seen.wait_for(late);
    }
    seen.wait_for("server 1> print de");
    seen.press("pth\r");
    seen.wait_for("2 Some(Show(Depth))");
    seen.press("e\r");
    seen.assert_left(0);
}

#[test]
fn on_a_terminal_the_end_of_input_and_an_interruption_are_told_apart() {
    for (key, code) in [("\u{4}", 10), ("\u{3}", 11)] {
        let mut seen = seen_at("xterm");
        seen.press(key);
        seen.assert_left(code);
    }
}

/// The process ends while the line editor has the terminal.
#[test]
fn the_terminal_is_in_its_ordinary_mode_after_a_crash_at_the_prompt() {
    let mut seen = seen_at("xterm");
    assert!(!seen.terminal.is_ordinary(), "the line editor has not taken the terminal");
    seen.press("failProcess\r");
    seen.wait_for("server 1> ");
    seen.assert_left(3);
}

#[test]
fn a_terminal_without_a_line_editor_has_a_prompt_all_the_same() {
    let mut seen = seen_at("dumb");
    seen.press("print depth\n");
    seen.wait_for("1 Some(Show(Depth))");
    seen.wait_for("server 1> ");
    seen.press("\u{4}");
    seen.assert_left(10);
}

/// What is said of a line: at the console of server 1, or of client 1.
fn said(node: NodeName, lines: &[&str]) -> String {
    let servers = [1, 2, 3].map(NodeName::server);
    let said = |line: &&str| match OrderReader::new(node, &servers).read(3, line) {
        Ok(Some(Order::Help(text))) | Err(text) => format!("{node}> {line}\n{text}\n"),
        Ok(order) => panic!("{line} is {order:?}"),
    };
    lines.iter().map(said).collect::<Vec<_>>().join("\n")
}

#[test]
fn mistakes_at_the_console_of_a_client() {
    insta::assert_snapshot!(said(
        NodeName::client(1),
        &[
            "get a",
            "put 'a'",
            "put 'ö' {1: }",
            "reconnect 7",
            "nominate c1",
            "nominate 1,2",
            "printBlockchain",
            "exit",
            "gte 'a'",
            "c1: get 'a'",
            "help recconect",
        ]
    ));
}

#[test]
fn mistakes_at_the_console_of_a_server() {
    insta::assert_snapshot!(said(
        NodeName::server(1),
        &[
            "put 'a' 1",
            "joinServer 4",
            "c1: get 'a'",
            "print chain",
            "failLink",
            "failLink 1",
            "failLink 9004",
            "  failLink 2 3",
            "failLink -> 2",
            "failLink leader",
            "nominate leader",
            "é\u{1}",
            "help put",
        ]
    ));
}

#[test]
fn help_at_a_console() {
    let server = said(NodeName::server(1), &["help", "help failLink", " help nominate"]);
    let client = said(NodeName::client(1), &["help", "help Operation", "help e"]);
    insta::assert_snapshot!(format!("{server}\n{client}"));
}
