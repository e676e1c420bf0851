//! What a server knows while it leads, or tries to.
//!
//! Deliberately missing: its own log, which is the acceptor's, and what it says to whom.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::NodeName;
use crate::ledger::Block;
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::multi_paxos::messages::Extent;

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
    pub followers: BTreeMap<NodeName, Progress>,
}

/// How far a follower is. One that has everything announced gets what is new at once; one that is behind gets its log in
/// pieces, the next when it has taken the one before.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// From where its log is taken over; none once it has been.
    pub base: Option<u64>,
    /// How many blocks it was sent.
    pub sent: u64,
    /// How many it says that it has: accepted, or staged as long as there is a base.
    pub reached: u64,
    /// How many it had when the last round ended, if it was there then.
    pub reached_before: Option<u64>,
}

impl Progress {
    /// Of a server whose log is taken over behind so many blocks.
    #[must_use]
    pub fn from(base: u64) -> Self {
        Self { base: Some(base), sent: base, reached: base, reached_before: None }
    }

    /// How many blocks it has accepted under the leader's ballot.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        if self.base.is_none() { self.reached } else { 0 }
    }

    /// Does it lack something that it was sent, and has had nothing new since the last round?
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        (self.base.is_some() || self.reached < self.sent) && Some(self.reached) == self.reached_before
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
        let followers = self.followers.values().map(Progress::accepted);
        let mut lengths: Vec<_> = followers.chain([self.announced]).collect();
        lengths.sort_unstable_by(|one, other| other.cmp(one));
        lengths.get(servers / 2).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Extent = Extent { accepted: None, length: 0, decided: 0, has_copied: false };

    #[test]
    fn what_a_majority_has_accepted_is_the_length_that_so_many_reach() {
        let leading = |announced: u64, accepted: &[u64]| {
            let progress = |&reached: &u64| Progress { base: None, ..Progress::from(reached) };
            let followers = (2..).map(NodeName::server).zip(accepted.iter().map(progress)).collect();
            Leading { ballot: Ballot::first(NodeName::server(1)), adopted: NOTHING, announced, followers }
        };
        assert_eq!(leading(7, &[]).accepted_by_majority(1), 7);
        assert_eq!(leading(7, &[]).accepted_by_majority(3), 0);
        assert_eq!(leading(7, &[5]).accepted_by_majority(3), 5);
        assert_eq!(leading(7, &[5, 3]).accepted_by_majority(3), 5);
        assert_eq!(leading(7, &[5, 3]).accepted_by_majority(5), 3);
        assert_eq!(leading(4, &[5, 3, 3, 1]).accepted_by_majority(5), 3);
    }

    #[test]
    fn who_takes_a_log_over_has_accepted_nothing_before_its_end() {
        let mut leading = Leading {
            ballot: Ballot::first(NodeName::server(1)),
            adopted: NOTHING,
            announced: 7,
            followers: BTreeMap::from([(NodeName::server(2), Progress::from(5))]),
        };
        assert_eq!(leading.accepted_by_majority(3), 0);
        leading.followers.get_mut(&NodeName::server(2)).unwrap().base = None;
        assert_eq!(leading.accepted_by_majority(3), 5);
    }
}
