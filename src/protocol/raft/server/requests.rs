//! Requests: proposed where this server leads, and else kept and forwarded.

use std::rc::Rc;

use crate::base::{NodeName, Time};
use crate::ledger::RequestId;
use crate::machine::Outputs;
use crate::protocol::raft::messages::RaftMessage;
use crate::protocol::raft::role::Role;
use crate::protocol::raft::server::{Server, tell};
use crate::protocol::replicated::{Forward, propose};
use crate::store::Operation;
use crate::wire::Request;
use crate::wire::control::Reads as Way;

impl Server {
    pub(super) fn take_request(&mut self, from: NodeName, request: &Request, outputs: &mut Outputs) {
        match (request, self.variant.reads) {
            (Request::Read(read), Way::Index) => self.reads.keep(request.id(from), read.key.clone()),
            (Request::Read(_) | Request::Write(_) | Request::CompareAndSet(_), Way::Chain | Way::Index) => {
                self.take_operation(request.id(from), || request.operation(), outputs);
            }
        }
    }

    /// May it add to its log? While it hands leadership over it lets requests wait: else the other would never have all.
    fn may_propose(&self) -> bool {
        matches!(&self.role, Role::Leader(leading) if leading.transfer.is_none())
    }

    /// Answers a request that is decided, proposes one that is new, or lets it wait for a leader.
    fn take_operation(&mut self, request: RequestId, operation: impl FnOnce() -> Operation, outputs: &mut Outputs) {
        if self.may_propose() {
            propose(self.log.blocks_mut(), request, operation, outputs);
        } else if let Some(forward) = self.queue.keep_new(self.log.blocks(), request, operation, outputs) {
            self.forward(forward, outputs);
        }
    }

    /// What another server forwards waits if this one does not lead: of two that take each other for the leader, each would
    /// else send it back at once, without end.
    pub(super) fn take_forwarded(&mut self, forward: &Forward, outputs: &mut Outputs) {
        let Forward { request, ref operation } = *forward;
        if self.may_propose() {
            propose(self.log.blocks_mut(), request, || operation.clone(), outputs);
        } else {
            let _waits = self.queue.keep_new(self.log.blocks(), request, || operation.clone(), outputs);
        }
    }

    fn forward(&self, forward: Forward, outputs: &mut Outputs) {
        if let Some(leader) = self.leader.filter(|leader| *leader != self.name) {
            tell(leader, RaftMessage::Forward(Rc::new(forward)), outputs);
        }
    }

    /// Gives the leader what waits, but for what stands in the log by now.
    pub(super) fn forward_what_waits(&mut self, now: Time, outputs: &mut Outputs) {
        self.forwarded_at = now;
        for forward in self.queue.forwards(self.log.blocks()) {
            self.forward(forward, outputs);
        }
        self.ask_for_reads_again(outputs);
    }

    /// Proposes what has waited.
    pub(super) fn propose_what_waits(&mut self, outputs: &mut Outputs) {
        for (request, operation) in self.queue.take() {
            propose(self.log.blocks_mut(), request, || operation, outputs);
        }
    }
}
