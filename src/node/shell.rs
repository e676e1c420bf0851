//! A machine with its disk: records become frames of a log, and what the machine kept before is read at the start.
//!
//! The shells on a process's pipes, on sockets and in memory all are this, so a machine does the same in all of them.

use std::io;
use std::path::Path;

use crate::base::{NodeName, Time};
use crate::machine::{AnyInput, AnyMachine, NotDecoded, Output, Outputs, Payload, Program, Setup, Undecodable};
use crate::node::effect::Effect;
use crate::node::log::{FileMedium, Log, LogError, Medium, Opened, Opening, Owner};
use crate::wire::StateChange;
use crate::wire::control::{Init, Inspect, InspectOk};
use crate::wire::disk::{FileName, Room};

/// Where a node keeps its records.
pub struct Storage {
    /// The file.
    pub medium: Box<dyn Medium>,
    /// The cluster that the node is of.
    pub cluster: String,
    /// What errors call the file.
    pub place: String,
}

impl Storage {
    /// Opens the log of the node `node` in it, which runs `program`.
    ///
    /// # Errors
    /// The log is corrupt, or another's, or cannot be read or written.
    pub fn open(self, program: &Program, node: NodeName, room: Room) -> Result<Opened, LogError> {
        let Self { medium, cluster, place } = self;
        let owner = Owner::new(program.name, &cluster, node);
        Log::open(medium, Opening { owner: &owner, room, place })
    }
}

/// The environment variable that tells a server its folder for files. It is not on any line: a path is of one machine.
pub const DATA_FOLDER: &str = "SPLITBRAIN_DATA";

/// The cluster of nodes of which nobody said another one.
pub const DEFAULT_CLUSTER: &str = "main";

/// A server's storage in `folder`, which is made if it is not there, and locked.
///
/// # Errors
/// Another node has the folder open, or it cannot be made or written.
pub fn storage_in(folder: &Path, cluster: &str) -> io::Result<Storage> {
    let file = FileName::log();
    let medium = FileMedium::open(folder, file.as_str()).map_err(io::Error::other)?;
    let place = folder.join(file.as_str()).display().to_string();
    Ok(Storage { medium: Box::new(medium), cluster: cluster.to_owned(), place })
}

/// A server's storage in the folder that the host names; none if it names none. Errors name the file without its path:
/// the master repeats them in what is the same on every machine.
///
/// # Errors
/// See [`storage_in`].
pub fn storage_from_environment() -> io::Result<Option<Storage>> {
    let Some(folder) = std::env::var_os(DATA_FOLDER) else { return Ok(None) };
    let storage = storage_in(Path::new(&folder), DEFAULT_CLUSTER)?;
    Ok(Some(Storage { place: FileName::log().to_string(), ..storage }))
}

/// Why a machine cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// It could not take the input.
    #[error(transparent)]
    Input(#[from] Undecodable),
    /// Its log cannot be read or written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It cannot begin with what its log holds.
    #[error("{place}: {source}; put a good copy in its place, or take an empty folder")]
    Records {
        /// What errors call the log.
        place: String,
        /// What it says of the records.
        source: Undecodable,
    },
}

/// A machine that runs.
pub struct Shell {
    machine: Box<dyn AnyMachine>,
    /// None if records are not kept: the node is a client, or has no folder.
    log: Option<Log>,
    outputs: Outputs,
}

