//! What the cluster asks of a node, wherever it lives.

use std::borrow::Cow;

use crate::base::{NodeName, Span};
use crate::cluster::breach::Breach;
use crate::machine::Payload;
use crate::wire::control::{Control, Init, Inspect, InspectOk};
use crate::wire::envelope::StepHeader;
use crate::wire::{Completion, StateChange};

/// What a step begins with.
#[derive(Clone, Copy, Debug)]
pub enum Delivery<'a> {
    /// The node's first line.
    Init(&'a Init),
    /// A message of another node.
    Message {
        /// Who sent it.
        from: NodeName,
        /// What it says.
        payload: &'a Payload,
    },
    /// A timer is due.
    Timer {
        /// Which.
        id: &'a str,
    },
    /// An order of the master.
    Control(&'a Control),
}

/// What a node puts out.
#[derive(Debug)]
pub enum NodeOutput {
    /// A message for another node.
    Send {
        /// For whom.
        to: NodeName,
        /// What it says.
        payload: Payload,
    },
    /// Set a timer.
    SetTimer {
        /// Which.
        id: Cow<'static, str>,
        /// How long from now.
        after: Span,
    },
    /// Cancel a timer.
    CancelTimer {
        /// Which.
        id: Cow<'static, str>,
    },
    /// An invoked operation ended.
    Complete(Completion),
}

/// What came of a step. The buffers are used again for the next step.
#[derive(Debug, Default)]
pub struct StepAnswer {
    /// In the order in which they were put out.
    pub outputs: Vec<NodeOutput>,
    /// What changed in the node.
    pub changes: StateChange,
    /// The line that the node got, where lines are kept.
    pub line: Vec<u8>,
    /// The lines that it put out, where lines are kept; the n-th is the n-th of `outputs`, `done` last.
    pub lines: Vec<u8>,
}

impl StepAnswer {
    /// Forgets the last step.
    pub fn clear(&mut self) {
        self.outputs.clear();
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
