//! A saved trace carried out again: every node is given the lines that it got, and must put out what it put out.
//!
//! A node that does not has an input that is on no line: a clock, a random number, a file, the order of a hash table.
//! There is no network and no script here; the disk is what the trace says of it.

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::base::{Environment, NodeName, Verdict};
use crate::cluster::breach::{Breach, Quoted};
use crate::cluster::files::NodeFiles;
use crate::cluster::host::{Delivery, Host, StepAnswer};
use crate::cluster::spawner::{Lines, ServerProgram, Spawner};
use crate::machine::{AnyInput, Payload};
use crate::node::Effect;
use crate::protocol::{PROTOCOLS, Protocol};
use crate::trace::{Ending, Saved, SavedEvent, SavedTrace, Unreadable};
use crate::wire::control::{Control, Init};
use crate::wire::disk::{DISK, DiskOutput, FileName, RoomOrder};
use crate::wire::envelope::{CLOCK, LineDown, MASTER, StepHeader, Timer, kind_of};

/// What was carried out again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How many steps.
    pub steps: u64,
    /// Of how many nodes.
    pub nodes: usize,
    /// How the trace ends.
    pub ending: Ending,
}

/// Why a trace was not carried out to its end.
#[derive(Debug, thiserror::Error)]
pub enum ReplayStop {
    /// The file is no trace.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    /// The machine underneath failed.
    #[error("{0}")]
    Environment(#[from] Environment),
    /// It holds what no run leaves.
    #[error("its event {event} is not one of a run: {reason}")]
    Unsound {
        /// The number of the happening.
        event: u64,
        /// Why not.
        reason: String,
    },
    /// A node did not do what it did.
    #[error("{0}")]
    Difference(Box<Difference>),
}

/// A node that was given the same lines and did something else: it has an input that it hides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{node} does not do again what it did: it was given the same lines, up to event {event}, and has an input that is \
     on none of them (a clock, a random number, a file of its own, the order of a hash table)\n  given: {line}\n  \
     then:  {then}\n  now:   {now}"
)]
pub struct Difference {
    /// Which node.
    pub node: NodeName,
    /// The number of the happening.
    pub event: u64,
    /// The line that it was given.
    pub line: Quoted,
    /// What it put out in the run: the first line that differs.
    pub then: Quoted,
    /// What it put out now in its place.
    pub now: Quoted,
}

/// Carries a saved trace out again, with nodes from `spawner`.
///
/// # Errors
/// A node does something else, the trace is none, or a node cannot be started.
pub fn replay(input: impl BufRead, spawner: &mut dyn Spawner) -> Result<Replayed, ReplayStop> {
    let mut trace = SavedTrace::new(input)?;
    let mut nodes: BTreeMap<NodeName, Node> = BTreeMap::new();
    let mut replayed = Replayed::default();
    while let Some(SavedEvent { event, node: name, what }) = trace.next_event()? {
        let unsound = |reason: &str| ReplayStop::Unsound { event, reason: reason.to_owned() };
        if let Saved::Started { protocol, run } = what {
            let node = nodes.entry(name).or_insert_with(|| Node::new(spawner.files(name)));
            let program = program_of(protocol, run).ok_or_else(|| unsound("there is no such protocol"))?;
            node.host = Some(spawner.spawn(name, &program, &node.files, Lines::Wanted)?);
            continue;
        }
        let node = nodes.get_mut(&name).ok_or_else(|| unsound("the node was never started"))?;
        match what {
            Saved::Started { .. } => unreachable!("looked at above"),
            Saved::Step { line, outputs } => {
                node.step(name, event, line, &outputs)?;
                replayed.steps += 1;
            }
            Saved::Died { after, files } => node.die(after, &files)?,
            Saved::Disk { fault } => node.disk_fault(&fault)?,
        }
    }
    replayed.nodes = nodes.len();
    replayed.ending = trace.ending().clone();
    Ok(replayed)
}

fn program_of(protocol: Option<String>, run: Option<Vec<String>>) -> Option<ServerProgram> {
    match (protocol, run) {
        (_, Some(words)) => Some(ServerProgram::Command(words)),
        (Some(name), None) => Protocol::named(&name).map(ServerProgram::Protocol),
        // A client: what servers run is not asked for.
        (None, None) => Some(ServerProgram::Protocol(&PROTOCOLS[0])),
    }
}

/// A node of the trace.
struct Node {
    files: NodeFiles,
    host: Option<Box<dyn Host>>,
    /// What its last step wanted renamed, each with its place among the outputs.
    renames: Vec<(usize, FileName, FileName)>,
    answer: StepAnswer,
}

impl ReplayStop {
    /// Which verdict it is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Difference(_) => Verdict::Failed,
            Self::Unreadable(_) | Self::Unsound { .. } => Verdict::Mistake,
            Self::Environment(_) => Verdict::Environment,
        }
    }
}

