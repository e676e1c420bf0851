//! What can be measured of a run while it goes on: what is sent, and who leads.
//!
//! It follows from what happens, so it is no happening itself: it has no number, and no trace, hash or history holds it.
//! It is told between happenings, where it comes about, and worked out only if a reader wants it.

use crate::base::NodeName;
use crate::trace::MessageName;

/// Something measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure<'a> {
    /// A message is sent. Each is told once, as the account counts it: not its copy, nor its release.
    Sent {
        /// The message.
        message: MessageName<'a>,
        /// How long its body is as JSON, in bytes, wherever its sender lives.
        bytes: u64,
    },
    /// From now on another server leads, or the same in another term, or none.
    Leads {
        /// Who.
        leader: Option<Leader>,
    },
}

/// A server that leads, and can.
///
/// It runs, says that it leads, and its links to so many members that take part are open, both ways, that with itself they
/// are a majority of all. Of several the one with the greatest term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leader {
    /// Which server.
    pub server: NodeName,
    /// The number of its ballot or term, if it told any.
    pub term: Option<u64>,
}
