//! A Raft server: elections, the leader's part, and the followers'.

mod elections;
mod following;
mod leading;
mod reading;
mod requests;
#[cfg(test)]
mod tests;
mod transferring;
#[cfg(test)]
mod view;

use std::borrow::Cow;

use crate::base::{Draw, Incarnation, NodeName, Span, Time};
use crate::ledger::{Proof, Under};
use crate::machine::{Input, Machine, Outputs, Payload, Setup, Violation};
use crate::protocol::raft::log::{BadEntries, RaftLog};
use crate::protocol::raft::messages::{AppendOk, Entry, RaftMessage};
use crate::protocol::raft::record::Record;
use crate::protocol::raft::role::Role;
use crate::protocol::replicated::{Beside, Reads, ReplicatedLog, Report, RequestQueue, refuse};
use crate::wire::control::{Control, Inspect, InspectOk, PreVote, Variant};
use crate::wire::{ServerRole, StateChange};

/// The timer after which a server that hears no leader wants to be elected.
const ELECTION: &str = "election";
/// The timer after which a leader says again that it leads.
const HEARTBEAT: &str = "heartbeat";
/// So many heartbeats leave in the least election timeout.
const HEARTBEATS: u32 = 3;

/// A Raft server.
///
/// Invariants, which [`Server::assert_sound`] holds:
/// 1. applied = committed <= length of the log.
/// 2. No entry is of a later term than the server; a leader's last is of its own.
/// 3. A leader's queue is empty, but while it hands leadership over.
/// 4. A learner has no part but that of a follower.
/// 5. A candidate and a leader have voted for themselves.
#[derive(Debug)]
pub struct Server {
    name: NodeName,
    others: Vec<NodeName>,
    incarnation: Incarnation,
    /// The least election timeout; each is drawn between it and twice as much.
    timeout: Span,
    variant: Variant,
    chance: Draw,
    draws: u64,
    term: u64,
    vote: Option<NodeName>,
    log: RaftLog,
    role: Role,
    /// Who leads in this term, as far as this server knows.
    leader: Option<NodeName>,
    /// When it was heard last.
    heard_at: Time,
    is_learner: bool,
    /// What the leader is to be told at the next flush.
    acceptance: Option<(NodeName, AppendOk)>,
    /// Requests that wait for a leader.
    queue: RequestQueue,
    /// Reads without a block.
    reads: Reads,
    /// When what waits was last given to a leader.
    forwarded_at: Time,
    /// When the user wanted it to lead, and a leader was asked for that.
    nominated_at: Option<Time>,
    /// What was reported last.
    reported: Report,
}

impl Server {
    /// A server that holds nothing yet; what it held in earlier lives comes with its first input.
    #[must_use]
    pub fn new(setup: &Setup, proof: Proof) -> Self {
        let Setup { name, incarnation, seed, variant, timeouts, .. } = *setup;
        let chance = Draw::of(seed).named(&name.to_string()).numbered(u64::from(incarnation.0)).named(ELECTION);
        Self {
            name,
            others: setup.servers.iter().copied().filter(|&server| server != name).collect(),
            incarnation,
            timeout: timeouts.election,
            variant,
            chance,
            draws: 0,
            term: 0,
            vote: None,
            log: RaftLog::new(ReplicatedLog::new(proof)),
            role: Role::Follower,
            leader: None,
            heard_at: Time(0),
            is_learner: false,
            acceptance: None,
            queue: RequestQueue::default(),
            reads: Reads::new(incarnation),
            forwarded_at: Time(0),
            nominated_at: None,
            reported: Report::default(),
        }
    }

