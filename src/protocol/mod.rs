//! The protocols that come with splitbrain: one file or folder each, and one line in [`PROTOCOLS`].
//!
//! Deliberately missing: how a script, a process or a client uses one. A protocol is a machine and its messages.

pub mod gossip;

use crate::machine::{AnyMachine, Setup};

/// A protocol that servers can run.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    /// What `protocol NAME` calls it.
    pub name: &'static str,
    /// What it promises, in one sentence.
    pub summary: &'static str,
    /// Does one of the servers lead, or try to?
    pub has_a_leader: bool,
    /// Makes a server.
    pub server: fn(Setup) -> Box<dyn AnyMachine>,
}

/// All protocols; the first is the default.
pub const PROTOCOLS: &[Protocol] = &[gossip::PROTOCOL];

impl Protocol {
    /// The names of all protocols.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        PROTOCOLS.iter().map(|protocol| protocol.name).collect()
    }

    /// The protocol of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROTOCOLS.iter().find(|protocol| protocol.name == name)
    }
}
