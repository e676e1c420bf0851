//! The session of a client of a store with consensus.
//!
//! A queue: the first operation is on the wire, and those behind it wait. A request keeps its sequence number until it is
//! answered, whichever server is asked, and is carried out once. It goes to the server that answered last, and to the
//! next one whenever no answer comes. An operation that is not answered by its limit is *unknown*: the master is told so,
//! and the session goes on trying; the answer that comes in the end is told too.
//!
//! Source: DESIGN section 6.
//!
//! Deliberately missing: anything that it would have to keep. A client that is started anew is another session.

use std::collections::VecDeque;
use std::convert::Infallible;

use crate::base::{NodeName, Span, Time};
use crate::client::exchange::{Seen, completion, refuse, request};
use crate::machine::{Input, Machine, Outputs, Setup, Violation};
use crate::store::Operation;
use crate::wire::control::{Control, Inspect, InspectOk, Invoke};
use crate::wire::{Completion, ErrorBody, ErrorCode, Response, StateChange};

/// The timer that asks again, and ends waits at their limit.
const RETRY: &str = "retry";

/// A client session.
///
/// Invariants:
/// 1. Only the first operation of the queue is on the wire; it has the sequence number `sequence`.
/// 2. The timer is set exactly while the queue is not empty.
#[derive(Debug)]
pub struct QueueSession {
    session: u64,
    retry_after: Span,
    servers: Vec<NodeName>,
    /// The server that is asked.
    server: Option<NodeName>,
    sequence: u64,
    queue: VecDeque<Waiting>,
    /// When the first one is asked for again.
    next_attempt: Time,
}

/// An operation that is not answered.
#[derive(Debug)]
struct Waiting {
    /// The `msg_id` of its `invoke`.
    invocation: u64,
    operation: Operation,
    deadline: Time,
    /// Was the master told that nobody knows?
    is_told: bool,
}

impl QueueSession {
    /// A session without servers that has asked nothing.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        Self::numbered(setup, u64::from(setup.incarnation.0))
    }

    /// The same, under another number than that of its life: greater than the numbers of its earlier sessions.
    #[must_use]
    pub fn numbered(setup: &Setup, session: u64) -> Self {
        Self {
            session,
            retry_after: setup.timeouts.retry,
            servers: Vec::new(),
            server: None,
            sequence: 0,
            queue: VecDeque::new(),
            next_attempt: Time(0),
        }
    }

    fn invoke(&mut self, now: Time, invoke: &Invoke, outputs: &mut Outputs) {
        let Invoke { msg_id, limit, operation } = invoke.clone();
        if self.server.is_none() {
            let text = "the client has no server".to_owned();
            let refusal = ErrorBody { in_reply_to: msg_id, code: ErrorCode::NO_SERVER, text };
            return outputs.complete(Completion::Error(refusal));
        }
        self.queue.push_back(Waiting { invocation: msg_id, operation, deadline: now + limit, is_told: false });
        if self.queue.len() == 1 {
            self.begin(now, outputs);
        } else {
            self.set_timer(now, outputs);
        }
    }

    /// The first operation of the queue goes onto the wire.
    fn begin(&mut self, now: Time, outputs: &mut Outputs) {
        self.sequence += 1;
        self.ask(now, outputs);
    }

    /// Asks for the first operation, if there is a server, and later again.
    fn ask(&mut self, now: Time, outputs: &mut Outputs) {
        let Some(first) = self.queue.front() else { return };
        if let Some(server) = self.server {
            let numbers = (self.session, self.sequence);
            outputs.request(server, request(&first.operation, numbers, Seen::default()));
        }
        self.next_attempt = now + self.retry_after;
        self.set_timer(now, outputs);
    }

    /// For the next attempt, or the next limit.
    fn set_timer(&self, now: Time, outputs: &mut Outputs) {
        let limits = self.queue.iter().filter(|waiting| !waiting.is_told).map(|waiting| waiting.deadline);
        let next = limits.fold(self.next_attempt, Time::min);
        outputs.set_timer(RETRY, if next > now { next - now } else { Span(0) });
    }

    fn take_timer(&mut self, now: Time, outputs: &mut Outputs) {
        let last = match self.server {
            Some(server) => format!("the last one asked is {server}"),
            None => "the client has none now".to_owned(),
        };
        for waiting in self.queue.iter_mut().filter(|waiting| !waiting.is_told && waiting.deadline <= now) {
            waiting.is_told = true;
            let text = format!("no server has answered in time, {last}; the client goes on asking");
            let (in_reply_to, code) = (waiting.invocation, ErrorCode::TIMEOUT);
            outputs.complete(Completion::Error(ErrorBody { in_reply_to, code, text }));
        }
        if now >= self.next_attempt {
            self.server = self.server.map(|server| self.server_after(server));
            self.ask(now, outputs);
        } else {
            self.set_timer(now, outputs);
        }
    }

    /// The next server, round and round.
    fn server_after(&self, server: NodeName) -> NodeName {
        let place = self.servers.iter().position(|other| *other == server);
        let next = place.map_or(0, |place| (place + 1) % self.servers.len().max(1));
        self.servers.get(next).copied().unwrap_or(server)
    }

    fn take_response(
        &mut self,
        now: Time,
        from: NodeName,
        response: &Response,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        // An answer that comes a second time.
        if self.queue.is_empty() || response.in_reply_to() != self.sequence {
            return Ok(());
        }
        let first = self.queue.front().expect("looked at above");
        let answer = (from, response);
        let completion = completion(first.invocation, &first.operation, &first.operation, answer)?;
        self.server = Some(from);
        self.queue.pop_front();
        outputs.complete(completion);
        if self.queue.is_empty() {
            outputs.cancel_timer(RETRY);
        } else {
            self.begin(now, outputs);
        }
        Ok(())
    }

    /// The first of these is asked first, at once if an operation is asked of another one now.
    fn attach(&mut self, now: Time, servers: &[NodeName], outputs: &mut Outputs) {
        self.servers = servers.to_vec();
        let before = std::mem::replace(&mut self.server, servers.first().copied());
        if self.server != before && !self.queue.is_empty() {
            self.ask(now, outputs);
        }
    }
}

impl Machine for QueueSession {
    type Peer = Infallible;

    fn step(&mut self, now: Time, input: Input<'_, Infallible>, outputs: &mut Outputs) -> Result<(), Violation> {
        match input {
            Input::Start { records: _ } => {}
            Input::Response { from, response } => self.take_response(now, from, response, outputs)?,
            Input::Timer { id: RETRY } => self.take_timer(now, outputs),
            Input::Control(Control::Invoke(invoke)) => self.invoke(now, invoke, outputs),
            Input::Control(Control::Attach { servers }) => self.attach(now, servers, outputs),
            Input::Timer { .. }
            | Input::Control(Control::Members { .. } | Control::Stabilize(_) | Control::Nominate)
            | Input::Request { .. }
            | Input::Peer { .. } => return Err(refuse(&input)),
        }
        Ok(())
    }

    fn take_changes(&mut self) -> StateChange {
        StateChange::default()
    }

    fn inspect(&self, _question: &Inspect) -> Option<InspectOk> {
        None
    }
}
