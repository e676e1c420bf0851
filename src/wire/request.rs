//! What clients ask of servers, and the answers: Maelstrom's lin-kv, with the fields of causal sessions added.
//!
//! A request is retried with the same `msg_id`, which is the operation's sequence number in the client's session; so
//! (client, session, `msg_id`) names a request, and a server answers it once. All added fields may be missing: a plain
//! client of Maelstrom's sends none, a foreign server may answer none.

use serde::{Deserialize, Serialize};

use crate::base::NodeName;
use crate::ledger::RequestId;
use crate::store::{Operation, Value};
use crate::wire::error::ErrorBody;
use crate::wire::stamp::Stamp;

/// `read`: what does a key map to?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "read")]
pub struct Read {
    /// The operation's sequence number.
    pub msg_id: u64,
    /// The client's session.
    #[serde(default)]
    pub session: u64,
    /// The key.
    pub key: Value,
    /// The newest write of this key that the session has written or read: a server that lacks it must not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Stamp>,
}

/// `write`: map a key to a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "write")]
pub struct Write {
    /// The operation's sequence number.
    pub msg_id: u64,
    /// The client's session.
    #[serde(default)]
    pub session: u64,
    /// The key.
    pub key: Value,
    /// The value.
    pub value: Value,
    /// The greatest Lamport clock that the session has seen.
    #[serde(default)]
    pub clock: u64,
}

/// `cas`: map a key to a value if it maps to another one now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "cas")]
pub struct CompareAndSet {
    /// The operation's sequence number.
    pub msg_id: u64,
    /// The client's session.
    #[serde(default)]
    pub session: u64,
    /// The key.
    pub key: Value,
    /// The value that it must map to.
    pub from: Value,
    /// The value that it maps to afterwards.
    pub to: Value,
}

/// A client's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Request {
    /// See [`Read`].
    Read(Read),
    /// See [`Write`].
    Write(Write),
    /// See [`CompareAndSet`].
    CompareAndSet(CompareAndSet),
}

impl Request {
    /// The types of requests.
    pub const TYPES: [&str; 3] = ["read", "write", "cas"];

    /// The body's `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Write(_) => "write",
            Self::CompareAndSet(_) => "cas",
        }
    }

    /// Has a request this `type`?
    #[must_use]
    pub fn is_kind(kind: &str) -> bool {
        Self::TYPES.contains(&kind)
    }

    /// The name of this request of a client's, under which it is carried out once.
    #[must_use]
    pub fn id(&self, client: NodeName) -> RequestId {
        let (session, sequence) = match self {
            Self::Read(Read { msg_id, session, .. })
            | Self::Write(Write { msg_id, session, .. })
            | Self::CompareAndSet(CompareAndSet { msg_id, session, .. }) => (*session, *msg_id),
        };
        RequestId { client, session, sequence }
    }

    /// What it asks of the store.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::Read(Read { key, .. }) => Operation::Get { key: key.clone() },
            Self::Write(Write { key, value, .. }) => Operation::Put { key: key.clone(), value: value.clone() },
            Self::CompareAndSet(CompareAndSet { key, from, to, .. }) => {
                Operation::Cas { key: key.clone(), from: from.clone(), to: to.clone() }
            }
        }
    }

    /// Decodes a body of the type `kind`; `None` if no request has this type.
    ///
    /// # Errors
    /// The body has the type of a request, and not its shape.
    pub fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        match kind {
            "read" => Some(serde_json::from_str(body).map(Self::Read)),
            "write" => Some(serde_json::from_str(body).map(Self::Write)),
            "cas" => Some(serde_json::from_str(body).map(Self::CompareAndSet)),
            _ => None,
        }
    }
}

/// `read_ok`: the value of the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "read_ok")]
pub struct ReadOk {
    /// The `msg_id` of the request.
    pub in_reply_to: u64,
    /// The value.
    pub value: Value,
    /// The stamp of the write that set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
}

/// `write_ok`: the server has taken the write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "write_ok")]
pub struct WriteOk {
    /// The `msg_id` of the request.
    pub in_reply_to: u64,
    /// The stamp that the write was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
}

/// `cas_ok`: the key had the expected value, and has the new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "cas_ok")]
pub struct CompareAndSetOk {
    /// The `msg_id` of the request.
    pub in_reply_to: u64,
}

/// A server's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Response {
    /// See [`ReadOk`].
    Read(ReadOk),
    /// See [`WriteOk`].
    Write(WriteOk),
    /// See [`CompareAndSetOk`].
    CompareAndSet(CompareAndSetOk),
    /// See [`ErrorBody`].
    Error(ErrorBody),
}

impl Response {
    /// The types of answers.
    pub const TYPES: [&str; 4] = ["read_ok", "write_ok", "cas_ok", "error"];

    /// The body's `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Read(_) => "read_ok",
            Self::Write(_) => "write_ok",
            Self::CompareAndSet(_) => "cas_ok",
            Self::Error(_) => "error",
        }
    }

    /// The `msg_id` of the request that this answers.
    #[must_use]
    pub fn in_reply_to(&self) -> u64 {
        match self {
            Self::Read(ReadOk { in_reply_to, .. })
            | Self::Write(WriteOk { in_reply_to, .. })
            | Self::CompareAndSet(CompareAndSetOk { in_reply_to })
            | Self::Error(ErrorBody { in_reply_to, .. }) => *in_reply_to,
        }
    }

    /// Decodes a body of the type `kind`; `None` if no response has this type.
    ///
    /// # Errors
    /// The body has the type of a response, and not its shape.
    pub fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        match kind {
            "read_ok" => Some(serde_json::from_str(body).map(Self::Read)),
            "write_ok" => Some(serde_json::from_str(body).map(Self::Write)),
            "cas_ok" => Some(serde_json::from_str(body).map(Self::CompareAndSet)),
            "error" => Some(serde_json::from_str(body).map(Self::Error)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_maelstroms_with_two_fields_more() {
        let write = Write { msg_id: 3, session: 1, key: Value::text("a"), value: Value::text("1"), clock: 5 };
        let json = serde_json::to_string(&Request::Write(write.clone())).unwrap();
        assert_eq!(json, r#"{"type":"write","msg_id":3,"session":1,"key":"a","value":"1","clock":5}"#);
        assert_eq!(Request::decode("write", &json).unwrap().unwrap(), Request::Write(write));
    }

    #[test]
    fn a_plain_request_of_maelstroms_is_understood() {
        let body = r#"{"type":"write","key":7,"value":3,"msg_id":1}"#;
        let Request::Write(write) = Request::decode("write", body).unwrap().unwrap() else { panic!("a write") };
        assert_eq!((write.key, write.value, write.session), (Value::Integer(7), Value::Integer(3), 0));
    }

    #[test]
    fn every_type_is_listed_and_understood() {
        assert!(Request::TYPES.iter().all(|kind| Request::decode(kind, "{}").is_some()));
        assert!(Response::TYPES.iter().all(|kind| Response::decode(kind, "{}").is_some()));
    }

    #[test]
    fn an_unknown_type_is_no_request_and_a_bad_shape_is_an_error() {
        assert!(Request::decode("txn", "{}").is_none());
        assert!(Request::decode("read", r#"{"type":"read"}"#).unwrap().is_err());
        assert!(Response::decode("error", r#"{"in_reply_to":1,"code":-1}"#).unwrap().is_err());
    }
}
