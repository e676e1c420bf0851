//! The node protocol: what is on the pipes between the master and its nodes, one JSON object a line.
//!
//! `docs/node-protocol.md` describes it for those who write a node in another language; the types here are that
//! description for ours. Envelope, `init` and the lin-kv requests are Maelstrom's.
//!
//! Deliberately missing: what nodes of one protocol say to each other (that is the protocol's own), and any I/O.

pub mod control;
pub mod disk;
pub mod envelope;
pub mod error;
pub mod printed;
pub mod request;
pub mod stamp;
pub mod state;

pub use control::Completion;
pub use error::{ErrorBody, ErrorCode};
pub use request::{Request, Response};
pub use stamp::Stamp;
pub use state::{Digest, ServerRole, StateChange};
