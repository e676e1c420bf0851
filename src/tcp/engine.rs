//! A machine in real time: inputs in, and what comes of them carried out, once for all inputs that are at hand.
//!
//! The order in which effects are carried out is that of DESIGN section 3: records are written, what may leave early leaves,
//! then one `fdatasync`, then everything else.

use crate::base::Time;
use crate::machine::{AnyInput, NotDecoded, Payload, Program, Setup, Undecodable};
use crate::node::log::Opened;
use crate::node::{Effect, Shell, ShellError};
use crate::tcp::clock::Clock;
use crate::tcp::links::Links;
use crate::tcp::timers::Timers;
use crate::wire::control::{Inspect, InspectOk};
use crate::wire::disk::DiskOutput;
use crate::wire::{Completion, StateChange};

/// A machine in real time.
pub struct Engine {
    clock: Clock,
    shell: Shell,
    timers: Timers,
    effects: Vec<Effect>,
}

impl Engine {
    /// Begins a machine with what is left of its earlier lives. Nothing of it leaves before the next
    /// [flush](Self::flush).
    ///
    /// # Errors
    /// The log cannot be written, or the machine refuses what is in it.
    pub fn begin(clock: Clock, program: &Program, opened: Option<Opened>, setup: Setup) -> Result<Self, ShellError> {
        let mut effects = Vec::new();
        let mut shell = Shell::begin(program, opened, setup, clock.now(), &mut effects)?;
        // That it has lived is written down elsewhere next, and must not be known there first.
        shell.make_durable()?;
        Ok(Self { clock, shell, timers: Timers::default(), effects })
    }

    /// Gives the machine one input.
    ///
    /// # Errors
    /// The machine refuses it.
    pub fn take(&mut self, input: AnyInput<'_>) -> Result<(), Undecodable> {
        self.shell.take(self.clock.now(), input)
    }

    /// Gives the machine all timers that are due.
    ///
    /// # Errors
    /// The machine refuses one.
    pub fn take_due_timers(&mut self) -> Result<(), Undecodable> {
        let now = self.clock.now();
        while let Some(id) = self.timers.take_due(now) {
            self.shell.take(now, AnyInput::Timer { id: &id })?;
        }
        Ok(())
    }

    /// When the next timer is due.
    #[must_use]
    pub fn next_timer(&self) -> Option<Time> {
        self.timers.next()
    }

    /// Carries out what comes of all inputs since the last flush; gives the operations that have ended.
    ///
    /// # Errors
    /// The log cannot be written or synced: the node must not go on, and nothing that waited for it was said.
    pub fn flush(&mut self, links: &mut Links) -> Result<Vec<Completion>, ShellError> {
        self.shell.flush(&mut self.effects)?;
        let mut completions = Vec::new();
        let now = self.clock.now();
        for effect in self.effects.drain(..) {
            match effect {
                Effect::Send { to, payload } | Effect::SendEarly { to, payload } => links.send(now, to, &payload),
                Effect::SetTimer { id, after } => self.timers.set(id, now + after),
                Effect::CancelTimer { id } => self.timers.cancel(&id),
                Effect::Complete(completion) => completions.push(completion),
                Effect::Disk(DiskOutput::Sync { .. }) => {
                    // What may leave early leaves now: the disk takes time.
                    links.push();
                    self.shell.make_durable()?;
                }
                // The shell has done it.
                Effect::Disk(_) => {}
            }
        }
        links.push();
        Ok(completions)
    }

    /// A message of the machine's protocol.
    ///
    /// # Errors
    /// The bytes are none.
    pub fn decode_peer(&self, bytes: &[u8]) -> Result<Payload, NotDecoded> {
        self.shell.decode_peer(bytes)
    }

    /// What has changed since this was last asked.
    pub fn take_changes(&mut self) -> StateChange {
        self.shell.take_changes()
    }

    /// Shows a piece of the machine's state.
    #[must_use]
    pub fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.shell.inspect(question)
    }
}
