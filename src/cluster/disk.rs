//! A node's disk, as the master keeps it: what is in each file, what of that survives, and the disk's faults.
//!
//! The node writes its files itself and says so; the master knows their lengths at every output. When the node dies,
//! its files are cut back: `kill` leaves what was appended (the process died, the machine lived), `crash` what was
//! synced (the power failed). What the node never told of is removed: it is not to depend on luck.
//!
//! Invariants: in each file, synced ≤ length; the ends of appends that are not synced grow, and the last is the length.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::base::{Environment, NodeName, Span, Time};
use crate::cluster::files::NodeFiles;
use crate::node::Effect;
use crate::trace::{Death, DiskFault, Loss};
use crate::wire::disk::{DiskOutput, FileName, Room};

/// A disk with its faults.
#[derive(Debug)]
pub struct Disk {
    files: NodeFiles,
    states: BTreeMap<FileName, FileState>,
    faults: Faults,
    /// Until when the syncs that a slow disk has begun take.
    busy_until: Time,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FileState {
    /// Up to where it survives a loss of power, in bytes.
    synced: u64,
    /// Where each append that is not synced ends.
    unsynced: Vec<u64>,
}

/// The faults in force.
#[derive(Debug, Default)]
struct Faults {
    lie: Option<Ordered>,
    torn: Option<Ordered>,
    full: Option<Ordered>,
    slow: Option<(Span, Ordered)>,
    /// The line of the script that last changed what is on the disk.
    changed: Option<usize>,
}

/// A fault that the script ordered.
#[derive(Clone, Copy, Debug)]
struct Ordered {
    line: usize,
    /// Did anything come of it?
    touched: bool,
}

/// A fault that did nothing: the script's author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The line of the script that ordered it.
    pub line: usize,
    /// What did not happen.
    pub text: Cow<'static, str>,
}

impl Idle {
    /// Says whom the order was for: it may have been for several, of whom others felt it.
    #[must_use]
    pub fn of(mut self, node: NodeName) -> Self {
        self.text = format!("{} ({})", self.text, node.in_words()).into();
        self
    }
}

/// Why a node has ended by itself, if the script has brought that about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blame {
    /// The line of the script that did.
    pub line: usize,
    /// How.
    pub text: &'static str,
}

/// Why something cannot be done to a disk.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// What the node says of its files cannot be right.
    #[error("{0}")]
    Claim(String),
    /// The machine underneath failed.
    #[error(transparent)]
    Environment(#[from] Environment),
}

/// What a death leaves.
#[derive(Debug, Default)]
pub struct Remains {
    /// What was lost, of each file that lost something.
    pub losses: Vec<Loss>,
    /// The lengths of all files.
    pub files: Vec<(FileName, u64)>,
    /// What it had written and never told of, in words: it is lost.
    pub unsaid: Vec<String>,
    /// A tear that was ordered and found nothing to tear.
    pub idle: Option<Idle>,
}

/// When an effect happens.
#[derive(Clone, Debug)]
pub enum When {
    /// At once.
    Now(Effect),
    /// When the disk is ready.
    At(Time, Waiting),
}

/// What waits for a slow disk.
#[derive(Clone, Debug)]
pub enum Waiting {
    /// A sync: the file survives up to this length from then on.
    Synced(FileName, u64),
    /// Anything else.
    Effect(Effect),
}

impl FileState {
    fn length(&self) -> u64 {
        self.unsynced.last().copied().unwrap_or(self.synced)
    }

    /// What was cut off since a slow sync began is not there any more.
    fn sync_up_to(&mut self, length: u64) {
        let length = length.min(self.length());
        self.synced = self.synced.max(length);
        self.unsynced.retain(|end| *end > length);
    }

    fn truncate(&mut self, length: u64) {
        self.synced = self.synced.min(length);
        self.unsynced.retain(|end| *end < length);
        // What was appended and not synced up to there is still not synced.
        if self.synced < length {
            self.unsynced.push(length);
        }
    }

    /// The middle of the last append that is not synced.
    fn torn(&self) -> Option<u64> {
        let (last, before) = self.unsynced.split_last()?;
        Some((before.last().copied().unwrap_or(self.synced) + last) / 2)
    }
}

/// What nodes do to it.
impl Disk {
    /// A disk that holds nothing and has no fault.
    ///
    /// # Errors
    /// It holds something: what another run has left would make this one another.
    pub fn new(files: NodeFiles) -> Result<Self, Environment> {
        files.check_empty()?;
        Ok(Self { files, states: BTreeMap::new(), faults: Faults::default(), busy_until: Time(0) })
    }

