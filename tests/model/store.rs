//! What a server holds, and the rule by which writes win.

use std::collections::{BTreeMap, BTreeSet};

use super::network::UnderWay;

/// Lamport clock, then server, then which of its lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    pub clock: u64,
    pub server: u32,
    pub life: u32,
}

/// A write that a server has taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    pub key: String,
    pub stamp: Stamp,
    pub value: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Server {
    /// How often it was started.
    pub life: u32,
    pub alive: bool,
    pub paused: bool,
    /// What has become due for it while it was paused, in that order.
    pub waiting: Vec<UnderWay>,
    /// The other servers that it has heard of.
    pub others: BTreeSet<u32>,
    pub store: BTreeMap<String, Write>,
    /// The last write of each client that it took: which of the client's operations that was, and its stamp.
    pub taken: BTreeMap<u32, (u64, Stamp)>,
    /// It is to crash after so many outputs of the next write that it takes.
    pub crash_after: Option<u64>,
}

impl Server {
    /// A Lamport clock is that of the newest write that it saw; and the newest write always wins.
    pub fn clock(&self) -> u64 {
        self.store.values().map(|write| write.stamp.clock).max().unwrap_or(0)
    }

    pub fn merge(&mut self, write: &Write) {
        if self.store.get(&write.key).is_none_or(|present| present.stamp < write.stamp) {
            self.store.insert(write.key.clone(), write.clone());
        }
    }

    pub fn runs(&self) -> bool {
        self.alive && !self.paused
    }

    /// What it had written is still there when it is started again.
    pub fn die(&mut self) {
        (self.alive, self.paused) = (false, false);
        self.waiting.clear();
    }
}
