//! What is watched of Raft servers.
//!
//! An entry is chosen once a majority of disks has it in the term of a leader, and it is of that term; and all before it
//! with it. A disk counts for a term only as long as its server is in that term: what a later leader brings to others is
//! not chosen by that (figure 8).

use std::rc::Rc;

use crate::base::{NodeName, Span};
use crate::ledger::{Block, Proof};
use crate::machine::Setup;
use crate::protocol::raft::Server;
use crate::protocol::raft::messages::{AppendOk, AppendRefused, HeartbeatOk};
use crate::protocol::raft::messages::{Commit, Entries, Entry, Heartbeat, Position, PreVoteOk, RaftMessage, VoteOk};
use crate::protocol::raft::role::Role;
use crate::protocol::raft::tests::bug::Bug;
use crate::protocol::schedules::{
    Breach, Change, Claim, Entry as Watched, Event, Given, Part, State, Subject, Watch, claim, name,
};
use crate::wire::control::PreVote;

/// Raft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raft;

/// For whom a server has voted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vow {
    /// Its term.
    pub term: u64,
    /// For whom in it.
    pub vote: Option<NodeName>,
}

impl Watched for Entry {
    fn block(&self) -> Option<&Rc<Block>> {
        self.block.as_ref()
    }
}

impl Subject for Raft {
    type Server = Server;
    type Number = u64;
    type Vow = Vow;
    type Entry = Entry;
    type Bug = Bug;

    const PREVOTES: &'static [PreVote] = &[PreVote::On, PreVote::Off];
    const ROUND: Span = Span::milliseconds(650);
    const EARLY: &'static [&'static str] = &["append"];

    fn server(setup: &Setup) -> Server {
        Server::new(setup, Proof::Hashes)
    }

    fn look(server: &Server) -> State<Self> {
        let (term, vote) = server.vote();
        let part = match server.role() {
            Role::Follower => Part::Follower,
            Role::PreCandidate(_) | Role::Candidate(_) => Part::Asking,
            Role::Leader(_) => Part::Leading(term),
        };
        State {
            vow: Vow { term, vote },
            decided: usize::try_from(server.log().commit()).expect("a few entries"),
            log: server.log().entries(0, server.log().length()).collect(),
            part,
        }
    }

    fn is_learner(server: &Server) -> bool {
        server.is_learner()
    }

    fn keeps_under(state: &State<Self>) -> Option<u64> {
        Some(state.vow.term)
    }

    fn chooses(entry: &Entry, term: u64) -> bool {
        entry.term == term
    }

    fn check_vow(of: NodeName, before: &Vow, now: &Vow) -> Result<(), Breach> {
        claim(Claim::PromiseKept, now.term >= before.term, || {
            format!("{of} goes back from term {} to {}", before.term, now.term)
        })?;
        let stays = now.term > before.term || before.vote.is_none() || now.vote == before.vote;
        claim(Claim::OneVote, stays, || {
            format!("{of} votes in term {} for {:?}, and had for {:?}", now.term, now.vote, before.vote)
        })
    }

    fn check_step(step: &Change<'_, Self>) -> Result<(), Breach> {
        let Change { of, before, now, is_learner, .. } = *step;
        let votes = now.vow.vote.is_some() && now.vow != before.vow;
        claim(Claim::Learner, !(is_learner && votes), || format!("{of} votes: {:?}", now.vow))
    }

    fn check_log(watch: &Watch<Self>, of: NodeName, now: &State<Self>, same: usize) -> Result<(), Breach> {
        for place in same..now.log.len() {
            let term = now.log[place].term;
            let is_last_of_term = now.log.get(place + 1).is_none_or(|next| next.term != term);
            let is_leaders = !is_last_of_term
                || watch.leaders.led(term).is_some_and(|led| led.log.get(..=place) == now.log.get(..=place));
            claim(Claim::OneBlock, is_leaders, || {
                format!("{of} has at {place} an entry of term {term}, and not what its leader has up to there")
            })?;
        }
        Ok(())
    }

    fn takes_part(message: &RaftMessage) -> bool {
        match message {
            RaftMessage::PreVote(_)
            | RaftMessage::PreVoteOk(_)
            | RaftMessage::Vote(_)
            | RaftMessage::VoteOk(_)
            | RaftMessage::Append(_)
            | RaftMessage::Commit(_)
            | RaftMessage::Heartbeat(_)
            | RaftMessage::Transfer(_)
            | RaftMessage::TimeoutNow(_)
            | RaftMessage::ReadIndexOk(_) => true,
            RaftMessage::AppendOk(AppendOk { counts, .. })
            | RaftMessage::AppendRefused(AppendRefused { counts, .. })
            | RaftMessage::HeartbeatOk(HeartbeatOk { counts, .. }) => *counts,
            RaftMessage::Pull(_) | RaftMessage::Entries(_) | RaftMessage::Forward(_) | RaftMessage::ReadIndex(_) => {
                false
            }
        }
    }

    fn check_message(watch: &Watch<Self>, from: usize, to: NodeName, message: &RaftMessage) -> Result<(), Breach> {
        let Vow { term, vote } = watch.durable(from).vow;
        let voted = |in_term: u64, whom: NodeName| {
            claim(Claim::OneVote, term > in_term || vote.is_none_or(|vote| vote == whom), || {
                format!("{} votes in term {term} for {whom}, and had for {vote:?}", name(from))
            })?;
            Ok(term > in_term || vote == Some(whom))
        };
        let is_kept = match message {
            RaftMessage::Vote(vote) => voted(vote.term, name(from))?,
            RaftMessage::VoteOk(VoteOk { is_granted: true, term, .. }) => voted(*term, to)?,
            RaftMessage::AppendOk(answer) => {
                let index = usize::try_from(answer.index).expect("a few entries");
                index <= watch.chosen.length() || has_of_leader(watch, from, answer.term, index)
            }
            RaftMessage::Entries(entries) => has_chosen(watch, entries),
            RaftMessage::PreVote(_)
            | RaftMessage::PreVoteOk(_)
            | RaftMessage::VoteOk(_)
            | RaftMessage::Append(_)
            | RaftMessage::AppendRefused(_)
            | RaftMessage::Commit(_)
            | RaftMessage::Heartbeat(_)
            | RaftMessage::HeartbeatOk(_)
            | RaftMessage::Transfer(_)
            | RaftMessage::TimeoutNow(_)
            | RaftMessage::Pull(_)
            | RaftMessage::Forward(_)
            | RaftMessage::ReadIndex(_)
            | RaftMessage::ReadIndexOk(_) => true,
        };
        let is_in_term = message.term().is_none_or(|said| said <= term);
        let holds = is_kept && is_in_term && is_chosen(watch, message);
        claim(Claim::Durable, holds, || format!("{} says {message:?} too early", name(from)))
    }

    fn change(bug: Bug, event: Event, mut given: Given<'_, Self>) -> Event {
        bug.change(event, &mut given)
    }

    fn loses(bug: Bug, record: &[u8]) -> bool {
        bug.loses(record)
    }
}

