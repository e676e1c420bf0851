//! The process that the master started for a node, and how it is ended.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::node;

/// The process that the master started for a node. It leads a process group that it is alone in, so that a terminal's
/// signals do not reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeProcess {
    /// The node itself, which starts no processes.
    Node(Pid),
    /// The guard of a program of the user's, which ends the program and everything that it started.
    Guard(Pid),
}

impl NodeProcess {
    /// Ends the node at once, with everything that it started. It may have died by itself.
    pub fn end(self) {
        match self {
            Self::Node(process) => {
                let _ = kill(process, Signal::SIGKILL);
            }
            Self::Guard(process) => {
                let _ = kill(process, node::END);
                // A guard that somebody has stopped hears nothing until it goes on.
                let _ = kill(process, Signal::SIGCONT);
            }
        }
    }

    /// Is it one of ours? Then it says nothing between two exchanges, and nobody else holds its pipes.
    #[must_use]
    pub fn is_ours(self) -> bool {
        match self {
            Self::Node(_) => true,
            Self::Guard(_) => false,
        }
    }

    /// Asks the node to leave. It may have died by itself.
    pub fn terminate(self) {
        let (Self::Node(process) | Self::Guard(process)) = self;
        let _ = kill(process, Signal::SIGTERM);
    }

    /// Does a process that was ended die by this signal?
    #[must_use]
    pub fn is_ended_by(self, signal: i32) -> bool {
        match self {
            Self::Node(_) => signal == Signal::SIGKILL as i32,
            // A guard kills itself when it has killed the others; before it listens, there are none.
            Self::Guard(_) => [Signal::SIGKILL, node::END].map(|end| end as i32).contains(&signal),
        }
    }
}
