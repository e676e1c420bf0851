//! A log of blocks: accepted, and decided up to some height.

use std::rc::Rc;

use xxhash_rust::xxh3::xxh3_128;

use crate::base::limits;
use crate::ledger::{Block, BlockRecord, Chain, Flaw, Proof, RequestId};
use crate::protocol::replicated::requests::{Place, RequestTable};
use crate::protocol::replicated::store::{Outcome, Store};
use crate::store::{Operation, Value};
use crate::wire::control::{Inspect, InspectOk, Part};
use crate::wire::request::{CompareAndSetOk, ReadOk, WriteOk};
use crate::wire::{Digest, ErrorBody, ErrorCode, Response, StateChange};

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
    changes: StateChange,
}

/// What a client is told whose request came to this.
#[must_use]
pub fn response(request: RequestId, outcome: &Outcome) -> Response {
    let in_reply_to = request.sequence;
    let refuse = |code, text: &str| Response::Error(ErrorBody { in_reply_to, code, text: text.to_owned() });
    match outcome {
        Outcome::Written => Response::Write(WriteOk { in_reply_to, stamp: None }),
        Outcome::Swapped => Response::CompareAndSet(CompareAndSetOk { in_reply_to }),
        Outcome::Got(Some(value)) => Response::Read(ReadOk { in_reply_to, value: value.clone(), stamp: None }),
        Outcome::Got(None) | Outcome::Unmet(None) => refuse(ErrorCode::KEY_DOES_NOT_EXIST, "the key has no value"),
        Outcome::Unmet(Some(_)) => refuse(ErrorCode::PRECONDITION_FAILED, "the key has another value"),
    }
}

impl ReplicatedLog {
    /// A log without blocks.
    #[must_use]
    pub fn new(proof: Proof) -> Self {
        Self { chain: Chain::new(proof), ..Self::default() }
    }

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
    pub fn blocks_after(&self, skipped: u64) -> &[Rc<Block>] {
        self.chain.blocks_after(skipped)
    }

    /// The blocks after the first `skipped`, up to the height `end`.
    #[must_use]
    pub fn blocks_between(&self, skipped: u64, end: u64) -> &[Rc<Block>] {
        let blocks = self.blocks_after(skipped);
        let count = usize::try_from(end.saturating_sub(skipped)).unwrap_or(usize::MAX);
        &blocks[..count.min(blocks.len())]
    }

    /// Where a request stands.
    #[must_use]
    pub fn place(&self, request: RequestId) -> Place<'_> {
        self.requests.place(request)
    }

    /// Makes the block of a request at the end of the log.
    ///
    /// # Panics
    /// If the log holds the request already.
    pub fn propose(&mut self, request: RequestId, operation: Operation) {
        self.requests.accept(request);
        self.chain.mine(operation, request);
    }

    /// Puts blocks behind the first `start`, in place of whatever stood there.
    ///
    /// # Errors
    /// A block does not fit to the one before it, or is none. What stood there is gone then.
    ///
    /// # Panics
    /// If a decided block would go.
    pub fn replace_after<'b>(
        &mut self,
        start: u64,
        blocks: impl IntoIterator<Item = &'b Rc<Block>>,
    ) -> Result<(), Flaw> {
        assert!(start >= self.decided, "the decided prefix of {} blocks would be cut off at {start}", self.decided);
        for gone in self.chain.truncate(start).into_iter().rev() {
            self.requests.remove(gone.request);
        }
        for block in blocks {
            self.chain.push(Rc::clone(block))?;
            self.requests.accept(block.request);
        }
        Ok(())
    }

    /// Decides up to a height, and shows each request that is decided now, with what it came to.
    ///
    /// # Panics
    /// If so many blocks are not accepted.
    pub fn decide(&mut self, length: u64, mut show: impl FnMut(RequestId, &Outcome)) {
        assert!(length <= self.accepted(), "{length} blocks are decided of {}", self.accepted());
        for height in self.decided + 1..=length {
            let block = self.chain.block(height).expect("it is accepted");
            let outcome = self.store.apply(&block.operation);
            match &block.operation {
                Operation::Put { key, value } => self.changes.store.push((key.clone(), value.clone())),
                Operation::Cas { key, to, .. } if outcome == Outcome::Swapped => {
                    self.changes.store.push((key.clone(), to.clone()));
                }
                Operation::Cas { .. } | Operation::Get { .. } => {}
            }
            show(block.request, &outcome);
            self.requests.decide(block.request, outcome);
        }
        if length > self.decided {
            self.decided = length;
            self.changes.length = Some(length);
            self.changes.digest = Some(self.digest());
        }
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

    /// Answers a question about the store or the decided chain with one piece.
    #[must_use]
    pub fn inspect(&self, question: &Inspect) -> InspectOk {
        let mut answer = InspectOk { in_reply_to: question.msg_id, ..InspectOk::default() };
        let skip = usize::try_from(question.skip).unwrap_or(usize::MAX);
        match question.part {
            Part::Store => {
                let pairs = self.store.pairs().map(|(key, value)| (key.clone(), value.clone()));
                let bytes_of = |(key, value): &(Value, Value)| key.encoded_bytes() + value.encoded_bytes() + 4;
                let (store, more) = limits::piece(pairs.skip(skip), bytes_of);
                (answer.store, answer.more) = (Some(store), more);
            }
            Part::Chain => {
                let left = usize::try_from(self.decided.saturating_sub(question.skip)).unwrap_or(usize::MAX);
                let records = self.chain.records_after(question.skip).take(left);
                let (chain, more) = limits::piece(records, BlockRecord::encoded_bytes);
                (answer.chain, answer.more) = (Some(chain), more);
            }
        }
        answer
    }
}
