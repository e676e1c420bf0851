//! What a script does to nodes, disks and clocks, and what that costs.

use std::fmt;

use serde::Serialize;

use crate::base::{ClockRate, Offset, Span};
use crate::wire::disk::FileName;

/// How a node dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Its process was killed; its files are as it left them.
    Killed,
    /// The power failed: what was not synced is lost.
    Crashed,
    /// The power failed after so many outputs of its last step.
    CrashedAfter {
        /// How many of them had happened.
        outputs: usize,
        /// How many lines of the step stand before the first that has not happened; what had to wait for a slow disk is
        /// passed over.
        place: usize,
    },
    /// The power failed at an output that had waited for its slow disk; the steps before had come to their ends.
    CrashedWaiting,
    /// It ended by itself, because its disk was full, or because of what the script did to what is on it.
    Refused,
}

impl Death {
    /// What the trace calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Crashed | Self::CrashedAfter { .. } | Self::CrashedWaiting => "crashed",
            Self::Refused => "refused",
        }
    }
}

/// What a file lost when the power failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Which file.
    pub file: FileName,
    /// How many of its last appends, one that was torn included.
    pub appends: usize,
    /// Where the last append was torn, in bytes from the file's beginning: all before that survived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub torn: Option<u64>,
}

/// What a script does to a node's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// Syncs are not done: what they should have saved is lost at the next crash.
    Lie,
    /// At the next crash the last append that was not synced is written by half.
    Torn,
    /// A bit of the byte at this offset of the log is flipped.
    Flip {
        /// In bytes from the file's beginning.
        offset: u64,
    },
    /// Appends fail.
    Full,
    /// Each sync takes so long.
    Slow {
        /// How long.
        by: Span,
    },
    /// Everything on it is gone.
    Wipe,
    /// What is in force of these is lifted.
    Heal,
}

/// As the script says it: `slow 50ms`.
impl fmt::Display for DiskFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lie => formatter.write_str("lie"),
            Self::Torn => formatter.write_str("torn"),
            Self::Flip { offset } => write!(formatter, "flip {offset}"),
            Self::Full => formatter.write_str("full"),
            Self::Slow { by } => write!(formatter, "slow {by}"),
            Self::Wipe => formatter.write_str("wipe"),
            Self::Heal => formatter.write_str("heal"),
        }
    }
}

/// What a script does to a node's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockFault {
    /// It runs so fast from now on.
    Rate {
        /// How fast.
        rate: ClockRate,
    },
    /// It is set to another time, and runs on as it did.
    Jump {
        /// How far from what it shows.
        offset: Offset,
    },
}

/// As the script says it: `rate 1.5`.
impl fmt::Display for ClockFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate { rate } => write!(formatter, "rate {rate}"),
            Self::Jump { offset } => write!(formatter, "jump {offset}"),
        }
    }
}
