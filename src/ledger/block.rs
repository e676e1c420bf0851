//! A block: one operation, the request that asked for it, its nonce and its link to the block before.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::NodeName;
use crate::ledger::chain::{Flaw, check_nonce_is_least};
use crate::ledger::hash::Hash;
use crate::ledger::nonce::Nonce;
use crate::store::{Operation, Value};

/// Which request an operation answers: no two requests of a run share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId {
    /// Who asked.
    pub client: NodeName,
    /// In which of the client's sessions.
    pub session: u64,
    /// As the how-manieth operation of the session, from 1.
    pub sequence: u64,
}

impl RequestId {
    /// Was it asked later than another one of the same client?
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        (self.session, self.sequence) > (other.session, other.sequence)
    }
}

/// A block of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The operation.
    pub operation: Operation,
    /// The request that asked for it.
    pub request: RequestId,
    /// The least nonce that the rule accepts for the operation.
    pub nonce: Nonce,
    /// The hash of the block before; none for the first.
    pub previous: Option<Hash>,
    /// This block's hash.
    pub hash: Hash,
}

/// About how many bytes a block takes encoded, beside its operation.
const BYTES_BESIDE_OPERATION: usize = 320;

impl Block {
    /// About how many bytes it takes encoded.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        let value_bytes = |value: &Value| value.encoded_bytes();
        BYTES_BESIDE_OPERATION
            + match &self.operation {
                Operation::Get { key } => value_bytes(key),
                Operation::Put { key, value } => value_bytes(key) + value_bytes(value),
                Operation::Cas { key, from, to } => value_bytes(key) + value_bytes(from) + value_bytes(to),
            }
    }

    /// Checks that no smaller nonce would do; `height` counts from 1.
    ///
    /// # Errors
    /// [`Flaw::NotLeast`].
    pub fn check_nonce_is_least(&self, height: u64) -> Result<(), Flaw> {
        check_nonce_is_least(&self.operation.to_string(), self.nonce, height)
    }

    /// The block as it is printed and inspected; `height` counts from 1.
    #[must_use]
    pub fn record(&self, height: u64) -> BlockRecord {
        BlockRecord {
            height,
            operation: self.operation.to_string(),
            client: self.request.client,
            request: self.request.sequence,
            nonce: self.nonce,
            previous: self.previous,
            hash: self.hash,
        }
    }
}

/// A block as any server shows it: every field as a text that can be checked without knowing the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockRecord {
    /// The block's place in the chain, from 1.
    pub height: u64,
    /// The operation's canonical text.
    pub operation: String,
    /// Who asked for it.
    pub client: NodeName,
    /// As which operation of its session.
    pub request: u64,
    /// The nonce.
    pub nonce: Nonce,
    /// The hash of the block before; `null` for the first.
    pub previous: Option<Hash>,
    /// This block's hash.
    pub hash: Hash,
}

impl BlockRecord {
    /// About how many bytes it takes encoded.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        BYTES_BESIDE_OPERATION + self.operation.len()
    }
}

/// One line: `1 put a 1 client=c1 request=1 nonce=1 previous=None hash=0b54…`.
impl fmt::Display for BlockRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { height, operation, client, request, nonce, previous, hash } = self;
        write!(formatter, "{height} {operation} client={client} request={request} nonce={nonce} previous=")?;
        match previous {
            Some(previous) => write!(formatter, "{previous}")?,
            None => formatter.write_str("None")?,
        }
        write!(formatter, " hash={hash}")
    }
}
