//! Multi-Paxos over a hash-linked chain: a replicated store that keeps every acknowledged operation as long as a majority
//! of disks is.
//!
//! The log-prefix form (Sequence Paxos): a server accepts a log, not a slot, so accepting a block implies its whole
//! prefix, blocks are linked before they are decided, and the leader may have any number of them under way. A leader asks
//! for promises with its ballot, adopts the longest log among a majority that was accepted under the greatest ballot, as
//! it stands, hands it over to the others, and adds blocks behind it. A block is decided when a majority has accepted it
//! under one ballot.
//!
//! Source: Lamport 2001, "Paxos Made Simple"; Ng, Haridi, Carbone 2023, "Omni-Paxos: Breaking the Barriers of Partial
//! Connectivity", sections 4 (Sequence Paxos) and 5.2 ([elections](election)).
//!
//! The paper's names, and those here: *Prepare* and *Promise* (a promise carries an [extent](messages::Extent), not a log,
//! and the log is [pulled](messages::Pull)); *AcceptSync* is an `accept` with a `base`, behind which a follower takes the
//! leader's log over; *AcceptDecide* is an `accept` without; *Accepted*; *Decide*. *Quorum-connected* is
//! [a candidate](election::Candidate).
//!
//! What leaves before it is on the disk: only `accept`, which tells of blocks and of a ballot that others have promised
//! already. Promises, acceptances, decisions and answers leave behind the sync.
//!
//! Gets may be answered [without a block](crate::protocol::replicated::Reads).
//!
//! A server that finds no disk in a later life is a *learner* for good: it may have promised what it does not know any
//! more, so it never again promises, accepts, counts or leads; it copies what is decided.
//!
//! # Deliberately missing
//! Log compaction and changes of membership.

mod acceptor;
mod ballot;
mod election;
mod leader;
pub mod messages;
mod record;
mod server;
#[cfg(test)]
mod tests;

pub use ballot::Ballot;
pub use messages::PaxosMessage;
pub use record::Record;
pub use server::Server;

use crate::ledger::Proof;
use crate::protocol::{Agreement, Protocol};

/// The entry of the registry.
pub const PROTOCOL: Protocol = Protocol {
    name: "multi-paxos",
    summary: "a replicated store: every operation is decided by a majority, and becomes a block of one chain",
    agreement: Agreement::Consensus,
    message_types: PaxosMessage::TYPES,
    server: &|setup| Box::new(Server::new(&setup, Proof::Hashes)),
};
