//! Why a run stops before its script does.

use crate::base::{Environment, Verdict, limits};
use crate::cluster::breach::NodeFault;

/// Why a run stops before its script does.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A node broke the node protocol, or died.
    #[error("{0}")]
    Node(Box<NodeFault>),
    /// The machine underneath failed.
    #[error("{0}")]
    Environment(#[from] Environment),
    /// A bound was reached.
    #[error("{0}")]
    Limit(#[from] LimitReached),
    /// SIGINT, SIGTERM or SIGHUP.
    #[error("interrupted: every node was ended")]
    Interrupted,
}

impl From<NodeFault> for Stop {
    fn from(fault: NodeFault) -> Self {
        Self::Node(Box::new(fault))
    }
}

impl Stop {
    /// Which verdict on the run it is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Node(_) => Verdict::NodeFault,
            Self::Environment(_) => Verdict::Environment,
            Self::Limit(_) => Verdict::Undecided,
            Self::Interrupted => Verdict::Interrupted,
        }
    }
}

/// A bound that a run reached: there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitReached {
    /// See [`limits::STEPS_IN_AN_INSTANT`].
    #[error(
        "the nodes took {} steps without time moving on; is there a loop of messages without delay, or of timers set to 0?",
        limits::STEPS_IN_AN_INSTANT
    )]
    StepsInAnInstant,
    /// See [`limits::EVENTS_IN_A_RUN`].
    #[error("the run had {} events, which is the limit", limits::EVENTS_IN_A_RUN)]
    Events,
    /// See [`limits::TIME_OF_A_RUN`].
    #[error("the run would go on after {} of virtual time, which is the limit", limits::TIME_OF_A_RUN)]
    Time,
    /// See [`limits::EVENTS_DUE`].
    #[error("{} messages and timers are due at once, which is the limit", limits::EVENTS_DUE)]
    EventsDue,
}
