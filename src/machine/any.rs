//! Machines of any protocol behind one face, so that shells and the cluster need not know which protocol runs.

use std::any::Any;

use crate::base::{NodeName, Time};
use crate::machine::payload::{Message, NotDecoded, Payload, TextBody};
use crate::machine::{Input, Machine, Outputs, Setup, Violation};
use crate::wire::control::{Control, Inspect, InspectOk};
use crate::wire::envelope::expects_answer;
use crate::wire::{Request, Response, StateChange};

/// What a node runs.
pub struct Program {
    /// The protocol's name, by which a disk is known to belong to another one.
    pub name: &'static str,
    /// Makes the machine.
    pub machine: Box<dyn Fn(Setup) -> Box<dyn AnyMachine>>,
}

/// An input before it is known to be of the machine's protocol.
#[derive(Clone, Copy, Debug)]
pub enum AnyInput<'a> {
    /// The node begins.
    Start {
        /// What survived of the records that its earlier lives kept.
        records: &'a [Vec<u8>],
    },
    /// A node says something.
    Message {
        /// Who.
        from: NodeName,
        /// What.
        payload: &'a Payload,
    },
    /// A timer is due.
    Timer {
        /// Which.
        id: &'a str,
    },
    /// The master orders something; by hand the shell.
    Control(&'a Control),
}

/// Why a machine could not take an input.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// The protocol has no message of this type.
    #[error("a message of the type `{kind}` means nothing to this node")]
    Unknown {
        /// The body's `type`.
        kind: String,
    },
    /// The type is known, the body does not fit it.
    #[error("a message of the type `{kind}` has not the shape of one: {source}")]
    Shape {
        /// The body's `type`.
        kind: String,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// The machine refuses it.
    #[error(transparent)]
    Violation(#[from] Violation),
}

/// A [`Machine`] of any protocol.
pub trait AnyMachine {
    /// See [`Machine::step`].
    ///
    /// # Errors
    /// The input is not of the machine's protocol, or breaks it.
    fn step(&mut self, now: Time, input: AnyInput<'_>, outputs: &mut Outputs) -> Result<(), Undecodable>;

    /// See [`Machine::flush`].
    fn flush(&mut self, outputs: &mut Outputs);

    /// See [`Machine::take_changes`].
    fn take_changes(&mut self) -> StateChange;

    /// See [`Machine::inspect`].
    fn inspect(&self, question: &Inspect) -> Option<InspectOk>;

    /// The [message](Payload::Peer) of the machine's protocol that these bytes are: see [`Message::decode_binary`].
    ///
    /// # Errors
    /// They are none.
    fn decode_peer(&self, bytes: &[u8]) -> Result<Payload, NotDecoded>;
}

impl<M: Machine> AnyMachine for M {
    fn step(&mut self, now: Time, input: AnyInput<'_>, outputs: &mut Outputs) -> Result<(), Undecodable> {
        let decoded;
        let (from, payload) = match input {
            AnyInput::Start { records } => return Ok(Machine::step(self, now, Input::Start { records }, outputs)?),
            AnyInput::Timer { id } => return Ok(Machine::step(self, now, Input::Timer { id }, outputs)?),
            AnyInput::Control(control) => return Ok(Machine::step(self, now, Input::Control(control), outputs)?),
            AnyInput::Message { from, payload: Payload::Text(body) } => {
                decoded = decode::<M::Peer>(body)?;
                (from, &decoded)
            }
            AnyInput::Message { from, payload } => (from, payload),
        };
        let input = match payload {
            Payload::Request(request) => Input::Request { from, request },
            Payload::Response(answer) => Input::Response { from, response: &answer.response },
            Payload::Peer(message) => Input::Peer { from, message: downcast(&**message)? },
            Payload::Text(_) => unreachable!("a decoded body is no text"),
        };
        Ok(Machine::step(self, now, input, outputs)?)
    }

    fn flush(&mut self, outputs: &mut Outputs) {
        Machine::flush(self, outputs);
    }

    fn take_changes(&mut self) -> StateChange {
        Machine::take_changes(self)
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        Machine::inspect(self, question)
    }

    fn decode_peer(&self, bytes: &[u8]) -> Result<Payload, NotDecoded> {
        M::Peer::decode_binary(bytes).map(Payload::peer)
    }
}

fn downcast<P: Message>(message: &dyn Message) -> Result<&P, Undecodable> {
    let any: &dyn Any = message;
    any.downcast_ref().ok_or_else(|| Undecodable::Unknown { kind: message.kind().to_owned() })
}

/// A `read`, `write` or `cas` that expects an answer is a client's; without a `msg_id` the type is the protocol's own.
fn decode<P: Message>(body: &TextBody) -> Result<Payload, Undecodable> {
    let TextBody { kind, json } = body;
    let is_request = Request::is_kind(kind) && expects_answer(json);
    let request = if is_request { Request::decode(kind, json) } else { None };
    let payload = request
        .map(|request| request.map(Payload::request))
        .or_else(|| Response::decode(kind, json).map(|response| response.map(Payload::response)))
        .or_else(|| P::decode(kind, json).map(|message| message.map(Payload::peer)));
    match payload {
        Some(Ok(payload)) => Ok(payload),
        Some(Err(source)) => Err(Undecodable::Shape { kind: kind.to_string(), source }),
        None => Err(Undecodable::Unknown { kind: kind.to_string() }),
    }
}
