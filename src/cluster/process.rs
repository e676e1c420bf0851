//! A node as a child process: its pipes, its log file, its end.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus};
use std::rc::Rc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::base::limits;
use crate::cluster::breach::{Breach, Quoted};
use crate::cluster::interruption::Interruption;
use crate::cluster::line_host::Transport;
use crate::cluster::watchdog::Watchdog;

/// How many bytes of a log's end are looked at for its last lines.
const LOG_TAIL_BYTES: u64 = 64 * 1024;
/// How much is read from a pipe at once: a pipe's own size.
const PIPE_BYTES: usize = 64 * 1024;
/// How often a process that should be gone is looked at.
const GLANCE: Duration = Duration::from_micros(200);

/// A child process and its pipes.
pub struct ProcessTransport {
    child: Child,
    group: Pid,
    /// None once the node's input is closed.
    input: Option<ChildStdin>,
    output: ChildStdout,
    unread: Unread,
    log: PathBuf,
    /// The line that the node has now, for the error if it does not answer.
    given: Vec<u8>,
    watchdog: Rc<Watchdog>,
    interruption: Interruption,
}

impl ProcessTransport {
    /// Takes over a child that was started with pipes in a process group of its own.
    pub fn new(mut child: Child, log: PathBuf, watchdog: Rc<Watchdog>, interruption: Interruption) -> Self {
        let group = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
        interruption.enter(group);
        let input = child.stdin.take();
        let output = child.stdout.take().expect("started with a pipe");
        Self { child, group, input, output, unread: Unread::default(), log, given: Vec::new(), watchdog, interruption }
    }

    /// The node's output ended in the middle of an exchange: why?
    fn explain_end(&mut self) -> Breach {
        let status = self.wait_for(Duration::from_secs(1));
        if self.watchdog.has_killed(self.group) {
            return Breach::NoAnswer { line: Quoted::new(&self.given), seconds: self.watchdog.limit().as_secs() };
        }
        match status {
            Some(status) => Breach::Died { how: how_it_died(status) },
            None => Breach::ClosedOutput,
        }
    }

    /// Waits until the process has ended, at most for `bound`.
    fn wait_for(&mut self, bound: Duration) -> Option<ExitStatus> {
        let glances = bound.as_micros() / GLANCE.as_micros();
        for _ in 0..=glances {
            // An error means that the process is not ours to wait for: as good as gone.
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(GLANCE),
                Ok(Some(status)) => return Some(status),
                Err(_) => return None,
            }
        }
        None
    }

    fn signal(&self, signal: Signal) {
        // It may have died by itself.
        let _ = killpg(self.group, signal);
    }

    /// Is there anything to read, or is the pipe's other end closed?
    fn is_readable(&self) -> bool {
        let mut pipes = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
        poll(&mut pipes, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    /// What a node does between two exchanges is a breach: it says something, or dies.
    fn explain_unasked_output(&mut self) -> Breach {
        match self.receive() {
            Ok(line) => Breach::AfterDone { line: Quoted::new(line) },
            Err(breach) => breach,
        }
    }
}

impl Transport for ProcessTransport {
    fn send(&mut self, line: &[u8]) -> Result<(), Breach> {
        if self.is_readable() {
            return Err(self.explain_unasked_output());
        }
        self.given.clear();
        self.given.extend_from_slice(&line[..line.len().min(limits::QUOTED_BYTES + 4)]);
        self.watchdog.begin(self.group);
        let input = self.input.as_mut().expect("open until the run ends");
        match input.write_all(line) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.explain_end()),
        }
    }

    fn receive(&mut self) -> Result<&[u8], Breach> {
        loop {
            match self.unread.find_line() {
                Some(line) => return Ok(self.unread.take(line)),
                None if self.unread.length() > limits::LINE_BYTES => {
                    return Err(Breach::LineTooLong { line: Quoted::new(self.unread.all()) });
                }
                None => {}
            }
            match self.unread.fill(&mut self.output) {
                Ok(0) | Err(_) if self.unread.length() == 0 => return Err(self.explain_end()),
                Ok(0) | Err(_) => {
                    let reason = format!("its end is missing, and then {}", self.explain_end());
                    return Err(Breach::Malformed { line: Quoted::new(self.unread.all()), reason });
                }
                Ok(_) => {}
            }
        }
    }

    fn finish(&mut self) -> Result<(), Breach> {
        self.watchdog.end();
        if self.unread.length() == 0 { Ok(()) } else { Err(Breach::AfterDone { line: Quoted::new(self.unread.all()) }) }
    }

    fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        // It is killed, so this ends; an error means that it is gone already.
        let _ = self.child.wait();
        self.interruption.remove(self.group);
    }

    fn close(&mut self) {
        self.input = None;
    }

    fn wait(&mut self) -> Result<(), Breach> {
        let bound = Duration::from_secs(limits::LEAVE_WALL_SECONDS);
        let status = self.wait_for(bound).or_else(|| {
            self.signal(Signal::SIGTERM);
            self.wait_for(bound)
        });
        let stray = self.unread.fill(&mut self.output).is_ok_and(|count| count > 0);
        let result = match status {
            None => Err(Breach::DidNotLeave),
            Some(_) if stray => Err(Breach::AfterDone { line: Quoted::new(self.unread.first_line()) }),
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(Breach::Died { how: how_it_died(status) }),
        };
        self.kill();
        result
    }

    fn last_log_lines(&self) -> Vec<String> {
        // A log that cannot be read must not hide the error that it is wanted for.
        read_tail(&self.log).unwrap_or_default()
    }
}

