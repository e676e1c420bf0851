//! A key or a value: a text, an integer, or any other literal of Python.
//!
//! Displayed, a value is printed as it stands. Its [canonical text](Value::canonical) is what blocks hash: no two
//! values share one, and a text of ordinary letters is its own.
//!
//! Values are ordered: texts by their bytes, then integers of 64 bits by their size, then all others by the bytes of
//! their Python repr. Equal are those of one kind that print alike: `1` and `1.0` are two values, and so are two dicts
//! of another order.
//!
//! Deliberately missing: what is inside a list or dict; nobody here asks.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::store::literal::{Flaw, Literal, Misread, read};

/// A key or a value.
///
/// In JSON a string, an integer, or `{"literal":"{'phone': -5}"}`. In other formats an enum with a tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A text, of any characters.
    Text(Arc<str>),
    /// A whole number.
    Integer(i64),
    /// The Python repr of any other literal; also of an integer that needs more than 64 bits.
    Literal(Arc<str>),
}

impl Value {
    /// The text `text`.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// The value that a literal of Python is: `'a'` is the text `a`.
    ///
    /// # Errors
    /// It is none, or something stands behind it.
    pub fn from_literal(text: &str) -> Result<Self, Misread> {
        let (literal, length) = read(text)?;
        let rest = text[length..].trim_start_matches([' ', '\t']);
        if !rest.is_empty() {
            return Err(Misread { flaw: Flaw::Behind, range: text.len() - rest.len()..text.len() });
        }
        Ok(literal.value())
    }

    /// The canonical text (DESIGN section 6): a text of ASCII letters, digits and `_./:@+-` is itself, other texts are
    /// JSON strings (non-ASCII not escaped), any other literal is `=` and its Python repr.
    #[must_use]
    pub fn canonical(&self) -> Canonical<'_> {
        Canonical(self)
    }

    /// As Python prints it within a list: a text has quotes.
    #[must_use]
    pub fn repr(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Literal::Text(text.as_ref().to_owned()).to_string().into(),
            Self::Integer(integer) => integer.to_string().into(),
            Self::Literal(repr) => repr.as_ref().into(),
        }
    }

    /// About how many bytes the value takes on the wire.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len() + 2,
            Self::Integer(_) => 20,
            Self::Literal(repr) => repr.len() + 14,
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
            Self::Text(text) | Self::Literal(text) => formatter.write_str(text),
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
            Value::Literal(repr) => write!(formatter, "={repr}"),
        }
    }
}

/// Which bytes stand in a canonical text as they are.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"_./:@+-";
    let mut index = 0;
    while index < others.len() {
        plain[others[index] as usize] = true;
        index += 1;
    }
    plain
};

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| PLAIN[usize::from(byte)])
}

/// The key of the JSON object that a literal is.
const LITERAL: &str = "literal";

/// A value where the format does not tell kinds apart by itself.
#[derive(serde::Serialize, serde::Deserialize)]
enum Tagged<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Integer(i64),
    Literal(#[serde(borrow)] Cow<'a, str>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            _ if !serializer.is_human_readable() => self.tagged().serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(integer) => serializer.serialize_i64(*integer),
            Self::Literal(repr) => {
                let mut object = serializer.serialize_map(Some(1))?;
                object.serialize_entry(LITERAL, &**repr)?;
                object.end()
            }
        }
    }
}

impl Value {
    fn tagged(&self) -> Tagged<'_> {
        match self {
            Self::Text(text) => Tagged::Text(text.as_ref().into()),
            Self::Integer(integer) => Tagged::Integer(*integer),
            Self::Literal(repr) => Tagged::Literal(repr.as_ref().into()),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(JsonVisitor);
        }
        match Tagged::deserialize(deserializer)? {
            Tagged::Text(text) => Ok(Self::text(&text)),
            Tagged::Integer(integer) => Ok(Self::Integer(integer)),
            Tagged::Literal(repr) => Self::from_literal(&repr).map_err(D::Error::custom),
        }
    }
}

