//! A hash-linked chain of blocks, and the proof that one is whole.

use std::fmt::Write as _;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use crate::ledger::block::{Block, BlockRecord, RequestId};
use crate::ledger::hash::{self, Hash};
use crate::ledger::nonce::{self, Nonce};
use crate::store::Operation;

/// A chain that grows at its end.
///
/// Invariants: each block's `previous` is the hash of the block before, and the first has none; the rule accepts each
/// block's nonce.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Shared with the messages that carry them.
    blocks: Vec<Rc<Block>>,
    proof: Proof,
    /// What is hashed at the moment: one buffer for all blocks.
    text: String,
}

/// What links and nonces are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// SHA-256.
    #[default]
    Hashes,
    /// Nothing: all nonces and hashes are zero. For benchmarks, to tell what hashing costs.
    Nothing,
}

/// The link and the nonce of blocks that prove nothing.
const NOTHING: (Nonce, Hash) = (Nonce(0), Hash([0; 32]));

impl Chain {
    /// A chain without blocks.
    #[must_use]
    pub fn new(proof: Proof) -> Self {
        Self { proof, ..Self::default() }
    }

    /// Adds an operation at the end, and returns the block's hash. The nonce is checked against the rule; that it is the
    /// least is taken on trust until the chain is [verified](verify).
    ///
    /// # Errors
    /// [`Flaw::NonceRule`]: the rule does not accept the nonce. The chain is as it was.
    pub fn append(&mut self, operation: Operation, request: RequestId, nonce: Nonce) -> Result<Hash, Flaw> {
        let text = write_text(&mut self.text, &operation);
        if !nonce.is_accepted_for(text) {
            return Err(Flaw::NonceRule { height: self.length() + 1, operation: operation.to_string(), nonce });
        }
        let hash = hash_behind(text, nonce, self.blocks.last());
        self.link(operation, request, (nonce, hash));
        Ok(hash)
    }

    /// Adds a whole block at the end: one that another server has made.
    ///
    /// # Errors
    /// The rule does not accept its nonce, it does not point to the last block, or its hash is not that of its content.
    /// The chain is as it was.
    pub fn push(&mut self, block: Rc<Block>) -> Result<(), Flaw> {
        let height = self.length() + 1;
        let expected = self.last_hash();
        if block.previous != expected {
            return Err(Flaw::Link { height, expected, found: block.previous });
        }
        if self.proof == Proof::Hashes {
            let message = write_text(&mut self.text, &block.operation);
            block.nonce.push_onto(message);
            if !nonce::is_accepted(&Sha256::digest(message.as_bytes())) {
                return Err(Flaw::NonceRule { height, operation: block.operation.to_string(), nonce: block.nonce });
            }
            let expected = hash::of_linked(message, block.previous);
            if block.hash != expected {
                return Err(Flaw::Hash { height, expected, found: block.hash });
            }
        }
        self.blocks.push(block);
        Ok(())
    }

    /// Makes the block of an operation, with the least nonce, and adds it at the end.
    pub fn mine(&mut self, operation: Operation, request: RequestId) {
        let proof = match self.proof {
            Proof::Hashes => {
                let text = write_text(&mut self.text, &operation);
                let nonce = Nonce::search(text);
                (nonce, hash_behind(text, nonce, self.blocks.last()))
            }
            Proof::Nothing => NOTHING,
        };
        self.link(operation, request, proof);
    }

    fn link(&mut self, operation: Operation, request: RequestId, (nonce, hash): (Nonce, Hash)) {
        let previous = self.last_hash();
        self.blocks.push(Rc::new(Block { operation, request, nonce, previous, hash }));
    }

    /// Takes the blocks above this height away, and returns them in order.
    pub fn truncate(&mut self, length: u64) -> Vec<Rc<Block>> {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(self.blocks.len());
        self.blocks.split_off(length)
    }

    /// The block at this height, from 1.
    #[must_use]
    pub fn block(&self, height: u64) -> Option<&Rc<Block>> {
        self.blocks.get(usize::try_from(height.checked_sub(1)?).ok()?)
    }

    /// The blocks after the first `skipped`, in order.
    #[must_use]
    pub fn blocks_after(&self, skipped: u64) -> &[Rc<Block>] {
        let start = usize::try_from(skipped).unwrap_or(usize::MAX).min(self.blocks.len());
        &self.blocks[start..]
    }

