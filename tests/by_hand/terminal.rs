//! `server 1` and `client 1` on a terminal, as people use them.

use std::os::unix::process::ExitStatusExt as _;
use std::thread;
use std::time::Duration;

use crate::harness::{Cluster, Plan};
use crate::seen::Seen;

/// What keys send.
const CTRL_C: &str = "\u{3}";
const CTRL_D: &str = "\u{4}";
const TAB: &str = "\t";

/// Types a line again and again, until its answer is this, and not the other that it may be for a while.
fn press_until(seen: &mut Seen, line: &str, wanted: &str, before: &str) {
    loop {
        seen.press(&format!("{line}\r"));
        if seen.wait_for_one_of(&[wanted, before]) == wanted {
            return;
        }
    }
}

fn server(cluster: &Cluster, arguments: &[&str]) -> Seen {
    let mut seen = Seen::start("xterm", &cluster.server_command(&[&["1"], arguments].concat()));
    seen.wait_for("server 1> ");
    seen
}

fn client(cluster: &Cluster) -> Seen {
    let mut seen = Seen::start("xterm", &cluster.client_command(&["1"]));
    seen.wait_for("client 1> ");
    seen
}

/// Three servers, of which the first is on a terminal.
fn with_server(arguments: &[&str]) -> (Cluster, Seen) {
    let mut cluster = Cluster::planned(Plan::by_port("multi-paxos"));
    let seen = server(&cluster, arguments);
    cluster.start(2);
    cluster.start(3);
    assert_eq!(cluster.answers(9, "put 'a' 1\n"), ["success"]);
    (cluster, seen)
}

#[test]
fn a_server_has_a_prompt_that_completes_and_shows_what_it_holds() {
    let (_cluster, mut seen) = with_server(&[]);
    // It was told of while nothing was typed, and stands above the prompt.
    seen.wait_for("connected with server 2");
    seen.wait_for("server 1> ");
    press_until(&mut seen, "print depth", "\n1\r\n", "\n0\r\n");
    seen.wait_for("server 1> ");
    seen.press(&format!("printKVS{TAB}\r"));
    seen.wait_for("a:1\r\n");
    seen.wait_for("server 1> ");
    seen.press("putt\r");
    seen.wait_for("there is no command `putt`");
    seen.wait_for("server 1> ");
    seen.press("e\r");
    seen.assert_left(0);
}

#[test]
fn messages_are_shown_above_the_line_that_is_typed() {
    let (_cluster, mut seen) = with_server(&["--debug"]);
    seen.wait_for("s1 -> s2 heartbeat");
    seen.press("print de");
    for _ in 0..3 {
        seen.wait_for("s2 -> s1 heartbeat");
    }
    seen.wait_for("server 1> print de");
    seen.press("pth\r");
    seen.wait_for_one_of(&["\n1\r\n", "\n0\r\n"]);
    seen.press(CTRL_C);
    seen.assert_left(130);
}

#[test]
fn a_server_leaves_at_the_end_of_input_and_at_an_interruption() {
    for (keys, code) in [(CTRL_C, 130), (CTRL_D, 0), ("print de\u{3}", 130)] {
        let cluster = Cluster::planned(Plan::by_port("multi-paxos"));
        let mut seen = server(&cluster, &[]);
        assert!(!seen.terminal.is_ordinary(), "the line editor has not taken the terminal");
        seen.press(keys);
        seen.assert_left(code);
    }
}

#[test]
fn the_terminal_is_ordinary_after_a_crash() {
    let (mut cluster, mut seen) = with_server(&[]);
    seen.press("failProcess\r");
    assert_eq!(seen.end().signal(), Some(9), "{}", seen.text);
    assert!(seen.terminal.is_ordinary());
    assert_eq!(cluster.answers(9, "get 'a'\n"), ["1"]);
    cluster.assert_all_run();
}

#[test]
fn an_answer_that_comes_late_stands_above_the_prompt() {
    let mut cluster = Cluster::planned(Plan::by_port("multi-paxos"));
    let mut seen = client(&cluster);
    seen.press(&format!("get 'late'{TAB}\r"));
    seen.wait_for("`get late` waits: no server is there, at 127.0.0.1:");
    seen.wait_for("client 1> ");
    seen.press("put 'b' ");
    seen.wait_for("put 'b' ");
    (1..=3).for_each(|id| cluster.start(id));
    seen.wait_for("KEY_DOES_NOT_EXIST\r\n");
    seen.wait_for("client 1> put 'b' ");
    seen.press("2\r");
    seen.wait_for("success\r\n");
    seen.wait_for("client 1> ");
    seen.press("get 'b'\r");
    seen.wait_for("\n2\r\n");
    seen.wait_for("client 1> ");
    seen.press("get b\r");
    seen.wait_for("write 'b' for the text");
    seen.wait_for("client 1> ");
    seen.press(CTRL_D);
    seen.assert_left(0);
}

#[test]
fn an_operation_that_waits_can_be_interrupted() {
    let cluster = Cluster::planned(Plan::by_port("multi-paxos"));
    // While nothing can be typed, and when the prompt is there again.
    for is_told in [None, Some("waits: no server is there")] {
        let mut seen = client(&cluster);
        seen.press("put 'a' 1\r");
        seen.wait_for("\n");
        match is_told {
            None => thread::sleep(Duration::from_millis(300)),
            Some(text) => {
                seen.wait_for(text);
                seen.wait_for("client 1> ");
            }
        }
        seen.press(CTRL_C);
        seen.wait_for("`put a =1` was never sent");
        seen.assert_left(130);
    }
}

#[test]
fn a_client_leaves_when_it_is_told_to() {
    let cluster = Cluster::planned(Plan::by_port("multi-paxos"));
    for (keys, code) in [("e\r", 0), (CTRL_C, 130), (CTRL_D, 0)] {
        let mut seen = client(&cluster);
        seen.press(keys);
        seen.assert_left(code);
    }
}
