//! What can be asked of a store: `put`, `get`, `cas`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::store::value::Value;

/// One operation. Displayed as its canonical text, which a block hashes: `put a 1`, `get a`, `cas k a b`.
///
/// On the wire: `{"f":"put","key":"a","value":"1"}`, `{"f":"get","key":"a"}`,
/// `{"f":"cas","key":"k","from":"a","to":"b"}`. In formats that are not for people an enum with a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sets `key` to `value`.
    Put {
        /// The key.
        key: Value,
        /// What it maps to afterwards.
        value: Value,
    },
    /// Asks what `key` maps to.
    Get {
        /// The key.
        key: Value,
    },
    /// Sets `key` to `to` if it maps to `from`.
    Cas {
        /// The key.
        key: Value,
        /// What it must map to before.
        from: Value,
        /// What it maps to afterwards.
        to: Value,
    },
}

/// An operation where fields have names.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Operation", tag = "f", rename_all = "snake_case")]
enum Named {
    Put { key: Value, value: Value },
    Get { key: Value },
    Cas { key: Value, from: Value, to: Value },
}

/// An operation where they have none.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Operation")]
enum Tagged {
    Put { key: Value, value: Value },
    Get { key: Value },
    Cas { key: Value, from: Value, to: Value },
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            Named::serialize(self, serializer)
        } else {
            Tagged::serialize(self, serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Named::deserialize(deserializer)
        } else {
            Tagged::deserialize(deserializer)
        }
    }
}

impl Operation {
    /// The key that it is about.
    #[must_use]
    pub fn key(&self) -> &Value {
        match self {
            Self::Put { key, .. } | Self::Get { key } | Self::Cas { key, .. } => key,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every block is hashed over this: it is written without the detour over format strings.
        let (name, words): (_, &[&Value]) = match self {
            Self::Put { key, value } => ("put", &[key, value]),
            Self::Get { key } => ("get", &[key]),
            Self::Cas { key, from, to } => ("cas", &[key, from, to]),
        };
        formatter.write_str(name)?;
        for word in words {
            formatter.write_str(" ")?;
            word.canonical().fmt(formatter)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_text_names_the_operation_and_its_words() {
        let key = Value::text("k");
        assert_eq!(Operation::Put { key: key.clone(), value: Value::text("a b") }.to_string(), r#"put k "a b""#);
        assert_eq!(Operation::Get { key: key.clone() }.to_string(), "get k");
        let cas = Operation::Cas { key, from: Value::Integer(1), to: Value::text("1") };
        assert_eq!(cas.to_string(), "cas k =1 1");
    }

    #[test]
    fn every_format_keeps_it() {
        let (key, value) = (Value::text("k"), Value::from_literal("[1]").unwrap());
        let put = Operation::Put { key: key.clone(), value: value.clone() };
        let cas = Operation::Cas { key: key.clone(), from: value, to: Value::Integer(1) };
        for operation in [put, Operation::Get { key }, cas] {
            let json = serde_json::to_string(&operation).unwrap();
            assert_eq!(serde_json::from_str::<Operation>(&json).unwrap(), operation, "{json}");
            let bytes = postcard::to_stdvec(&operation).unwrap();
            assert_eq!(postcard::from_bytes::<Operation>(&bytes).unwrap(), operation, "{operation}");
        }
        let put = serde_json::to_string(&Operation::Put { key: "a".into(), value: "1".into() }).unwrap();
        assert_eq!(put, r#"{"f":"put","key":"a","value":"1"}"#);
    }
}