impl Shell {
    /// Starts a machine with what is left of the records that its earlier lives kept.
    ///
    /// # Errors
    /// The log is corrupt, or another's, or cannot be read or written; or the machine refuses its records.
    pub fn start(
        program: &Program,
        storage: Option<Storage>,
        init: Init,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<Self, ShellError> {
        let Init { node_id, node_ids, seed, incarnation, timeouts, variant, disk, .. } = init;
        let timeouts = timeouts.expect("an `init` that offers lockstep holds timeouts");
        let opened = storage.map(|storage| storage.open(program, node_id, disk)).transpose()?;
        effects.extend(opened.as_ref().and_then(|opened| opened.cut.clone()).map(Effect::Disk));
        let setup = Setup { name: node_id, servers: node_ids, seed, incarnation, timeouts, variant };
        Self::begin(program, opened, setup, now, effects)
    }

    /// The same with a log that is open already.
    ///
    /// # Errors
    /// The log cannot be written, or the machine refuses its records.
    pub fn begin(
        program: &Program,
        opened: Option<Opened>,
        setup: Setup,
        now: Time,
        effects: &mut Vec<Effect>,
    ) -> Result<Self, ShellError> {
        let (log, records) = opened.map(|Opened { log, records, .. }| (log, records)).unzip();
        let records = records.unwrap_or_default();
        let mut shell = Self { machine: (program.machine)(setup), log, outputs: Outputs::default() };
        let started = shell.step(now, AnyInput::Start { records: &records }, effects);
        started.map_err(|error| shell.at_its_log(error))?;
        Ok(shell)
    }

    /// What the machine has against its first input is in the log.
    fn at_its_log(&self, error: ShellError) -> ShellError {
        match (error, &self.log) {
            (ShellError::Input(source), Some(log)) => ShellError::Records { place: log.place().to_owned(), source },
            (error, _) => error,
        }
    }

    /// Gives the machine one input, and adds what comes of it.
    ///
    /// # Errors
    /// The machine refuses the input, or the log cannot be written. Nothing that would follow that is added.
    pub fn step(&mut self, now: Time, input: AnyInput<'_>, effects: &mut Vec<Effect>) -> Result<(), ShellError> {
        self.take(now, input)?;
        self.flush(effects)
    }

    /// Gives the machine one input of several; what comes of them comes with the next [flush](Self::flush).
    ///
    /// # Errors
    /// The machine refuses the input.
    pub fn take(&mut self, now: Time, input: AnyInput<'_>) -> Result<(), Undecodable> {
        self.machine.step(now, input, &mut self.outputs)
    }

    /// Adds what comes of all inputs since the last flush: their records are one frame, behind which there is one sync.
    ///
    /// # Errors
    /// The log cannot be written. Nothing that would follow that is added.
    pub fn flush(&mut self, effects: &mut Vec<Effect>) -> Result<(), ShellError> {
        self.machine.flush(&mut self.outputs);
        let Self { outputs, log, .. } = self;
        let mut outputs = outputs.drain().peekable();
        // Records come first, and together: they are one frame.
        while let Some(Output::Persist(record)) = outputs.next_if(|output| matches!(output, Output::Persist(_))) {
            if let Some(log) = log {
                log.add(record);
            }
        }
        if let Some(log) = log {
            effects.extend(log.append()?.map(Effect::Disk));
        }
        effects.extend(outputs.filter_map(|output| effect_of(output, log.as_ref())));
        Ok(())
    }

    /// Carries out a sync that was told, in real time.
    ///
    /// # Errors
    /// The disk failed: the node must not go on.
    pub fn make_durable(&mut self) -> Result<(), ShellError> {
        Ok(self.log.as_mut().map_or(Ok(()), Log::make_durable)?)
    }

    /// See [`AnyMachine::decode_peer`].
    ///
    /// # Errors
    /// The bytes are no message of the machine's protocol.
    pub fn decode_peer(&self, bytes: &[u8]) -> Result<Payload, NotDecoded> {
        self.machine.decode_peer(bytes)
    }

    /// See [`AnyMachine::take_changes`].
    pub fn take_changes(&mut self) -> StateChange {
        self.machine.take_changes()
    }

    /// See [`AnyMachine::inspect`].
    #[must_use]
    pub fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.machine.inspect(question)
    }

    /// Whether there is room on the disk from now on.
    pub fn set_room(&mut self, room: Room) {
        if let Some(log) = &mut self.log {
            log.set_room(room);
        }
    }
}

/// What an output is to the master; nothing if it is about a disk that the node has not.
fn effect_of(output: Output, log: Option<&Log>) -> Option<Effect> {
    match output {
        Output::Persist(_) => unreachable!("records come before everything else"),
        Output::Sync => log.map(|log| Effect::Disk(log.sync())),
        Output::Send { to, payload } => Some(Effect::Send { to, payload }),
        Output::SendEarly { to, payload } => Some(Effect::SendEarly { to, payload }),
        Output::SetTimer { id, after } => Some(Effect::SetTimer { id, after }),
        Output::CancelTimer { id } => Some(Effect::CancelTimer { id }),
        Output::Complete(completion) => Some(Effect::Complete(completion)),
    }
}
