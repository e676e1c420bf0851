//! What tests look at.

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
}
