//! Operations of clients, several at once: each client carries out one at a time, in the order in which it got them.
//!
//! A command gives an operation to a client and gets a [`Ticket`]; sooner or later somebody waits for that.
//!
//! Deliberately missing: what an answer means, and who is told.

use std::collections::{BTreeMap, VecDeque};

use crate::base::{NodeName, limits};
use crate::cluster::{OperationId, Stop};
use crate::experiment::run::Experiment;
use crate::store::Operation;
use crate::wire::Completion;

/// An operation that was given to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    number: u64,
    client: NodeName,
}

/// The operations that were given to clients, and whose answers nobody has taken.
#[derive(Debug, Default)]
pub(super) struct Operations {
    given: u64,
    clients: BTreeMap<NodeName, ClientQueue>,
    ended: BTreeMap<Ticket, Completion>,
}

/// What one client has to do.
#[derive(Debug)]
struct ClientQueue {
    /// What it is at.
    current: (Ticket, OperationId),
    /// What comes after it.
    waiting: VecDeque<(Ticket, Operation)>,
}

impl Experiment {
    /// Gives a client an operation. It begins at once, or when those that the client got before have ended.
    ///
    /// # Errors
    /// The client broke the protocol, or died.
    pub(super) fn give(&mut self, client: NodeName, operation: Operation) -> Result<Ticket, Stop> {
        self.operations.given += 1;
        let ticket = Ticket { number: self.operations.given, client };
        match self.operations.clients.get_mut(&client) {
            Some(queue) => queue.waiting.push_back((ticket, operation)),
            None => {
                let current = (ticket, self.begin_operation(client, operation)?);
                self.operations.clients.insert(client, ClientQueue { current, waiting: VecDeque::new() });
            }
        }
        Ok(ticket)
    }

    fn begin_operation(&mut self, client: NodeName, operation: Operation) -> Result<OperationId, Stop> {
        let limit = limits::operation_limit(self.largest_delay());
        self.cluster.invoke(client, operation, limit)
    }

    /// Takes the answers that have come, and lets their clients begin what comes after.
    ///
    /// # Errors
    /// A client broke the protocol, or died.
    pub(super) fn collect_answers(&mut self) -> Result<(), Stop> {
        if self.operations.clients.is_empty() {
            return Ok(());
        }
        let under_way: Vec<_> =
            self.operations.clients.iter().map(|(client, queue)| (*client, queue.current)).collect();
        for (client, (ticket, operation)) in under_way {
            let Some(completion) = self.cluster.outcome_of(operation)? else { continue };
            self.operations.ended.insert(ticket, completion);
            let next = self.operations.clients.get_mut(&client).and_then(|queue| queue.waiting.pop_front());
            match next {
                Some((ticket, operation)) => {
                    let current = (ticket, self.begin_operation(client, operation)?);
                    let queue = self.operations.clients.get_mut(&client).expect("it has just had more to do");
                    queue.current = current;
                }
                None => {
                    self.operations.clients.remove(&client);
                }
            }
        }
        Ok(())
    }

    /// Lets time pass until an operation has ended, and takes its answer.
    ///
    /// # Errors
    /// The run cannot go on; the client never ended an operation.
    pub(super) fn answer_to(&mut self, ticket: Ticket) -> Result<Completion, Stop> {
        loop {
            self.collect_answers()?;
            if let Some(completion) = self.operations.ended.remove(&ticket) {
                return Ok(completion);
            }
            let (_, operation) = self.operations.clients.get(&ticket.client).expect("it is under way or waits").current;
            if !self.advance(self.cluster.deadline_of(operation))? {
                return Err(self.cluster.never_completed(operation));
            }
        }
    }

    /// Lets time pass until every operation has ended. What nobody has asked for is forgotten.
    ///
    /// # Errors
    /// See [`Experiment::answer_to`].
    pub(super) fn end_operations(&mut self) -> Result<(), Stop> {
        while let Some(queue) = self.operations.clients.values().next() {
            let last = queue.waiting.back().map_or(queue.current.0, |(ticket, _)| *ticket);
            self.answer_to(last)?;
        }
        self.operations.ended.clear();
        Ok(())
    }
}
