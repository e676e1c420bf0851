//! What one gossip server holds: for each key the write that won, the chain of writes as they won, and a digest.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_128;

use crate::base::limits;
use crate::ledger::{BlockRecord, Chain, Flaw, Hash};
use crate::protocol::gossip::messages::Entry;
use crate::store::Value;
use crate::wire::control::{Inspect, InspectOk, Part};
use crate::wire::{Digest, Stamp, StateChange};

/// A server's store and chain.
///
/// Invariants:
/// 1. A key's entry is the one with the greatest stamp among all that were applied.
/// 2. The digest is the wrapping sum of the entries' digests; so it does not depend on the order in which they came.
/// 3. The chain holds one block for each change of an entry, in order.
#[derive(Debug)]
pub struct Replica {
    entries: BTreeMap<Value, Entry>,
    chain: Chain,
    digest: Digest,
    changes: StateChange,
}

impl Default for Replica {
    /// Empty; the first report says so, for a server that reports no digest is one that has none.
    fn default() -> Self {
        let changes = StateChange { digest: Some(Digest(0)), length: Some(0), ..StateChange::default() };
        Self { entries: BTreeMap::new(), chain: Chain::default(), digest: Digest(0), changes }
    }
}

impl Replica {
    /// The write that won for `key`.
    pub fn get(&self, key: &Value) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Applies a write if it wins over the one that is there. Returns the hash of the block that it made if it won.
    ///
    /// # Errors
    /// The rule does not accept its nonce; nothing is changed.
    pub fn apply(&mut self, entry: &Entry) -> Result<Option<Hash>, Flaw> {
        let replaced = self.entries.get(&entry.key);
        if replaced.is_some_and(|present| present.stamp >= entry.stamp) {
            return Ok(None);
        }
        let hash = self.chain.append(entry.operation(), entry.request, entry.nonce)?;
        let without = replaced.map_or(0, digest_of);
        self.digest = Digest(self.digest.0.wrapping_sub(without).wrapping_add(digest_of(entry)));
        if replaced.is_none_or(|present| present.value != entry.value) {
            self.changes.store.push((entry.key.clone(), entry.value.clone()));
        }
        self.entries.insert(entry.key.clone(), entry.clone());
        self.changes.digest = Some(self.digest);
        self.changes.length = Some(self.chain.length());
        Ok(Some(hash))
    }

    /// Reports what was recovered by its digest and its length only: a store of any size must fit into one line.
    pub fn end_recovery(&mut self) {
        self.changes.store.clear();
    }

    /// What changed since this was last called.
    pub fn take_changes(&mut self) -> StateChange {
        std::mem::take(&mut self.changes)
    }

    /// All writes, in pieces of about [`limits::CHUNK_BYTES`] encoded; one empty piece if there are none.
    pub fn pieces(&self) -> Vec<Vec<Entry>> {
        let mut pieces = vec![Vec::new()];
        let mut bytes = 0;
        for entry in self.entries.values() {
            if bytes >= limits::CHUNK_BYTES {
                pieces.push(Vec::new());
                bytes = 0;
            }
            bytes += encoded_bytes(entry);
            pieces.last_mut().expect("there is one from the start").push(entry.clone());
        }
        pieces
    }

    /// Answers a question about the store or the chain with one piece. Nothing waits here to be decided.
    pub fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        let mut answer = InspectOk { in_reply_to: question.msg_id, ..InspectOk::default() };
        let skip = usize::try_from(question.skip).unwrap_or(usize::MAX);
        match question.part {
            Part::Store => {
                let pairs = self.entries.values().map(|entry| (entry.key.clone(), entry.value.clone()));
                let bytes_of = |(key, value): &(Value, Value)| key.encoded_bytes() + value.encoded_bytes() + 4;
                let (store, more) = limits::piece(pairs.skip(skip), bytes_of);
                (answer.store, answer.more) = (Some(store), more);
            }
            Part::Chain => {
                let (chain, more) = limits::piece(self.chain.records_after(question.skip), BlockRecord::encoded_bytes);
                (answer.chain, answer.more) = (Some(chain), more);
            }
            Part::Log | Part::Queue => return None,
        }
        Some(answer)
    }
}

/// About how many bytes an entry takes on the wire beside its key and value.
const ENTRY_BYTES: usize = 180;

