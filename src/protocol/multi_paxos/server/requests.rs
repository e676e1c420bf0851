//! Requests: proposed where this server leads, and else kept and forwarded.

use std::rc::Rc;

use crate::base::NodeName;
use crate::ledger::RequestId;
use crate::machine::Outputs;
use crate::protocol::multi_paxos::leader::Role;
use crate::protocol::multi_paxos::messages::{Forward, PaxosMessage};
use crate::protocol::multi_paxos::server::{Server, respond, tell};
use crate::protocol::replicated::Place;
use crate::store::Operation;
use crate::wire::Request;

impl Server {
    pub(super) fn take_request(&mut self, from: NodeName, request: &Request, outputs: &mut Outputs) {
        self.take_operation(request.id(from), || request.operation(), outputs);
    }

    /// Answers a request that is decided, proposes one that is new, or lets it wait for a leader.
    pub(super) fn take_operation(
        &mut self,
        request: RequestId,
        operation: impl Fn() -> Operation,
        outputs: &mut Outputs,
    ) {
        let log = &mut self.acceptor.log;
        let is_leader = matches!(self.role, Role::Leading(_));
        match if is_leader { log.propose(request, &operation) } else { log.place(request) } {
            Place::Old => {}
            // If it is not decided yet, it is answered when it is.
            Place::At(height) => {
                if let Some(outcome) = log.outcome(height) {
                    respond(request, outcome, outputs);
                }
            }
            Place::New if is_leader => {}
            Place::New => {
                let operation = operation();
                self.forward(&request, &operation, outputs);
                self.enqueue(request, operation);
            }
        }
    }

    /// What another server forwards waits for the end of the round if this one does not lead: of two that take each other for
    /// the leader, each would else send it back at once, without end.
    pub(super) fn take_forwarded(&mut self, forward: &Forward, outputs: &mut Outputs) {
        let Forward { request, operation } = forward;
        if matches!(self.role, Role::Leading(_)) || self.acceptor.log.place(*request) != Place::New {
            self.take_operation(*request, || operation.clone(), outputs);
        } else {
            self.enqueue(*request, operation.clone());
        }
    }

    /// A client has one request at a time: a newer one takes the place of an older one.
    fn enqueue(&mut self, request: RequestId, operation: Operation) {
        let newer = (request.session, request.sequence);
        match self.queue.iter_mut().find(|(waiting, _)| waiting.client == request.client) {
            Some((waiting, _)) if (waiting.session, waiting.sequence) >= newer => {}
            Some(place) => *place = (request, operation),
            None => self.queue.push_back((request, operation)),
        }
    }

    fn forward(&self, request: &RequestId, operation: &Operation, outputs: &mut Outputs) {
        let Some(leader) = self.election.leader().filter(|leader| leader.server != self.name) else { return };
        let forward = Forward { request: *request, operation: operation.clone() };
        tell(leader.server, PaxosMessage::Forward(Rc::new(forward)), outputs);
    }

    /// Gives the leader what waits, but for what stands in the log by now.
    pub(super) fn forward_queue(&mut self, outputs: &mut Outputs) {
        let log = &self.acceptor.log;
        self.queue.retain(|(request, _)| log.place(*request) == Place::New);
        for (request, operation) in &self.queue {
            self.forward(request, operation, outputs);
        }
    }
}
