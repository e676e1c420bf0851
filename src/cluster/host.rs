//! What the cluster asks of a node, wherever it lives.

use crate::cluster::breach::Breach;
use crate::machine::AnyInput;
use crate::node::Effect;
use crate::wire::StateChange;
use crate::wire::control::{Init, Inspect, InspectOk};
use crate::wire::disk::Room;
use crate::wire::envelope::StepHeader;

/// What a step begins with.
#[derive(Clone, Copy, Debug)]
pub enum Delivery<'a> {
    /// The node's first line.
    Init(&'a Init),
    /// What its machine is given.
    Input(AnyInput<'a>),
    /// What the node is told of its disk.
    Room(Room),
}

/// What came of a step. The buffers are used again for the next step.
#[derive(Debug, Default)]
pub struct StepAnswer {
    /// In the order in which they were put out.
    pub effects: Vec<Effect>,
    /// What changed in the node.
    pub changes: StateChange,
    /// The line that the node got, where lines are kept.
    pub line: Vec<u8>,
    /// The lines that it put out, where lines are kept; the n-th is the n-th of `effects`, `done` last.
    pub lines: Vec<u8>,
}

impl StepAnswer {
    /// Forgets the last step.
    pub fn clear(&mut self) {
        self.effects.clear();
        self.changes = StateChange::default();
        self.line.clear();
        self.lines.clear();
    }
}

/// A node's life, from its start to its end.
pub trait Host {
    /// One step: one delivery, and everything that the node puts out until it is done.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    fn step(&mut self, header: StepHeader, delivery: Delivery<'_>, answer: &mut StepAnswer) -> Result<(), Breach>;

    /// Looks at a piece of the node's state; `None` if it has no such part.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    fn inspect(&mut self, question: &Inspect) -> Result<Option<InspectOk>, Breach>;

    /// Ends it at once. It is dead when this returns.
    fn kill(&mut self);

    /// Ends its input. It may leave now.
    fn close(&mut self);

    /// Waits, after [`Host::close`], until it has left.
    ///
    /// # Errors
    /// It had died before, broke the protocol at the end, or had to be killed.
    fn wait(&mut self) -> Result<(), Breach>;

    /// The last lines of its log.
    fn last_log_lines(&self) -> Vec<String>;
}