    /// The blocks after the first `skipped`, up to the height `end`.
    #[must_use]
    pub fn blocks_between(&self, skipped: u64, end: u64) -> &[Rc<Block>] {
        let blocks = self.blocks_after(skipped);
        let count = usize::try_from(end.saturating_sub(skipped)).unwrap_or(usize::MAX);
        &blocks[..count.min(blocks.len())]
    }

    fn last_hash(&self) -> Option<Hash> {
        self.blocks.last().map(|block| block.hash)
    }

    /// How many blocks it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.blocks.len() as u64
    }

    /// The blocks after the first `skipped`, in order, as they are shown.
    pub fn records_after(&self, skipped: u64) -> impl Iterator<Item = BlockRecord> + '_ {
        (skipped + 1..).zip(self.blocks_after(skipped)).map(|(height, block)| block.record(height))
    }
}

/// The hash of the block behind `last`. `text` is its operation's, and takes what else is hashed.
fn hash_behind(text: &mut String, nonce: Nonce, last: Option<&Rc<Block>>) -> Hash {
    nonce.push_onto(text);
    hash::of_linked(text, last.map(|block| block.hash))
}

/// The canonical text of an operation, in a buffer that is used again.
fn write_text<'b>(buffer: &'b mut String, operation: &Operation) -> &'b mut String {
    buffer.clear();
    write!(buffer, "{operation}").expect("memory takes text");
    buffer
}

/// What is wrong with a chain, at the lowest height where something is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A block is missing, repeated or out of place.
    #[error("block {expected} is missing: block {found} stands in its place")]
    Height {
        /// The height that should be there.
        expected: u64,
        /// The height that is there.
        found: u64,
    },
    /// A block does not point to the block before.
    #[error("block {height} points to {}, but the block before it has the hash {}", or_none(.found), or_none(.expected))]
    Link {
        /// Of which block.
        height: u64,
        /// The hash of the block before.
        expected: Option<Hash>,
        /// What the block points to.
        found: Option<Hash>,
    },
    /// The rule does not accept a block's nonce.
    #[error("block {height}: SHA-256 of `{operation}` and the nonce {nonce} does not end in 0, 1 or 2")]
    NonceRule {
        /// Of which block.
        height: u64,
        /// Its operation.
        operation: String,
        /// Its nonce.
        nonce: Nonce,
    },
    /// The rule accepts a smaller nonce.
    #[error("block {height}: the nonce {nonce} is not the least one for `{operation}`, which is {least}")]
    NotLeast {
        /// Of which block.
        height: u64,
        /// Its operation.
        operation: String,
        /// Its nonce.
        nonce: Nonce,
        /// The least nonce.
        least: Nonce,
    },
    /// A block's hash is not that of its content.
    #[error("block {height} says that its hash is {found}, but its content has the hash {expected}")]
    Hash {
        /// Of which block.
        height: u64,
        /// The hash of its content.
        expected: Hash,
        /// The hash that it says.
        found: Hash,
    },
}

fn or_none(hash: &Option<Hash>) -> String {
    hash.map_or_else(|| "None".to_owned(), |hash| hash.to_string())
}

/// Verifies a whole chain: heights, links, the nonce rule with leastness, hashes.
///
/// # Errors
/// The first [`Flaw`] from the bottom.
pub fn verify(records: &[BlockRecord]) -> Result<(), Flaw> {
    let mut previous = None;
    for (expected, record) in (1..).zip(records) {
        verify_block(expected, previous, record)?;
        previous = Some(record.hash);
    }
    Ok(())
}

fn verify_block(expected_height: u64, previous: Option<Hash>, record: &BlockRecord) -> Result<(), Flaw> {
    let BlockRecord { height, ref operation, nonce, .. } = *record;
    if height != expected_height {
        return Err(Flaw::Height { expected: expected_height, found: height });
    }
    if record.previous != previous {
        return Err(Flaw::Link { height, expected: previous, found: record.previous });
    }
    if !nonce.is_accepted_for(operation) {
        return Err(Flaw::NonceRule { height, operation: operation.clone(), nonce });
    }
    check_nonce_is_least(operation, nonce, height)?;
    let expected = hash::of_block(operation, nonce, previous);
    if record.hash != expected {
        return Err(Flaw::Hash { height, expected, found: record.hash });
    }
    Ok(())
}

