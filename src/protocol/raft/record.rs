//! What a server of Raft keeps on its disk: each record a tag and its fields, as `postcard` writes them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::base::NodeName;
use crate::protocol::raft::messages::Entry;

/// About how many bytes a record takes beside its entries, and an entry with the block of a short operation.
const BYTES_BESIDE_ENTRIES: usize = 32;
const USUAL_ENTRY_BYTES: usize = 128;

/// One record. Whoever changes it raises the format of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record<'a> {
    /// A life began. The first one founds the server: a later life that finds no record has lost its disk.
    Life,
    /// The disk was lost: this server never again votes, counts or leads.
    Learner,
    /// The server is in this term, and has voted for nobody else in it.
    Term {
        /// The term.
        term: u64,
        /// For whom it has voted.
        vote: Option<NodeName>,
    },
    /// The log behind so many entries is these entries.
    Append {
        /// How many entries stand before them.
        skip: u64,
        /// How many entries are known to be committed.
        commit: u64,
        /// The entries.
        entries: Cow<'a, [Entry]>,
    },
}

impl Record<'_> {
    /// The bytes that are kept.
    ///
    /// # Panics
    /// Never: memory takes any number of bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let entries = if let Self::Append { entries, .. } = self { entries.len() } else { 0 };
        let bytes = Vec::with_capacity(BYTES_BESIDE_ENTRIES + entries * USUAL_ENTRY_BYTES);
        postcard::to_extend(self, bytes).expect("memory takes any number of bytes")
    }

    /// The record that these bytes are.
    ///
    /// # Errors
    /// They are none.
    pub fn decode(bytes: &[u8]) -> postcard::Result<Self> {
        postcard::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::ledger::{Chain, RequestId};
    use crate::store::{Operation, Value};

    #[test]
    fn a_record_comes_back_from_the_disk_as_it_was() {
        let mut chain = Chain::default();
        let request = RequestId { client: NodeName::client(u32::MAX), session: u64::MAX, sequence: 1 };
        chain.mine(Operation::Put { key: "Grüße".into(), value: Value::Integer(i64::MIN) }, request);
        let blocks = chain.blocks_after(0).iter().map(|block| Entry { term: 3, block: Some(Rc::clone(block)) });
        let entries: Vec<_> = [Entry { term: 3, block: None }].into_iter().chain(blocks).collect();
        let append = Record::Append { skip: 4, commit: 2, entries: entries.into() };
        let vote = Record::Term { term: 300, vote: Some(NodeName::server(2)) };
        for record in [Record::Life, Record::Learner, vote, Record::Term { term: 1, vote: None }, append] {
            assert_eq!(Record::decode(&record.encode()), Ok(record));
        }
    }

    #[test]
    fn bytes_that_are_no_record_are_refused() {
        assert!(Record::decode(&[9]).is_err());
        assert!(Record::decode(&[]).is_err());
        assert!(Record::decode(&Record::Term { term: u64::MAX, vote: None }.encode()[..3]).is_err());
    }
}
