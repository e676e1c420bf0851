//! Who leads: ballot leader election in rounds of heartbeats, with quorum-connectivity.
//!
//! In each round a server asks all others, and takes the ballots of those that answered. A server that hears no majority
//! (itself included) is no *candidate* until it raises its ballot, and says so in its answers. The greatest ballot among
//! the candidates leads. If all of them are below the leader's, the leader is lost: a server that hears a majority raises
//! its own ballot above it, and is a candidate with it in the next round. So a server that a majority can reach takes over
//! from one that it cannot reach, also where no two servers see the same others.
//!
//! A server that is started again is no candidate either: with the ballot of its earlier life the others would take it
//! for the leader that it is no longer.
//!
//! Source: Ng, Haridi, Carbone 2023, "Omni-Paxos: Breaking the Barriers of Partial Connectivity", section 5.2, figure 4.
//!
//! Deliberately missing: time, and what a leader does.

use std::collections::BTreeMap;

use crate::base::NodeName;
use crate::protocol::multi_paxos::ballot::Ballot;

/// What a server says of itself in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its own ballot.
    pub ballot: Ballot,
    /// Has it heard a majority in each round since it raised this ballot?
    pub is_candidate: bool,
}

/// The election as one server sees it.
///
/// Invariants:
/// 1. The leader's ballot never goes back, but for a server that only asks.
/// 2. The own ballot never goes back, also over restarts, once it is above the first.
#[derive(Debug)]
pub struct Election {
    own: Candidate,
    /// The greatest number that this server has ever used, in any life.
    used: u64,
    majority: usize,
    round: u64,
    leader: Option<Ballot>,
    heard: BTreeMap<NodeName, Candidate>,
}

/// What a round has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is new.
    Unchanged,
    /// This ballot leads from now on.
    Leads(Ballot),
    /// The leader is lost: the own ballot was raised, and must be kept on the disk before it is told.
    Raised(Ballot),
}

impl Election {
    /// Of one of so many servers, in its first life.
    #[must_use]
    pub fn new(name: NodeName, servers: usize) -> Self {
        Self {
            own: Candidate { ballot: Ballot::first(name), is_candidate: true },
            used: 0,
            majority: servers / 2 + 1,
            round: 0,
            leader: None,
            heard: BTreeMap::new(),
        }
    }

    /// The same in a later life. `used` is the greatest number of a ballot of its own that its earlier lives used,
    /// `promised` the ballot that they promised last.
    pub fn recover(&mut self, used: u64, promised: Option<Ballot>) {
        self.own.is_candidate = false;
        self.used = used;
        self.leader = promised;
    }

    /// What this server says of itself.
    #[must_use]
    pub fn own(&self) -> Candidate {
        self.own
    }

    /// The ballot that leads, as far as this server knows.
    #[must_use]
    pub fn leader(&self) -> Option<Ballot> {
        self.leader
    }

    /// The round that is under way.
    #[must_use]
    pub fn round(&self) -> u64 {
        self.round
    }

    /// A server answers in a round; answers of earlier rounds do not count.
    pub fn hear(&mut self, from: NodeName, round: u64, candidate: Candidate) {
        if round == self.round {
            // It may have said more than that since: an answer can be overtaken by what its sender does next.
            let heard = self.heard.entry(from).or_insert(candidate);
            if candidate.ballot > heard.ballot {
                *heard = candidate;
            }
        }
    }

    /// Somebody is known to lead with a ballot: it has prepared it, and so is a candidate with it in this round.
    pub fn note_leader(&mut self, ballot: Ballot) {
        self.leader = self.leader.max(Some(ballot));
        if ballot.server != self.own.ballot.server {
            self.hear(ballot.server, self.round, Candidate { ballot, is_candidate: true });
        }
    }

    /// Raises the own ballot above all that are known, to lead with it.
    pub fn raise(&mut self) -> Ballot {
        let above = self.leader.map_or(0, |leader| leader.number).max(self.used);
        let server = self.own.ballot.server;
        self.own = Candidate { ballot: Ballot { number: above, server }.next(server), is_candidate: true };
        self.used = self.own.ballot.number;
        self.own.ballot
    }

    /// What a server that only asks is told by the others.
    pub fn follow(&mut self, leader: Ballot) {
        self.leader = Some(leader);
    }

    /// Begins the next round of a server that only asks.
    pub fn skip_round(&mut self) {
        self.round += 1;
        self.heard.clear();
    }

