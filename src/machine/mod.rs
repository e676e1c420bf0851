//! Machines: everything that decides, as plain structs with one `step`.
//!
//! A machine does no I/O, reads no clock, draws nothing unkeyed, and starts no thread: it gets the time and an input,
//! and puts outputs, in order. Shells drive it: one on the pipes of a process, one in memory. So a machine behaves
//! the same wherever it runs, and a run of machines can be repeated, searched and shortened.
//!
//! Implement [`Machine`] for a protocol of your own: [`AnyMachine`] comes with it, and with that every shell.
//!
//! Deliberately missing: where records are kept, and how. That is the shell's.

mod any;
mod outputs;
mod payload;

pub use any::{AnyInput, AnyMachine, Program, Undecodable};
pub use outputs::{Output, Outputs};
pub use payload::{Answer, Message, NotDecoded, Payload, TextBody};

use crate::base::{Incarnation, NodeName, Time};
use crate::wire::control::{Control, Inspect, InspectOk, Timeouts, Variant};
use crate::wire::{Request, Response, StateChange};

/// What a machine is made from: the facts of `init`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The node's own name.
    pub name: NodeName,
    /// All servers that are members, the node itself included if it is one.
    pub servers: Vec<NodeName>,
    /// The run's seed, for keyed draws.
    pub seed: u64,
    /// How often the node was started before.
    pub incarnation: Incarnation,
    /// How long it waits.
    pub timeouts: Timeouts,
    /// Which of its ways its protocol goes.
    pub variant: Variant,
}

/// What a machine is given.
#[derive(Debug)]
pub enum Input<'a, P> {
    /// It begins: the first input of each life.
    Start {
        /// What its earlier lives have kept and what survived of it, in order; nothing in its first life.
        records: &'a [Vec<u8>],
    },
    /// A client asks something; the answer repeats the request's `msg_id`.
    Request {
        /// Who asks.
        from: NodeName,
        /// What.
        request: &'a Request,
    },
    /// A server answers.
    Response {
        /// Who answers.
        from: NodeName,
        /// What.
        response: &'a Response,
    },
    /// A node of the same protocol says something.
    Peer {
        /// Who says it.
        from: NodeName,
        /// What.
        message: &'a P,
    },
    /// A timer that the machine set is due; it is set no longer.
    Timer {
        /// Which.
        id: &'a str,
    },
    /// The master orders something.
    Control(&'a Control),
}

/// An input that no right peer sends: the machine cannot go on, and its node ends with this sentence in its log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

/// A deterministic state machine: the same inputs at the same times give the same outputs.
pub trait Machine {
    /// What nodes of this protocol say to each other; [`std::convert::Infallible`] for those that say nothing.
    type Peer: Message;

    /// Takes one input, and puts what is to be done, in order. No effect outlives the [flush](Machine::flush) that follows
    /// but state and timers.
    ///
    /// # Errors
    /// The input breaks the protocol.
    fn step(&mut self, now: Time, input: Input<'_, Self::Peer>, outputs: &mut Outputs) -> Result<(), Violation>;

    /// Puts what the steps since the last flush have gathered. A shell calls it when it has no more input at hand, before
    /// it carries outputs out: many requests can so share one record, one sync and one message. In virtual time that is
    /// after every step.
    fn flush(&mut self, _outputs: &mut Outputs) {}

    /// What changed since this was last called, in the step that is over. Without it transcripts have no
    /// `=` lines, and `stabilize`, which compares digests, never finds that servers agree.
    fn take_changes(&mut self) -> StateChange {
        StateChange::default()
    }

    /// Shows a piece of the state; changes nothing. `None` if this machine has no such part.
    fn inspect(&self, _question: &Inspect) -> Option<InspectOk> {
        None
    }
}
