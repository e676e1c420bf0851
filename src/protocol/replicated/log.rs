//! A log of blocks: accepted, and decided up to some height.

mod inspection;

pub use inspection::Beside;

use std::rc::Rc;

use xxhash_rust::xxh3::xxh3_128;

use crate::base::limits;
use crate::ledger::{Block, Chain, Flaw, Hash, Proof, RequestId};
use crate::machine::Outputs;
use crate::protocol::replicated::requests::{Place, RequestTable};
use crate::protocol::replicated::store::{Outcome, Store};
use crate::store::{Operation, Value};
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
    /// What each decided block came to.
    outcomes: Vec<Outcome>,
    /// How many decided blocks were reported.
    reported: u64,
    /// Is what was recovered still to be reported?
    is_recovered: bool,
}

/// Tells a client what its request came to.
pub fn respond(request: RequestId, outcome: &Outcome, outputs: &mut Outputs) {
    outputs.respond_in(request.session, request.client, response(request, outcome));
}

fn response(request: RequestId, outcome: &Outcome) -> Response {
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

/// Parts blocks that stand behind the first `skipped`: those up to a height, and those above it.
#[must_use]
pub fn part_at(height: u64, skipped: u64, blocks: &[Rc<Block>]) -> (&[Rc<Block>], &[Rc<Block>]) {
    let count = usize::try_from(height.saturating_sub(skipped)).unwrap_or(usize::MAX);
    blocks.split_at(count.min(blocks.len()))
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

    /// The blocks after the first `skipped`, up to the height `end`, as far as they go into one message; are there more?
    #[must_use]
    pub fn piece(&self, skipped: u64, end: u64) -> (Vec<Rc<Block>>, bool) {
        limits::piece(self.chain.blocks_between(skipped, end).iter().cloned(), |block| block.encoded_bytes())
    }

    /// The hash of the block at this height, if there is one; there is none at 0.
    #[must_use]
    pub fn hash_at(&self, height: u64) -> Option<Hash> {
        self.chain.block(height).map(|block| block.hash)
    }

    /// Where a request stands.
    #[must_use]
    pub fn place(&self, request: RequestId) -> Place {
        self.requests.place(request)
    }

    /// What the block at this height came to, if it is decided.
    #[must_use]
    pub fn outcome(&self, height: u64) -> Option<&Outcome> {
        self.outcomes.get(usize::try_from(height.checked_sub(1)?).ok()?)
    }

    /// What a get of this key comes to behind the decided blocks.
    #[must_use]
    pub fn get(&self, key: &Value) -> Outcome {
        Outcome::Got(self.store.get(key).cloned())
    }

    /// Makes the block of a request at the end of the log, if the request is new. Where does it stand otherwise?
    pub fn propose(&mut self, request: RequestId, operation: impl FnOnce() -> Operation) -> Place {
        let place = self.requests.accept(request, self.chain.length() + 1);
        if place == Place::New {
            self.chain.mine(operation(), request);
        }
        place
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
        for _ in self.chain.truncate(start) {
            self.requests.remove_last();
        }
        for block in blocks {
            self.chain.push(Rc::clone(block))?;
            let place = self.requests.accept(block.request, self.chain.length());
            assert_eq!(place, Place::New, "{:?} stands in the log already", block.request);
        }
        Ok(())
    }

    /// Decides up to a height, and shows each request that is decided now, with what it came to.
    ///
    /// # Panics
    /// If so many blocks are not accepted.
    pub fn decide(&mut self, length: u64, mut show: impl FnMut(RequestId, &Outcome)) {
        assert!(length <= self.accepted(), "{length} blocks are decided of {}", self.accepted());
        for block in self.chain.blocks_between(self.decided, length) {
            let outcome = self.store.apply(&block.operation);
            show(block.request, &outcome);
            self.outcomes.push(outcome);
            self.requests.decide_first();
        }
        self.decided = self.decided.max(length);
    }

    /// Of the decided prefix.
    fn digest(&self) -> Digest {
        self.hash_at(self.decided)
            .map_or(Digest(0), |hash| Digest(xxh3_128(&hash.0).wrapping_add(u128::from(self.decided))))
    }

    /// Reports what was recovered by its digest and its length only: a store of any size must fit into one line.
    pub fn end_recovery(&mut self) {
        self.reported = self.decided;
        self.is_recovered = true;
    }

    /// What changed since this was last called; of more than fits into one line only the digest and the length.
    pub fn take_changes(&mut self) -> StateChange {
        let mut changes = StateChange::default();
        if std::mem::take(&mut self.is_recovered) || self.reported < self.decided {
            changes.length = Some(self.decided);
            changes.digest = Some(self.digest());
        }
        let new = self.chain.blocks_between(self.reported, self.decided);
        if new.iter().map(|block| block.encoded_bytes()).sum::<usize>() > limits::CHANGES_BYTES {
            self.reported = self.decided;
            return changes;
        }
        for (height, block) in (self.reported + 1..).zip(new) {
            match (&block.operation, self.outcome(height)) {
                (Operation::Put { key, value: new }, _)
                | (Operation::Cas { key, to: new, .. }, Some(Outcome::Swapped)) => {
                    changes.store.push((key.clone(), new.clone()));
                }
                (Operation::Cas { .. } | Operation::Get { .. }, _) => {}
            }
        }
        self.reported = self.decided;
        changes
    }
}
