//! Where nodes come from: processes, or memory.

use std::fs::{self, File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use nix::unistd::Pid;

use crate::base::{Environment, NodeKind, NodeName};
use crate::cluster::affinity::stay_on_this_processor;
use crate::cluster::files::NodeFiles;
use crate::cluster::host::Host;
use crate::cluster::interruption::Interruption;
use crate::cluster::line_host::LineHost;
use crate::cluster::memory::{MachineHost, MemoryTransport};
use crate::cluster::node_process::NodeProcess;
use crate::cluster::process::ProcessTransport;
use crate::cluster::watchdog::Watchdog;
use crate::machine::Program;
use crate::node::log::MemoryFolder;
use crate::node::{self, DATA_FOLDER, DEFAULT_CLUSTER, Storage};
use crate::protocol::{Agreement, Protocol};
use crate::trace::Runs;
use crate::wire::disk::FileName;

/// What servers run.
#[derive(Clone, Debug)]
pub enum ServerProgram {
    /// One of the protocols that come with splitbrain.
    Protocol(&'static Protocol),
    /// A program of the user's, in words.
    Command(Vec<String>),
}

impl ServerProgram {
    /// What servers that run it come to terms by, as far as it is known.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        match self {
            Self::Protocol(protocol) => protocol.agreement,
            Self::Command(_) => Agreement::Eventual,
        }
    }

    /// What a node of this kind runs, where this is what servers run.
    pub(super) fn as_run_by(&self, kind: NodeKind) -> Runs<'_> {
        match (kind, self) {
            (NodeKind::Client, Self::Protocol(protocol)) if protocol.agreement == Agreement::Consensus => {
                Runs::Session(Some(protocol.name))
            }
            (NodeKind::Client, _) => Runs::Session(None),
            (NodeKind::Server, Self::Protocol(protocol)) => Runs::Protocol(protocol.name),
            (NodeKind::Server, Self::Command(words)) => Runs::Command(words),
        }
    }
}

/// Starts nodes.
pub trait Spawner {
    /// Where a node keeps its files, over all its lives. It is asked once for each node.
    fn files(&mut self, name: NodeName) -> NodeFiles;

    /// Starts a node that waits for its `init`. `lines`: does anybody need its lines as text?
    ///
    /// # Errors
    /// The process cannot be started, or there is none of this kind in memory.
    fn spawn(
        &mut self,
        name: NodeName,
        program: &ServerProgram,
        files: &NodeFiles,
        lines: Lines,
    ) -> Result<Box<dyn Host>, Environment>;
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
    fn files(&mut self, _name: NodeName) -> NodeFiles {
        NodeFiles::Memory(MemoryFolder::default())
    }

    fn spawn(
        &mut self,
        name: NodeName,
        program: &ServerProgram,
        files: &NodeFiles,
        lines: Lines,
    ) -> Result<Box<dyn Host>, Environment> {
        let program = in_memory_program(name.kind, program)?;
        let storage = match (name.kind, files) {
            (NodeKind::Server, NodeFiles::Memory(folder)) => {
                let place = FileName::log().to_string();
                let medium = Box::new(folder.file(&place));
                Some(Storage { medium, cluster: DEFAULT_CLUSTER.to_owned(), place })
            }
            (NodeKind::Server, NodeFiles::Folder(_)) | (NodeKind::Client, _) => None,
        };
        Ok(match lines {
            Lines::Wanted => Box::new(LineHost::new(name, MemoryTransport::new(program, storage))),
            Lines::Unwanted => Box::new(MachineHost::new(name, program, storage)),
        })
    }
}

fn in_memory_program(kind: NodeKind, program: &ServerProgram) -> Result<Program, Environment> {
    match (kind, program) {
        (NodeKind::Client, program) => Ok(node::client(program.agreement())),
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
            (NodeKind::Client, ServerProgram::Protocol(protocol)) => {
                command.arg("client").arg("--protocol").arg(protocol.name)
            }
            (NodeKind::Client, ServerProgram::Command(_)) => command.arg("client"),
            (NodeKind::Server, ServerProgram::Protocol(protocol)) => {
                command.arg("server").arg("--protocol").arg(protocol.name)
            }
            (NodeKind::Server, ServerProgram::Command(words)) => command.arg("guard").arg("--").args(words),
        };
        command
    }

    /// The folder with everything that a node leaves, in all its lives.
    fn folder_of(&self, name: NodeName) -> PathBuf {
        self.nodes.join(name.to_string())
    }

    fn log_file(&self, name: NodeName) -> Result<(PathBuf, File), Environment> {
        let folder = self.folder_of(name);
        make_folder(&folder)?;
        let path = folder.join("log");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(Environment::while_trying(|| format!("open the log {}", path.display())))?;
        Ok((path, file))
    }
}

impl Spawner for Processes {
    fn files(&mut self, name: NodeName) -> NodeFiles {
        NodeFiles::Folder(self.folder_of(name).join("data"))
    }

    fn spawn(
        &mut self,
        name: NodeName,
        program: &ServerProgram,
        files: &NodeFiles,
        _lines: Lines,
    ) -> Result<Box<dyn Host>, Environment> {
        let (log_path, log) = self.log_file(name)?;
        let mut command = self.command(name, program);
        fix_environment(&mut command);
        if let (NodeKind::Server, NodeFiles::Folder(data)) = (name.kind, files) {
            make_folder(data)?;
            // Absolute, for a program that goes elsewhere.
            let data = std::path::absolute(data).map_err(Environment::while_trying(|| "name a folder".to_owned()))?;
            command.env(DATA_FOLDER, data);
        }
        let child = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(Environment::while_trying(|| format!("start {} for {name}", self.executable.display())))?;
        let process = node_process(name.kind, program, &child);
        let (watchdog, interruption) = (Rc::clone(&self.watchdog), self.interruption.clone());
        let transport = ProcessTransport::new(child, process, log_path, watchdog, interruption)?;
        Ok(Box::new(LineHost::new(name, transport)))
    }
}

fn make_folder(path: &Path) -> Result<(), Environment> {
    fs::create_dir_all(path).map_err(Environment::while_trying(|| format!("make the folder {}", path.display())))
}

fn node_process(kind: NodeKind, program: &ServerProgram, child: &Child) -> NodeProcess {
    let process = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
    match (kind, program) {
        (NodeKind::Client, _) | (NodeKind::Server, ServerProgram::Protocol(_)) => NodeProcess::Node(process),
        (NodeKind::Server, ServerProgram::Command(_)) => NodeProcess::Guard(process),
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
