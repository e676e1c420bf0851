//! A log of blocks: accepted, and decided up to some height.

mod inspection;

pub use inspection::Beside;

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_128;

use crate::base::NodeName;
use crate::ledger::{Block, Chain, Flaw, RequestId};
use crate::protocol::replicated::requests::{Place, RequestTable};
use crate::protocol::replicated::store::{Outcome, Store};
use crate::store::Operation;
use crate::wire::request::{CompareAndSetOk, ReadOk, WriteOk};
use crate::wire::{Digest, ErrorBody, ErrorCode, Response, StateChange};

/// What a request came to, for its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which request.
    pub request: RequestId,
    /// What it came to.
    pub outcome: Outcome,
}

/// A server's log, with the store that its decided blocks make.
///
/// Invariants:
/// 1. decided <= accepted, and the store is the result of exactly the decided blocks.
/// 2. A decided block never changes.
/// 3. No request stands in it twice.
#[derive(Debug, Default)]
pub struct ReplicatedLog {
    chain: Chain,
    decided: u64,
    requests: RequestTable,
    store: Store,
    /// The last answer of each client.
    answers: BTreeMap<NodeName, Answer>,
    changes: StateChange,
}

impl Answer {
    /// What its client is told.
    #[must_use]
    pub fn response(&self) -> Response {
        let in_reply_to = self.request.sequence;
        let refuse = |code, text: &str| Response::Error(ErrorBody { in_reply_to, code, text: text.to_owned() });
        match &self.outcome {
            Outcome::Written => Response::Write(WriteOk { in_reply_to, stamp: None }),
            Outcome::Swapped => Response::CompareAndSet(CompareAndSetOk { in_reply_to }),
            Outcome::Got(Some(value)) => Response::Read(ReadOk { in_reply_to, value: value.clone(), stamp: None }),
            Outcome::Got(None) | Outcome::Unmet(None) => refuse(ErrorCode::KEY_DOES_NOT_EXIST, "the key has no value"),
            Outcome::Unmet(Some(_)) => refuse(ErrorCode::PRECONDITION_FAILED, "the key has another value"),
        }
    }
}

impl ReplicatedLog {
    /// How many blocks are accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.chain.length()
    }

    /// How many blocks are decided.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.decided
    }

    /// The blocks after the first `skipped`.
    #[must_use]
    pub fn blocks_after(&self, skipped: u64) -> &[Block] {
        self.chain.blocks_after(skipped)
    }

    /// Where a request stands.
    #[must_use]
    pub fn place(&self, request: RequestId) -> Place {
        self.requests.place(request)
    }

    /// What a request came to, if it is decided and its client has gone on to no other.
    #[must_use]
    pub fn answer(&self, request: RequestId) -> Option<&Answer> {
        self.answers.get(&request.client).filter(|answer| answer.request == request)
    }

    /// Makes the block of a request at the end of the log.
    ///
    /// # Panics
    /// If the log holds the request already.
    pub fn propose(&mut self, request: RequestId, operation: Operation) -> &Block {
        self.requests.add(request, self.chain.length() + 1);
        self.chain.mine(operation, request)
    }

    /// Puts blocks behind the first `start`, in place of whatever stood there.
    ///
    /// # Errors
    /// A block does not fit to the one before it, or is none. What stood there is gone then.
    ///
    /// # Panics
    /// If a decided block would go.
    pub fn replace_after(&mut self, start: u64, blocks: Vec<Block>) -> Result<(), Flaw> {
        assert!(start >= self.decided, "the decided prefix of {} blocks would be cut off at {start}", self.decided);
        for gone in self.chain.truncate(start).into_iter().rev() {
            self.requests.remove(gone.request);
        }
        for block in blocks {
            let request = block.request;
            self.chain.push(block)?;
            self.requests.add(request, self.chain.length());
        }
        Ok(())
    }

    /// Decides up to a height, and returns what the requests came to that are decided now.
    ///
    /// # Panics
    /// If so many blocks are not accepted.
    pub fn decide(&mut self, length: u64) -> Vec<Answer> {
        assert!(length <= self.accepted(), "{length} blocks are decided of {}", self.accepted());
        let mut answers = Vec::new();
        for height in self.decided + 1..=length {
            let block = self.chain.block(height).expect("it is accepted");
            let answer = Answer { request: block.request, outcome: self.store.apply(&block.operation) };
            match &block.operation {
                Operation::Put { key, value } => self.changes.store.push((key.clone(), value.clone())),
                Operation::Cas { key, to, .. } if answer.outcome == Outcome::Swapped => {
                    self.changes.store.push((key.clone(), to.clone()));
                }
                Operation::Cas { .. } | Operation::Get { .. } => {}
            }
            self.answers.insert(block.request.client, answer.clone());
            answers.push(answer);
        }
        if length > self.decided {
            self.decided = length;
            self.changes.length = Some(length);
            self.changes.digest = Some(self.digest());
        }
        answers
    }

    /// Of the decided prefix.
    fn digest(&self) -> Digest {
        let last = self.chain.block(self.decided).map(|block| block.hash);
        last.map_or(Digest(0), |hash| Digest(xxh3_128(&hash.0).wrapping_add(u128::from(self.decided))))
    }

    /// Reports what was recovered by its digest and its length only: a store of any size must fit into one line.
    pub fn end_recovery(&mut self) {
        self.changes =
            StateChange { digest: Some(self.digest()), length: Some(self.decided), ..StateChange::default() };
    }

    /// What changed since this was last called.
    pub fn take_changes(&mut self) -> StateChange {
        std::mem::take(&mut self.changes)
    }
}
