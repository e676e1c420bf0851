//! Raft over a hash-linked chain: a replicated store that keeps every acknowledged operation as long as a majority of
//! disks is.
//!
//! A leader of a term is elected by a majority, of servers whose logs are not ahead of its own. Its first entry is a no-op,
//! which makes no block; then come the blocks of the requests that it is asked. An entry is committed when a majority has it
//! and it is of the leader's own term, and with it everything before it.
//!
//! Source: Ongaro, Ousterhout 2014, "In Search of an Understandable Consensus Algorithm (Extended Version)", sections 5 and
//! 8, for what figure 2 holds; Ongaro 2014, "Consensus: Bridging Theory and Practice", sections 3.10 (handing leadership
//! over), 6.2 and 9.6 (a leader that hears no majority; asking before an election), 6.4 ([reads without a
//! block](crate::protocol::replicated::Reads)).
//!
//! The paper's names, and those here: *RequestVote* is `vote`, *AppendEntries* is `append`, or `heartbeat` where it brings
//! nothing, or `commit` where it only says what is committed; *PreVote* is `prevote`, *TimeoutNow* is `timeout_now`. An
//! append that does not fit is answered with the [last place that may](messages::AppendRefused), so that a leader finds in
//! one step for each term, not for each entry, where a log parts from its own.
//!
//! Servers that hear a leader elect nobody, unless that leader or the user wants it ([`Vote::is_transfer`](messages::Vote)); a
//! leader that hears no majority for as long as that steps down. `prevote=off` leaves only the asking out.
//!
//! What leaves before it is on the disk: only `append`, which tells of entries and of a term in which a majority has
//! voted already. Votes, acceptances, commits and answers leave behind the sync.
//!
//! A server that finds no disk in a later life is a *learner* for good: it may have voted for what it does not know any
//! more, so it never again votes, counts or leads; it takes what a leader sends, and what others have committed.
//!
//! Who hears no leader gets what is committed from others ([`Pull`](messages::Pull)). That is in no paper. The prefix that
//! one server has committed is the beginning of every later leader's log, so whoever brings it, it is an append.
//!
//! # Deliberately missing
//! Log compaction: the chain is the product, and is kept whole. Changes of membership: members are the script's.

mod log;
pub mod messages;
mod progress;
mod record;
mod role;
mod server;
mod terms;
#[cfg(test)]
mod tests;

pub use messages::RaftMessage;
pub use record::Record;
pub use server::Server;

use crate::ledger::Proof;
use crate::protocol::{Agreement, Protocol};

/// The entry of the registry.
pub const PROTOCOL: Protocol = Protocol {
    name: "raft",
    summary: "a replicated store: a leader that a majority has elected brings its log to the others",
    agreement: Agreement::Consensus,
    message_types: RaftMessage::TYPES,
    server: &|setup| Box::new(Server::new(&setup, Proof::Hashes)),
};
