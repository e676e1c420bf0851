//! What was claimed, and does not hold.

use std::fmt;

/// What is claimed of every schedule, at every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// A server's own invariants hold, and none takes a right message for a wrong one.
    Sound,
    /// What was promised is never less than before, in no life, and nothing is accepted under less.
    PromiseKept,
    /// A server changes nothing that its disk does not get to know, and finds in its next life what it knew.
    Recorded,
    /// What is decided stays as it is.
    DecidedStays,
    /// One server leads a ballot, in one life.
    OneLeader,
    /// Under one ballot one block stands at a height.
    OneBlock,
    /// No log holds a request twice.
    OneRequest,
    /// What was chosen stays chosen: all leaders of greater ballots have it.
    ChosenStays,
    /// Only what is on the disks of a majority is decided, and all decide the same.
    DecidedIsChosen,
    /// What is said is on the disk of its sender, but for accepts.
    Durable,
    /// A client is answered with what its request comes to at its place in the chosen chain.
    Answer,
    /// A learner never promises, accepts, counts or leads.
    Learner,
    /// Once nothing fails any more, one leads, all hold the same, and what is asked is answered.
    Progress,
}

impl Claim {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Sound,
        Self::PromiseKept,
        Self::Recorded,
        Self::DecidedStays,
        Self::OneLeader,
        Self::OneBlock,
        Self::OneRequest,
        Self::ChosenStays,
        Self::DecidedIsChosen,
        Self::Durable,
        Self::Answer,
        Self::Learner,
        Self::Progress,
    ];
}

/// A claim that does not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub claim: Claim,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.claim, self.found)
    }
}

/// Nothing, if it holds.
pub fn claim(claim: Claim, holds: bool, found: impl FnOnce() -> String) -> Result<(), Breach> {
    if holds { Ok(()) } else { Err(Breach { claim, found: found() }) }
}
