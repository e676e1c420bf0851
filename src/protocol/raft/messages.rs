//! What Raft servers say to each other.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::ledger::Block;
use crate::machine::Message;
use crate::protocol::replicated::{Forward, ReadIndex, ReadIndexOk};
use crate::wire::envelope::write_json;

/// An entry of a log: logs that hold the same position are the same up to there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Its index, from 1; 0 stands before all entries.
    pub index: u64,
    /// Its term; 0 before all entries.
    pub term: u64,
}

impl Position {
    /// Is a log that ends here at least as up to date as one that ends there? Source: section 5.4.1.
    #[must_use]
    pub fn is_up_to_date_with(&self, other: &Self) -> bool {
        (self.term, self.index) >= (other.term, other.index)
    }
}

/// What stands in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The term of the leader that added it.
    pub term: u64,
    /// The block; none for the no-op with which a term begins.
    pub block: Option<Rc<Block>>,
}

/// About how many bytes an entry takes encoded, beside its block.
const BYTES_BESIDE_BLOCK: usize = 32;

impl Entry {
    /// About how many bytes it takes encoded.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        BYTES_BESIDE_BLOCK + self.block.as_ref().map_or(0, |block| block.encoded_bytes())
    }
}

/// `prevote`: would you vote for me in this term? Nothing comes of it but the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "prevote")]
pub struct PreVote {
    /// The term after the sender's.
    pub term: u64,
    /// The last entry of its log.
    pub last: Position,
}

/// `prevote_ok`: the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "prevote_ok")]
pub struct PreVoteOk {
    /// The term that was asked for where it is granted, else the sender's own.
    pub term: u64,
    /// Would it?
    pub is_granted: bool,
    /// How many entries the sender knows to be committed.
    pub commit: u64,
}

/// `vote`: vote for me.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "vote")]
pub struct Vote {
    /// The sender's term.
    pub term: u64,
    /// The last entry of its log.
    pub last: Position,
    /// Does the leader want it, or the user? Then also those vote that hear a leader.
    pub is_transfer: bool,
}

/// `vote_ok`: the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "vote_ok")]
pub struct VoteOk {
    /// The sender's term.
    pub term: u64,
    /// Has it voted for the one that asked?
    pub is_granted: bool,
    /// How many entries the sender knows to be committed.
    pub commit: u64,
}

/// `append`: these entries stand behind that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "append")]
pub struct Append {
    /// The leader's term.
    pub term: u64,
    /// The entry before them.
    pub previous: Position,
    /// The entries.
    pub entries: Vec<Entry>,
    /// How many entries are committed, also without the leader's own disk: an append does not wait for that.
    pub commit: u64,
}

/// `append_ok`: the sender has the leader's log up to there on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "append_ok")]
pub struct AppendOk {
    /// The sender's term.
    pub term: u64,
    /// The last entry that was brought.
    pub index: u64,
    /// Does the sender count? A learner does not.
    pub counts: bool,
}

/// `append_refused`: the entry before those that were brought is not in the sender's log, or the term is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "append_refused")]
pub struct AppendRefused {
    /// The sender's term.
    pub term: u64,
    /// The index of the entry that is not there.
    pub index: u64,
    /// The last entry of the sender's log that may be in the leader's.
    pub hint: Position,
    /// Does the sender count? A learner does not.
    pub counts: bool,
}

/// `commit`: what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "commit")]
pub struct Commit {
    /// The leader's term.
    pub term: u64,
    /// The last of the committed entries that the receiver has, as far as the leader knows.
    pub last: Position,
}

/// `heartbeat`: I lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "heartbeat")]
pub struct Heartbeat {
    /// The leader's term.
    pub term: u64,
    /// The last committed entry; the receiver may lack it yet.
    pub commit: Position,
    /// The last entry of the leader's log that the receiver has, as far as the leader knows.
    pub matched: Position,
    /// The last number of [reads](crate::protocol::replicated::Confirmations), to be echoed.
    pub sequence: u64,
}

/// `heartbeat_ok`: I follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "heartbeat_ok")]
pub struct HeartbeatOk {
    /// The sender's term; if it is greater than the leader's, that one leads no longer.
    pub term: u64,
    /// As in the heartbeat.
    pub sequence: u64,
    /// Does the sender count? A learner does not.
    pub counts: bool,
}

/// `transfer`: the sender is to lead, if the leader agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "transfer")]
pub struct Transfer {
    /// The leader's term.
    pub term: u64,
}

/// `timeout_now`: begin an election, as if the leader was lost. Source: Ongaro 2014, section 3.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "timeout_now")]
pub struct TimeoutNow {
    /// The leader's term.
    pub term: u64,
}

/// `pull`: what is committed behind so many entries?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "pull")]
pub struct Pull {
    /// How many entries it knows to be committed.
    pub index: u64,
}

/// `entries`: these committed entries stand behind that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "entries")]
pub struct Entries {
    /// The sender's term.
    pub term: u64,
    /// The entry before them.
    pub previous: Position,
    /// The entries.
    pub entries: Vec<Entry>,
    /// Are there more behind them?
    pub more: bool,
}

