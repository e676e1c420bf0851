//! Rounds of heartbeats, and what comes of them.

use crate::base::NodeName;
use crate::machine::{Outputs, Violation};
use crate::protocol::multi_paxos::election::{Candidate, Verdict};
use crate::protocol::multi_paxos::messages::{Heartbeat, HeartbeatOk, PaxosMessage};
use crate::protocol::multi_paxos::record::Record;
use crate::protocol::multi_paxos::server::{ROUND, Server, tell};

impl Server {
    pub(super) fn begin_round(&mut self, outputs: &mut Outputs) {
        let round = self.election.round();
        self.tell_all(PaxosMessage::Heartbeat(Heartbeat { round }), outputs);
        outputs.set_timer(ROUND, self.round_length);
    }

    pub(super) fn end_round(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        self.catch_up(outputs);
        self.decided_before = self.acceptor.log.decided();
        if !self.is_learner {
            match self.election.end_round() {
                Verdict::Unchanged => self.repeat(outputs)?,
                Verdict::Leads(ballot) if ballot.server == self.name => self.prepare(ballot, outputs)?,
                Verdict::Leads(_) => self.forward_queue(outputs),
                Verdict::Raised(ballot) => outputs.persist(Record::Raised { number: ballot.number }.encode()),
            }
        } else {
            self.learn_leader();
            self.forward_queue(outputs);
            self.election.skip_round();
        }
        self.heard.clear();
        self.begin_round(outputs);
        Ok(())
    }

    /// A learner takes the greatest leader of which those know that count. What it knew before may be a ballot that none of
    /// them has ever promised, and to which it would forward for ever.
    fn learn_leader(&mut self) {
        let counting = self.heard.values().filter(|heard| heard.counts);
        if let Some(leader) = counting.filter_map(|heard| heard.leader).max() {
            self.election.follow(leader);
        }
    }

    pub(super) fn answer_heartbeat(&self, from: NodeName, round: u64, outputs: &mut Outputs) {
        let Candidate { ballot, is_candidate } = self.election.own();
        let answer = HeartbeatOk {
            round,
            ballot,
            is_candidate,
            counts: !self.is_learner,
            leader: self.election.leader(),
            decided: self.acceptor.log.decided(),
        };
        tell(from, PaxosMessage::HeartbeatOk(answer), outputs);
    }

    pub(super) fn hear(&mut self, from: NodeName, heard: HeartbeatOk) {
        if heard.round != self.election.round() {
            return;
        }
        self.heard.insert(from, heard);
        if heard.counts {
            let candidate = Candidate { ballot: heard.ballot, is_candidate: heard.is_candidate };
            self.election.hear(from, heard.round, candidate);
        }
    }

    /// Leads as soon as a majority promises.
    pub(super) fn nominate(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        if self.is_learner {
            return Ok(());
        }
        let ballot = self.election.raise();
        self.election.note_leader(ballot);
        outputs.persist(Record::Raised { number: ballot.number }.encode());
        self.prepare(ballot, outputs)
    }
}
