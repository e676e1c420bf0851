//! What Raft servers say to each other.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::ledger::Block;
use crate::protocol::messages::{protocol_messages, read_term};
use crate::protocol::replicated::{Forward, ReadIndex, ReadIndexOk};

/// An entry of a log: logs that hold the same position are the same up to there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Its index, from 1; 0 stands before all entries.
    pub index: u64,
    /// Its term; 0 before all entries.
    #[serde(deserialize_with = "read_term")]
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
    #[serde(deserialize_with = "read_term")]
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
pub struct PreVote {
    /// The term after the sender's.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// The last entry of its log.
    pub last: Position,
}

/// `prevote_ok`: the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreVoteOk {
    /// The term that was asked for where it is granted, else the sender's own.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// Would it?
    pub is_granted: bool,
    /// How many entries the sender knows to be committed.
    pub commit: u64,
}

/// `vote`: vote for me.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The sender's term.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// The last entry of its log.
    pub last: Position,
    /// Does the leader want it, or the user? Then also those vote that hear a leader.
    pub is_transfer: bool,
}

/// `vote_ok`: the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoteOk {
    /// The sender's term.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// Has it voted for the one that asked?
    pub is_granted: bool,
    /// How many entries the sender knows to be committed.
    pub commit: u64,
}

/// `append`: these entries stand behind that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Append {
    /// The leader's term.
    #[serde(deserialize_with = "read_term")]
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
pub struct AppendOk {
    /// The sender's term.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// The last entry that was brought.
    pub index: u64,
    /// Does the sender count? A learner does not.
    pub counts: bool,
}

/// `append_refused`: the entry before those that were brought is not in the sender's log, or the term is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppendRefused {
    /// The sender's term.
    #[serde(deserialize_with = "read_term")]
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
pub struct Commit {
    /// The leader's term.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// The last of the committed entries that the receiver has, as far as the leader knows.
    pub last: Position,
}

/// `heartbeat`: I lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The leader's term.
    #[serde(deserialize_with = "read_term")]
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
pub struct HeartbeatOk {
    /// The sender's term; if it is greater than the leader's, that one leads no longer.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// As in the heartbeat.
    pub sequence: u64,
    /// Does the sender count? A learner does not.
    pub counts: bool,
}

/// `transfer`: the sender is to lead, if the leader agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The leader's term.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
}

/// `timeout_now`: begin an election, as if the leader was lost. Source: Ongaro 2014, section 3.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeoutNow {
    /// The leader's term.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
}

/// `pull`: what is committed behind so many entries?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// How many entries it knows to be committed.
    pub index: u64,
}

/// `entries`: these committed entries stand behind that one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// The sender's term.
    #[serde(deserialize_with = "read_term")]
    pub term: u64,
    /// The entry before them.
    pub previous: Position,
    /// The entries.
    pub entries: Vec<Entry>,
    /// Are there more behind them?
    pub more: bool,
}

protocol_messages! {
    /// What Raft servers say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub enum RaftMessage {
        /// See [`PreVote`].
        PreVote(PreVote) = "prevote",
        /// See [`PreVoteOk`].
        PreVoteOk(PreVoteOk) = "prevote_ok",
        /// See [`Vote`].
        Vote(Vote) = "vote",
        /// See [`VoteOk`].
        VoteOk(VoteOk) = "vote_ok",
        /// See [`Append`].
        Append(Rc<Append>) = "append",
        /// See [`AppendOk`].
        AppendOk(AppendOk) = "append_ok",
        /// See [`AppendRefused`].
        AppendRefused(AppendRefused) = "append_refused",
        /// See [`Commit`].
        Commit(Commit) = "commit",
        /// See [`Heartbeat`].
        Heartbeat(Heartbeat) = "heartbeat",
        /// See [`HeartbeatOk`].
        HeartbeatOk(HeartbeatOk) = "heartbeat_ok",
        /// See [`Transfer`].
        Transfer(Transfer) = "transfer",
        /// See [`TimeoutNow`].
        TimeoutNow(TimeoutNow) = "timeout_now",
        /// See [`Pull`].
        Pull(Pull) = "pull",
        /// See [`Entries`].
        Entries(Rc<Entries>) = "entries",
        /// See [`Forward`].
        Forward(Rc<Forward>) = "forward",
        /// See [`ReadIndex`].
        ReadIndex(ReadIndex) = "read_index",
        /// See [`ReadIndexOk`].
        ReadIndexOk(ReadIndexOk) = "read_index_ok",
    }
}

impl RaftMessage {
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

#[cfg(test)]
mod tests;