/// Takes what JSON says of a value. However a literal is written, it becomes the value that it is.
struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key or value: a string, an integer of 64 bits, or an object with a literal")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<Value, E> {
        Ok(Value::Integer(integer))
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<Value, E> {
        i64::try_from(integer).map(Value::Integer).map_err(|_| E::custom("an integer of more than 64 bits"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let entry = object.next_entry::<Cow<'de, str>, Cow<'de, str>>()?;
        let Some((_, text)) = entry.filter(|(key, _)| key == LITERAL) else {
            return Err(A::Error::custom("a value that is an object has the one key `literal`"));
        };
        if object.next_key::<Cow<'de, str>>()?.is_some() {
            return Err(A::Error::custom("a value that is an object has the one key `literal`"));
        }
        Value::from_literal(&text).map_err(|misread| A::Error::custom(format!("no literal of Python: {misread}")))
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
        assert_eq!(Value::from_literal("{'a':1}").unwrap().canonical().to_string(), "={'a': 1}");
        assert_ne!(Value::Integer(1), Value::text("1"));
    }

    #[test]
    fn the_wire_keeps_the_type() {
        for value in values() {
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value, "{json}");
        }
        let refused = ["1.5", "null", "[1]", "18446744073709551615", "true", "{}", r#"{"other":"1"}"#];
        let no_literals =
            [r#"{"literal":1}"#, r#"{"literal":"x"}"#, r#"{"literal":"1 2"}"#, r#"{"literal":"1","a":1}"#];
        for json in refused.into_iter().chain(no_literals) {
            assert!(serde_json::from_str::<Value>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_literal_is_an_object_in_json_and_equals_what_it_says_in_short() {
        let value = Value::from_literal("{'phone':-5}").unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), r#"{"literal":"{'phone': -5}"}"#);
        let from = |json| serde_json::from_str::<Value>(json).unwrap();
        assert_eq!(from(r#"{"literal":"{ 'phone' : -5, }"}"#), value);
        assert_eq!(from(r#"{"literal":"'a'"}"#), Value::text("a"));
        assert_eq!(from(r#"{"literal":"0x10"}"#), Value::Integer(16));
    }

    #[test]
    fn a_format_without_kinds_of_its_own_keeps_the_type() {
        for value in values() {
            let bytes = postcard::to_stdvec(&value).unwrap();
            assert_eq!(postcard::from_bytes::<Value>(&bytes).unwrap(), value, "{value}");
        }
        assert_eq!(postcard::to_stdvec(&Value::text("abc")).unwrap(), b"\0\x03abc");
        assert!(postcard::from_bytes::<Value>(b"\x02\x01x").is_err(), "`x` is no literal");
        assert!(postcard::from_bytes::<Value>(b"\x03\x01x").is_err(), "there is no fourth kind");
    }

    #[test]
    fn values_are_ordered_by_kind_and_then_as_they_print() {
        let mut ordered = values();
        ordered.sort();
        let shown: Vec<_> = ordered.iter().map(|value| value.canonical().to_string()).collect();
        let expected = ["\"\"", "1", "\"é\\u0000\\\"\"", "=-9223372036854775808", "=-1", "=1"];
        assert_eq!(shown[..6], expected);
        assert!(shown[6..].is_sorted(), "{shown:?}");
    }

    fn values() -> Vec<Value> {
        let literals = ["None", "True", "1.0", "-0.0", "(1,)", "[1, 'a']", "{'phone': -5}", "{1, 2}", "set()"];
        let integers = ["9223372036854775808", "-9223372036854775809", "-9223372036854775808", "-1", "1"];
        let texts = [Value::text("1"), Value::text(""), Value::text("é\u{0}\"")];
        let read = |text| Value::from_literal(text).unwrap();
        texts.into_iter().chain(literals.map(read)).chain(integers.map(read)).collect()
    }
}
