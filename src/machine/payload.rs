//! What one node says to another: typed while it stays in one process, text where it crosses a pipe.

use std::any::Any;
use std::fmt::Debug;
use std::rc::Rc;

use crate::wire::envelope::write_json;
use crate::wire::{Request, Response};

/// What nodes of one protocol say to each other.
pub trait Message: Any + Debug {
    /// The types of all messages of the protocol: what scripts may name.
    fn kinds() -> &'static [&'static str]
    where
        Self: Sized;

    /// The body's `type`, one of [these](Message::kinds).
    fn kind(&self) -> &'static str;

    /// Appends the body as JSON, its `type` included.
    fn encode(&self, out: &mut Vec<u8>);

    /// Decodes a body of the type `kind`; `None` if the protocol has no such message.
    ///
    /// # Errors
    /// The body has the type of a message, and not its shape.
    fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>>
    where
        Self: Sized;

    /// STUB
    fn encode_binary(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }

    /// STUB
    /// # Errors
    /// STUB
    fn decode_binary(bytes: &[u8]) -> Result<Self, NotDecoded>
    where
        Self: Sized,
    {
        let text = std::str::from_utf8(bytes).map_err(|e| NotDecoded(e.to_string()))?;
        let kind = crate::wire::envelope::kind_of(text).map_err(|e| NotDecoded(e.to_string()))?;
        Self::decode(&kind, text).ok_or(NotDecoded("unknown".into()))?.map_err(|e| NotDecoded(e.to_string()))
    }
}

/// STUB
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotDecoded(pub String);

/// For machines that have no peers.
impl Message for std::convert::Infallible {
    fn kinds() -> &'static [&'static str] {
        &[]
    }

    fn kind(&self) -> &'static str {
        match *self {}
    }

    fn encode(&self, _out: &mut Vec<u8>) {
        match *self {}
    }

    fn decode(_kind: &str, _body: &str) -> Option<serde_json::Result<Self>> {
        None
    }
}

/// A body on its way. Cheap to clone: recipients share it.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A client's request.
    Request(Rc<Request>),
    /// A server's answer.
    Response(Rc<Response>),
    /// A message of the protocol.
    Peer(Rc<dyn Message>),
    /// A body as text: its `type` and the JSON.
    Text(Rc<TextBody>),
}

/// A body as it stands on a pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextBody {
    /// The body's `type`.
    pub kind: Box<str>,
    /// The body, one JSON object without a line break.
    pub json: Box<str>,
}

impl Payload {
    /// A client's request.
    #[must_use]
    pub fn request(request: Request) -> Self {
        Self::Request(Rc::new(request))
    }

    /// A server's answer.
    #[must_use]
    pub fn response(response: Response) -> Self {
        Self::Response(Rc::new(response))
    }

    /// A message of the protocol.
    #[must_use]
    pub fn peer(message: impl Message) -> Self {
        Self::Peer(Rc::new(message))
    }

    /// A body as text.
    #[must_use]
    pub fn text(kind: &str, json: &str) -> Self {
        Self::Text(Rc::new(TextBody { kind: kind.into(), json: json.into() }))
    }

    /// The body's `type`.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Request(request) => request.kind(),
            Self::Response(response) => response.kind(),
            Self::Peer(message) => message.kind(),
            Self::Text(body) => &body.kind,
        }
    }

    /// How many bytes the body has as JSON, wherever the node lives that said it.
    #[must_use]
    pub fn length(&self) -> u64 {
        let mut text = Vec::new();
        self.encode(&mut text);
        text.len() as u64
    }

    /// Appends the body as JSON.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Request(request) => write_json(out, &**request),
            Self::Response(response) => write_json(out, &**response),
            Self::Peer(message) => message.encode(out),
            Self::Text(body) => out.extend_from_slice(body.json.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::request::{Read, Write};

    /// A rate must not depend on where the sender lives.
    #[test]
    fn a_body_is_as_long_typed_as_it_is_as_text() {
        let requests = [
            Request::Read(Read { msg_id: 7, session: 0, key: "é\n".into(), after: None }),
            Request::Write(Write { msg_id: 1, session: 3, key: "a".into(), value: "\"5\"".into(), clock: 12 }),
        ];
        for request in requests {
            let typed = Payload::request(request);
            let mut json = Vec::new();
            typed.encode(&mut json);
            let text = Payload::text(typed.kind(), std::str::from_utf8(&json).unwrap());
            assert_eq!((typed.length(), text.length()), (json.len() as u64, json.len() as u64));
        }
    }
}
