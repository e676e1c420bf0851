//! When a write was issued, as the gossip store orders writes.

use serde::{Deserialize, Serialize};

use crate::base::{Incarnation, NodeName};

/// The stamp of a write. Total order: Lamport clock, then server, then incarnation; no two writes share a stamp.
///
/// Source: Lamport 1978, "Time, Clocks, and the Ordering of Events", section "Ordering the Events Totally".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// The issuing server's Lamport clock, from 1.
    pub clock: u64,
    /// The issuing server.
    pub server: NodeName,
    /// In which of its lives.
    pub incarnation: Incarnation,
}
