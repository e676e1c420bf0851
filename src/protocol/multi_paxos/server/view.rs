//! What tests look at, and what a bug would do.

use crate::protocol::multi_paxos::acceptor::Acceptor;
use crate::protocol::multi_paxos::leader::Role;
use crate::protocol::multi_paxos::server::Server;

impl Server {
    /// What it has promised and accepted.
    pub(in crate::protocol::multi_paxos) fn acceptor(&self) -> &Acceptor {
        &self.acceptor
    }

    /// What part it plays.
    pub(in crate::protocol::multi_paxos) fn role(&self) -> &Role {
        &self.role
    }

    /// Has it lost its disk?
    pub(in crate::protocol::multi_paxos) fn is_learner(&self) -> bool {
        self.is_learner
    }

    /// Takes itself for confirmed by all others, once and for all.
    pub(in crate::protocol::multi_paxos) fn take_for_confirmed(&mut self) {
        if let Role::Leading(leading) = &mut self.role {
            self.others.iter().for_each(|&other| leading.confirmations.hear(other, u64::MAX));
        }
    }

    /// Takes the promises for a confirmation, and does not wait until it has decided all that it adopted.
    pub(in crate::protocol::multi_paxos) fn read_while_it_lacks(&mut self) {
        let length = self.acceptor.log.decided();
        if let Role::Leading(leading) = &mut self.role
            && length < leading.adopted.length
            && leading.confirmations.begin(length)
        {
            self.take_for_confirmed();
        }
    }
}
