//! A key or a value: a text or an integer.
//!
//! Displayed, a value is printed as it stands. Its [canonical text](Value::canonical) is what blocks hash: no two
//! values share one, and a text of ordinary letters is its own.
//!
//! Deliberately missing: the other literals of Python; they come with the consoles that type them.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A key or a value. On the wire a JSON string or a JSON integer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A text, of any characters.
    Text(Arc<str>),
    /// A whole number.
    Integer(i64),
}

impl Value {
    /// The text `text`.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The canonical text (DESIGN section 6): a text of ASCII letters, digits and `_./:@+-` is itself, other texts are
    /// JSON strings (non-ASCII not escaped), any other literal is `=` and its Python repr.
    #[must_use]
    pub fn canonical(&self) -> Canonical<'_> {
        Canonical(self)
    }

    /// About how many bytes the value takes on the wire.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len() + 2,
            Self::Integer(_) => 20,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// As it stands.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Integer(integer) => write!(formatter, "{integer}"),
        }
    }
}

/// Displays a value in canonical form.
#[derive(Clone, Copy, Debug)]
pub struct Canonical<'a>(&'a Value);

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Text(text) if is_plain(text) => formatter.write_str(text),
            Value::Text(text) => {
                formatter.write_str(&serde_json::to_string(&**text).expect("every text is a JSON string"))
            }
            Value::Integer(integer) => write!(formatter, "={integer}"),
        }
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./:@+-".contains(&byte))
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(integer) => serializer.serialize_i64(*integer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl Visitor<'_> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a key or value: a string or an integer of 64 bits")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::text(text))
            }
            fn visit_i64<E: serde::de::Error>(self, integer: i64) -> Result<Value, E> {
                Ok(Value::Integer(integer))
            }
            fn visit_u64<E: serde::de::Error>(self, integer: u64) -> Result<Value, E> {
                i64::try_from(integer).map(Value::Integer).map_err(|_| E::custom("an integer of more than 64 bits"))
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Value::text(text).canonical().to_string()
    }

    #[test]
    fn ordinary_texts_are_their_own_canonical_text() {
        for text in ["a", "1", "-5", "_./:@+-", "http://x/y"] {
            assert_eq!(canonical(text), text);
        }
    }

    #[test]
    fn other_texts_are_json_strings() {
        assert_eq!(canonical(""), r#""""#);
        assert_eq!(canonical("a b"), r#""a b""#);
        assert_eq!(canonical("=1"), r#""=1""#);
        assert_eq!(canonical("say \"no\"\n"), r#""say \"no\"\n""#);
        assert_eq!(canonical("Grüße"), "\"Grüße\"");
    }

    #[test]
    fn the_integer_and_its_digits_differ() {
        assert_eq!(Value::Integer(1).canonical().to_string(), "=1");
        assert_eq!(Value::Integer(-5).canonical().to_string(), "=-5");
        assert_ne!(Value::Integer(1), Value::text("1"));
    }

    #[test]
    fn the_wire_keeps_the_type() {
        for value in [Value::text("1"), Value::Integer(1), Value::Integer(i64::MIN), Value::text("é\u{0}\"")] {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value, "{json}");
        }
        for json in ["1.5", "null", "[1]", "18446744073709551615", "true"] {
            assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
        }
    }
}