    /// Where the files are.
    #[must_use]
    pub fn files(&self) -> &NodeFiles {
        &self.files
    }

    /// Takes note of what the node did to a file; renames it, for that is the master's.
    ///
    /// # Errors
    /// It cannot have done that.
    pub fn apply(&mut self, output: &DiskOutput) -> Result<(), DiskError> {
        match output {
            DiskOutput::Append { file, length } => {
                let state = self.states.entry(file.clone()).or_default();
                let before = state.length();
                if *length <= before {
                    let text = format!(
                        "it appended to the file `{file}`, which had {before} bytes and has {length} after it; `length` \
                         is that of the whole file"
                    );
                    return Err(DiskError::Claim(text));
                }
                state.unsynced.push(*length);
            }
            DiskOutput::Sync { file } => {
                let length = self.state(file)?.length();
                self.synced(file, length);
            }
            DiskOutput::Rename { file, to } => {
                let state = self.state(file)?.clone();
                self.check_length(file)?;
                self.files.rename(file.as_str(), to.as_str()).map_err(|failure| renaming(file, to, failure))?;
                self.states.remove(file);
                self.states.insert(to.clone(), state);
            }
            DiskOutput::Truncate { file, length } => {
                let before = self.state(file)?.length();
                if *length > before {
                    let text = format!("it cut the file `{file}` off after {length} bytes, and it had {before}");
                    return Err(DiskError::Claim(text));
                }
                self.states.entry(file.clone()).or_default().truncate(*length);
            }
        }
        Ok(())
    }

    /// The node cut a file off in the part of a step that a crash kept from happening. It may be longer than the master
    /// knows, by what was appended in that part too.
    pub fn cut_before_crash(&mut self, file: &FileName, length: u64) {
        if let Some(state) = self.states.get_mut(file).filter(|state| state.length() > length) {
            state.truncate(length);
        }
    }

    fn state(&self, file: &FileName) -> Result<&FileState, DiskError> {
        self.states
            .get(file)
            .ok_or_else(|| DiskError::Claim(format!("it has no file `{file}`: nothing was appended to it")))
    }

    /// A sync of the file as it was at this length is over; a disk that lies has not done it.
    pub fn synced(&mut self, file: &FileName, length: u64) {
        let Some(state) = self.states.get_mut(file) else { return };
        match &mut self.faults.lie {
            Some(lie) => lie.touched |= !state.unsynced.is_empty(),
            None => state.sync_up_to(length),
        }
    }

    /// Does anything wait for this disk now, or will it if it syncs?
    #[must_use]
    pub fn is_slow(&self, now: Time) -> bool {
        self.faults.slow.is_some() || self.busy_until > now
    }

    /// When the effects of a step happen, on a disk that [is slow](Self::is_slow).
    pub fn schedule(&mut self, now: Time, effects: impl Iterator<Item = Effect>) -> Vec<When> {
        let mut lengths: BTreeMap<FileName, u64> = BTreeMap::new();
        effects.map(|effect| self.schedule_one(now, effect, &mut lengths)).collect()
    }

    /// `lengths` are those of the files as this step's appends leave them.
    fn schedule_one(&mut self, now: Time, effect: Effect, lengths: &mut BTreeMap<FileName, u64>) -> When {
        match effect {
            Effect::Disk(DiskOutput::Append { ref file, length } | DiskOutput::Truncate { ref file, length }) => {
                lengths.insert(file.clone(), length);
                When::Now(effect)
            }
            Effect::Disk(DiskOutput::Sync { ref file }) => {
                let length = lengths.get(file).copied().or_else(|| self.states.get(file).map(FileState::length));
                // A file that is not there: let it be refused.
                let Some(length) = length else { return When::Now(effect) };
                self.busy_until = self.busy_until.max(now);
                if let Some((by, ordered)) = &mut self.faults.slow {
                    self.busy_until = self.busy_until + *by;
                    ordered.touched = true;
                }
                // At once is in its place among the step's outputs: what follows it must not come before it.
                if self.busy_until > now {
                    When::At(self.busy_until, Waiting::Synced(file.clone(), length))
                } else {
                    When::Now(effect)
                }
            }
            // Timers are about the node's clock. A cancelled one must never fire.
            Effect::SendEarly { .. } | Effect::SetTimer { .. } | Effect::CancelTimer { .. } => When::Now(effect),
            // The node looks for it under its new name in its next step.
            Effect::Disk(DiskOutput::Rename { ref file, ref to }) => {
                let length = lengths.remove(file).or_else(|| self.states.get(file).map(FileState::length));
                lengths.extend(length.map(|length| (to.clone(), length)));
                When::Now(effect)
            }
            Effect::Send { .. } | Effect::Complete(_) => {
                if self.busy_until > now {
                    When::At(self.busy_until, Waiting::Effect(effect))
                } else {
                    When::Now(effect)
                }
            }
        }
    }
}