/// What Raft servers say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RaftMessage {
    /// See [`PreVote`].
    PreVote(PreVote),
    /// See [`PreVoteOk`].
    PreVoteOk(PreVoteOk),
    /// See [`Vote`].
    Vote(Vote),
    /// See [`VoteOk`].
    VoteOk(VoteOk),
    /// See [`Append`].
    Append(Rc<Append>),
    /// See [`AppendOk`].
    AppendOk(AppendOk),
    /// See [`AppendRefused`].
    AppendRefused(AppendRefused),
    /// See [`Commit`].
    Commit(Commit),
    /// See [`Heartbeat`].
    Heartbeat(Heartbeat),
    /// See [`HeartbeatOk`].
    HeartbeatOk(HeartbeatOk),
    /// See [`Transfer`].
    Transfer(Transfer),
    /// See [`TimeoutNow`].
    TimeoutNow(TimeoutNow),
    /// See [`Pull`].
    Pull(Pull),
    /// See [`Entries`].
    Entries(Rc<Entries>),
    /// See [`Forward`].
    Forward(Rc<Forward>),
    /// See [`ReadIndex`].
    ReadIndex(ReadIndex),
    /// See [`ReadIndexOk`].
    ReadIndexOk(ReadIndexOk),
}

impl RaftMessage {
    /// The types of these messages.
    pub const TYPES: &[&str] = &[
        "prevote",
        "prevote_ok",
        "vote",
        "vote_ok",
        "append",
        "append_ok",
        "append_refused",
        "commit",
        "heartbeat",
        "heartbeat_ok",
        "transfer",
        "timeout_now",
        "pull",
        "entries",
        "forward",
        "read_index",
        "read_index_ok",
    ];

    /// The term that its receiver is not to be behind, if there is one. A pre-vote is about a term that nobody is in; and who
    /// only asks for what is committed is to depose nobody.
    #[must_use]
    pub fn term(&self) -> Option<u64> {
        match self {
            Self::PreVote(_)
            | Self::PreVoteOk(PreVoteOk { is_granted: true, .. })
            | Self::Pull(_)
            | Self::Forward(_)
            | Self::ReadIndex(_)
            | Self::ReadIndexOk(_) => None,
            Self::PreVoteOk(PreVoteOk { term, .. })
            | Self::Vote(Vote { term, .. })
            | Self::VoteOk(VoteOk { term, .. })
            | Self::AppendOk(AppendOk { term, .. })
            | Self::AppendRefused(AppendRefused { term, .. })
            | Self::Commit(Commit { term, .. })
            | Self::Heartbeat(Heartbeat { term, .. })
            | Self::HeartbeatOk(HeartbeatOk { term, .. })
            | Self::Transfer(Transfer { term })
            | Self::TimeoutNow(TimeoutNow { term }) => Some(*term),
            Self::Append(append) => Some(append.term),
            Self::Entries(entries) => Some(entries.term),
        }
    }
}

impl Message for RaftMessage {
    fn kinds() -> &'static [&'static str] {
        Self::TYPES
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::PreVote(_) => "prevote",
            Self::PreVoteOk(_) => "prevote_ok",
            Self::Vote(_) => "vote",
            Self::VoteOk(_) => "vote_ok",
            Self::Append(_) => "append",
            Self::AppendOk(_) => "append_ok",
            Self::AppendRefused(_) => "append_refused",
            Self::Commit(_) => "commit",
            Self::Heartbeat(_) => "heartbeat",
            Self::HeartbeatOk(_) => "heartbeat_ok",
            Self::Transfer(_) => "transfer",
            Self::TimeoutNow(_) => "timeout_now",
            Self::Pull(_) => "pull",
            Self::Entries(_) => "entries",
            Self::Forward(_) => "forward",
            Self::ReadIndex(_) => "read_index",
            Self::ReadIndexOk(_) => "read_index_ok",
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        write_json(out, self);
    }

    fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        Some(match kind {
            "prevote" => serde_json::from_str(body).map(Self::PreVote),
            "prevote_ok" => serde_json::from_str(body).map(Self::PreVoteOk),
            "vote" => serde_json::from_str(body).map(Self::Vote),
            "vote_ok" => serde_json::from_str(body).map(Self::VoteOk),
            "append" => serde_json::from_str(body).map(|append| Self::Append(Rc::new(append))),
            "append_ok" => serde_json::from_str(body).map(Self::AppendOk),
            "append_refused" => serde_json::from_str(body).map(Self::AppendRefused),
            "commit" => serde_json::from_str(body).map(Self::Commit),
            "heartbeat" => serde_json::from_str(body).map(Self::Heartbeat),
            "heartbeat_ok" => serde_json::from_str(body).map(Self::HeartbeatOk),
            "transfer" => serde_json::from_str(body).map(Self::Transfer),
            "timeout_now" => serde_json::from_str(body).map(Self::TimeoutNow),
            "pull" => serde_json::from_str(body).map(Self::Pull),
            "entries" => serde_json::from_str(body).map(|entries| Self::Entries(Rc::new(entries))),
            "forward" => serde_json::from_str(body).map(|forward| Self::Forward(Rc::new(forward))),
            "read_index" => serde_json::from_str(body).map(Self::ReadIndex),
            "read_index_ok" => serde_json::from_str(body).map(Self::ReadIndexOk),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_listed_and_understood() {
        for kind in RaftMessage::TYPES {
            assert!(RaftMessage::decode(kind, "{}").is_some(), "{kind}");
        }
        assert_eq!(RaftMessage::TYPES.len(), 17, "a type more is a type to list");
        assert!(RaftMessage::decode("nonsense", "{}").is_none());
    }
}