    /// How many blocks it has decided.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.log.blocks().decided()
    }

    fn report(&self) -> Report {
        let role = match self.role {
            Role::Follower if self.is_learner => ServerRole::Learner,
            Role::Follower => ServerRole::Follower,
            Role::PreCandidate(_) | Role::Candidate(_) => ServerRole::Candidate,
            Role::Leader(_) => ServerRole::Leader,
        };
        let blocks = self.log.blocks();
        let undecided = blocks.accepted() - blocks.decided();
        let waiting = self.queue.missing_in(blocks) + self.reads.count();
        Report { role: Some(role), term: Some(self.term), queued: Some(undecided + waiting) }
    }

    fn servers(&self) -> usize {
        self.others.len() + 1
    }

    fn majority(&self) -> usize {
        self.servers() / 2 + 1
    }

    fn start(&mut self, records: &[Vec<u8>], outputs: &mut Outputs) -> Result<(), Violation> {
        for (number, record) in (1..).zip(records) {
            self.recover(record).map_err(|why| Violation(format!("record {number}: {why}")))?;
        }
        self.log.blocks_mut().end_recovery();
        if self.incarnation > Incarnation(0) && records.is_empty() {
            self.is_learner = true;
            outputs.persist(Record::Learner.encode());
        }
        outputs.persist(Record::Life.encode());
        self.await_election(outputs);
        Ok(())
    }

    fn recover(&mut self, record: &[u8]) -> Result<(), String> {
        match Record::decode(record).map_err(|error| format!("it is none: {error}"))? {
            Record::Life => {}
            Record::Learner => self.is_learner = true,
            Record::Term { term, vote } => (self.term, self.vote) = (term, vote),
            Record::Append { skip, commit, entries } => self.log.recover(skip, commit, &entries)?,
        }
        Ok(())
    }

    fn tell_all(&self, message: RaftMessage, outputs: &mut Outputs) {
        let payload = Payload::peer(message);
        for &other in &self.others {
            outputs.send(other, payload.clone());
        }
    }

    /// Keeps on the disk that these entries stand behind the first `skip`.
    fn keep_entries(&self, skip: u64, entries: &[Entry], outputs: &mut Outputs) {
        let entries = Cow::Borrowed(entries);
        outputs.persist(Record::Append { skip, commit: self.log.commit(), entries }.encode());
    }

    /// Holds the invariants.
    ///
    /// # Panics
    /// If one does not hold.
    pub fn assert_sound(&self) {
        let Self { name, log, term, .. } = self;
        log.assert_sound();
        assert!(log.last().term <= *term, "{name} has an entry of term {}, and is in {term}", log.last().term);
        match &self.role {
            Role::Follower | Role::PreCandidate(_) => {}
            Role::Candidate(_) => assert_eq!(self.vote, Some(*name), "{name} wants to lead, and votes for another"),
            Role::Leader(leading) => {
                assert_eq!((self.vote, self.leader), (Some(*name), Some(*name)), "{name} leads");
                assert_eq!(log.last().term, *term, "{name} leads, and has not begun its term");
                assert!(self.queue.is_empty() || leading.transfer.is_some(), "{name} leads, and lets requests wait");
            }
        }
        assert!(!self.is_learner || matches!(self.role, Role::Follower), "{name} is a learner, and leads");
    }
}

/// Has less than `span` passed since then? A clock that was set back says nothing of it, and nothing may wait for that.
fn is_within(span: Span, since: Time, now: Time) -> bool {
    since <= now && now < since + span
}

fn tell(to: NodeName, message: RaftMessage, outputs: &mut Outputs) {
    outputs.send(to, Payload::peer(message));
}

fn broken(from: NodeName, bad: &BadEntries) -> Violation {
    Violation(format!("entries of {from} make no log: {bad}"))
}

impl Machine for Server {
    type Peer = RaftMessage;

    fn step(&mut self, now: Time, input: Input<'_, RaftMessage>, outputs: &mut Outputs) -> Result<(), Violation> {
        if !self.may_gather(&input) {
            self.flush(outputs);
        }
        match input {
            Input::Start { records } => self.start(records, outputs)?,
            Input::Request { from, request } => self.take_request(from, request, outputs),
            Input::Peer { from, message } => self.take_message(now, from, message, outputs)?,
            Input::Timer { id: ELECTION } => self.end_wait(now, outputs),
            Input::Timer { id: HEARTBEAT } => self.beat(outputs),
            Input::Control(Control::Members { .. }) => {}
            Input::Control(Control::Nominate) => self.nominate(now, outputs),
            Input::Timer { .. }
            | Input::Response { .. }
            | Input::Control(Control::Invoke(_) | Control::Attach { .. } | Control::Stabilize(_)) => {
                return Err(refuse(&input));
            }
        }
        if cfg!(debug_assertions) {
            self.assert_sound();
        }
        Ok(())
    }

