//! What all peers replicate: a put as bytes, and the store it is applied to.

use crate::measure::{Operation, Store};

/// What the leader tells whoever asked for a put: the value the key had before.
pub type Answer = Option<String>;

/// A put as it stands in a log entry: the length of the key in one byte, the key, the value.
pub fn encode((key, value): &Operation) -> Vec<u8> {
    let length = u8::try_from(key.len()).expect("a short key");
    let mut bytes = Vec::with_capacity(1 + key.len() + value.len());
    bytes.push(length);
    bytes.extend_from_slice(key.as_bytes());
    bytes.extend_from_slice(value.as_bytes());
    bytes
}

/// The state of one replica.
#[derive(Default)]
pub struct Machine {
    store: Store,
    applied: usize,
}

impl Machine {
    /// Applies an encoded put.
    pub fn apply(&mut self, put: &[u8]) -> Answer {
        let (key, value) = put[1..].split_at(usize::from(put[0]));
        self.applied += 1;
        self.store.insert(text(key), text(value))
    }

    /// How many puts it has applied.
    pub fn applied(&self) -> usize {
        self.applied
    }

    /// What it holds.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}