/// Is what a message says to be committed chosen?
fn is_chosen(watch: &Watch<Raft>, message: &RaftMessage) -> bool {
    let committed = match message {
        RaftMessage::PreVoteOk(PreVoteOk { commit, .. }) | RaftMessage::VoteOk(VoteOk { commit, .. }) => *commit,
        RaftMessage::Heartbeat(Heartbeat { commit: last, .. }) | RaftMessage::Commit(Commit { last, .. }) => {
            return is_chosen_at(watch, *last);
        }
        RaftMessage::Append(append) => append.commit,
        RaftMessage::Pull(pull) => pull.index,
        RaftMessage::ReadIndexOk(answer) => return answer.length <= watch.chosen.height() as u64,
        RaftMessage::PreVote(_)
        | RaftMessage::Vote(_)
        | RaftMessage::AppendOk(_)
        | RaftMessage::AppendRefused(_)
        | RaftMessage::HeartbeatOk(_)
        | RaftMessage::Transfer(_)
        | RaftMessage::TimeoutNow(_)
        | RaftMessage::Entries(_)
        | RaftMessage::Forward(_)
        | RaftMessage::ReadIndex(_) => 0,
    };
    committed <= watch.chosen.length() as u64
}

/// Is this entry chosen?
fn is_chosen_at(watch: &Watch<Raft>, last: Position) -> bool {
    let place = usize::try_from(last.index).expect("a few entries").checked_sub(1);
    place.is_none_or(|place| watch.chosen.log.get(place).is_some_and(|(entry, _)| entry.term == last.term))
}

/// Has a server's disk so many entries of the log of a term's leader, or had it them where it is in a later term by now?
fn has_of_leader(watch: &Watch<Raft>, server: usize, term: u64, index: usize) -> bool {
    let durable = watch.durable(server);
    watch.leaders.led(term).is_some_and(|led| {
        let has_now = durable.log.get(..index).is_some_and(|log| led.log.get(..index) == Some(log));
        has_now || (durable.vow.term > term && index <= led.kept[server])
    })
}

fn has_chosen(watch: &Watch<Raft>, piece: &Entries) -> bool {
    let skip = usize::try_from(piece.previous.index).expect("a few entries");
    (skip..).zip(&piece.entries).all(|(place, entry)| watch.chosen.is_at(place, entry))
}
