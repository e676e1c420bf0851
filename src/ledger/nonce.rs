//! The nonce rule: SHA-256(operation ‖ nonce) ends in the hexadecimal digit 0, 1 or 2.
//!
//! The UCSB assignment draws nonces at random; here a block carries the *least* one, so that a chain is a function of
//! its operations. Searching takes 16/3 digests on average, checking one.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(pub u64);

impl Nonce {
    /// The least nonce that the rule accepts for an operation's canonical text.
    #[must_use]
    pub fn search(operation: &str) -> Self {
        let prefix = Sha256::new_with_prefix(operation);
        (0..).map(Self).find(|nonce| nonce.completes(&prefix)).expect("three of sixteen digests are accepted")
    }

    /// Does the rule accept this nonce for an operation's canonical text?
    #[must_use]
    pub fn is_accepted_for(self, operation: &str) -> bool {
        self.completes(&Sha256::new_with_prefix(operation))
    }

    fn completes(self, prefix: &Sha256) -> bool {
        let mut digest = prefix.clone();
        digest.update(itoa::Buffer::new().format(self.0));
        is_accepted(&digest.finalize())
    }

    /// Appends it in decimal.
    pub(super) fn push_onto(self, text: &mut String) {
        text.push_str(itoa::Buffer::new().format(self.0));
    }
}

/// Does the rule accept the digest of an operation's canonical text with a nonce behind it?
pub(super) fn is_accepted(digest: &[u8]) -> bool {
    digest.last().is_some_and(|last| last & 15 <= 2)
}

impl fmt::Display for Nonce {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_the_least_accepted_nonce() {
        for number in 0..50 {
            let operation = format!("put key{number} value");
            let least = Nonce::search(&operation);
            assert!(least.is_accepted_for(&operation));
            assert!((0..least.0).all(|smaller| !Nonce(smaller).is_accepted_for(&operation)));
        }
    }
}
