//! When a write was issued, as the gossip store orders writes.

use serde::{Deserialize, Serialize};

use crate::base::{Incarnation, NodeName, limits};

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

impl Stamp {
    /// Is its clock one that a run can reach? A greater one would leave no room for the writes after it.
    ///
    /// # Errors
    /// The sentence that says why not.
    pub fn check(&self) -> Result<(), String> {
        check_clock(self.clock)
    }
}

/// Is this a Lamport clock that a run can reach?
///
/// # Errors
/// The sentence that says why not.
pub fn check_clock(clock: u64) -> Result<(), String> {
    if clock <= limits::GREATEST_CLOCK {
        Ok(())
    } else {
        Err(format!("the Lamport clock {clock} is greater than {}, which no run reaches", limits::GREATEST_CLOCK))
    }
}
