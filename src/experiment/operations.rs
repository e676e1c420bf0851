//! Operations of clients, several at once: each client carries out one at a time, in the order in which it got them.
//!
//! A command gives an operation to a client and gets a [`Ticket`]; sooner or later somebody waits for that.
//!
//! Deliberately missing: what an answer means, and who is told.

use std::collections::{BTreeMap, VecDeque};

use crate::base::{NodeName, Time, limits};
use crate::cluster::{OperationId, Stop};
use crate::experiment::commands::tell_unawaited;
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

impl Operations {
    /// How an operation ended whose answer nobody has taken, if it has ended.
    pub(super) fn answer_so_far(&self, ticket: Ticket) -> Option<&Completion> {
        self.ended.get(&ticket)
    }
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

    /// Takes the answers that have come, and lets their clients begin what comes after. Were there any?
    ///
    /// # Errors
    /// A client broke the protocol, or died.
    pub(super) fn collect_answers(&mut self) -> Result<bool, Stop> {
        if self.operations.clients.is_empty() {
            return Ok(false);
        }
        let mut were_any = false;
        for client in self.operations.clients.keys().copied().collect::<Vec<_>>() {
            were_any |= self.collect_answers_of(client)?;
        }
        Ok(were_any)
    }

    /// An operation may end in the step in which it begins, and then the next one begins in that too.
    fn collect_answers_of(&mut self, client: NodeName) -> Result<bool, Stop> {
        let mut were_any = false;
        while let Some(queue) = self.operations.clients.get_mut(&client) {
            let (ticket, operation) = queue.current;
            let Some(completion) = self.cluster.outcome_of(operation)? else { break };
            were_any = true;
            self.operations.ended.insert(ticket, completion);
            match queue.waiting.pop_front() {
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
        Ok(were_any)
    }

    /// Lets time pass until an operation has ended, and takes its answer.
    ///
    /// # Errors
    /// The run cannot go on; the client never ended an operation.
    pub(super) fn answer_to(&mut self, ticket: Ticket) -> Result<Completion, Stop> {
        self.collect_answers()?;
        loop {
            if let Some(completion) = self.operations.ended.remove(&ticket) {
                return Ok(completion);
            }
            self.await_next(ticket)?;
        }
    }

    /// Lets time pass until an operation has ended, and takes its answer; at most until an instant. An operation that has
    /// not ended then goes on, and nobody takes its answer.
    ///
    /// # Errors
    /// See [`Experiment::answer_to`].
    pub(super) fn answer_until(&mut self, ticket: Ticket, until: Time) -> Result<Option<Completion>, Stop> {
        self.collect_answers()?;
        loop {
            if let Some(completion) = self.operations.ended.remove(&ticket) {
                return Ok(Some(completion));
            }
            if self.deadline_of_current(ticket) <= until {
                self.await_next(ticket)?;
            } else if !self.advance(until)? {
                self.cluster.move_time(until)?;
                return Ok(None);
            }
        }
    }

    /// When the operation must have ended that the client of this one is at.
    fn deadline_of_current(&self, ticket: Ticket) -> Time {
        let (_, operation) = self.operations.clients.get(&ticket.client).expect("it is under way or waits").current;
        self.cluster.deadline_of(operation)
    }

    /// Lets the next event come on which an operation may have waited that has not ended.
    fn await_next(&mut self, ticket: Ticket) -> Result<(), Stop> {
        let (_, operation) = self.operations.clients.get(&ticket.client).expect("it is under way or waits").current;
        let deadline = self.cluster.deadline_of(operation);
        if self.advance(deadline)? { Ok(()) } else { Err(self.cluster.never_completed(operation)) }
    }

    /// Lets time pass until every operation has ended, and tells of those that nobody awaited what must be told.
    ///
    /// # Errors
    /// See [`Experiment::answer_to`].
    pub(super) fn end_operations(&mut self) -> Result<(), Stop> {
        self.settle()?;
        while let Some(queue) = self.operations.clients.values().next() {
            let last = queue.waiting.back().map_or(queue.current.0, |(ticket, _)| *ticket);
            while !self.operations.ended.contains_key(&last) {
                self.await_next(last)?;
            }
            // What comes of it may be that another one begins.
            self.settle()?;
        }
        let mut unawaited: Vec<_> = std::mem::take(&mut self.named).into_iter().collect();
        unawaited.sort_by_key(|(_, (ticket, _))| *ticket);
        for (name, (ticket, invocation)) in unawaited {
            let completion = self.answer_to(ticket)?;
            self.current = Some((invocation.place.line, invocation.canonical()));
            tell_unawaited(self, &name, &invocation, &completion)?;
        }
        self.current = None;
        Ok(())
    }
}
