//! An eventually consistent store: every server takes writes, and servers converge when they are connected.
//!
//! A put is taken by the server that the client asks. It gets a [`Stamp`]: the server's Lamport clock (which is first
//! raised to the client's, so that a session's writes are ordered), the server, its incarnation. The server answers, and
//! sends the write once to every other server; who gets it does not pass it on. Of two writes of a key the one with the
//! greater stamp wins, everywhere. A get is answered only by a server that has what the session depends on, which gives
//! read-your-writes and monotonic reads for each key (Terry et al. 1994, "Session Guarantees for Weakly Consistent
//! Replicated Data", sections 3 and 4.1).
//!
//! `stabilize` makes the stores of a connected component equal: the master, which owns the links, hands every server its
//! parent and children in a tree; stores are merged on the way up ([`stabilization`]), the result on the way down.
//!
//! Each server's chain is its own: the writes that won there, in the order in which they were applied.
//!
//! A write that wins is kept on the server's disk ([`record`]), and is there before its client is answered. The other
//! servers are told at once: if the server then loses the write with its power, they have one that nobody was promised,
//! under a stamp that is never issued again, for each life stamps with an incarnation of its own.
//!
//! # Deliberately missing
//! Background anti-entropy, deletion (a store only grows), and `cas`, which needs consensus.

mod messages;
mod record;
mod replica;
mod server;
mod stabilization;

pub use messages::{Entry, GossipMessage};
pub use server::Server;

use crate::protocol::{Agreement, Protocol};

/// The entry of the registry.
pub const PROTOCOL: Protocol = Protocol {
    name: "gossip",
    summary: "an eventually consistent store: every server takes writes, connected servers converge",
    agreement: Agreement::Eventual,
    message_types: GossipMessage::TYPES,
    server: &|setup| Box::new(Server::new(&setup)),
};

#[cfg(doc)]
use crate::wire::Stamp;