/// Checks that the rule accepts no smaller nonce for this operation.
pub(super) fn check_nonce_is_least(operation: &str, nonce: Nonce, height: u64) -> Result<(), Flaw> {
    let least = Nonce::search(operation);
    if nonce == least {
        return Ok(());
    }
    Err(Flaw::NotLeast { height, operation: operation.to_owned(), nonce, least })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeName;
    use crate::store::Value;

    fn append(chain: &mut Chain, operation: Operation) {
        let nonce = Nonce::search(&operation.to_string());
        let request = RequestId { client: NodeName::client(1), session: 0, sequence: chain.length() + 1 };
        chain.append(operation, request, nonce).unwrap();
    }

    fn put(key: &str, value: &str) -> Operation {
        Operation::Put { key: key.into(), value: value.into() }
    }

    /// The three blocks whose nonces and hashes a public project of the course prints (DESIGN section 6).
    fn vectors() -> Vec<BlockRecord> {
        let mut chain = Chain::default();
        append(&mut chain, put("a", "1"));
        append(&mut chain, Operation::Get { key: Value::text("a") });
        append(&mut chain, Operation::Get { key: Value::text("zz") });
        chain.records_after(0).collect()
    }

    #[test]
    fn the_three_public_vectors() {
        let records = vectors();
        let found: Vec<_> = records.iter().map(|record| (record.nonce.0, record.hash.to_string())).collect();
        assert_eq!(found.iter().map(|(nonce, _)| *nonce).collect::<Vec<_>>(), [1, 0, 6]);
        for ((_, hash), (start, end)) in
            found.iter().zip([("0b543788", "8556ed"), ("cde46c0b", "3b84"), ("a61eb353", "e811")])
        {
            assert!(hash.starts_with(start) && hash.ends_with(end), "{hash}");
        }
    }

    #[test]
    fn a_block_is_printed_on_one_line() {
        insta::assert_snapshot!(vectors()[0], @"1 put a 1 client=c1 request=1 nonce=1 previous=None hash=0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed");
    }

    #[test]
    fn a_whole_chain_is_verified() {
        assert_eq!(verify(&vectors()), Ok(()));
        assert_eq!(verify(&[]), Ok(()));
    }

    #[test]
    fn every_change_of_a_block_is_found_and_named() {
        let flaw = |change: fn(&mut Vec<BlockRecord>)| {
            let mut records = vectors();
            change(&mut records);
            verify(&records).unwrap_err()
        };
        let other = Hash([7; 32]);
        assert!(matches!(flaw(|r| drop(r.remove(1))), Flaw::Height { expected: 2, found: 3 }));
        assert!(matches!(flaw(|r| r.swap(0, 1)), Flaw::Height { expected: 1, found: 2 }));
        assert!(matches!(flaw(|r| r[1].previous = None), Flaw::Link { height: 2, .. }));
        assert!(matches!(flaw(|r| r[0].nonce = Nonce(0)), Flaw::NonceRule { height: 1, .. }));
        assert!(matches!(flaw(|r| r[2].operation.push('z')), Flaw::NonceRule { height: 3, .. }));
        assert!(
            matches!(flaw(|r| r[2].hash = Hash([7; 32])), Flaw::Hash { height: 3, found, .. } if found == Hash([7; 32]))
        );
        assert!(matches!(
            flaw(|r| r[0].hash = Hash([7; 32])),
            Flaw::Hash { height: 1, found, .. } if found == Hash([7; 32])
        ));
        assert_eq!(other.to_string().parse(), Ok(other));
    }

    #[test]
    fn a_nonce_that_the_rule_does_not_accept_is_not_appended() {
        let mut chain = Chain::default();
        let request = RequestId { client: NodeName::client(1), session: 0, sequence: 1 };
        let flaw = Flaw::NonceRule { height: 1, operation: "put a 1".to_owned(), nonce: Nonce(0) };
        assert_eq!(chain.append(put("a", "1"), request, Nonce(0)), Err(flaw));
        assert_eq!(chain.length(), 0);
    }

    #[test]
    fn a_nonce_that_is_accepted_but_not_the_least_is_found() {
        let mut records = vectors();
        records.truncate(1);
        let operation = records[0].operation.clone();
        let second = (2..).map(Nonce).find(|nonce| nonce.is_accepted_for(&operation)).unwrap();
        records[0].nonce = second;
        records[0].hash = hash::of_block(&operation, second, None);
        let expected = Flaw::NotLeast { height: 1, operation, nonce: second, least: Nonce(1) };
        assert_eq!(verify(&records), Err(expected));
    }

    /// The reason why a hash is not a block's identity.
    #[test]
    fn two_different_blocks_can_share_a_hash() {
        assert_eq!(hash::of_block("put a 9", Nonce(12), None), hash::of_block("put a 91", Nonce(2), None));
    }
}
