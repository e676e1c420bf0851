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
    /// The keys that map to another value than before, each with that value, in the order of the changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub store: Vec<(Value, Value)>,
}

impl StateChange {
    /// Did the step change nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.digest.is_none() && self.length.is_none() && self.store.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written() {
        assert_eq!(serde_json::to_string(&StateChange::default()).unwrap(), "{}");
        let change =
            StateChange { digest: Some(Digest(0xab)), length: None, store: vec![("a".into(), Value::Integer(1))] };
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
