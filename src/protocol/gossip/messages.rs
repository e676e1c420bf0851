//! What gossip servers say to each other.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::ledger::{Nonce, RequestId};
use crate::protocol::messages::protocol_messages;
use crate::store::{Operation, Value};
use crate::wire::Stamp;

/// A write, with all that another server needs to apply it and to make the same block of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The key.
    pub key: Value,
    /// The value.
    pub value: Value,
    /// When it was issued.
    pub stamp: Stamp,
    /// The request that asked for it.
    pub request: RequestId,
    /// The nonce of its block: the issuing server searches it, all others only check it.
    pub nonce: Nonce,
}

impl Entry {
    /// The operation of its block.
    #[must_use]
    pub fn operation(&self) -> Operation {
        Operation::Put { key: self.key.clone(), value: self.value.clone() }
    }
}

/// On which way a piece of a store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// To the root: what a subtree holds.
    Gather,
    /// From the root: what the component holds.
    Spread,
}

/// A piece of a store on its way through a component's tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The attempt that it belongs to.
    pub round: u64,
    /// Its way.
    pub phase: Phase,
    /// Writes, in ascending order of keys.
    pub entries: Vec<Entry>,
    /// Will another piece follow?
    pub more: bool,
}

protocol_messages! {
    /// What gossip servers say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum GossipMessage {
        /// A write that the sender has taken from a client.
        Write(Replicated) = "write",
        /// A piece of a store.
        Stabilize(Rc<Piece>) = "stabilize",
    }
}

/// A write on its way to the other servers; without `msg_id`, for nobody answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replicated {
    /// The write.
    pub entry: Entry,
}

#[cfg(test)]
mod tests;
