//! What part a server of Raft plays.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::NodeName;
use crate::protocol::raft::progress::Follower;
use crate::protocol::replicated::{Confirmations, reached_by_majority};

/// What part a server plays in its term.
#[derive(Debug, Default)]
pub enum Role {
    /// It takes what a leader sends.
    #[default]
    Follower,
    /// It asks whether it would be elected: these would vote for it in the next term, itself included.
    PreCandidate(BTreeSet<NodeName>),
    /// It wants to lead: these have voted for it, itself included.
    Candidate(BTreeSet<NodeName>),
    /// It leads.
    Leader(Leading),
}

/// Leading.
#[derive(Debug)]
pub struct Leading {
    /// How many entries are on their way to the leader's disk and to its followers: the flush brings the rest of its log.
    pub announced: u64,
    /// All other servers.
    pub followers: BTreeMap<NodeName, Follower>,
    /// To whom leadership is handed over.
    pub transfer: Option<Transfer>,
    /// Reads that wait until a majority has confirmed this leader.
    pub confirmations: Confirmations,
    /// How many heartbeats are left until it looks whether a majority hears it.
    pub heartbeats_left: u32,
}

/// Leadership on its way to another server. Meanwhile nothing is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// To whom.
    pub to: NodeName,
    /// Was it told to begin an election?
    pub is_told: bool,
}

impl Leading {
    /// How many entries a majority of `servers` has, the leader itself what it has announced.
    #[must_use]
    pub fn held_by_majority(&self, servers: usize) -> u64 {
        let counting = self.followers.values().filter(|follower| follower.counts);
        reached_by_majority(counting.map(|follower| follower.progress.reached).chain([self.announced]), servers)
    }

    /// How many entries a majority of `servers` has without the leader, whose own disk may not have them yet.
    #[must_use]
    pub fn held_by_others(&self, servers: usize) -> u64 {
        let counting = self.followers.values().filter(|follower| follower.counts);
        reached_by_majority(counting.map(|follower| follower.progress.reached), servers)
    }

    /// How many servers that count were heard since this was last asked, the leader itself included.
    pub fn take_heard(&mut self) -> usize {
        let heard = |follower: &mut Follower| std::mem::take(&mut follower.is_heard) && follower.counts;
        1 + self.followers.values_mut().filter_map(|follower| heard(follower).then_some(())).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leading(announced: u64, followers: &[(u64, bool)]) -> Leading {
        let follower = |&(reached, counts): &(u64, bool)| {
            let mut follower = Follower::unknown(0);
            follower.reach(reached);
            follower.counts = counts;
            follower
        };
        Leading {
            announced,
            followers: (2..).map(NodeName::server).zip(followers.iter().map(follower)).collect(),
            transfer: None,
            confirmations: Confirmations::default(),
            heartbeats_left: 0,
        }
    }

    #[test]
    fn who_does_not_count_makes_no_majority() {
        assert_eq!(leading(7, &[(5, true), (3, true)]).held_by_majority(3), 5);
        assert_eq!(leading(7, &[(5, false), (3, true)]).held_by_majority(3), 3);
        assert_eq!(leading(7, &[(5, false), (3, false)]).held_by_majority(3), 0);
        assert_eq!(leading(7, &[(5, false), (3, true)]).take_heard(), 2);
    }

    #[test]
    fn what_the_leader_has_not_on_its_disk_is_held_by_others_only_if_they_are_a_majority() {
        assert_eq!(leading(7, &[(5, true), (3, true)]).held_by_others(3), 3);
        assert_eq!(leading(7, &[(5, true), (3, false)]).held_by_others(3), 0);
        assert_eq!(leading(7, &[(5, true), (4, true), (3, true), (0, true)]).held_by_others(5), 3);
        assert_eq!(leading(7, &[]).held_by_others(1), 0);
    }

    #[test]
    fn who_was_heard_is_heard_once() {
        let mut leading = leading(7, &[(5, true), (3, true)]);
        assert_eq!([leading.take_heard(), leading.take_heard()], [3, 1]);
    }
}