/// What death does to it.
impl Disk {
    /// Cuts the files of a dead node back, and tells what was lost.
    ///
    /// # Errors
    /// The node had not written what it said, or the files cannot be cut.
    pub fn survive(&mut self, death: Death) -> Result<Remains, DiskError> {
        self.busy_until = Time(0);
        let mut remains = match death {
            Death::Refused => {
                self.note_cuts()?;
                Remains::default()
            }
            Death::Killed => {
                self.check_lengths()?;
                Remains { unsaid: self.unsaid()?, ..Remains::default() }
            }
            Death::Crashed => {
                self.check_lengths()?;
                Remains { unsaid: self.unsaid()?, ..self.lose_power() }
            }
            // What it has written for outputs that have not happened is not there, and need not have been told.
            Death::CrashedAfter { .. } | Death::CrashedWaiting => {
                self.check_lengths()?;
                self.lose_power()
            }
        };
        let states = &self.states;
        self.files.remove_others(|name| states.keys().any(|file| file.as_str() == name))?;
        for (file, state) in states {
            self.files.cut(file.as_str(), state.length())?;
            remains.files.push((file.clone(), state.length()));
        }
        Ok(remains)
    }

    /// Has the node written everything that it told of?
    ///
    /// # Errors
    /// A file is shorter than it was said to be, or nobody may look.
    pub fn check_lengths(&self) -> Result<(), DiskError> {
        self.states.keys().try_for_each(|file| self.check_length(file))
    }

    /// What is in the folder and was never told.
    fn unsaid(&self) -> Result<Vec<String>, Environment> {
        let mut unsaid = Vec::new();
        for name in self.files.names()? {
            let said = self.states.iter().find(|(file, _)| file.as_str() == name).map(|(_, state)| state.length());
            let found = self.files.length(&name)?.unwrap_or(0);
            match said {
                Some(said) if found > said => {
                    unsaid.push(format!("{} bytes at the end of its file `{name}`", found - said));
                }
                Some(_) => {}
                None if found == 0 => {}
                None => unsaid.push(format!("the file `{}`", name.escape_debug())),
            }
        }
        Ok(unsaid)
    }

    fn check_length(&self, file: &FileName) -> Result<(), DiskError> {
        let said = self.state(file)?.length();
        let found = self.files.length(file.as_str())?.unwrap_or(0);
        if found < said {
            let text = format!("it said that its file `{file}` has {said} bytes, and it has {found}");
            return Err(DiskError::Claim(text));
        }
        Ok(())
    }

    /// A node that ended by itself may have cut off the torn end of a file before, and could not say so any more.
    fn note_cuts(&mut self) -> Result<(), DiskError> {
        for (file, state) in &mut self.states {
            let found = self.files.length(file.as_str())?.unwrap_or(0);
            if found < state.length() {
                state.truncate(found);
            }
        }
        Ok(())
    }

    fn lose_power(&mut self) -> Remains {
        let torn = self.faults.torn.take();
        let mut remains = Remains::default();
        for (file, state) in self.states.iter_mut().filter(|(_, state)| !state.unsynced.is_empty()) {
            let torn_at = torn.and(state.torn());
            let appends = if torn_at.is_some() { 1 } else { state.unsynced.len() };
            remains.losses.push(Loss { file: file.clone(), appends, torn: torn_at });
            *state = FileState { synced: torn_at.unwrap_or(state.synced), unsynced: Vec::new() };
        }
        if remains.losses.is_empty() {
            remains.idle = torn.map(|ordered| ordered.idle(NOTHING_TORN));
        }
        remains
    }
}

/// Where a folder stands in the new name's place, or in that of the node's own folder, it is the node that put it there.
fn renaming(file: &FileName, to: &FileName, failure: Environment) -> DiskError {
    use std::io::ErrorKind::{DirectoryNotEmpty, IsADirectory, NotADirectory, NotFound};
    match failure.source.kind() {
        IsADirectory | NotADirectory | DirectoryNotEmpty | NotFound => {
            DiskError::Claim(format!("its file `{file}` cannot be renamed to `{to}`: {}", failure.source))
        }
        _ => failure.into(),
    }
}

const NOTHING_TORN: &str = "`torn` did nothing: everything was synced when the power failed";

