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
use crate::wire::request::{CompareAndSet, Read, Request, Write};

impl Server {
    pub(super) fn take_request(&mut self, from: NodeName, request: &Request, outputs: &mut Outputs) {
        let (session, sequence, operation) = match request.clone() {
            Request::Read(Read { msg_id, session, key, .. }) => (session, msg_id, Operation::Get { key }),
            Request::Write(Write { msg_id, session, key, value, .. }) => {
                (session, msg_id, Operation::Put { key, value })
            }
            Request::CompareAndSet(CompareAndSet { msg_id, session, key, from, to }) => {
                (session, msg_id, Operation::Cas { key, from, to })
            }
        };
        self.take_operation(RequestId { client: from, session, sequence }, operation, outputs);
    }

    pub(super) fn take_operation(&mut self, request: RequestId, operation: Operation, outputs: &mut Outputs) {
        let is_leader = matches!(self.role, Role::Leading(_));
        match self.acceptor.log.place(request) {
            Place::Old => {}
            // It is answered when it is decided.
            Place::Accepted => {}
            Place::Decided(outcome) => respond(request, outcome, outputs),
            Place::New if is_leader => self.acceptor.log.propose(request, operation),
            Place::New => {
                self.enqueue(request, operation.clone());
                self.forward(&request, &operation, outputs);
            }
        }
    }

    /// What another server forwards waits for the end of the round if this one does not lead: of two that take each other for
    /// the leader, each would else send it back at once, without end.
    pub(super) fn take_forwarded(&mut self, forward: &Forward, outputs: &mut Outputs) {
        let Forward { request, operation } = forward.clone();
        if matches!(self.role, Role::Leading(_)) || !matches!(self.acceptor.log.place(request), Place::New) {
            self.take_operation(request, operation, outputs);
        } else {
            self.enqueue(request, operation);
        }
    }

    /// A client has one request at a time: a newer one takes the place of an older one.
    pub(super) fn enqueue(&mut self, request: RequestId, operation: Operation) {
        let newer = (request.session, request.sequence);
        match self.queue.iter_mut().find(|(waiting, _)| waiting.client == request.client) {
            Some((waiting, _)) if (waiting.session, waiting.sequence) >= newer => {}
            Some(place) => *place = (request, operation),
            None => self.queue.push_back((request, operation)),
        }
    }

    pub(super) fn forward(&self, request: &RequestId, operation: &Operation, outputs: &mut Outputs) {
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