/// However the run ends, no process is left behind.
impl Drop for ProcessTransport {
    fn drop(&mut self) {
        self.kill();
    }
}

fn how_it_died(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.signal(), status.code()) {
        (Some(signal), _) => {
            let name = Signal::try_from(signal).map_or("an unknown signal", Signal::as_str);
            format!("killed by signal {signal} ({name})")
        }
        (None, Some(code)) => format!("exit status {code}"),
        (None, None) => "it stopped".to_owned(),
    }
}

fn read_tail(path: &PathBuf) -> io::Result<Vec<String>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.take(LOG_TAIL_BYTES).read_to_end(&mut tail)?;
    let text = String::from_utf8_lossy(&tail);
    let lines: Vec<_> = text.lines().map(|line| Quoted::new(line.as_bytes()).to_string()).collect();
    Ok(lines[lines.len().saturating_sub(limits::LOG_LINES_SHOWN)..].to_vec())
}

/// What was read from a pipe and is not yet taken.
struct Unread {
    /// Filled up to `end`; what is behind it is room.
    buffer: Vec<u8>,
    /// Where what is not taken begins.
    start: usize,
    /// Up to where there is no line break.
    searched: usize,
    /// Where what was read ends.
    end: usize,
}

impl Default for Unread {
    fn default() -> Self {
        Self { buffer: vec![0; PIPE_BYTES], start: 0, searched: 0, end: 0 }
    }
}

impl Unread {
    fn all(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    fn length(&self) -> usize {
        self.end - self.start
    }

    fn first_line(&self) -> &[u8] {
        self.all().split(|&byte| byte == b'\n').next().unwrap_or_default()
    }

    /// The length of the first line, without its line break, if its end is there.
    fn find_line(&mut self) -> Option<usize> {
        match memchr::memchr(b'\n', &self.buffer[self.searched..self.end]) {
            Some(offset) => Some(self.searched + offset - self.start),
            None => {
                self.searched = self.end;
                None
            }
        }
    }

    fn take(&mut self, length: usize) -> &[u8] {
        let line = self.start..self.start + length;
        self.start = line.end + 1;
        self.searched = self.start;
        &self.buffer[line]
    }

    /// Reads once. Returns how many bytes came; 0 at the end.
    fn fill(&mut self, pipe: &mut ChildStdout) -> io::Result<usize> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.searched -= self.start;
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() - self.end < PIPE_BYTES / 2 {
            self.buffer.resize(2 * self.buffer.len(), 0);
        }
        loop {
            match pipe.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(count) => {
                    self.end += count;
                    return Ok(count);
                }
            }
        }
    }
}
