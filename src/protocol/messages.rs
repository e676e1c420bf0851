//! The messages of a protocol from one list, and the two forms that they have.
//!
//! - JSON, on the pipes of lockstep: `{"type":"accepted","ballot":{"number":3,"server":"s1"},"length":7}`.
//! - Binary, between servers without a master: as `postcard` writes the enum, which is the variant's place in the list
//!   and then the fields in their order, without names. Few bytes, little time, and nothing describes itself.
//!
//! Deliberately missing: versions. Whoever changes, moves or removes a message or a field changes the binary form, and raises the
//! version that nodes tell each other first (`tcp/introduction.rs`): another build would misread it.

use serde::Serialize;
use serde::de::{Deserialize as _, DeserializeOwned, Deserializer, Error as _};

use crate::base::limits;
use crate::machine::NotDecoded;

/// Makes a protocol's messages from a list: the enum, its `TYPES`, and [`Message`](crate::machine::Message) with both
/// forms.
///
/// ```text
/// protocol_messages! {
///     /// What servers say to each other.
///     #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
///     pub enum PaxosMessage {
///         /// See [`Heartbeat`].
///         Heartbeat(Heartbeat) = "heartbeat",
///         /// See [`Accept`].
///         Accept(Rc<Accept>) = "accept",
///     }
/// }
/// ```
///
/// A message is a struct whose fields have names, none of them `type`, and which `serde` derives plainly: what writes
/// other fields than it reads, or asks what comes next, `postcard` cannot read back. Behind an `Rc` stand those that are
/// long, or have several recipients. Their types are letters and `_`.
macro_rules! protocol_messages {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[$of_variant:meta])* $variant:ident($message:ty) = $kind:literal,)+
        }
    ) => {
        $(#[$attribute])*
        pub enum $name {
            $($(#[$of_variant])* $variant($message),)+
        }

        impl $name {
            /// The types of these messages.
            pub const TYPES: &[&str] = &[$($kind),+];
        }

        impl crate::machine::Message for $name {
            fn kinds() -> &'static [&'static str] {
                Self::TYPES
            }

            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $kind,)+
                }
            }

            fn encode(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant(message) => crate::wire::envelope::write_typed(out, $kind, message),)+
                }
            }

            fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
                match kind {
                    $($kind => Some(serde_json::from_str(body).map(Self::$variant)),)+
                    _ => None,
                }
            }

            fn encode_binary(&self, out: &mut Vec<u8>) {
                crate::protocol::messages::encode_binary(self, out);
            }

            fn decode_binary(bytes: &[u8]) -> Result<Self, crate::machine::NotDecoded> {
                crate::protocol::messages::decode_binary(bytes)
            }
        }
    };
}

pub(crate) use protocol_messages;

/// Appends a message as `postcard` writes it.
pub fn encode_binary(message: &impl Serialize, out: &mut Vec<u8>) {
    postcard::to_io(message, out).expect("memory takes any number of bytes");
}

/// The message that all of these bytes are.
///
/// A length that the bytes do not bear out reserves no memory: `postcard` sees what is left, and `serde` reserves at most
/// a mebibyte ahead of the elements.
///
/// # Errors
/// They are none, or more than one.
pub fn decode_binary<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, NotDecoded> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(NotDecoded(format!("{} of {} bytes stand behind the message", rest.len(), bytes.len()))),
        Err(error) => Err(NotDecoded(format!(
            "{} bytes are no message of this protocol: {error}; all servers of a cluster are of one build",
            bytes.len()
        ))),
    }
}

/// Reads a term, or the number of a ballot: one behind [`limits::GREATEST_TERM`] makes its message none. Whoever took it over
/// would have no number for the next election.
///
/// # Errors
/// It is none, or too great.
pub fn read_term<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let term = u64::deserialize(deserializer)?;
    if term <= limits::GREATEST_TERM {
        Ok(term)
    } else {
        Err(D::Error::custom(format!(
            "the term {term} is greater than {}, which no run reaches",
            limits::GREATEST_TERM
        )))
    }
}

#[cfg(test)]
pub mod forms;
