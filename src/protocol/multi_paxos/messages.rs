//! What Multi-Paxos servers say to each other.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::ledger::Block;
use crate::machine::Message;
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::replicated::{Forward, ReadIndex, ReadIndexOk};
use crate::wire::envelope::write_json;

/// `heartbeat`: are you there, and who are you?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "heartbeat")]
pub struct Heartbeat {
    /// The sender's round, to be repeated in the answer.
    pub round: u64,
}

/// `heartbeat_ok`: the answer to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "heartbeat_ok")]
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
#[serde(tag = "type", rename = "prepare")]
pub struct Prepare {
    /// The ballot.
    pub ballot: Ballot,
}

/// `promise`: the sender will take part in no lower ballot, and this is what it has accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "promise")]
pub struct Promise {
    /// The ballot.
    pub ballot: Ballot,
    /// What it has accepted.
    pub extent: Extent,
}

/// `pull`: send me the next piece of your log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "pull")]
pub struct Pull {
    /// The ballot under which the sender adopts the log, or takes the leader's over; none where only what is decided is
    /// asked for.
    pub ballot: Option<Ballot>,
    /// How many blocks the sender has.
    pub skip: u64,
}

/// `blocks`: a piece of a log, the answer to a pull.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "blocks")]
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
#[serde(tag = "type", rename = "accept")]
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
#[serde(tag = "type", rename = "accepted")]
pub struct Accepted {
    /// The ballot.
    pub ballot: Ballot,
    /// How many blocks.
    pub length: u64,
}

/// `decide`: so many blocks are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "decide")]
pub struct Decide {
    /// The ballot of the leader that decided.
    pub ballot: Ballot,
    /// How many blocks.
    pub length: u64,
}

/// `confirm`: is this still the greatest ballot that was promised there?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "confirm")]
pub struct Confirm {
    /// The ballot with which the sender leads.
    pub ballot: Ballot,
    /// The last number of [reads](crate::protocol::replicated::Confirmations), to be echoed.
    pub sequence: u64,
}

/// `confirm_ok`: it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "confirm_ok")]
pub struct ConfirmOk {
    /// As in the question.
    pub ballot: Ballot,
    /// As in the question.
    pub sequence: u64,
}

/// What Multi-Paxos servers say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PaxosMessage {
    /// See [`Heartbeat`].
    Heartbeat(Heartbeat),
    /// See [`HeartbeatOk`].
    HeartbeatOk(HeartbeatOk),
    /// See [`Prepare`].
    Prepare(Prepare),
    /// See [`Promise`].
    Promise(Promise),
    /// See [`Pull`].
    Pull(Pull),
    /// See [`Blocks`].
    Blocks(Rc<Blocks>),
    /// See [`Accept`].
    Accept(Rc<Accept>),
    /// See [`Accepted`].
    Accepted(Accepted),
    /// See [`Decide`].
    Decide(Decide),
    /// See [`Forward`].
    Forward(Rc<Forward>),
    /// See [`ReadIndex`].
    ReadIndex(ReadIndex),
    /// See [`ReadIndexOk`].
    ReadIndexOk(ReadIndexOk),
    /// See [`Confirm`].
    Confirm(Confirm),
    /// See [`ConfirmOk`].
    ConfirmOk(ConfirmOk),
}

impl PaxosMessage {
    /// The types of these messages.
    pub const TYPES: &[&str] = &[
        "heartbeat",
        "heartbeat_ok",
        "prepare",
        "promise",
        "pull",
        "blocks",
        "accept",
        "accepted",
        "decide",
        "forward",
        "read_index",
        "read_index_ok",
        "confirm",
        "confirm_ok",
    ];
}

impl Message for PaxosMessage {
    fn kinds() -> &'static [&'static str] {
        Self::TYPES
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Heartbeat(_) => "heartbeat",
            Self::HeartbeatOk(_) => "heartbeat_ok",
            Self::Prepare(_) => "prepare",
            Self::Promise(_) => "promise",
            Self::Pull(_) => "pull",
            Self::Blocks(_) => "blocks",
            Self::Accept(_) => "accept",
            Self::Accepted(_) => "accepted",
            Self::Decide(_) => "decide",
            Self::Forward(_) => "forward",
            Self::ReadIndex(_) => "read_index",
            Self::ReadIndexOk(_) => "read_index_ok",
            Self::Confirm(_) => "confirm",
            Self::ConfirmOk(_) => "confirm_ok",
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        write_json(out, self);
    }

    fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        Some(match kind {
            "heartbeat" => serde_json::from_str(body).map(Self::Heartbeat),
            "heartbeat_ok" => serde_json::from_str(body).map(Self::HeartbeatOk),
            "prepare" => serde_json::from_str(body).map(Self::Prepare),
            "promise" => serde_json::from_str(body).map(Self::Promise),
            "pull" => serde_json::from_str(body).map(Self::Pull),
            "blocks" => serde_json::from_str(body).map(|blocks| Self::Blocks(Rc::new(blocks))),
            "accept" => serde_json::from_str(body).map(|accept| Self::Accept(Rc::new(accept))),
            "accepted" => serde_json::from_str(body).map(Self::Accepted),
            "decide" => serde_json::from_str(body).map(Self::Decide),
            "forward" => serde_json::from_str(body).map(|forward| Self::Forward(Rc::new(forward))),
            "read_index" => serde_json::from_str(body).map(Self::ReadIndex),
            "read_index_ok" => serde_json::from_str(body).map(Self::ReadIndexOk),
            "confirm" => serde_json::from_str(body).map(Self::Confirm),
            "confirm_ok" => serde_json::from_str(body).map(Self::ConfirmOk),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_listed_and_understood() {
        for kind in PaxosMessage::TYPES {
            assert!(PaxosMessage::decode(kind, "{}").is_some(), "{kind}");
        }
        assert_eq!(PaxosMessage::TYPES.len(), 14, "a type more is a type to list");
        assert!(PaxosMessage::decode("nonsense", "{}").is_none());
    }
}
