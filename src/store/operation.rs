//! What can be asked of a store: `put`, `get`, `cas`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::store::value::Value;

/// One operation. Displayed as its canonical text, which a block hashes: `put a 1`, `get a`, `cas k a b`.
///
/// On the wire: `{"f":"put","key":"a","value":"1"}`, `{"f":"get","key":"a"}`,
/// `{"f":"cas","key":"k","from":"a","to":"b"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "f", rename_all = "snake_case")]
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
        match self {
            Self::Put { key, value } => write!(formatter, "put {} {}", key.canonical(), value.canonical()),
            Self::Get { key } => write!(formatter, "get {}", key.canonical()),
            Self::Cas { key, from, to } => {
                write!(formatter, "cas {} {} {}", key.canonical(), from.canonical(), to.canonical())
            }
        }
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
}
