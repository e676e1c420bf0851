//! What a Multi-Paxos server keeps on its disk: each record a tag and its fields, as `postcard` writes them.

use std::borrow::Cow;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::ledger::Block;
use crate::protocol::multi_paxos::ballot::Ballot;

/// One record. Whoever changes it raises the format of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Never: memory takes any number of bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("memory takes any number of bytes")
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
    use super::*;
    use crate::base::NodeName;
    use crate::ledger::{Chain, RequestId};
    use crate::store::{Operation, Value};

    #[test]
    fn a_record_comes_back_from_the_disk_as_it_was() {
        let ballot = Ballot { number: 3, server: NodeName::server(1) };
        let mut chain = Chain::default();
        for (sequence, key) in (1..).zip(["a", "-", "</script>", "Grüße"]) {
            let request = RequestId { client: NodeName::client(u32::MAX), session: u64::MAX, sequence };
            chain.mine(Operation::Put { key: key.into(), value: Value::Integer(i64::MIN) }, request);
        }
        let blocks = chain.blocks_after(0).to_vec().into();
        let accept = Record::Accept { ballot: Some(ballot), skip: 4, decided: 4, blocks };
        for record in
            [Record::Life, Record::Learner, Record::Raised { number: 300 }, Record::Promise { ballot }, accept]
        {
            assert_eq!(Record::decode(&record.encode()), Ok(record));
        }
    }

    #[test]
    fn bytes_that_are_no_record_are_refused() {
        assert!(Record::decode(&[9]).is_err());
        assert!(Record::decode(&[]).is_err());
        assert!(Record::decode(&Record::Raised { number: u64::MAX }.encode()[..3]).is_err());
    }
}
