//! What clients ask, as the data of raft's entries.

use raft::eraftpb::Entry;
use serde::{Deserialize, Serialize};
use splitbrain::ledger::RequestId;
use splitbrain::store::Operation;

/// A request of a client's, with its name: the same request may stand in a log more than once, and is carried out once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Which request.
    pub request: RequestId,
    /// What it asks.
    pub operation: Operation,
}

impl Proposal {
    /// The data of an entry.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a request is JSON")
    }

    /// The proposal of an entry; none where a new leader has begun its term with an entry of its own.
    ///
    /// # Errors
    /// The entry holds something else.
    pub fn of(entry: &Entry) -> serde_json::Result<Option<Self>> {
        if entry.data.is_empty() { Ok(None) } else { serde_json::from_slice(&entry.data).map(Some) }
    }
}
