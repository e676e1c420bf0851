//! A SHA-256 digest, and the two digests that the ledger takes.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::ledger::nonce::Nonce;

/// A SHA-256 digest; its text is 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// The hash of a block: SHA-256(operation ‖ nonce ‖ previous hash), the nonce in decimal, the first previous hash the
/// text `None`, without separators.
#[must_use]
pub fn of_block(operation: &str, nonce: Nonce, previous: Option<Hash>) -> Hash {
    let mut message = String::with_capacity(operation.len() + 84);
    message.push_str(operation);
    nonce.push_onto(&mut message);
    of_linked(&mut message, previous)
}

/// The same, with the operation and the nonce in `message`, which takes the rest.
pub(super) fn of_linked(message: &mut String, previous: Option<Hash>) -> Hash {
    match previous {
        Some(previous) => message.push_str(previous.hexadecimal().as_str()),
        None => message.push_str("None"),
    }
    Hash(Sha256::digest(message.as_bytes()).into())
}

impl Hash {
    fn hexadecimal(&self) -> Hexadecimal {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        Hexadecimal(text)
    }
}

/// The text of a hash.
struct Hexadecimal([u8; 64]);

impl Hexadecimal {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits are ASCII")
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.hexadecimal().as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A text that is no SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 64 lower-case hexadecimal digits")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let text: &[u8; 64] = text.as_bytes().try_into().map_err(|_| NotAHash)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

fn digit(letter: u8) -> Result<u8, NotAHash> {
    match letter {
        b'0'..=b'9' => Ok(letter - b'0'),
        b'a'..=b'f' => Ok(letter - b'a' + 10),
        _ => Err(NotAHash),
    }
}

/// In JSON its text, in other formats its bytes.
impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_bytes(&self.0) }
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            deserializer.deserialize_bytes(Bytes)
        }
    }
}

/// Takes the bytes of a hash.
struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Hash;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the 32 bytes of a hash")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Hash, E> {
        bytes.try_into().map(Hash).map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}