impl Node {
    fn new(files: NodeFiles) -> Self {
        Self { files, host: None, renames: Vec::new(), answer: StepAnswer::default() }
    }

    fn step(&mut self, name: NodeName, event: u64, line: &str, outputs: &[&str]) -> Result<(), ReplayStop> {
        self.rename(usize::MAX)?;
        let unsound = |reason: String| ReplayStop::Unsound { event, reason };
        let host = self.host.as_mut().ok_or_else(|| unsound("a dead node takes no step".to_owned()))?;
        let down: LineDown<'_> = serde_json::from_str(line).map_err(|error| unsound(error.to_string()))?;
        let result = deliver(&down, |header, delivery| host.step(header, delivery, &mut self.answer));
        let differs = |then: &[u8], now: &[u8]| {
            let (line, then, now) = (Quoted::new(line.as_bytes()), Quoted::new(then), Quoted::new(now));
            ReplayStop::Difference(Box::new(Difference { node: name, event, line, then, now }))
        };
        match result.map_err(unsound)? {
            Ok(()) => {}
            Err(breach) => return Err(differs(b"", breach.to_string().as_bytes())),
        }
        let mut found = self.answer.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let mut expected = outputs.iter().map(|line| line.as_bytes());
        loop {
            match (expected.next(), found.next()) {
                (None, None) => break,
                (then, now) if then == now => {}
                (then, now) => return Err(differs(then.unwrap_or_default(), now.unwrap_or_default())),
            }
        }
        for (place, effect) in self.answer.effects.drain(..).enumerate() {
            if let Effect::Disk(DiskOutput::Rename { file, to }) = effect {
                self.renames.push((place, file, to));
            }
        }
        Ok(())
    }

    /// Carries out the renames of the last step that were among its first outputs.
    fn rename(&mut self, outputs: usize) -> Result<(), Environment> {
        for (_, file, to) in self.renames.drain(..).filter(|(place, ..)| *place < outputs) {
            self.files.rename(file.as_str(), to.as_str())?;
        }
        Ok(())
    }

    fn die(&mut self, after: Option<usize>, files: &[(FileName, u64)]) -> Result<(), Environment> {
        self.rename(after.unwrap_or(usize::MAX))?;
        if let Some(mut host) = self.host.take() {
            host.kill();
        }
        self.files.remove_others(|name| files.iter().any(|(file, _)| file.as_str() == name))?;
        files.iter().try_for_each(|(file, length)| self.files.cut(file.as_str(), *length))
    }

    /// What a fault does to a node's files; what it does to the node is on the lines.
    fn disk_fault(&mut self, fault: &str) -> Result<(), Environment> {
        self.rename(usize::MAX)?;
        let log = FileName::log();
        match fault.split_once(' ') {
            Some(("flip", offset)) => {
                let length = self.files.length(log.as_str())?.unwrap_or(0);
                let offset = offset.parse().ok().filter(|offset| *offset < length);
                offset.map_or(Ok(()), |offset| self.files.flip(log.as_str(), offset))
            }
            None if fault == "wipe" => self.files.remove_others(|_| false),
            Some(_) | None => Ok(()),
        }
    }
}

/// Reads what a line delivers, and passes it on.
fn deliver(
    down: &LineDown<'_>,
    take: impl FnOnce(StepHeader, Delivery<'_>) -> Result<(), Breach>,
) -> Result<Result<(), Breach>, String> {
    let wrong = |error: serde_json::Error| error.to_string();
    let (Some(now), Some(step)) = (down.now, down.step) else {
        return Err("the line is no step".to_owned());
    };
    let header = StepHeader { now, step };
    let body = down.body.get();
    let kind = kind_of(body).map_err(wrong)?;
    match (&*down.src, &*kind) {
        (MASTER, "init") => {
            let init: Init = serde_json::from_str(body).map_err(wrong)?;
            Ok(take(header, Delivery::Init(&init)))
        }
        (MASTER, kind) => {
            let control = Control::decode(kind, body).ok_or_else(|| format!("there is no order `{kind}`"))?;
            Ok(take(header, Delivery::Input(AnyInput::Control(&control.map_err(wrong)?))))
        }
        (CLOCK, _) => {
            let timer: Timer<'_> = serde_json::from_str(body).map_err(wrong)?;
            Ok(take(header, Delivery::Input(AnyInput::Timer { id: &timer.id })))
        }
        (DISK, _) => {
            let RoomOrder { room } = serde_json::from_str(body).map_err(wrong)?;
            Ok(take(header, Delivery::Room(room)))
        }
        (source, kind) => {
            let from = source.parse().map_err(|error| format!("{error}"))?;
            let payload = Payload::text(kind, body);
            Ok(take(header, Delivery::Input(AnyInput::Message { from, payload: &payload })))
        }
    }
}