fn encoded_bytes(entry: &Entry) -> usize {
    entry.key.encoded_bytes() + entry.value.encoded_bytes() + ENTRY_BYTES
}

/// Over everything that tells two writes apart: the key, the value, the stamp. Each text has its length before it.
fn digest_of(entry: &Entry) -> u128 {
    let Entry { key, value, stamp: Stamp { clock, server, incarnation }, .. } = entry;
    let mut bytes = Vec::with_capacity(key.encoded_bytes() + value.encoded_bytes() + ENTRY_BYTES);
    for value in [key, value] {
        match value {
            Value::Text(text) => {
                bytes.push(0);
                bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
            Value::Integer(integer) => {
                bytes.push(1);
                bytes.extend_from_slice(&integer.to_le_bytes());
            }
            Value::Literal(repr) => {
                bytes.push(2);
                bytes.extend_from_slice(&(repr.len() as u64).to_le_bytes());
                bytes.extend_from_slice(repr.as_bytes());
            }
        }
    }
    bytes.extend_from_slice(&clock.to_le_bytes());
    bytes.extend_from_slice(&server.number.to_le_bytes());
    bytes.extend_from_slice(&incarnation.0.to_le_bytes());
    xxh3_128(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Incarnation, NodeName};
    use crate::ledger::{Nonce, RequestId};

    fn entry(key: &str, value: &str, clock: u64, server: u32) -> Entry {
        Entry {
            key: key.into(),
            value: value.into(),
            stamp: Stamp { clock, server: NodeName::server(server), incarnation: Incarnation(0) },
            request: RequestId { client: NodeName::client(9), session: 0, sequence: clock },
            nonce: Nonce::search(&format!("put {key} {value}")),
        }
    }

    #[test]
    fn the_greatest_stamp_wins_in_whatever_order_writes_come() {
        let writes = [entry("a", "1", 1, 0), entry("a", "2", 1, 1), entry("a", "3", 2, 0), entry("b", "1", 1, 0)];
        let mut forwards = Replica::default();
        let mut backwards = Replica::default();
        let won = |replica: &mut Replica, write| replica.apply(write).unwrap().is_some();
        assert!(writes.iter().all(|write| won(&mut forwards, write)));
        assert_eq!(writes.iter().rev().filter(|write| won(&mut backwards, write)).count(), 2);
        assert_eq!(forwards.get(&"a".into()), Some(&writes[2]));
        assert_eq!(forwards.digest, backwards.digest);
        assert_eq!((forwards.chain.length(), backwards.chain.length()), (4, 2), "only what won makes a block");
    }

    #[test]
    fn a_write_that_came_before_changes_nothing() {
        let mut replica = Replica::default();
        replica.apply(&entry("a", "1", 1, 0)).unwrap();
        assert!(!replica.take_changes().is_empty());
        replica.apply(&entry("a", "1", 1, 0)).unwrap();
        assert!(replica.take_changes().is_empty());
    }

    #[test]
    fn equal_values_with_other_stamps_have_other_digests() {
        let mut one = Replica::default();
        let mut other = Replica::default();
        one.apply(&entry("a", "1", 1, 0)).unwrap();
        other.apply(&entry("a", "1", 1, 1)).unwrap();
        assert_ne!(one.digest, other.digest);
    }

    #[test]
    fn a_large_store_goes_in_pieces_that_join_to_the_whole() {
        let mut replica = Replica::default();
        let value = "v".repeat(10_000);
        for number in 0..100 {
            replica.apply(&entry(&format!("key{number}"), &value, number + 1, 0)).unwrap();
        }
        let pieces = replica.pieces();
        assert_eq!(pieces.len(), 4);
        assert_eq!(pieces.concat(), replica.entries.values().cloned().collect::<Vec<_>>());
        for part in [Part::Store, Part::Chain] {
            let mut skip = 0;
            let mut answers = 0;
            loop {
                let answer = replica.inspect(&Inspect { msg_id: 1, part, skip }).unwrap();
                skip += (answer.store.iter().flatten().count() + answer.chain.iter().flatten().count()) as u64;
                answers += 1;
                if !answer.more {
                    break;
                }
            }
            assert_eq!((skip, answers > 3), (100, true));
        }
    }
}
