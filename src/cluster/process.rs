//! A node as a child process: its pipes, its log file, its end.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus};
use std::rc::Rc;
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use crate::base::{Environment, limits};
use crate::cluster::breach::{Breach, QUOTABLE_BYTES, Quoted, Said};
use crate::cluster::interruption::Interruption;
use crate::cluster::line_host::Transport;
use crate::cluster::node_process::NodeProcess;
use crate::cluster::watchdog::Watchdog;

/// How many bytes of a log's end are looked at for its last lines.
const LOG_TAIL_BYTES: u64 = 64 * 1024;
/// How much is read from a pipe at once: a pipe's own size.
const PIPE_BYTES: usize = 64 * 1024;
/// How long a pipe may be silent until the process behind it is looked at, in milliseconds.
const SILENCE_MS: u16 = 500;
/// How long a process whose pipe is closed may take to be gone, in wall time.
const DYING: Duration = Duration::from_secs(1);
/// How long a node that is ended may take to be gone with everything that it started, in wall time.
const ENDING: Duration = Duration::from_secs(limits::LEAVE_WALL_SECONDS);
/// How often a pipe is read for the line that nobody asked for: a node may put it out in pieces.
const UNASKED_READS: usize = 20;
/// After how long a process that should be gone is looked at again, at first; then after twice as long each time.
const FIRST_GLANCE: Duration = Duration::from_micros(100);
/// After how long it is looked at again at most.
const LONGEST_GLANCE: Duration = Duration::from_millis(10);

/// A child process and its pipes.
pub struct ProcessTransport {
    child: Child,
    process: NodeProcess,
    /// None once the node's input is closed.
    input: Option<ChildStdin>,
    output: ChildStdout,
    unread: Unread,
    log: PathBuf,
    /// The beginning of the line that the node has now, for the error if it does not answer; empty if it has none.
    given: Vec<u8>,
    /// The length of that line.
    given_length: usize,
    watchdog: Rc<Watchdog>,
    interruption: Interruption,
}

impl ProcessTransport {
    /// Takes over a child that was started with pipes; `process` says what it is, and so how it is ended.
    ///
    /// # Errors
    /// The pipe to it cannot be made one that does not block.
    pub fn new(
        mut child: Child,
        process: NodeProcess,
        log: PathBuf,
        watchdog: Rc<Watchdog>,
        interruption: Interruption,
    ) -> Result<Self, Environment> {
        interruption.enter(process);
        let input = child.stdin.take();
        let output = child.stdout.take().expect("started with a pipe");
        let unread = Unread::default();
        let (given, given_length) = (Vec::new(), 0);
        let transport =
            Self { child, process, input, output, unread, log, given, given_length, watchdog, interruption };
        let input = transport.input.as_ref().expect("started with a pipe");
        fcntl(input, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
            .map_err(Environment::while_trying(|| "make a pipe that does not block".to_owned()))?;
        Ok(transport)
    }

    /// The node's output ended in the middle of an exchange: why?
    fn explain_end(&mut self) -> Breach {
        match self.wait_for(DYING) {
            Some(status) => self.explain_death(status),
            None => Breach::ClosedOutput,
        }
    }

    /// Nobody reads the node's input. If it is dead, what it said before is read first, and then its death is found, as
    /// it is if it dies a moment later.
    fn explain_closed_input(&mut self) -> Result<(), Breach> {
        match self.wait_for(DYING) {
            Some(_) => Ok(()),
            None => Err(Breach::ClosedInput),
        }
    }

    fn explain_death(&self, status: ExitStatus) -> Breach {
        let line = Quoted::of_length(&self.given, self.given_length);
        let is_killed = status.signal().is_some_and(|signal| self.process.is_ended_by(signal));
        if is_killed && self.watchdog.has_killed(self.process) {
            Breach::NoAnswer { line, seconds: self.watchdog.limit().as_secs(), said: Said::Nothing }
        } else {
            Breach::Died { how: how_it_died(status), line }
        }
    }

    /// Waits until the process has ended, at most for `bound`.
    fn wait_for(&mut self, bound: Duration) -> Option<ExitStatus> {
        let mut glance = FIRST_GLANCE;
        let mut waited = Duration::ZERO;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if waited < bound => std::thread::sleep(glance),
                // An error means that the process is not ours to wait for: as good as gone.
                Ok(None) | Err(_) => return None,
            }
            waited += glance;
            glance = LONGEST_GLANCE.min(glance * 2);
        }
    }

    /// Is there anything to read, or is the pipe's other end closed?
    fn is_readable(&self, within: PollTimeout) -> bool {
        let mut pipes = [PollFd::new(self.output.as_fd(), PollFlags::POLLIN)];
        poll(&mut pipes, within).is_ok_and(|ready| ready > 0)
    }

    /// Waits until there is something to read. The end of the pipe would not do: a process that the node started, and
    /// that outlives it, keeps the pipe open.
    fn await_output(&mut self) -> Result<(), Breach> {
        if self.process.is_ours() {
            return Ok(());
        }
        while !self.is_readable(PollTimeout::from(SILENCE_MS)) {
            // What it had written before it died is there by now.
            if let Ok(Some(status)) = self.child.try_wait()
                && !self.is_readable(PollTimeout::ZERO)
            {
                return Err(self.explain_death(status));
            }
        }
        Ok(())
    }

    /// Writes to a pipe that does not block, as long as the node lives: its other end may be open in another process.
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Breach> {
        while !bytes.is_empty() {
            let input = self.input.as_mut().expect("open until the run ends");
            match input.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.await_room()?,
                Err(_) => return self.explain_closed_input(),
            }
        }
        Ok(())
    }

    /// Waits until something can be written.
    fn await_room(&mut self) -> Result<(), Breach> {
        let input = self.input.as_ref().expect("open until the run ends");
        let mut pipes = [PollFd::new(input.as_fd(), PollFlags::POLLOUT)];
        let is_silent = poll(&mut pipes, PollTimeout::from(SILENCE_MS)).is_ok_and(|ready| ready == 0);
        match self.child.try_wait() {
            Ok(Some(status)) if is_silent => Err(self.explain_death(status)),
            Ok(Some(_) | None) | Err(_) => Ok(()),
        }
    }

    /// What a node does between two exchanges is a breach: it says something, or dies.
    fn explain_unasked_output(&mut self) -> Breach {
        match self.unasked_line() {
            Some(line) => Breach::AfterDone { line },
            None => self.explain_end(),
        }
    }

    /// What the node has put out beyond what was asked of it: its first line, or as much of it as is quoted.
    fn unasked_line(&mut self) -> Option<Quoted> {
        for _ in 0..UNASKED_READS {
            let is_enough = self.unread.find_line().is_some() || self.unread.length() > limits::QUOTED_BYTES;
            let has_more = || self.is_readable(PollTimeout::from(SILENCE_MS));
            if is_enough || !has_more() || !self.unread.fill(&mut self.output).is_ok_and(|count| count > 0) {
                break;
            }
        }
        match self.unread.find_line() {
            Some(length) => Some(Quoted::new(self.unread.take(length))),
            None if self.unread.length() > 0 => Some(Quoted::beginning_of(self.unread.all())),
            None => None,
        }
    }
}

