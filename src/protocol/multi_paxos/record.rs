//! What a Multi-Paxos server keeps on its disk, one JSON object a record.
//!
//! ```text
//! {"type":"life"}
//! {"type":"learner"}
//! {"type":"raised","number":3}
//! {"type":"promise","ballot":{"number":3,"server":"s1"}}
//! {"type":"accept","ballot":…,"skip":4,"decided":4,"blocks":[…]}
//! ```

use std::borrow::Cow;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::ledger::Block;
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::record;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record<'a> {
    /// A life began. The first one founds the server: a later life that finds no record has lost its disk.
    Life,
    /// The disk was lost: this server never again promises, accepts, counts or leads.
    Learner,
    /// A ballot of this server's own with this number may have been seen by others.
    Raised {
        /// The number.
        number: u64,
    },
    /// No lower ballot is taken part in.
    Promise {
        /// The ballot.
        ballot: Ballot,
    },
    /// The log behind so many blocks is these blocks.
    Accept {
        /// Under which ballot; none where only what others have decided was copied.
        ballot: Option<Ballot>,
        /// How many blocks stand before them.
        skip: u64,
        /// How many blocks are known to be decided.
        decided: u64,
        /// The blocks.
        blocks: Cow<'a, [Rc<Block>]>,
    },
}

impl Record<'_> {
    /// The bytes that are kept.
    ///
    /// # Panics
    /// Never: records are representable in JSON.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        record::encode(self)
    }

    /// The record that these bytes are.
    ///
    /// # Errors
    /// They are none.
    pub fn decode(bytes: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(bytes)
    }
}
