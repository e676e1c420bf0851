//! What of a node's state changed in a step, as `done` carries it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::store::Value;

/// A digest of everything that a server's store holds: two servers of one protocol hold the same if theirs are equal.
/// 32 hexadecimal digits on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(pub u128);

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 32 && text.bytes().all(is_digit) {
            u128::from_str_radix(&text, 16).map(Self).map_err(D::Error::custom)
        } else {
            Err(D::Error::custom("a digest is 32 lower-case hexadecimal digits"))
        }
    }
}

/// The part that a server plays among those that come to terms by consensus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerRole {
    /// It decides what is done.
    Leader,
    /// It tries to become the leader.
    Candidate,
    /// It takes what a leader sends.
    Follower,
    /// It only copies what is decided: its disk was lost.
    Learner,
}

impl fmt::Display for ServerRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Leader => "leader",
            Self::Candidate => "candidate",
            Self::Follower => "follower",
            Self::Learner => "learner",
        })
    }
}

/// The fields of a node's state that a step changed; those that it did not change are absent.
///
/// On the wire `{"digest":"…","length":3,"store":[["a","1"]]}`. A server of one's own may leave out what it does not
/// have, and add fields: the master passes over those that it does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StateChange {
    /// The digest of the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The length of the chain, in blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Which part the server plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<ServerRole>,
    /// The number of the ballot or the term that it knows: of two leaders the one with the greater number leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<u64>,
    /// How many requests and blocks wait to be decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued: Option<u64>,
    /// The keys that map to another value than before, each with that value, in the order of the changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub store: Vec<(Value, Value)>,
}

impl StateChange {
    /// Did the step change nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { digest, length, role, term, queued, store } = self;
        let is_nothing_else = role.is_none() && term.is_none() && queued.is_none() && store.is_empty();
        digest.is_none() && length.is_none() && is_nothing_else
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written() {
        assert_eq!(serde_json::to_string(&StateChange::default()).unwrap(), "{}");
        let change = StateChange {
            digest: Some(Digest(0xab)),
            store: vec![("a".into(), Value::Integer(1))],
            ..StateChange::default()
        };
        let json = serde_json::to_string(&change).unwrap();
        assert_eq!(json, r#"{"digest":"000000000000000000000000000000ab","store":[["a",1]]}"#);
        assert_eq!(serde_json::from_str::<StateChange>(&json).unwrap(), change);
    }

    #[test]
    fn a_digest_is_exactly_32_lower_case_digits() {
        for text in ["", "ab", "+0000000000000000000000000000000", "000000000000000000000000000000AB"] {
            assert!(serde_json::from_str::<Digest>(&format!("{text:?}")).is_err(), "{text}");
        }
    }
}
