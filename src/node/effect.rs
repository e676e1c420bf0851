//! What comes of a step, as the master sees it: the machine's outputs, with records as what happened to files.

use std::borrow::Cow;

use crate::base::{NodeName, Span};
use crate::machine::Payload;
use crate::wire::Completion;
use crate::wire::disk::DiskOutput;

/// One output of a node of any kind. The order of effects is the order in which they happen.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It says something to a node.
    Send {
        /// To whom.
        to: NodeName,
        /// What.
        payload: Payload,
    },
    /// It says something to a node, and does not wait for its disk with that.
    SendEarly {
        /// To whom.
        to: NodeName,
        /// What.
        payload: Payload,
    },
    /// It wants to be woken after a time; a timer with the same id is replaced.
    SetTimer {
        /// Which.
        id: Cow<'static, str>,
        /// How long from now.
        after: Span,
    },
    /// It does not want to be woken. Nothing happens if the timer is not set.
    CancelTimer {
        /// Which.
        id: Cow<'static, str>,
    },
    /// It tells how an invoked operation ended.
    Complete(Completion),
    /// It did something to its files.
    Disk(DiskOutput),
}