impl Transport for ProcessTransport {
    fn send(&mut self, line: &[u8]) -> Result<(), Breach> {
        let is_first = self.given.is_empty();
        self.given.clear();
        self.given.extend_from_slice(&line[..line.len().min(QUOTABLE_BYTES)]);
        self.given_length = line.len();
        // Whatever a node does before its first line, early or late, is found in the answer to that line.
        if !is_first && !self.process.is_ours() && self.is_readable(PollTimeout::ZERO) {
            return Err(self.explain_unasked_output());
        }
        self.watchdog.begin(self.process);
        self.write(line)
    }

    fn receive(&mut self) -> Result<&[u8], Breach> {
        loop {
            match self.unread.find_line() {
                Some(length) if length <= limits::LINE_BYTES => return Ok(self.unread.take(length)),
                None if self.unread.length() <= limits::LINE_BYTES => {}
                Some(_) | None => {
                    return Err(Breach::LineTooLong { line: Quoted::beginning_of(self.unread.all()) });
                }
            }
            self.await_output()?;
            match self.unread.fill(&mut self.output) {
                Ok(0) | Err(_) if self.unread.length() == 0 => return Err(self.explain_end()),
                Ok(0) | Err(_) => {
                    let line = Quoted::new(self.unread.all());
                    return Err(Breach::HalfALine { line, then: Box::new(self.explain_end()) });
                }
                Ok(_) => {}
            }
        }
    }

    fn finish(&mut self) -> Result<(), Breach> {
        self.watchdog.end();
        if self.unread.length() == 0 { Ok(()) } else { Err(self.explain_unasked_output()) }
    }

    fn kill(&mut self) {
        // It may have died in a step, and the run goes on if the script has brought that about.
        self.watchdog.end();
        // Of one that was waited for, the number may be another process's by now.
        if let Ok(None) = self.child.try_wait() {
            self.process.end();
            if self.wait_for(ENDING).is_none() {
                // A guard that cannot end what it should. Errors mean that it is gone already.
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
        self.interruption.remove(self.process);
    }

    fn close(&mut self) {
        self.input = None;
    }

    fn wait(&mut self) -> Result<(), Breach> {
        let bound = Duration::from_secs(limits::LEAVE_WALL_SECONDS);
        let status = self.wait_for(bound).or_else(|| {
            self.process.terminate();
            self.wait_for(bound)
        });
        // Only if there is something: a process that the node started may keep the pipe open.
        let stray = if self.is_readable(PollTimeout::ZERO) { self.unasked_line() } else { None };
        let result = match (stray, status) {
            (Some(line), _) => Err(Breach::AfterDone { line }),
            (None, None) => Err(Breach::DidNotLeave { signal: Signal::SIGKILL.as_str() }),
            (None, Some(status)) if status.success() => Ok(()),
            (None, Some(status)) if status.signal() == Some(Signal::SIGTERM as i32) => {
                Err(Breach::DidNotLeave { signal: Signal::SIGTERM.as_str() })
            }
            (None, Some(status)) => Err(Breach::DiedAtTheEnd { how: how_it_died(status) }),
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
