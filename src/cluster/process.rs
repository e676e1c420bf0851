//! A node as a child process: its pipes, its log file, its end.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
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
/// How soon a process that should be gone is looked at again: each time twice as late, up to the longest.
const FIRST_GLANCE: Duration = Duration::from_micros(200);
/// See [`FIRST_GLANCE`].
const LONGEST_GLANCE: Duration = Duration::from_millis(20);

/// A child process and its pipes.
pub struct ProcessTransport {
    child: Child,
    group: Pid,
    /// None once the node's input is closed.
    input: Option<ChildStdin>,
    output: ChildStdout,
    unread: Unread,
    log: PathBuf,
    /// The beginning of the line that the node has now, for the error if it does not answer.
    given: Vec<u8>,
    /// The length of that line.
    given_bytes: usize,
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
        let (unread, given) = (Unread::default(), Vec::new());
        Self { child, group, input, output, unread, log, given, given_bytes: 0, watchdog, interruption }
    }

    /// The node's output ended in the middle of an exchange: why?
    fn explain_end(&mut self) -> Breach {
        let status = self.wait_for(Duration::from_secs(1));
        if self.watchdog.has_killed(self.group) {
            return Breach::NoAnswer { line: self.given(), seconds: self.watchdog.limit().as_secs() };
        }
        match status {
            Some(status) => Breach::Died { how: how_it_died(status), line: self.given() },
            None => Breach::ClosedOutput,
        }
    }

    fn given(&self) -> Quoted {
        Quoted::beginning(&self.given, self.given_bytes)
    }

    /// Waits until the process has ended, at most for `bound`.
    fn wait_for(&mut self, bound: Duration) -> Option<ExitStatus> {
        let (mut waited, mut glance) = (Duration::ZERO, FIRST_GLANCE);
        loop {
            // An error means that the process is not ours to wait for: as good as gone.
            match self.child.try_wait() {
                Ok(None) if waited < bound => std::thread::sleep(glance),
                Ok(Some(status)) => return Some(status),
                Ok(None) | Err(_) => return None,
            }
            waited += glance;
            glance = (glance * 2).min(LONGEST_GLANCE);
        }
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
        // First: whether a node that dies between two steps is seen dead before or after this line is a race.
        self.given.clear();
        self.given.extend_from_slice(&line[..line.len().min(limits::QUOTED_BYTES + 4)]);
        self.given_bytes = line.len();
        if self.is_readable() {
            return Err(self.explain_unasked_output());
        }
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
                Some(line) if line <= limits::LINE_BYTES => return Ok(self.unread.take(line)),
                Some(_) | None if self.unread.length() > limits::LINE_BYTES => {
                    // How much more of it has been read already is chance, and must not show.
                    let line = Quoted::new(&self.unread.all()[..=limits::LINE_BYTES]);
                    return Err(Breach::LineTooLong { line });
                }
                Some(_) | None => {}
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
        if self.unread.length() == 0 {
            return Ok(());
        }
        Err(Breach::AfterDone { line: Quoted::new(self.unread.first_line()) })
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
        // Not read unasked: what the node started and left behind may hold the pipe open without a word.
        let stray = self.is_readable() && self.unread.fill(&mut self.output).is_ok_and(|count| count > 0);
        let result = match status {
            None => Err(Breach::DidNotLeave { signal: Signal::SIGKILL.as_str() }),
            Some(_) if stray => Err(Breach::AfterDone { line: Quoted::new(self.unread.first_line()) }),
            Some(status) if status.success() => Ok(()),
            Some(status) if status.signal() == Some(Signal::SIGTERM as i32) => {
                Err(Breach::DidNotLeave { signal: Signal::SIGTERM.as_str() })
            }
            Some(status) => Err(Breach::Died { how: how_it_died(status), line: self.given() }),
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
#[derive(Default)]
struct Unread {
    buffer: Vec<u8>,
    /// Where what is not taken begins.
    start: usize,
    /// Up to where there is no line break.
    searched: usize,
}

impl Unread {
    fn all(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn length(&self) -> usize {
        self.buffer.len() - self.start
    }

    fn first_line(&self) -> &[u8] {
        self.all().split(|&byte| byte == b'\n').next().unwrap_or_default()
    }

    /// The length of the first line, without its line break, if its end is there.
    fn find_line(&mut self) -> Option<usize> {
        match memchr::memchr(b'\n', &self.buffer[self.searched..]) {
            Some(offset) => Some(self.searched + offset - self.start),
            None => {
                self.searched = self.buffer.len();
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
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        let length = self.buffer.len();
        self.buffer.resize(length + PIPE_BYTES, 0);
        let result = loop {
            match pipe.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.buffer.truncate(length + result.as_ref().map_or(0, |count| *count));
        result
    }
}
