//! What was claimed, and does not hold.

use std::fmt;

/// What is claimed of every schedule, at every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// A server's own invariants hold, and none takes a right message for a wrong one.
    Sound,
    /// The ballot that was promised, or the term, is never less than before, in no life, and nothing is accepted under
    /// less.
    PromiseKept,
    /// A server votes once in a term, over all its lives.
    OneVote,
    /// A server changes nothing that its disk does not get to know, and finds in its next life what it knew.
    Recorded,
    /// What is decided stays as it is.
    DecidedStays,
    /// One server leads with a ballot or in a term, in one life.
    OneLeader,
    /// A leader only adds to its log.
    AppendOnly,
    /// Under one ballot one block stands at a height; logs with an entry of the same index and term are the same up to it.
    OneBlock,
    /// No log holds a request twice.
    OneRequest,
    /// What was chosen stays chosen: all leaders of greater ballots or terms have it.
    ChosenStays,
    /// Only what is on the disks of a majority is decided, and all decide the same.
    DecidedIsChosen,
    /// What is said is on the disk of its sender, but for what may leave early.
    Durable,
    /// A client is answered with what its request comes to at its place in the chosen chain.
    Answer,
    /// A get without a block is answered with a value that its key had after some chosen block, and not before the last
    /// one that any answer had shown when the get was asked first.
    Read,
    /// A learner never promises, votes, accepts, counts or leads.
    Learner,
    /// Once nothing fails any more, one leads, all hold the same, and what is asked is answered.
    Progress,
}

impl Claim {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Sound,
        Self::PromiseKept,
        Self::OneVote,
        Self::Recorded,
        Self::DecidedStays,
        Self::OneLeader,
        Self::AppendOnly,
        Self::OneBlock,
        Self::OneRequest,
        Self::ChosenStays,
        Self::DecidedIsChosen,
        Self::Durable,
        Self::Answer,
        Self::Read,
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
