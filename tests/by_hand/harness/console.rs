//! A server or client as a process of its own, with its console on pipes.
//!
//! It is killed when it is dropped. If a test fails, everything that it said on standard error is shown.

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

use nix::sys::signal::Signal;

use super::ended::signal;
use super::waiting::{LOOK_AGAIN, PATIENCE};

/// What marks the end of the answers to a line: the answer to this line behind it.
const MARK: &str = "help e";
/// Its first line and its last one.
const MARKED: (&str, &str) = ("e", "example: e");

pub struct Console {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    answers: mpsc::Receiver<(Instant, String)>,
    remarks: Arc<Remarks>,
}

/// What a process says on standard error, as it comes.
#[derive(Default)]
struct Remarks {
    said: Mutex<Said>,
    more: Condvar,
}

#[derive(Default)]
struct Said {
    lines: Vec<String>,
    is_over: bool,
}

impl Console {
    pub fn start(name: String, command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary is there");
        let (sender, answers) = mpsc::channel();
        let (out, err) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        thread::spawn(move || each_line(out, |line| sender.send((Instant::now(), line)).is_ok()));
        let remarks = Arc::new(Remarks::default());
        let heard = Arc::clone(&remarks);
        thread::spawn(move || {
            each_line(err, |line| {
                heard.said.lock().unwrap().lines.push(line);
                heard.more.notify_all();
                true
            });
            heard.said.lock().unwrap().is_over = true;
            heard.more.notify_all();
        });
        let input = child.stdin.take();
        Self { name, child, input, answers, remarks }
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input is open");
        // In one piece: lines of a console are not mixed.
        input
            .write_all(format!("{line}\n").as_bytes())
            .unwrap_or_else(|error| panic!("{} is gone: {error}", self.name));
    }

    /// Ends its input.
    pub fn end_input(&mut self) {
        self.input = None;
    }

    /// The next line of its answers, and when it came.
    pub fn answer(&self) -> (Instant, String) {
        self.answer_unless(&AtomicBool::new(false)).expect("nobody gives up")
    }

    /// The same; nothing if somebody gives up waiting.
    pub fn answer_unless(&self, is_given_up: &AtomicBool) -> Option<(Instant, String)> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.answers.recv_timeout(LOOK_AGAIN) {
                Ok(answer) => return Some(answer),
                Err(mpsc::RecvTimeoutError::Disconnected) => panic!("{} has left, and owes an answer", self.name),
                Err(mpsc::RecvTimeoutError::Timeout) if is_given_up.load(Ordering::Relaxed) => return None,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    assert!(Instant::now() < until, "{} does not answer", self.name);
                }
            }
        }
    }

    /// Types a line that asks for no operation, and returns all lines of its answer.
    pub fn ask(&mut self, line: &str) -> Vec<String> {
        self.type_line(line);
        self.type_line(MARK);
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != MARKED.1) {
            lines.push(self.answer().1);
        }
        let mark = lines.iter().rposition(|line| line == MARKED.0).expect("the mark begins");
        lines.truncate(mark);
        lines
    }

    /// What it has said on standard error.
    pub fn remarks(&self) -> Vec<String> {
        self.remarks.said.lock().unwrap().lines.clone()
    }

    /// Waits until it says one of these on standard error. Says which one; nothing if it leaves without.
    pub fn wait_for_one_of(&self, texts: &[&str]) -> Option<usize> {
        let found = |said: &Said| texts.iter().position(|text| said.lines.iter().any(|line| line.contains(text)));
        let said = self.remarks.said.lock().unwrap();
        let wait = |said: &mut Said| found(said).is_none() && !said.is_over;
        let (said, waited) = self.remarks.more.wait_timeout_while(said, PATIENCE, wait).unwrap();
        let found = found(&said);
        drop(said);
        assert!(!waited.timed_out(), "{} does not say {texts:?}", self.name);
        found
    }

    /// Waits until it says this on standard error.
    pub fn wait_for_remark(&self, text: &str) {
        assert!(self.wait_for_one_of(&[text]).is_some(), "{} leaves, and does not say {text:?}", self.name);
    }

    /// Ends it as a power failure does.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().expect("it is a child of ours");
    }

    pub fn signal(&self, which: Signal) {
        signal(self.child.id(), which);
    }

    /// Has it not ended by itself?
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("it is a child of ours").is_none()
    }

    /// How much memory it has in use, in KiB, and how much it had at most.
    pub fn memory_kib(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line for it");
            line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Waits until it leaves; what it answered meanwhile, and its exit code, if no signal ended it.
    pub fn wait_until_it_leaves(&mut self) -> (Vec<String>, Option<i32>) {
        let until = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            match self.answers.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok((_, line)) => lines.push(line),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("{} does not leave", self.name),
            }
        }
        self.wait_for_last_words();
        (lines, self.child.wait().expect("it is a child of ours").code())
    }

    /// Waits until everything is read that it said on standard error, and returns it.
    fn wait_for_last_words(&self) -> Vec<String> {
        let said = self.remarks.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = self.remarks.more.wait_timeout_while(said, PATIENCE, |said| !said.is_over);
        let (said, _) = said.unwrap_or_else(PoisonError::into_inner);
        said.lines.clone()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- {} said:\n{}", self.name, self.wait_for_last_words().join("\n"));
        }
    }
}

fn each_line(from: impl Read, mut take: impl FnMut(String) -> bool) {
    for line in BufReader::new(from).lines() {
        let Ok(line) = line else { return };
        if !take(line) {
            return;
        }
    }
}
