//! The crate `raft` (raft-rs) as servers of splitbrain: [`RaftServer`] is a [`Machine`](splitbrain::machine::Machine) around
//! a [`RawNode`](raft::RawNode), so that a script can cut its links, crash it at any output, and print what it holds.
//!
//! ```
//! let outcome = raft_rs_under_splitbrain::cluster().run("cluster servers=3 clients=1\nput c1 x 1\nget c1 x\n");
//! outcome.assert_passed();
//! assert_eq!(outcome.printed, "x:1\n");
//! ```
//!
//! What is guaranteed: a script gives the same bytes in every run. raft-rs draws election timeouts from the thread's random
//! numbers; here each is replaced, before anything looks at it, by a draw that is keyed by seed, server and term.
//!
//! Deliberately missing: snapshots, compaction and changes of membership. A server whose disk was lost is refused, as only a
//! change of membership could let it come back.

mod message;
mod proposal;
mod record;
mod server;

pub use message::RaftMessage;
pub use server::RaftServer;

use splitbrain::Cluster;

/// Servers of raft-rs, for any number of scripts.
#[must_use]
pub fn cluster() -> Cluster {
    Cluster::new(RaftServer::new).with_consensus()
}
