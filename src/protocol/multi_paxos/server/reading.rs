//! Reads without a block: the leader's ballot is confirmed, not a log. What each part does is told at
//! [`Reads`](crate::protocol::replicated::Reads).
//!
//! Who confirms a ballot has promised no greater one. Whatever was decided under a greater ballot before that was accepted
//! by a majority that had promised it, so a majority that confirms says that nothing was. What was decided under smaller
//! ballots stands in the log that the leader has adopted, and what under its own it has decided itself: once it has decided
//! all that it adopted, its decided length is the chain's.

use crate::base::NodeName;
use crate::machine::Outputs;
use crate::protocol::multi_paxos::leader::Role;
use crate::protocol::multi_paxos::messages::{Confirm, ConfirmOk, PaxosMessage};
use crate::protocol::multi_paxos::server::{Server, tell};
use crate::protocol::replicated::{Attempt, ReadIndex};

impl Server {
    /// Asks the leader again for reads that nobody has confirmed.
    pub(super) fn ask_for_reads_again(&mut self, outputs: &mut Outputs) {
        if self.election.leader().is_some()
            && let Some(attempt) = self.reads.begin_again()
        {
            self.ask_leader(attempt, outputs);
        }
    }

    fn ask_leader(&mut self, attempt: Attempt, outputs: &mut Outputs) {
        match &mut self.role {
            Role::Leading(leading) => leading.confirmations.ask(self.name, attempt),
            Role::Follower | Role::Preparing(_) => {
                let leader = self.election.leader().filter(|leader| leader.server != self.name);
                if let Some(leader) = leader {
                    tell(leader.server, PaxosMessage::ReadIndex(ReadIndex { attempt }), outputs);
                }
            }
        }
    }

    pub(super) fn take_read_index(&mut self, from: NodeName, question: ReadIndex) {
        // Who does not lead says nothing: the other asks again.
        if let Role::Leading(leading) = &mut self.role {
            leading.confirmations.ask(from, question.attempt);
        }
    }

    /// Says that no greater ballot was promised here.
    pub(super) fn answer_confirm(&self, from: NodeName, question: Confirm, outputs: &mut Outputs) {
        let Confirm { ballot, sequence } = question;
        if !self.is_learner && self.acceptor.promised == Some(ballot) {
            tell(from, PaxosMessage::ConfirmOk(ConfirmOk { ballot, sequence }), outputs);
        }
    }

    pub(super) fn take_confirm_ok(&mut self, from: NodeName, answer: ConfirmOk) {
        if let Role::Leading(leading) = &mut self.role
            && leading.ballot == answer.ballot
        {
            leading.confirmations.hear(from, answer.sequence);
        }
    }

    /// Asks the leader for new reads, asks a majority for what the leader was asked, tells what that has confirmed, and
    /// answers what can be answered.
    pub(super) fn confirm_reads(&mut self, outputs: &mut Outputs) {
        if self.election.leader().is_some()
            && let Some(attempt) = self.reads.begin()
        {
            self.ask_leader(attempt, outputs);
        }
        let (servers, length) = (self.servers(), self.acceptor.log.decided());
        if let Role::Leading(leading) = &mut self.role
            && length >= leading.adopted.length
            && leading.confirmations.begin(length)
        {
            self.ask_for_confirmation(outputs);
        }
        if let Role::Leading(leading) = &mut self.role {
            for (asker, answer) in leading.confirmations.hand_out(servers, self.name, &mut self.reads) {
                tell(asker, PaxosMessage::ReadIndexOk(answer), outputs);
            }
        }
        self.reads.answer(&self.acceptor.log, outputs);
    }

    /// Asks all others whether this server still leads, if any read waits for that.
    pub(super) fn ask_for_confirmation(&self, outputs: &mut Outputs) {
        if let Role::Leading(leading) = &self.role
            && leading.confirmations.is_waiting()
        {
            let question = Confirm { ballot: leading.ballot, sequence: leading.confirmations.sequence() };
            self.tell_all(PaxosMessage::Confirm(question), outputs);
        }
    }
}
