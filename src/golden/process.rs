//! One run of a script, as a child process: `master run --transcript SCRIPT`, under the protocol of the case, which accepts its snapshots into a temporary
//! folder.
//!
//! What it says is read while it runs, so that it never waits for a reader, and what is kept of it is bounded. It is a run
//! as any other: in the runner's working directory, with nothing on its standard input.
//!
//! Deliberately missing: a limit of its wall time. A run has limits of its own (`base::limits`).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::errno::Errno;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

use crate::base::{Environment, Verdict};
use crate::golden::capture::{Bound, Capture};
use crate::golden::case::{Case, GOLDEN_ENDING, TRANSCRIPT};
use crate::golden::roster::Roster;
use crate::golden::wall::{Stopwatch, WallTime};

/// The longest transcript, in bytes. Who keeps more in a golden file will not read it.
const TRANSCRIPT_BOUND: Bound = Bound { head: 64 * 1024 * 1024, tail: 0 };
/// What is kept of a run's standard error, in bytes: mistakes come first, and what ended a run last.
const COMPLAINTS_BOUND: Bound = Bound { head: 32 * 1024, tail: 32 * 1024 };

/// What a run left.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) end: End,
    /// What it printed, and each of its snapshots, by the names of the files of a golden.
    pub(super) files: Files,
    /// What it said on standard error.
    pub(super) complaints: Capture,
    pub(super) wall: WallTime,
}

/// What a golden holds: files by their names. None: too long to be kept.
pub(super) type Files = BTreeMap<String, Option<Vec<u8>>>;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl End {
    fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => unreachable!("a process ends by an exit code or by a signal"),
        }
    }

    /// The verdict that the exit code says, if it says one.
    pub(super) fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Code(code) => Verdict::of_exit_code(code),
            Self::Signal(_) => None,
        }
    }
}

/// Starts runs.
#[derive(Clone, Debug)]
pub(super) struct Runs {
    /// The program that is `master`.
    pub(super) program: PathBuf,
    pub(super) roster: Roster,
}

impl Runs {
    /// Runs a script to its end. Its snapshots go into the folder `snapshots` on the way, which is made.
    ///
    /// # Errors
    /// The process cannot be started, or what it left cannot be read.
    pub(super) fn run(&self, case: &Case, snapshots: &Path) -> Result<Run, Environment> {
        fs::create_dir(snapshots)
            .map_err(Environment::while_trying(|| format!("make the folder {}", snapshots.display())))?;
        let stopwatch = Stopwatch::start();
        let mut child = self
            .command(case, snapshots)
            .spawn()
            .map_err(Environment::while_trying(|| format!("start {}", self.program.display())))?;
        let process = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
        self.roster.enter(process);
        let (transcript, complaints) = capture(&mut child);
        // The process is not waited for before nobody sends it a signal any more: its id could be another's then.
        let gone = await_end(process);
        self.roster.remove(process);
        let status = gone
            .and_then(|()| child.wait())
            .map_err(Environment::while_trying(|| format!("wait for the run of {}", case.shown())))?;
        let mut files = read_files(snapshots)?;
        files.insert(TRANSCRIPT.to_owned(), transcript.whole());
        Ok(Run { end: End::of(status), files, complaints, wall: stopwatch.elapsed() })
    }

    fn command(&self, case: &Case, snapshots: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["run", "--transcript", "--accept", "--snapshots"]).arg(snapshots);
        command.args(case.protocol.iter().flat_map(|protocol| ["--protocol", protocol.name]));
        command.arg("--").arg(&case.script);
        // The runner's own rule about accepting in CI is not the run's, which accepts into a temporary folder.
        command.env_remove("CI");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command
    }
}

/// Everything that a child says, read from both pipes at once.
fn capture(child: &mut Child) -> (Capture, Capture) {
    let out = child.stdout.take().expect("started with a pipe");
    let err = child.stderr.take().expect("started with a pipe");
    std::thread::scope(|scope| {
        let complaints = scope.spawn(|| Capture::of(err, COMPLAINTS_BOUND));
        let transcript = Capture::of(out, TRANSCRIPT_BOUND);
        (transcript, complaints.join().expect("reading does not panic"))
    })
}

/// Waits until a child has ended, and leaves its id to it.
fn await_end(process: Pid) -> io::Result<()> {
    loop {
        match waitid(Id::Pid(process), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) {
            Ok(_) => return Ok(()),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The snapshots that a run has left in a folder.
fn read_files(folder: &Path) -> Result<Files, Environment> {
    let read = || {
        let mut files = Files::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.'));
            if let Some(name) = name.filter(|_| path.extension().is_some_and(|ending| ending == GOLDEN_ENDING)) {
                files.insert(name.to_owned(), Some(fs::read(&path)?));
            }
        }
        Ok::<_, io::Error>(files)
    };
    read().map_err(Environment::while_trying(|| format!("read the snapshots in {}", folder.display())))
}

/// As in "it ended with the exit code 1".
impl std::fmt::Display for End {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "ended with the exit code {code}"),
            Self::Signal(signal) => write!(formatter, "was killed by signal {signal}"),
        }
    }
}
