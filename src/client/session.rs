//! The session of an eventually consistent store's client.
//!
//! One operation at a time. Each takes one of the client's servers (a keyed draw), is asked again when no answer comes,
//! and ends: answered, refused, or *unknown* at its limit. A put is asked again only at the server that was asked first:
//! another server would stamp it a second time. A get goes to the next server. If the server of a put is taken from the
//! client, the put is unknown at once.
//!
//! The session carries what makes its guarantees: its Lamport clock travels with its writes, and for each key the newest
//! write that it has written or read travels with its reads (read your writes, monotonic reads).
//!
//! # Deliberately missing
//! A queue: consensus sessions have one, this has none.

use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::base::{Draw, NodeName, Span, Time};
use crate::client::exchange::{Seen, completion, refuse, request};
use crate::machine::{Input, Machine, Outputs, Setup, Violation};
use crate::store::{Operation, Value};
use crate::wire::control::{Control, Inspect, InspectOk, Invoke, InvokeOk};
use crate::wire::{Completion, ErrorBody, ErrorCode, Request, Response, Stamp, StateChange};

/// The timer that asks again, and ends the operation at its limit.
const RETRY: &str = "retry";

/// A client session.
///
/// Invariants:
/// 1. Sequence numbers grow by one with each operation that is asked of a server, and are never used twice.
/// 2. `newest[key]` never goes back, and `clock` is not below any stamp in it.
/// 3. The timer is set exactly while an operation is pending.
#[derive(Debug)]
pub struct Session {
    name: NodeName,
    session: u64,
    seed: u64,
    retry_after: Span,
    servers: Vec<NodeName>,
    sequence: u64,
    clock: u64,
    newest: BTreeMap<Value, Stamp>,
    pending: Option<Pending>,
}

/// The operation under way.
#[derive(Debug)]
struct Pending {
    /// The `msg_id` of its `invoke`.
    invocation: u64,
    operation: Operation,
    request: Request,
    server: NodeName,
    deadline: Time,
}

