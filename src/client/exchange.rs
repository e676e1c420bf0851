//! What sessions of either kind ask of a server, what its answer means, and what nobody may ask of a client.

use std::convert::Infallible;
use std::fmt::Display;

use crate::base::NodeName;
use crate::machine::{Input, Violation};
use crate::store::Operation;
use crate::wire::control::InvokeOk;
use crate::wire::request::{CompareAndSet, CompareAndSetOk, Read, ReadOk, Request, Response, Write, WriteOk};
use crate::wire::{Completion, ErrorBody, Stamp};

/// What a session has seen so far, as far as servers are to be told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// The newest write of the key.
    pub after: Option<Stamp>,
    /// The greatest clock.
    pub clock: u64,
}

/// The request for an operation, under its sequence number in a session.
pub(super) fn request(operation: &Operation, (session, msg_id): (u64, u64), seen: Seen) -> Request {
    let Seen { after, clock } = seen;
    match operation.clone() {
        Operation::Get { key } => Request::Read(Read { msg_id, session, key, after }),
        Operation::Put { key, value } => Request::Write(Write { msg_id, session, key, value, clock }),
        Operation::Cas { key, from, to } => Request::CompareAndSet(CompareAndSet { msg_id, session, key, from, to }),
    }
}

/// What an answer makes of the operation that the `invoke` with this `msg_id` ordered. `asked` names it in words.
///
/// # Errors
/// It answers something else.
pub(super) fn completion(
    in_reply_to: u64,
    operation: &Operation,
    asked: impl Display,
    (from, response): (NodeName, &Response),
) -> Result<Completion, Violation> {
    Ok(match (operation, response) {
        (Operation::Get { .. }, Response::Read(ReadOk { value, stamp, .. })) => {
            Completion::Ok(InvokeOk { in_reply_to, value: Some(value.clone()), stamp: *stamp })
        }
        (Operation::Put { .. }, Response::Write(WriteOk { stamp, .. })) => {
            Completion::Ok(InvokeOk { in_reply_to, value: None, stamp: *stamp })
        }
        (Operation::Cas { .. }, Response::CompareAndSet(CompareAndSetOk { .. })) => {
            Completion::Ok(InvokeOk { in_reply_to, value: None, stamp: None })
        }
        (_, Response::Error(error)) => Completion::Error(ErrorBody { in_reply_to, ..error.clone() }),
        (_, Response::Read(_) | Response::Write(_) | Response::CompareAndSet(_)) => {
            return Err(Violation(format!("{from} answered a `{asked}` with `{}`", response.kind())));
        }
    })
}

/// What is wrong with an input that no session takes.
///
/// # Panics
/// If it is one that every session takes.
pub(super) fn refuse(input: &Input<'_, Infallible>) -> Violation {
    match input {
        Input::Timer { id } => Violation(format!("the timer `{id}` was never set")),
        Input::Control(control) => Violation(format!("`{}` is for servers, and this is a client", control.kind())),
        Input::Request { from, request } => Violation(format!("{from} asks `{}` of a client", request.kind())),
        Input::Peer { message, .. } => match **message {},
        Input::Start { .. } | Input::Response { .. } => unreachable!("every session takes it"),
    }
}