    /// Ends the round, and begins the next.
    pub fn end_round(&mut self) -> Verdict {
        self.round += 1;
        let heard = std::mem::take(&mut self.heard);
        if heard.len() + 1 < self.majority {
            self.own.is_candidate = false;
            return Verdict::Unchanged;
        }
        let candidates = heard.values().chain([&self.own]).filter(|candidate| candidate.is_candidate);
        let greatest = candidates.map(|candidate| candidate.ballot).max();
        match greatest {
            Some(greatest) if self.leader.is_none_or(|leader| greatest > leader) => {
                self.leader = Some(greatest);
                Verdict::Leads(greatest)
            }
            Some(greatest) if Some(greatest) == self.leader => Verdict::Unchanged,
            Some(_) | None => Verdict::Raised(self.raise()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(number: u32) -> NodeName {
        NodeName::server(number)
    }

    /// Five servers, of which each hears those that `hears` says, for so many rounds.
    fn rounds(elections: &mut [Election], count: usize, hears: impl Fn(u32, u32) -> bool) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for _ in 0..count {
            let own: Vec<_> = elections.iter().map(Election::own).collect();
            for election in elections.iter_mut() {
                let me = election.own().ballot.server;
                for candidate in own.iter().filter(|other| hears(me.number, other.ballot.server.number)) {
                    if candidate.ballot.server != me {
                        election.hear(candidate.ballot.server, election.round(), *candidate);
                    }
                }
                verdicts.push(election.end_round());
            }
        }
        verdicts
    }

    fn five() -> Vec<Election> {
        (1..=5).map(|number| Election::new(s(number), 5)).collect()
    }

    fn leaders(elections: &[Election]) -> Vec<u32> {
        elections.iter().map(|election| election.leader().map_or(0, |ballot| ballot.server.number)).collect()
    }

    #[test]
    fn the_greatest_of_those_that_hear_a_majority_leads_and_stays() {
        let mut elections = five();
        rounds(&mut elections, 1, |_, _| true);
        assert_eq!(leaders(&elections), [5; 5]);
        let later = rounds(&mut elections, 20, |_, _| true);
        assert!(later.iter().all(|verdict| *verdict == Verdict::Unchanged));
    }

    #[test]
    fn who_hears_no_majority_raises_nothing_and_leads_nobody() {
        let mut elections = five();
        let verdicts = rounds(&mut elections, 20, |_, _| false);
        assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Unchanged));
        assert_eq!(leaders(&elections), [0; 5]);
        assert!(elections.iter().all(|election| !election.own().is_candidate));
    }

    /// Omni-Paxos, section 2, figure 1a: all links are cut that do not touch server 1, and server 5 led.
    #[test]
    fn in_a_quorum_loss_the_one_that_all_reach_leads() {
        let mut elections = five();
        rounds(&mut elections, 1, |_, _| true);
        let verdicts = rounds(&mut elections, 20, |me, other| me == 1 || other == 1);
        assert_eq!(leaders(&elections)[0], 1);
        let raised = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Raised(_))).count();
        assert!(raised <= 2, "the ballot is raised {raised} times");
    }

    /// Figure 1c: 1 and 3 do not hear each other, and 3 led. 2 hears both.
    #[test]
    fn in_a_chain_the_leader_changes_a_bounded_number_of_times() {
        let mut elections: Vec<_> = (1..=3).map(|number| Election::new(s(number), 3)).collect();
        rounds(&mut elections, 1, |_, _| true);
        assert_eq!(leaders(&elections), [3; 3]);
        let verdicts = rounds(&mut elections, 20, |me, other| me == 2 || other == 2);
        let raised = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Raised(_))).count();
        assert!(raised <= 2, "the ballot is raised {raised} times");
        assert_eq!(leaders(&elections)[1], leaders(&elections)[0]);
    }

    #[test]
    fn a_server_that_is_started_again_is_no_candidate_and_uses_no_ballot_twice() {
        let mut election = Election::new(s(1), 3);
        election.recover(4, Some(Ballot { number: 3, server: s(2) }));
        assert!(!election.own().is_candidate);
        assert_eq!(election.raise(), Ballot { number: 5, server: s(1) });
        assert_eq!(election.raise(), Ballot { number: 6, server: s(1) });
    }

    /// Else every other server would take the leader for lost in the round in which it was nominated.
    #[test]
    fn who_has_prepared_in_a_round_is_heard_in_it() {
        let mut election = Election::new(s(1), 3);
        let early = Candidate { ballot: Ballot::first(s(3)), is_candidate: true };
        election.hear(s(3), 0, early);
        election.hear(s(2), 0, Candidate { ballot: Ballot::first(s(2)), is_candidate: true });
        election.note_leader(Ballot { number: 7, server: s(3) });
        election.hear(s(3), 0, early);
        assert_eq!(election.end_round(), Verdict::Unchanged);
        assert_eq!(election.leader(), Some(Ballot { number: 7, server: s(3) }));
    }
}
