//! What a server knows while it leads, or tries to.
//!
//! Deliberately missing: its own log, which is the acceptor's, and what it says to whom.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::NodeName;
use crate::ledger::Block;
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::multi_paxos::messages::Extent;
use crate::protocol::replicated::{Confirmations, Progress, reached_by_majority};

/// What part a server plays.
#[derive(Debug, Default)]
pub enum Role {
    /// It takes what a leader sends.
    #[default]
    Follower,
    /// It has asked for promises.
    Preparing(Preparing),
    /// It decides.
    Leading(Leading),
}

/// Asking for promises, and for what the others have accepted.
#[derive(Debug)]
pub struct Preparing {
    /// The ballot to lead with.
    pub ballot: Ballot,
    /// Who has promised, and what it had accepted; the server itself too.
    pub promises: BTreeMap<NodeName, Extent>,
    /// The log that is adopted, once a majority has promised.
    pub adopting: Option<Adopting>,
}

/// The log of another server on its way.
#[derive(Debug)]
pub struct Adopting {
    /// Whose.
    pub from: NodeName,
    /// What it is.
    pub extent: Extent,
    /// How many blocks of the own log stay.
    pub skip: u64,
    /// What has come.
    pub blocks: Vec<Rc<Block>>,
    /// How many blocks had come when the last round ended, if it was on its way then.
    pub come_before: Option<usize>,
}

/// Leading.
#[derive(Debug)]
pub struct Leading {
    /// The ballot.
    pub ballot: Ballot,
    /// What was adopted.
    pub adopted: Extent,
    /// How many blocks are on their way to the leader's disk and to its followers: the flush brings the rest of its log.
    pub announced: u64,
    /// Those who have promised, and how far they are.
    pub followers: BTreeMap<NodeName, Follower>,
    /// Reads that wait until a majority has confirmed the ballot.
    pub confirmations: Confirmations,
}

/// A server that has promised.
#[derive(Clone, Copy, Debug)]
pub struct Follower {
    /// From where it takes the leader's log over; none once it has.
    pub base: Option<u64>,
    /// How many blocks it has: accepted, or staged as long as there is a base.
    pub progress: Progress,
}

impl Follower {
    /// One that takes the log over behind so many blocks.
    #[must_use]
    pub fn from(base: u64) -> Self {
        Self { base: Some(base), progress: Progress::of(base, base) }
    }

    /// How many blocks it has accepted under the leader's ballot.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        if self.base.is_none() { self.progress.reached } else { 0 }
    }

    /// Does it lack something that it was sent, and has had nothing new since the last round?
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        (self.base.is_some() || !self.progress.is_idle()) && self.progress.stands_still()
    }
}

impl Preparing {
    /// Who has accepted most: under the greatest ballot, and of these the longest; of equals the server itself.
    #[must_use]
    pub fn best(&self, own: NodeName) -> (NodeName, Extent) {
        let rank = |(name, extent): &(&NodeName, &Extent)| (extent.accepted, extent.length, **name == own);
        let (name, extent) = self.promises.iter().max_by_key(rank).expect("the server itself has promised");
        (*name, *extent)
    }
}

impl Leading {
    /// From where a server that has accepted this much takes the leader's log over.
    #[must_use]
    pub fn base_for(&self, extent: Extent) -> u64 {
        let begins_this_log = extent.is_part_of_one_log_with(&self.adopted) && extent.length <= self.adopted.length;
        if extent.accepted == Some(self.ballot) || begins_this_log { extent.length } else { extent.decided }
    }

    /// How many blocks a majority of `servers` has accepted, the leader itself what it has announced.
    #[must_use]
    pub fn accepted_by_majority(&self, servers: usize) -> u64 {
        let followers = self.followers.values().map(Follower::accepted);
        reached_by_majority(followers.chain([self.announced]), servers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Extent = Extent { accepted: None, length: 0, decided: 0, has_copied: false };

    #[test]
    fn who_takes_a_log_over_has_accepted_nothing_before_its_end() {
        let mut leading = Leading {
            ballot: Ballot::first(NodeName::server(1)),
            adopted: NOTHING,
            announced: 7,
            followers: BTreeMap::from([(NodeName::server(2), Follower::from(5))]),
            confirmations: Confirmations::default(),
        };
        assert_eq!(leading.accepted_by_majority(3), 0);
        leading.followers.get_mut(&NodeName::server(2)).unwrap().base = None;
        assert_eq!(leading.accepted_by_majority(3), 5);
    }
}
