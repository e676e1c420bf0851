//! Requests: proposed where this server leads, and else kept and forwarded.

use std::rc::Rc;

use crate::base::NodeName;
use crate::ledger::RequestId;
use crate::machine::Outputs;
use crate::protocol::multi_paxos::leader::Role;
use crate::protocol::multi_paxos::messages::PaxosMessage;
use crate::protocol::multi_paxos::server::{Server, tell};
use crate::protocol::replicated::{Forward, propose};
use crate::store::Operation;
use crate::wire::Request;
use crate::wire::control::Reads as Way;

impl Server {
    pub(super) fn take_request(&mut self, from: NodeName, request: &Request, outputs: &mut Outputs) {
        match (request, self.read_way) {
            (Request::Read(read), Way::Index) => self.reads.keep(request.id(from), read.key.clone()),
            (Request::Read(_) | Request::Write(_) | Request::CompareAndSet(_), Way::Chain | Way::Index) => {
                self.take_operation(request.id(from), || request.operation(), outputs);
            }
        }
    }

    /// Answers a request that is decided, proposes one that is new, or lets it wait for a leader.
    fn take_operation(&mut self, request: RequestId, operation: impl FnOnce() -> Operation, outputs: &mut Outputs) {
        let log = &mut self.acceptor.log;
        if matches!(self.role, Role::Leading(_)) {
            propose(log, request, operation, outputs);
        } else if let Some(forward) = self.queue.keep_new(log, request, operation, outputs) {
            self.forward(forward, outputs);
        }
    }

    /// What another server forwards waits for the end of the round if this one does not lead: of two that take each other for
    /// the leader, each would else send it back at once, without end.
    pub(super) fn take_forwarded(&mut self, forward: &Forward, outputs: &mut Outputs) {
        let Forward { request, ref operation } = *forward;
        let log = &mut self.acceptor.log;
        if matches!(self.role, Role::Leading(_)) {
            propose(log, request, || operation.clone(), outputs);
        } else {
            let _waits = self.queue.keep_new(log, request, || operation.clone(), outputs);
        }
    }

    fn forward(&self, forward: Forward, outputs: &mut Outputs) {
        if let Some(leader) = self.election.leader().filter(|leader| leader.server != self.name) {
            tell(leader.server, PaxosMessage::Forward(Rc::new(forward)), outputs);
        }
    }

    /// Gives the leader what waits, but for what stands in the log by now.
    pub(super) fn forward_queue(&mut self, outputs: &mut Outputs) {
        for forward in self.queue.forwards(&self.acceptor.log) {
            self.forward(forward, outputs);
        }
        self.ask_for_reads_again(outputs);
    }
}