    fn flush(&mut self, outputs: &mut Outputs) {
        self.announce(outputs);
        self.commit_what_is_held(outputs);
        self.acknowledge(outputs);
        self.confirm_reads(outputs);
        self.begin_transfer(outputs);
    }

    fn take_changes(&mut self) -> StateChange {
        let now = self.report();
        let changes = self.log.blocks_mut().take_changes();
        self.reported.add_changes(now, changes)
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        let under = |height| Some(Under::Term(self.log.term_of_block(height)));
        let waiting = self.queue.iter().chain(self.reads.iter());
        Some(Beside { under, queue: waiting, log: self.log.blocks() }.inspect(question))
    }
}

impl Server {
    fn take_message(
        &mut self,
        now: Time,
        from: NodeName,
        message: &RaftMessage,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        if let RaftMessage::Vote(vote) = message
            && !vote.is_transfer
            && self.hears_a_leader(now)
        {
            // Whoever was cut off and comes back with a later term is not to depose a leader that a majority hears. It
            // learns from the answer what is committed.
            self.refuse_vote(from, outputs);
            return Ok(());
        }
        if let Some(term) = message.term().filter(|&term| term > self.term) {
            self.follow_in(term, None, outputs);
        }
        match message {
            RaftMessage::PreVote(prevote) => self.answer_prevote(now, from, *prevote, outputs),
            RaftMessage::PreVoteOk(answer) => self.take_prevote(from, *answer, outputs),
            RaftMessage::Vote(vote) => self.answer_vote(from, *vote, outputs),
            RaftMessage::VoteOk(answer) => self.take_vote(from, *answer, outputs),
            RaftMessage::Append(append) => self.take_append(now, from, append, outputs)?,
            RaftMessage::AppendOk(answer) => self.take_append_ok(from, *answer, outputs),
            RaftMessage::AppendRefused(answer) => self.take_refusal(from, *answer, outputs),
            RaftMessage::Commit(commit) => self.take_commit(from, *commit, outputs),
            RaftMessage::Heartbeat(heartbeat) => self.take_heartbeat(now, from, *heartbeat, outputs),
            RaftMessage::HeartbeatOk(answer) => self.take_heartbeat_ok(from, *answer, outputs),
            RaftMessage::Transfer(transfer) => self.take_transfer(from, *transfer),
            RaftMessage::TimeoutNow(timeout) => self.take_timeout_now(*timeout, outputs),
            RaftMessage::Pull(pull) => self.answer_pull(from, *pull, outputs),
            RaftMessage::Entries(entries) => self.take_entries(from, entries, outputs)?,
            RaftMessage::Forward(forward) => self.take_forwarded(forward, outputs),
            RaftMessage::ReadIndex(question) => self.take_read_index(from, *question),
            RaftMessage::ReadIndexOk(answer) => self.reads.confirm(*answer),
        }
        Ok(())
    }

    /// Does an input add to what the next flush brings, and tell nobody of it? A message of a later term ends this one: what
    /// was added to the log in it is to be kept first.
    fn may_gather(&self, input: &Input<'_, RaftMessage>) -> bool {
        match input {
            Input::Request { .. } => true,
            Input::Peer { message, .. } => {
                message.term().is_none_or(|term| term <= self.term)
                    && matches!(
                        message,
                        RaftMessage::Append(_)
                            | RaftMessage::AppendOk(_)
                            | RaftMessage::Commit(_)
                            | RaftMessage::Forward(_)
                    )
            }
            Input::Start { .. } | Input::Response { .. } | Input::Timer { .. } | Input::Control(_) => false,
        }
    }

    /// Does it ask whether it would be elected before it raises its term?
    fn asks_first(&self) -> bool {
        self.variant.prevote == PreVote::On
    }
}
