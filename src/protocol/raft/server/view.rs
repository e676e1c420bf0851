//! What tests look at, and what bugs would do that nothing from outside makes a server do.

use crate::base::NodeName;
use crate::machine::Outputs;
use crate::protocol::raft::log::RaftLog;
use crate::protocol::raft::messages::{Commit, RaftMessage};
use crate::protocol::raft::role::Role;
use crate::protocol::raft::server::Server;
use crate::protocol::replicated::respond;

impl Server {
    /// Its term, and for whom it has voted in it.
    pub(in crate::protocol::raft) fn vote(&self) -> (u64, Option<NodeName>) {
        (self.term, self.vote)
    }

    /// Its log.
    pub(in crate::protocol::raft) fn log(&self) -> &RaftLog {
        &self.log
    }

    /// What part it plays.
    pub(in crate::protocol::raft) fn role(&self) -> &Role {
        &self.role
    }

    /// Has it lost its disk?
    pub(in crate::protocol::raft) fn is_learner(&self) -> bool {
        self.is_learner
    }

    /// Votes as if it had not voted in its term.
    pub(in crate::protocol::raft) fn forget_vote(&mut self) {
        if let Role::Follower = self.role {
            self.vote = None;
        }
    }

    /// Takes away what stands behind an index.
    pub(in crate::protocol::raft) fn cut_off(&mut self, index: u64, outputs: &mut Outputs) {
        if index >= self.log.commit() && index < self.log.length() {
            self.log.replace_after(index, &[]).expect("nothing is no bad entry");
            self.keep_entries(index, &[], outputs);
        }
    }

    /// Commits what a majority has, of whichever term.
    pub(in crate::protocol::raft) fn commit_of_any_term(&mut self, outputs: &mut Outputs) {
        let servers = self.servers();
        if let Role::Leader(leading) = &mut self.role {
            let held = leading.held_by_majority(servers);
            self.log.commit_to(held, |request, outcome| respond(request, outcome, outputs));
        }
    }

    /// Tells all others what is committed, whether they have it or something else.
    pub(in crate::protocol::raft) fn tell_commit(&self, outputs: &mut Outputs) {
        if let Role::Leader(_) = self.role {
            let last = self.log.position(self.log.commit());
            self.tell_all(RaftMessage::Commit(Commit { term: self.term, last }), outputs);
        }
    }

    /// Takes itself for confirmed by all others, once and for all.
    pub(in crate::protocol::raft) fn take_for_confirmed(&mut self) {
        if let Role::Leader(leading) = &mut self.role {
            self.others.iter().for_each(|&other| leading.confirmations.hear(other, u64::MAX));
        }
    }

    /// Says how long the chain is without having committed anything of its own term.
    pub(in crate::protocol::raft) fn begin_reads(&mut self, outputs: &mut Outputs) {
        let length = self.log.blocks().decided();
        if let Role::Leader(leading) = &mut self.role
            && leading.confirmations.begin(length)
        {
            self.send_heartbeats(outputs);
        }
    }
}