impl Ordered {
    fn at(line: usize) -> Self {
        Self { line, touched: false }
    }

    fn idle(self, text: &'static str) -> Idle {
        Idle { line: self.line, text: text.into() }
    }
}

/// What the script does to it.
impl Disk {
    /// Puts a fault in force, or lifts them. Returns those that did nothing while they were in force.
    ///
    /// # Errors
    /// The files cannot be changed.
    pub fn order(&mut self, fault: DiskFault, line: usize) -> Result<Vec<Idle>, Environment> {
        let ordered = Ordered::at(line);
        let replaced = match fault {
            DiskFault::Lie => Faults { lie: self.faults.lie.replace(ordered), ..Faults::default() },
            DiskFault::Torn => Faults { torn: self.faults.torn.replace(ordered), ..Faults::default() },
            DiskFault::Full => Faults { full: self.faults.full.replace(ordered), ..Faults::default() },
            DiskFault::Slow { by } => Faults { slow: self.faults.slow.replace((by, ordered)), ..Faults::default() },
            DiskFault::Heal => {
                if !self.faults.are_any() {
                    return Ok(vec![ordered.idle("`heal` did nothing: the disk has no fault that it lifts")]);
                }
                let healed = Faults { changed: self.faults.changed, ..Faults::default() };
                std::mem::replace(&mut self.faults, healed)
            }
            DiskFault::Flip { offset } => return self.flip(offset, ordered),
            DiskFault::Wipe => return self.wipe(ordered),
        };
        Ok(replaced.idle())
    }

    fn flip(&mut self, offset: u64, ordered: Ordered) -> Result<Vec<Idle>, Environment> {
        let file = FileName::log();
        let said = self.states.get(&file).map_or(0, FileState::length);
        // A file that is shorter than its node has said is found when that dies.
        let there = self.files.length(file.as_str())?.unwrap_or(0);
        if offset >= said.min(there) {
            return Ok(vec![ordered.idle("`flip` did nothing: the file `log` has no byte there")]);
        }
        self.files.flip(file.as_str(), offset)?;
        self.faults.changed = Some(ordered.line);
        Ok(Vec::new())
    }

    fn wipe(&mut self, ordered: Ordered) -> Result<Vec<Idle>, Environment> {
        let was_empty = self.states.is_empty();
        self.files.remove_others(|_| false)?;
        self.states.clear();
        self.faults.changed = Some(ordered.line);
        let idle = was_empty.then(|| ordered.idle("`wipe` did nothing: there was nothing on the disk"));
        Ok(idle.into_iter().collect())
    }

    /// Whether there is room on it.
    #[must_use]
    pub fn room(&self) -> Room {
        if self.faults.full.is_some() { Room::Full } else { Room::Space }
    }

    /// Why a node may refuse this disk and end, if the script has brought that about. `life` is where the node is: it
    /// reads what is on the disk only at its start.
    pub fn blame(&mut self, life: Life) -> Option<Blame> {
        if let Some(full) = &mut self.faults.full {
            full.touched = true;
            return Some(Blame { line: full.line, text: "because its disk is full" });
        }
        let changed = self.faults.changed.filter(|_| life == Life::Starting)?;
        Some(Blame { line: changed, text: "because of what is on its disk" })
    }

    /// The node has begun with what is on it: from now on its end is its own.
    pub fn accepted(&mut self) {
        self.faults.changed = None;
    }

    /// The faults in force that have done nothing so far.
    #[must_use]
    pub fn idle(&self) -> Vec<Idle> {
        self.faults.idle()
    }
}

/// Where a node is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It takes its first step.
    Starting,
    /// It takes a later one.
    Running,
}

impl Faults {
    /// Is any in force that can be lifted?
    fn are_any(&self) -> bool {
        let Self { lie, torn, full, slow, changed: _ } = self;
        lie.is_some() || torn.is_some() || full.is_some() || slow.is_some()
    }

    fn idle(&self) -> Vec<Idle> {
        let Self { lie, torn, full, slow, changed: _ } = self;
        let faults = [
            (*lie, "`lie` did nothing: no sync was left undone"),
            (*torn, "`torn` did nothing: the power did not fail"),
            (*full, "`full` did nothing: the server did not end by it"),
            (slow.map(|(_, ordered)| ordered), "`slow` did nothing: no sync was slowed down"),
        ];
        let idle = |(ordered, text): (Option<Ordered>, _)| {
            ordered.filter(|ordered| !ordered.touched).map(|ordered| ordered.idle(text))
        };
        faults.into_iter().filter_map(idle).collect()
    }
}

#[cfg(test)]
mod tests;
