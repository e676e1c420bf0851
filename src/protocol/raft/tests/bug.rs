//! Bugs that Raft servers could have.

use std::rc::Rc;

use crate::ledger::{Block, Nonce};
use crate::machine::Payload;
use crate::protocol::raft::messages::{
    Append, AppendOk, AppendRefused, Commit, Entry, HeartbeatOk, Position, RaftMessage, Vote, VoteOk,
};
use crate::protocol::raft::tests::subject::Raft;
use crate::protocol::raft::{Record, Server};
use crate::protocol::schedules::{Event, Given, State, message_in};

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A server takes a right block for a wrong one.
    MisreadsBlocks,
    /// What a server takes into its log is only in memory.
    ForgetsEntries,
    /// A server votes for everybody who asks.
    VotesTwice,
    /// A server votes for those whose log is behind its own.
    VotesForWhoIsBehind,
    /// A candidate takes every answer for a vote.
    CountsRefusals,
    /// A follower takes an append wherever its own log is as long as that.
    TakesAnyPrevious,
    /// A follower takes away what stands behind the entry that an append follows.
    TruncatesOnAnyAppend,
    /// A leader commits what a majority has, of whichever term (figure 8); entries come one by one, so that there is
    /// something of an older term that has come, and nothing of its own.
    CommitsOlderTerms,
    /// A follower commits as much as the leader has, whatever stands there in its own log.
    CommitsWhatItNeverCompared,
    /// A leader counts learners.
    CountsLearners,
    /// A leader answers gets at once, and asks nobody whether it still leads.
    TakesItselfForConfirmed,
    /// A leader says how long the chain is before it has committed anything of its term.
    ReadsBeforeItsNoOp,
}

impl Bug {
    /// What a server is given in place of an event.
    pub fn change(self, event: Event, given: &mut Given<'_, Raft>) -> Event {
        match self {
            Self::CommitsOlderTerms => given.server.commit_of_any_term(given.outputs),
            Self::CommitsWhatItNeverCompared => given.server.tell_commit(given.outputs),
            Self::TakesItselfForConfirmed => given.server.take_for_confirmed(),
            Self::ReadsBeforeItsNoOp => given.server.begin_reads(given.outputs),
            Self::MisreadsBlocks
            | Self::ForgetsEntries
            | Self::VotesTwice
            | Self::VotesForWhoIsBehind
            | Self::CountsRefusals
            | Self::TakesAnyPrevious
            | Self::TruncatesOnAnyAppend
            | Self::CountsLearners => {}
        }
        let Event::Message(from, payload) = event else { return event };
        let Some(message) = message_in::<Raft>(&payload) else { return Event::Message(from, payload) };
        match (self, message) {
            (Self::VotesTwice, RaftMessage::Vote(vote)) if is_in_term(given.server, vote.term) => {
                given.server.forget_vote();
            }
            (Self::TruncatesOnAnyAppend, RaftMessage::Append(append))
                if is_in_term(given.server, append.term) && given.server.log().holds(append.previous) =>
            {
                given.server.cut_off(append.previous.index, given.outputs);
            }
            (_, _) => {}
        }
        let changed = self.changed(message, given.state);
        Event::Message(from, changed.map_or(payload, Payload::peer))
    }

    /// What a message is taken for.
    fn changed(self, message: &RaftMessage, state: &State<Raft>) -> Option<RaftMessage> {
        Some(match (self, message) {
            (Self::MisreadsBlocks, RaftMessage::Append(append)) => with_other_nonces(append),
            (Self::VotesForWhoIsBehind, RaftMessage::Vote(vote)) => {
                let last = Position { index: u64::MAX, term: u64::MAX };
                RaftMessage::Vote(Vote { last, ..*vote })
            }
            (Self::CountsRefusals, RaftMessage::VoteOk(answer)) => {
                RaftMessage::VoteOk(VoteOk { is_granted: true, ..*answer })
            }
            (Self::TakesAnyPrevious, RaftMessage::Append(append)) => {
                let previous = own_entry_at(append.previous, state);
                RaftMessage::Append(Rc::new(Append { previous, ..Append::clone(append) }))
            }
            (Self::CommitsWhatItNeverCompared, RaftMessage::Commit(commit)) => {
                RaftMessage::Commit(Commit { last: own_entry_at(commit.last, state), ..*commit })
            }
            (Self::CountsLearners, RaftMessage::AppendOk(answer)) => {
                RaftMessage::AppendOk(AppendOk { counts: true, ..*answer })
            }
            (Self::CountsLearners, RaftMessage::AppendRefused(answer)) => {
                RaftMessage::AppendRefused(AppendRefused { counts: true, ..*answer })
            }
            (Self::CountsLearners, RaftMessage::HeartbeatOk(answer)) => {
                RaftMessage::HeartbeatOk(HeartbeatOk { counts: true, ..*answer })
            }
            (Self::CommitsOlderTerms, RaftMessage::Append(append)) => {
                let entries = append.entries.iter().take(1).cloned().collect();
                RaftMessage::Append(Rc::new(Append { entries, ..Append::clone(append) }))
            }
            (_, _) => return None,
        })
    }

    /// Is a record lost?
    pub fn loses(self, record: &[u8]) -> bool {
        self == Self::ForgetsEntries && matches!(Record::decode(record), Ok(Record::Append { .. }))
    }
}

/// What stands in a server's own log at that index.
fn own_entry_at(position: Position, state: &State<Raft>) -> Position {
    let Position { index, term } = position;
    let own = usize::try_from(index).ok().and_then(|index| state.log.get(index.checked_sub(1)?));
    Position { index, term: own.map_or(term, |entry| entry.term) }
}

fn is_in_term(server: &Server, term: u64) -> bool {
    server.vote().0 == term
}

fn with_other_nonces(append: &Append) -> RaftMessage {
    let other = |block: &Rc<Block>| Rc::new(Block { nonce: Nonce(block.nonce.0 + 1), ..Block::clone(block) });
    let entries = append.entries.iter();
    let entries = entries.map(|Entry { term, block }| Entry { term: *term, block: block.as_ref().map(other) });
    RaftMessage::Append(Rc::new(Append { entries: entries.collect(), ..append.clone() }))
}