impl Session {
    /// A session without servers that has seen nothing.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        Self::numbered(setup, u64::from(setup.incarnation.0))
    }

    /// The same, under another number than that of its life: greater than the numbers of its earlier sessions.
    #[must_use]
    pub fn numbered(setup: &Setup, session: u64) -> Self {
        Self {
            name: setup.name,
            session,
            seed: setup.seed,
            retry_after: setup.timeouts.retry,
            servers: Vec::new(),
            sequence: 0,
            clock: 0,
            newest: BTreeMap::new(),
            pending: None,
        }
    }

    fn invoke(&mut self, now: Time, invoke: &Invoke, outputs: &mut Outputs) {
        let refuse =
            |code, text: &str| Completion::Error(ErrorBody { in_reply_to: invoke.msg_id, code, text: text.to_owned() });
        if self.pending.is_some() {
            let text = "the client has an operation under way, and does one at a time";
            return outputs.complete(refuse(ErrorCode::TEMPORARILY_UNAVAILABLE, text));
        }
        let Some(server) = self.choose_server() else {
            return outputs.complete(refuse(ErrorCode::NO_SERVER, "the client has no server"));
        };
        self.sequence += 1;
        let operation = invoke.operation.clone();
        let request = self.request_for(&operation);
        let deadline = now + invoke.limit;
        let pending = Pending { invocation: invoke.msg_id, operation, request, server, deadline };
        self.ask(now, &pending, outputs);
        self.pending = Some(pending);
    }

    /// The server that the next operation takes: drawn by (seed, client, incarnation, sequence number).
    fn choose_server(&self) -> Option<NodeName> {
        match self.servers.as_slice() {
            [] => None,
            [only] => Some(*only),
            several => {
                let draw = Draw::of(self.seed)
                    .named(&self.name.to_string())
                    .numbered(self.session)
                    .named("server")
                    .numbered(self.sequence + 1);
                Some(several[usize::try_from(draw.below(several.len() as u64)).expect("an index")])
            }
        }
    }

    fn request_for(&self, operation: &Operation) -> Request {
        let after = self.newest.get(operation.key()).copied();
        request(operation, (self.session, self.sequence), Seen { after, clock: self.clock })
    }

    /// Sends the request, and sets the timer for the next attempt or the limit, whichever is first.
    fn ask(&self, now: Time, pending: &Pending, outputs: &mut Outputs) {
        outputs.request(pending.server, pending.request.clone());
        outputs.set_timer(RETRY, self.retry_after.min(pending.deadline - now));
    }

    fn take_response(&mut self, from: NodeName, response: &Response, outputs: &mut Outputs) -> Result<(), Violation> {
        // An answer to an operation that is over comes late: the operation's outcome stands as it was told.
        if self.pending.is_none() || response.in_reply_to() != self.sequence {
            return Ok(());
        }
        let pending = self.pending.take().expect("looked at above");
        let answer = (from, response);
        let completion = completion(pending.invocation, &pending.operation, pending.request.kind(), answer)?;
        if let Completion::Ok(InvokeOk { stamp, .. }) = completion {
            self.remember(pending.operation.key(), stamp)?;
        }
        outputs.cancel_timer(RETRY);
        outputs.complete(completion);
        Ok(())
    }

    fn remember(&mut self, key: &Value, stamp: Option<Stamp>) -> Result<(), Violation> {
        let Some(stamp) = stamp else { return Ok(()) };
        stamp.check().map_err(Violation)?;
        self.clock = self.clock.max(stamp.clock);
        let newest = self.newest.entry(key.clone()).or_insert(stamp);
        *newest = stamp.max(*newest);
        Ok(())
    }

    fn take_timer(&mut self, now: Time, outputs: &mut Outputs) {
        let Some(mut pending) = self.pending.take() else { return };
        if now >= pending.deadline {
            let text = format!("{} did not answer", pending.server);
            return outputs.complete(unknown(&pending, text));
        }
        if matches!(pending.operation, Operation::Get { .. }) {
            pending.server = self.server_after(pending.server);
        }
        self.ask(now, &pending, outputs);
        self.pending = Some(pending);
    }

    /// The next of the client's servers, in ascending order, round and round.
    fn server_after(&self, server: NodeName) -> NodeName {
        let later = self.servers.iter().find(|&&other| other > server);
        later.or_else(|| self.servers.first()).copied().unwrap_or(server)
    }

    fn attach(&mut self, now: Time, servers: &[NodeName], outputs: &mut Outputs) {
        self.servers = servers.to_vec();
        match self.pending.take() {
            Some(pending) if !servers.contains(&pending.server) => self.leave_server(now, pending, outputs),
            pending => self.pending = pending,
        }
    }

    /// The server that was asked is the client's no longer: a get goes elsewhere, the fate of anything else is unknown.
    fn leave_server(&mut self, now: Time, mut pending: Pending, outputs: &mut Outputs) {
        if matches!(pending.operation, Operation::Get { .. }) && !self.servers.is_empty() {
            pending.server = self.server_after(pending.server);
            self.ask(now, &pending, outputs);
            self.pending = Some(pending);
        } else {
            outputs.cancel_timer(RETRY);
            let text = format!("{} died or was disconnected before it answered", pending.server);
            outputs.complete(unknown(&pending, text));
        }
    }
}

/// Nobody knows whether the operation took effect.
fn unknown(pending: &Pending, text: String) -> Completion {
    Completion::Error(ErrorBody { in_reply_to: pending.invocation, code: ErrorCode::TIMEOUT, text })
}

impl Machine for Session {
    type Peer = Infallible;

    fn step(&mut self, now: Time, input: Input<'_, Infallible>, outputs: &mut Outputs) -> Result<(), Violation> {
        match input {
            // A session keeps nothing: a client that is started anew is another session.
            Input::Start { records: _ } => {}
            Input::Response { from, response } => self.take_response(from, response, outputs)?,
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

#[cfg(test)]
mod tests;
