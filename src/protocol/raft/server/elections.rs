//! Elections: waiting for a leader, asking, voting. Source: sections 5.2 and 5.4.1; Ongaro 2014, sections 6.2 and 9.6.

use std::collections::BTreeSet;

use crate::base::{NodeName, Span, Time};
use crate::machine::Outputs;
use crate::protocol::raft::messages::{PreVote, PreVoteOk, Pull, RaftMessage, Vote, VoteOk};
use crate::protocol::raft::record::Record;
use crate::protocol::raft::role::Role;
use crate::protocol::raft::server::{ELECTION, HEARTBEAT, Server, is_within, tell};

impl Server {
    /// Waits for a leader, for a time that another server hardly waits as well.
    pub(super) fn await_election(&mut self, outputs: &mut Outputs) {
        self.draws += 1;
        let wait = self.chance.numbered(self.draws).between(self.timeout, self.longest_wait());
        outputs.set_timer(ELECTION, wait);
    }

    /// No server waits longer for a leader.
    fn longest_wait(&self) -> Span {
        Span(self.timeout.0 * 2 - 1)
    }

    /// Was the leader heard so lately that nobody has a reason to elect another one? A leader takes itself for heard: it
    /// steps down by itself if no majority hears it.
    pub(super) fn hears_a_leader(&self, now: Time) -> bool {
        matches!(self.role, Role::Leader(_)) || (self.leader.is_some() && is_within(self.timeout, self.heard_at, now))
    }

    /// Nobody is heard that leads.
    pub(super) fn end_wait(&mut self, now: Time, outputs: &mut Outputs) {
        self.leader = None;
        if self.is_learner {
            self.tell_all(RaftMessage::Pull(Pull { index: self.log.commit() }), outputs);
            self.await_election(outputs);
        } else if self.nominated_at.is_some_and(|at| is_within(self.longest_wait(), at, now)) {
            self.campaign(true, outputs);
        } else if self.asks_first() {
            self.ask_for_prevotes(outputs);
        } else {
            self.campaign(false, outputs);
        }
    }

    fn ask_for_prevotes(&mut self, outputs: &mut Outputs) {
        self.role = Role::PreCandidate(BTreeSet::from([self.name]));
        let question = PreVote { term: self.term + 1, last: self.log.last() };
        self.tell_all(RaftMessage::PreVote(question), outputs);
        self.await_election(outputs);
        self.campaign_if_wanted(outputs);
    }

    pub(super) fn answer_prevote(&self, now: Time, from: NodeName, question: PreVote, outputs: &mut Outputs) {
        if self.is_learner {
            return;
        }
        let is_granted = question.term > self.term
            && question.last.is_up_to_date_with(&self.log.last())
            && !self.hears_a_leader(now);
        let term = if is_granted { question.term } else { self.term };
        let answer = PreVoteOk { term, is_granted, commit: self.log.commit() };
        tell(from, RaftMessage::PreVoteOk(answer), outputs);
    }

    pub(super) fn take_prevote(&mut self, from: NodeName, answer: PreVoteOk, outputs: &mut Outputs) {
        self.pull_if_behind(from, answer.commit, outputs);
        let is_granted = answer.is_granted && answer.term == self.term + 1;
        if let Role::PreCandidate(granted) = &mut self.role
            && is_granted
        {
            granted.insert(from);
            self.campaign_if_wanted(outputs);
        }
    }

    fn campaign_if_wanted(&mut self, outputs: &mut Outputs) {
        let majority = self.majority();
        if matches!(&self.role, Role::PreCandidate(granted) if granted.len() >= majority) {
            self.campaign(false, outputs);
        }
    }

    /// Wants to lead in the next term.
    pub(super) fn campaign(&mut self, is_transfer: bool, outputs: &mut Outputs) {
        self.enter(self.term + 1, Some(self.name), outputs);
        (self.leader, self.nominated_at) = (None, None);
        self.role = Role::Candidate(BTreeSet::from([self.name]));
        let question = Vote { term: self.term, last: self.log.last(), is_transfer };
        self.tell_all(RaftMessage::Vote(question), outputs);
        self.await_election(outputs);
        self.lead_if_elected(outputs);
    }

    pub(super) fn answer_vote(&mut self, from: NodeName, question: Vote, outputs: &mut Outputs) {
        if self.is_learner {
            return;
        }
        let may_vote = self.vote.is_none_or(|vote| vote == from);
        let is_granted = question.term == self.term && may_vote && question.last.is_up_to_date_with(&self.log.last());
        if is_granted {
            if self.vote.is_none() {
                self.enter(self.term, Some(from), outputs);
            }
            self.await_election(outputs);
        }
        self.tell_vote(from, is_granted, outputs);
    }

    pub(super) fn refuse_vote(&self, from: NodeName, outputs: &mut Outputs) {
        if !self.is_learner {
            self.tell_vote(from, false, outputs);
        }
    }

    fn tell_vote(&self, to: NodeName, is_granted: bool, outputs: &mut Outputs) {
        let answer = VoteOk { term: self.term, is_granted, commit: self.log.commit() };
        tell(to, RaftMessage::VoteOk(answer), outputs);
    }

    pub(super) fn take_vote(&mut self, from: NodeName, answer: VoteOk, outputs: &mut Outputs) {
        self.pull_if_behind(from, answer.commit, outputs);
        let is_granted = answer.is_granted && answer.term == self.term;
        if let Role::Candidate(votes) = &mut self.role
            && is_granted
        {
            votes.insert(from);
            self.lead_if_elected(outputs);
        }
    }

    fn lead_if_elected(&mut self, outputs: &mut Outputs) {
        let majority = self.majority();
        if matches!(&self.role, Role::Candidate(votes) if votes.len() >= majority) {
            self.lead(outputs);
        }
    }

    /// Is in a term from now on, and has voted in it, or not yet.
    fn enter(&mut self, term: u64, vote: Option<NodeName>, outputs: &mut Outputs) {
        (self.term, self.vote) = (term, vote);
        outputs.persist(Record::Term { term, vote }.encode());
    }

    /// Another server is in a later term, or leads in this one: this one follows.
    pub(super) fn follow_in(&mut self, term: u64, leader: Option<NodeName>, outputs: &mut Outputs) {
        if term > self.term {
            self.enter(term, None, outputs);
        }
        self.leader = leader;
        self.step_down(outputs);
    }

    /// Is a follower, whatever it was.
    pub(super) fn step_down(&mut self, outputs: &mut Outputs) {
        if let Role::Leader(_) = std::mem::take(&mut self.role) {
            outputs.cancel_timer(HEARTBEAT);
            self.await_election(outputs);
        }
    }
}
