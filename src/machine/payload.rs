//! What one node says to another: typed while it stays in one process, text where it crosses a pipe, binary where it crosses a
//! socket.

use std::any::Any;
use std::fmt::Debug;
use std::rc::Rc;

use serde_json::value::RawValue;

use crate::wire::envelope::{kind_of, write_json};
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

    /// Appends the message in a form for programs only, as it goes between servers without a master. Its length is told
    /// by what carries it. Unless a protocol says otherwise, it is the JSON.
    fn encode_binary(&self, out: &mut Vec<u8>) {
        self.encode(out);
    }

    /// Decodes what [`encode_binary`](Message::encode_binary) wrote: all of `bytes`, which may be anybody's.
    ///
    /// # Errors
    /// They are no message of the protocol, or more than one.
    fn decode_binary(bytes: &[u8]) -> Result<Self, NotDecoded>
    where
        Self: Sized,
    {
        let body: &RawValue = serde_json::from_slice(bytes)
            .map_err(|error| NotDecoded(format!("a message is one JSON object: {error}")))?;
        let kind = kind_of(body.get())
            .map_err(|error| NotDecoded(format!("a message is a JSON object with a `type`: {error}")))?;
        let message = Self::decode(&kind, body.get()).ok_or_else(|| {
            NotDecoded(format!("there is no message of the type `{kind}`; there is {}", Self::kinds().join(", ")))
        })?;
        message.map_err(|error| NotDecoded(format!("a message of the type `{kind}` has not the shape of one: {error}")))
    }
}

/// Bytes that are no message: the sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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
    Response(Rc<Answer>),
    /// A message of the protocol.
    Peer(Rc<dyn Message>),
    /// A body as text: its `type` and the JSON.
    Text(Rc<TextBody>),
}

/// A server's answer, and the session of the client that it is for. On pipes the session is not told: there a message reaches only
/// the life of a client that lived when it was said, and a life is a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The session; 0 where nobody says.
    pub session: u64,
    /// The answer.
    pub response: Response,
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
        Self::answer(0, response)
    }

    /// The same, for one session of the client.
    #[must_use]
    pub fn answer(session: u64, response: Response) -> Self {
        Self::Response(Rc::new(Answer { session, response }))
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
            Self::Response(answer) => answer.response.kind(),
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
            Self::Response(answer) => write_json(out, &answer.response),
            Self::Peer(message) => message.encode(out),
            Self::Text(body) => out.extend_from_slice(body.json.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::envelope::write_typed;
    use crate::wire::request::{Read, Write};

    /// The message of a user who knows JSON only.
    #[derive(Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    struct Ball {
        speed: u64,
    }

    impl Message for Ball {
        fn kinds() -> &'static [&'static str] {
            &["ball"]
        }

        fn kind(&self) -> &'static str {
            "ball"
        }

        fn encode(&self, out: &mut Vec<u8>) {
            write_typed(out, "ball", self);
        }

        fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
            (kind == "ball").then(|| serde_json::from_str(body))
        }
    }

    #[test]
    fn a_message_without_a_binary_form_goes_as_json() {
        let mut bytes = Vec::new();
        Ball { speed: 3 }.encode_binary(&mut bytes);
        assert_eq!(bytes, br#"{"type":"ball","speed":3}"#);
        assert_eq!(Ball::decode_binary(&bytes), Ok(Ball { speed: 3 }));
    }

    #[test]
    fn what_is_no_message_is_refused_with_a_sentence() {
        let refused = |bytes: &[u8]| Ball::decode_binary(bytes).unwrap_err().to_string();
        let sentences = [
            refused(b"\xff"),
            refused(br#"{"type":"ball","speed":3}{}"#),
            refused(br#"{"speed":3}"#),
            refused(br#"{"type":"bat"}"#),
            refused(br#"{"type":"ball"}"#),
        ];
        insta::assert_snapshot!(sentences.join("\n"), @"
        a message is one JSON object: expected value at line 1 column 1
        a message is one JSON object: trailing characters at line 1 column 26
        a message is a JSON object with a `type`: missing field `type` at line 1 column 11
        there is no message of the type `bat`; there is ball
        a message of the type `ball` has not the shape of one: missing field `speed` at line 1 column 15
        ");
    }

    #[test]
    fn a_machine_without_peers_decodes_nothing() {
        assert!(std::convert::Infallible::decode_binary(br#"{"type":"ball"}"#).is_err());
    }

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
