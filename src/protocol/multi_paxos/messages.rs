//! What Multi-Paxos servers say to each other.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::ledger::Block;
use crate::protocol::messages::protocol_messages;
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::replicated::{Forward, ReadIndex, ReadIndexOk};

/// `heartbeat`: are you there, and who are you?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The sender's round, to be repeated in the answer.
    pub round: u64,
}

/// `heartbeat_ok`: the answer to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatOk {
    /// The round that was asked for.
    pub round: u64,
    /// The answering server's own ballot.
    pub ballot: Ballot,
    /// May it lead?
    pub is_candidate: bool,
    /// Does it count? A learner does not.
    pub counts: bool,
    /// The greatest ballot that it knows to lead.
    pub leader: Option<Ballot>,
    /// How many blocks it has decided.
    pub decided: u64,
}

/// What a server has accepted, in lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The ballot under which it accepted the end of its log.
    pub accepted: Option<Ballot>,
    /// How many blocks it has accepted.
    pub length: u64,
    /// How many of them it knows to be decided.
    pub decided: u64,
    /// Has it copied blocks that others have decided since it took the log of that ballot's leader over? Then its log need
    /// not be a part of that leader's.
    pub has_copied: bool,
}

impl Extent {
    /// Are both logs parts of that of one leader, so that one begins the other?
    #[must_use]
    pub fn is_part_of_one_log_with(&self, other: &Self) -> bool {
        self.accepted == other.accepted && !self.has_copied && !other.has_copied
    }
}

/// `prepare`: the sender wants to lead with this ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepare {
    /// The ballot.
    pub ballot: Ballot,
}

/// `promise`: the sender will take part in no lower ballot, and this is what it has accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The ballot.
    pub ballot: Ballot,
    /// What it has accepted.
    pub extent: Extent,
}

/// `pull`: send me the next piece of your log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// The ballot under which the sender adopts the log, or takes the leader's over; none where only what is decided is
    /// asked for.
    pub ballot: Option<Ballot>,
    /// How many blocks the sender has.
    pub skip: u64,
}

/// `blocks`: a piece of a log, the answer to a pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocks {
    /// As in the pull.
    pub ballot: Option<Ballot>,
    /// How many blocks stand before these.
    pub skip: u64,
    /// The blocks.
    pub blocks: Vec<Rc<Block>>,
    /// Are there more behind them?
    pub more: bool,
}

/// `accept`: these blocks stand behind so many others, under this ballot. A server that has accepted nothing under it yet
/// takes the leader's log over first: pieces with the same `base`, which mean nothing before the last of them, and of
/// which it pulls one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// The ballot.
    pub ballot: Ballot,
    /// How many blocks stand before these.
    pub skip: u64,
    /// The blocks.
    pub blocks: Vec<Rc<Block>>,
    /// Where the log is taken over: how many blocks the server keeps of its own.
    pub base: Option<u64>,
    /// Does another piece of what is taken over follow?
    pub more: bool,
}

/// `accepted`: the sender has accepted so many blocks under this ballot, and they are on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The ballot.
    pub ballot: Ballot,
    /// How many blocks.
    pub length: u64,
}

/// `decide`: so many blocks are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decide {
    /// The ballot of the leader that decided.
    pub ballot: Ballot,
    /// How many blocks.
    pub length: u64,
}

/// `confirm`: is this still the greatest ballot that was promised there?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    /// The ballot with which the sender leads.
    pub ballot: Ballot,
    /// The last number of [reads](crate::protocol::replicated::Confirmations), to be echoed.
    pub sequence: u64,
}

/// `confirm_ok`: it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmOk {
    /// As in the question.
    pub ballot: Ballot,
    /// As in the question.
    pub sequence: u64,
}

protocol_messages! {
    /// What Multi-Paxos servers say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum PaxosMessage {
        /// See [`Heartbeat`].
        Heartbeat(Heartbeat) = "heartbeat",
        /// See [`HeartbeatOk`].
        HeartbeatOk(HeartbeatOk) = "heartbeat_ok",
        /// See [`Prepare`].
        Prepare(Prepare) = "prepare",
        /// See [`Promise`].
        Promise(Promise) = "promise",
        /// See [`Pull`].
        Pull(Pull) = "pull",
        /// See [`Blocks`].
        Blocks(Rc<Blocks>) = "blocks",
        /// See [`Accept`].
        Accept(Rc<Accept>) = "accept",
        /// See [`Accepted`].
        Accepted(Accepted) = "accepted",
        /// See [`Decide`].
        Decide(Decide) = "decide",
        /// See [`Forward`].
        Forward(Rc<Forward>) = "forward",
        /// See [`ReadIndex`].
        ReadIndex(ReadIndex) = "read_index",
        /// See [`ReadIndexOk`].
        ReadIndexOk(ReadIndexOk) = "read_index_ok",
        /// See [`Confirm`].
        Confirm(Confirm) = "confirm",
        /// See [`ConfirmOk`].
        ConfirmOk(ConfirmOk) = "confirm_ok",
    }
}

#[cfg(test)]
mod tests;
