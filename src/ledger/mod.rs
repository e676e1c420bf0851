//! The ledger: blocks of operations, linked by hashes.
//!
//! Every operation that takes effect becomes a [`Block`] of a [`Chain`]: the operation's canonical text, the least
//! nonce that the rule accepts, the previous block's hash, and the block's own hash over the three. The hash is for
//! printing and for evidence of tampering; it is not a block's identity (it covers no separators and no request).
//!
//! Source: the assignment of UCSB's CS171, made deterministic; DESIGN section 6.
//!
//! Deliberately missing: which operations become blocks, and when. That is a protocol's decision.

pub mod block;
pub mod chain;
pub mod hash;
pub mod nonce;
pub mod record;

pub use block::{Block, BlockRecord, RequestId};
pub use chain::{Chain, Flaw, Proof};
pub use hash::Hash;
pub use nonce::Nonce;
pub use record::{EntryRecord, RequestRecord, Under};
