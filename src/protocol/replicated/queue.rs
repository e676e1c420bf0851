//! Requests that a server keeps until they stand in a log.

use std::collections::VecDeque;

use crate::ledger::RequestId;
use crate::machine::Outputs;
use crate::protocol::replicated::log::{ReplicatedLog, respond};
use crate::protocol::replicated::messages::Forward;
use crate::protocol::replicated::requests::Place;
use crate::store::Operation;

/// Requests with their operations, in the order in which they came, one of each client.
#[derive(Debug, Default)]
pub struct RequestQueue {
    waiting: VecDeque<(RequestId, Operation)>,
}

impl RequestQueue {
    /// Keeps a request. A client has one at a time: a newer one takes the place of an older one.
    fn keep(&mut self, request: RequestId, operation: Operation) {
        match self.waiting.iter_mut().find(|(waiting, _)| waiting.client == request.client) {
            Some((waiting, _)) if !request.is_newer_than(waiting) => {}
            Some(place) => *place = (request, operation),
            None => self.waiting.push_back((request, operation)),
        }
    }

    /// Keeps a request that is new in the log of a server that does not lead, and gives what whoever leads is to have. One
    /// that is decided is answered.
    pub fn keep_new(
        &mut self,
        log: &ReplicatedLog,
        request: RequestId,
        operation: impl FnOnce() -> Operation,
        outputs: &mut Outputs,
    ) -> Option<Forward> {
        match log.place(request) {
            Place::Old => None,
            Place::At(height) => {
                answer_decided(log, request, height, outputs);
                None
            }
            Place::New => {
                let forward = Forward { request, operation: operation() };
                self.keep(request, forward.operation.clone());
                Some(forward)
            }
        }
    }

    /// Lets go what stands in the log by now, and gives the rest for whoever leads.
    pub fn forwards(&mut self, log: &ReplicatedLog) -> Vec<Forward> {
        self.waiting.retain(|(request, _)| log.place(*request) == Place::New);
        let forward =
            |(request, operation): &(RequestId, Operation)| Forward { request: *request, operation: operation.clone() };
        self.waiting.iter().map(forward).collect()
    }

    /// How many requests do not stand in the log.
    #[must_use]
    pub fn missing_in(&self, log: &ReplicatedLog) -> u64 {
        self.waiting.iter().filter(|(request, _)| log.place(*request) == Place::New).count() as u64
    }

    /// All, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &(RequestId, Operation)> {
        self.waiting.iter()
    }

    /// Does nothing wait?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes all of them out: the server leads.
    #[must_use]
    pub fn take(&mut self) -> VecDeque<(RequestId, Operation)> {
        std::mem::take(&mut self.waiting)
    }
}

/// Answers a request that is decided, and makes the block of one that is new, which the leader of a log may.
pub fn propose(
    log: &mut ReplicatedLog,
    request: RequestId,
    operation: impl FnOnce() -> Operation,
    outputs: &mut Outputs,
) {
    if let Place::At(height) = log.propose(request, operation) {
        answer_decided(log, request, height, outputs);
    }
}

/// Who stands in the log and is not decided yet is answered when it is.
fn answer_decided(log: &ReplicatedLog, request: RequestId, height: u64, outputs: &mut Outputs) {
    if let Some(outcome) = log.outcome(height) {
        respond(request, outcome, outputs);
    }
}
