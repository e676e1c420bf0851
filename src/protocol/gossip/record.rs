//! What a gossip server keeps on its disk, one JSON object a record.
//!
//! ```text
//! {"type":"life","incarnation":1}
//! {"type":"write","entry":{"key":"a","value":"1","stamp":…,"request":…,"nonce":1},"hash":"0b54…"}
//! ```
//!
//! A write is kept when it wins, in the order in which writes won; so the writes alone give back store, chain and clock.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::base::Incarnation;
use crate::ledger::Hash;
use crate::protocol::gossip::messages::Entry;
use crate::wire::envelope::write_json;

/// Most records are not longer, in bytes.
const USUAL_BYTES: usize = 512;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record<'a> {
    /// A life began: none that comes after it may stamp with this incarnation.
    Life {
        /// Which.
        incarnation: Incarnation,
    },
    /// A write won here.
    Write {
        /// The write.
        entry: Cow<'a, Entry>,
        /// The hash of the block that it made.
        hash: Hash,
    },
}

impl Record<'_> {
    /// The bytes that are kept.
    ///
    /// # Panics
    /// Never: records are representable in JSON.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        write_json(&mut bytes, self);
        bytes
    }

    /// The record that these bytes are.
    ///
    /// # Errors
    /// They are none.
    pub fn decode(bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }
}
