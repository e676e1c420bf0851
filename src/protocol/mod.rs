//! The protocols that come with splitbrain: one file or folder each, and one line in [`PROTOCOLS`].
//!
//! Deliberately missing: how a script, a process or a client uses one. A protocol is a machine and its messages.

pub mod gossip;
mod messages;
pub mod multi_paxos;
pub mod raft;
pub mod replicated;
#[cfg(test)]
mod schedules;

use std::fmt;

use crate::machine::{AnyMachine, Setup};
use crate::wire::{Request, Response};

/// A protocol that servers can run.
#[derive(Clone, Copy)]
pub struct Protocol {
    /// What `protocol NAME` calls it.
    pub name: &'static str,
    /// What it promises, in one sentence.
    pub summary: &'static str,
    /// What servers come to terms by.
    pub agreement: Agreement,
    /// The types of the messages between its servers.
    pub message_types: &'static [&'static str],
    /// Makes a server.
    pub server: &'static MakeServer,
}

/// What makes a server from the facts of its start.
pub type MakeServer = dyn Fn(Setup) -> Box<dyn AnyMachine> + Send + Sync;

impl fmt::Debug for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Protocol").field(&self.name).finish()
    }
}

/// What servers come to terms by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Each takes what it is asked, and they converge when they are connected.
    Eventual,
    /// A majority decides, and one of them leads. Who the members are is fixed from the start.
    Consensus,
}

/// All protocols; the first is the default.
pub const PROTOCOLS: &[Protocol] = &[gossip::PROTOCOL, multi_paxos::PROTOCOL, raft::PROTOCOL];

impl Protocol {
    /// The types of all messages that nodes send: between servers, from clients, and to them; each once.
    pub fn all_message_types(&self) -> impl Iterator<Item = &'static str> + use<> {
        let own = self.message_types;
        let others = Request::TYPES.into_iter().chain(Response::TYPES).filter(move |kind| !own.contains(kind));
        own.iter().copied().chain(others)
    }

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
