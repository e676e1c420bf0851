//! Where nodes come from: processes, or memory.

use std::fs::{self, File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use crate::base::{Environment, NodeKind, NodeName};
use crate::cluster::affinity::stay_on_this_processor;
use crate::cluster::host::Host;
use crate::cluster::interruption::Interruption;
use crate::cluster::line_host::LineHost;
use crate::cluster::memory::{MachineHost, MemoryTransport};
use crate::cluster::process::ProcessTransport;
use crate::cluster::watchdog::Watchdog;
use crate::machine::Program;
use crate::node;
use crate::protocol::Protocol;

/// What servers run.
#[derive(Clone, Debug)]
pub enum ServerProgram {
    /// One of the protocols that come with splitbrain.
    Protocol(&'static Protocol),
    /// A program of the user's, in words.
    Command(Vec<String>),
}

/// Starts nodes.
pub trait Spawner {
    /// Starts a node that waits for its `init`. `lines`: does anybody need its lines as text?
    ///
    /// # Errors
    /// The process cannot be started, or there is none of this kind in memory.
    fn spawn(&mut self, name: NodeName, program: &ServerProgram, lines: Lines) -> Result<Box<dyn Host>, Environment>;
}

/// Are the lines of steps wanted as text?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Somebody reads them.
    Wanted,
    /// Nobody does.
    Unwanted,
}

/// Nodes in the master's memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct InMemory;

impl Spawner for InMemory {
    fn spawn(&mut self, name: NodeName, program: &ServerProgram, lines: Lines) -> Result<Box<dyn Host>, Environment> {
        let program = in_memory_program(name.kind, program)?;
        Ok(match lines {
            Lines::Wanted => Box::new(LineHost::new(name, MemoryTransport::new(program))),
            Lines::Unwanted => Box::new(MachineHost::new(name, program)),
        })
    }
}

fn in_memory_program(kind: NodeKind, program: &ServerProgram) -> Result<Program, Environment> {
    match (kind, program) {
        (NodeKind::Client, _) => Ok(node::client()),
        (NodeKind::Server, ServerProgram::Protocol(protocol)) => Ok(node::server(protocol)),
        (NodeKind::Server, ServerProgram::Command(words)) => Err(Environment {
            attempt: format!("run `{}` in memory", words.join(" ")),
            source: std::io::Error::other("a program of one's own is a process; leave out --in-process"),
        }),
    }
}

/// Nodes as child processes, each in a process group of its own.
pub struct Processes {
    executable: PathBuf,
    nodes: PathBuf,
    watchdog: Rc<Watchdog>,
    interruption: Interruption,
}

impl Processes {
    /// Starts nodes with `executable`, which must be the master's own program. What a node leaves goes into the folder
    /// `nodes`, in a folder of the node's name. A step may take `step_limit` of wall time. The calling thread stays on
    /// its processor from now on, and the nodes with it; they must be started from this thread, for their parent-death
    /// signal follows it.
    #[must_use]
    pub fn new(executable: PathBuf, nodes: PathBuf, step_limit: Duration, interruption: Interruption) -> Self {
        stay_on_this_processor();
        Self { executable, nodes, watchdog: Rc::new(Watchdog::start(step_limit)), interruption }
    }

    fn command(&self, name: NodeName, program: &ServerProgram) -> Command {
        let mut command = Command::new(&self.executable);
        command.arg0(name.to_string()).arg("node").arg("--parent").arg(std::process::id().to_string());
        match (name.kind, program) {
            (NodeKind::Client, _) => command.arg("client"),
            (NodeKind::Server, ServerProgram::Protocol(protocol)) => {
                command.arg("server").arg("--protocol").arg(protocol.name)
            }
            (NodeKind::Server, ServerProgram::Command(words)) => command.arg("exec").arg("--").args(words),
        };
        command
    }

    /// The folder with everything that a node leaves, in all its lives.
    fn folder_of(&self, name: NodeName) -> Result<PathBuf, Environment> {
        let path = self.nodes.join(name.to_string());
        fs::create_dir_all(&path)
            .map_err(Environment::while_trying(|| format!("make the folder {} of a node", path.display())))?;
        Ok(path)
    }

    fn log_file(&self, name: NodeName) -> Result<(PathBuf, File), Environment> {
        let path = self.folder_of(name)?.join("log");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Environment::while_trying(|| format!("open the log {}", path.display())))?;
        Ok((path, file))
    }
}

impl Spawner for Processes {
    fn spawn(&mut self, name: NodeName, program: &ServerProgram, _lines: Lines) -> Result<Box<dyn Host>, Environment> {
        let (log_path, log) = self.log_file(name)?;
        let mut command = self.command(name, program);
        fix_environment(&mut command);
        let child = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(Environment::while_trying(|| format!("start {} for {name}", self.executable.display())))?;
        let transport = ProcessTransport::new(child, log_path, Rc::clone(&self.watchdog), self.interruption.clone())?;
        Ok(Box::new(LineHost::new(name, transport)))
    }
}

/// The same environment on every machine: locale, time zone and hash seed are fixed. Only `PATH` is passed on, for
/// programs are found by it.
fn fix_environment(command: &mut Command) {
    command.env_clear().env("LANG", "C.UTF-8").env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("PYTHONHASHSEED", "0");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
}
