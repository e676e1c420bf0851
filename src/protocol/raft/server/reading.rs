//! Reads without a block. Source: Ongaro 2014, section 6.4; what each part does is told at
//! [`Reads`](crate::protocol::replicated::Reads).

use crate::base::NodeName;
use crate::machine::Outputs;
use crate::protocol::raft::messages::RaftMessage;
use crate::protocol::raft::role::Role;
use crate::protocol::raft::server::{Server, tell};
use crate::protocol::replicated::{Attempt, ReadIndex};

impl Server {
    /// Asks again for reads that nobody has confirmed.
    pub(super) fn ask_for_reads_again(&mut self, outputs: &mut Outputs) {
        if self.leader.is_some()
            && let Some(attempt) = self.reads.begin_again()
        {
            self.ask_leader(attempt, outputs);
        }
    }

    fn ask_leader(&mut self, attempt: Attempt, outputs: &mut Outputs) {
        match (&mut self.role, self.leader) {
            (Role::Leader(leading), _) => leading.confirmations.ask(self.name, attempt),
            (Role::Follower | Role::PreCandidate(_) | Role::Candidate(_), Some(leader)) => {
                tell(leader, RaftMessage::ReadIndex(ReadIndex { attempt }), outputs);
            }
            (Role::Follower | Role::PreCandidate(_) | Role::Candidate(_), None) => {}
        }
    }

    pub(super) fn take_read_index(&mut self, from: NodeName, question: ReadIndex) {
        // Who does not lead says nothing: the other asks again when it hears a leader.
        if let Role::Leader(leading) = &mut self.role {
            leading.confirmations.ask(from, question.attempt);
        }
    }

    /// Asks the leader for new reads, asks a majority for what the leader was asked, tells what that has confirmed, and
    /// answers what can be answered.
    pub(super) fn confirm_reads(&mut self, outputs: &mut Outputs) {
        if self.leader.is_some()
            && let Some(attempt) = self.reads.begin()
        {
            self.ask_leader(attempt, outputs);
        }
        let (servers, length) = (self.servers(), self.log.blocks().decided());
        let knows_what_is_decided = self.log.position(self.log.commit()).term == self.term;
        if let Role::Leader(leading) = &mut self.role
            && knows_what_is_decided
            && leading.confirmations.begin(length)
        {
            self.send_heartbeats(outputs);
        }
        if let Role::Leader(leading) = &mut self.role {
            for (asker, answer) in leading.confirmations.hand_out(servers, self.name, &mut self.reads) {
                tell(asker, RaftMessage::ReadIndexOk(answer), outputs);
            }
        }
        self.reads.answer(self.log.blocks(), outputs);
    }
}
