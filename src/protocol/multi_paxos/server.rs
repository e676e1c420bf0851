//! A Multi-Paxos server: elections, the leader's part, and the followers'.

mod elections;
mod following;
mod leading;
mod reading;
mod requests;
#[cfg(test)]
mod view;

use std::collections::BTreeMap;

use crate::base::{Incarnation, NodeName, Span, Time};
use crate::ledger::{Proof, Under};
use crate::machine::{Input, Machine, Outputs, Payload, Setup, Violation};
use crate::protocol::multi_paxos::acceptor::Acceptor;
use crate::protocol::multi_paxos::election::Election;
use crate::protocol::multi_paxos::leader::Role;
use crate::protocol::multi_paxos::messages::{Accepted, Heartbeat, HeartbeatOk, PaxosMessage, Prepare};
use crate::protocol::multi_paxos::record::Record;
use crate::protocol::replicated::{Beside, Reads, ReplicatedLog, Report, RequestQueue, refuse};
use crate::wire::control::{Control, Inspect, InspectOk, Reads as Way};
use crate::wire::{ServerRole, StateChange};

/// The timer that ends a round of heartbeats.
const ROUND: &str = "heartbeat";

/// A Multi-Paxos server.
///
/// Invariants, which [`Server::assert_sound`] holds:
/// 1. applied = decided <= accepted.
/// 2. accepted ballot <= promised ballot; a leader has promised its own ballot, and accepted under it.
/// 3. A leader's queue is empty.
/// 4. A learner has no part but that of a follower.
#[derive(Debug)]
pub struct Server {
    name: NodeName,
    others: Vec<NodeName>,
    incarnation: Incarnation,
    round_length: Span,
    election: Election,
    acceptor: Acceptor,
    role: Role,
    is_learner: bool,
    /// What the leader is to be told at the next flush.
    acceptance: Option<(NodeName, Accepted)>,
    /// Requests that wait for a leader, in the order in which they came.
    queue: RequestQueue,
    /// How gets are answered.
    read_way: Way,
    /// Reads without a block.
    reads: Reads,
    /// What the others said of themselves in the round that is under way.
    heard: BTreeMap<NodeName, HeartbeatOk>,
    /// How many blocks were decided when the last round ended.
    decided_before: u64,
    /// What was reported last.
    reported: Report,
}

impl Server {
    /// A server that holds nothing yet; what it held in earlier lives comes with its first input.
    #[must_use]
    pub fn new(setup: &Setup, proof: Proof) -> Self {
        let others: Vec<_> = setup.servers.iter().copied().filter(|&server| server != setup.name).collect();
        Self {
            name: setup.name,
            incarnation: setup.incarnation,
            round_length: setup.timeouts.election,
            election: Election::new(setup.name, others.len() + 1),
            others,
            acceptor: Acceptor::new(ReplicatedLog::new(proof)),
            role: Role::Follower,
            is_learner: false,
            acceptance: None,
            queue: RequestQueue::default(),
            read_way: setup.variant.reads,
            reads: Reads::new(setup.incarnation),
            heard: BTreeMap::new(),
            decided_before: 0,
            reported: Report::default(),
        }
    }

    /// How many blocks it has decided.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.acceptor.log.decided()
    }

    fn report(&self) -> Report {
        let role = match self.role {
            Role::Follower if self.is_learner => ServerRole::Learner,
            Role::Follower => ServerRole::Follower,
            Role::Preparing(_) => ServerRole::Candidate,
            Role::Leading(_) => ServerRole::Leader,
        };
        let log = &self.acceptor.log;
        let undecided = log.accepted() - log.decided();
        Report {
            role: Some(role),
            term: Some(self.acceptor.promised.map_or(0, |ballot| ballot.number)),
            queued: Some(undecided + self.queue.missing_in(log) + self.reads.count()),
        }
    }

    fn servers(&self) -> usize {
        self.others.len() + 1
    }

    fn majority(&self) -> usize {
        self.servers() / 2 + 1
    }

    fn start(&mut self, records: &[Vec<u8>], outputs: &mut Outputs) -> Result<(), Violation> {
        let mut used = 0;
        for (number, record) in (1..).zip(records) {
            self.recover(record, &mut used).map_err(|why| Violation(format!("record {number}: {why}")))?;
        }
        self.acceptor.log.end_recovery();
        if self.incarnation > Incarnation(0) {
            self.election.recover(used, self.acceptor.promised);
            if records.is_empty() {
                self.is_learner = true;
                outputs.persist(Record::Learner.encode());
            }
        }
        outputs.persist(Record::Life.encode());
        self.begin_round(outputs);
        Ok(())
    }

    fn recover(&mut self, record: &[u8], used: &mut u64) -> Result<(), String> {
        match Record::decode(record).map_err(|error| format!("it is none: {error}"))? {
            Record::Life => {}
            Record::Learner => self.is_learner = true,
            Record::Raised { number } => *used = (*used).max(number),
            Record::Promise { ballot } => {
                if ballot.server == self.name {
                    *used = (*used).max(ballot.number);
                }
                self.acceptor.promised = Some(ballot);
            }
            Record::Accept { ballot, skip, decided, blocks } => {
                self.acceptor.recover(ballot, skip, decided, &blocks)?;
            }
        }
        Ok(())
    }

    fn tell_all(&self, message: PaxosMessage, outputs: &mut Outputs) {
        let payload = Payload::peer(message);
        for &other in &self.others {
            outputs.send(other, payload.clone());
        }
    }

    /// Holds the invariants.
    ///
    /// # Panics
    /// If one does not hold.
    pub fn assert_sound(&self) {
        let Acceptor { promised, accepted, log, .. } = &self.acceptor;
        assert!(log.decided() <= log.accepted(), "{} decides what it has not accepted", self.name);
        assert!(accepted <= promised, "{} accepted under {accepted:?}, and promised {promised:?}", self.name);
        match &self.role {
            Role::Follower => {}
            Role::Preparing(preparing) => assert_eq!(Some(preparing.ballot), *promised),
            Role::Leading(leading) => {
                assert_eq!((Some(leading.ballot), Some(leading.ballot)), (*promised, *accepted));
                assert!(self.queue.is_empty(), "{} leads, and lets requests wait", self.name);
            }
        }
        assert!(!self.is_learner || matches!(self.role, Role::Follower), "{} is a learner, and leads", self.name);
    }
}

/// What adds to what the next flush brings, and tells nobody of it.
fn may_be_gathered(input: &Input<'_, PaxosMessage>) -> bool {
    match input {
        Input::Request { .. } => true,
        Input::Peer { message, .. } => matches!(
            message,
            PaxosMessage::Accept(_) | PaxosMessage::Accepted(_) | PaxosMessage::Decide(_) | PaxosMessage::Forward(_)
        ),
        Input::Start { .. } | Input::Response { .. } | Input::Timer { .. } | Input::Control(_) => false,
    }
}

fn tell(to: NodeName, message: PaxosMessage, outputs: &mut Outputs) {
    outputs.send(to, Payload::peer(message));
}

fn broken(from: NodeName, flaw: &crate::ledger::Flaw) -> Violation {
    Violation(format!("blocks of {from} make no chain: {flaw}"))
}

impl Machine for Server {
    type Peer = PaxosMessage;

    fn step(&mut self, _now: Time, input: Input<'_, PaxosMessage>, outputs: &mut Outputs) -> Result<(), Violation> {
        if !may_be_gathered(&input) {
            self.flush(outputs);
        }
        match input {
            Input::Start { records } => self.start(records, outputs)?,
            Input::Request { from, request } => self.take_request(from, request, outputs),
            Input::Peer { from, message } => self.take_message(from, message, outputs)?,
            Input::Timer { id: ROUND } => self.end_round(outputs)?,
            Input::Control(Control::Members { .. }) => {}
            Input::Control(Control::Nominate) => self.nominate(outputs)?,
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
        self.decide_what_is_accepted(outputs);
        self.acknowledge(outputs);
        self.confirm_reads(outputs);
    }

    fn take_changes(&mut self) -> StateChange {
        let now = self.report();
        let changes = self.acceptor.log.take_changes();
        self.reported.add_changes(now, changes)
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        let under = |_height| self.acceptor.accepted.map(|ballot| Under::Ballot(ballot.to_string()));
        Some(
            Beside { under, queue: self.queue.iter().chain(self.reads.iter()), log: &self.acceptor.log }
                .inspect(question),
        )
    }
}

impl Server {
    fn take_message(&mut self, from: NodeName, message: &PaxosMessage, outputs: &mut Outputs) -> Result<(), Violation> {
        match message {
            PaxosMessage::Heartbeat(Heartbeat { round }) => self.answer_heartbeat(from, *round, outputs),
            PaxosMessage::HeartbeatOk(heard) => self.hear(from, *heard),
            PaxosMessage::Prepare(Prepare { ballot }) => self.take_prepare(from, *ballot, outputs),
            PaxosMessage::Promise(promise) => self.take_promise(from, *promise, outputs)?,
            PaxosMessage::Pull(pull) => self.answer_pull(from, *pull, outputs),
            PaxosMessage::Blocks(blocks) => self.take_blocks(from, blocks, outputs)?,
            PaxosMessage::Accept(accept) => self.take_accept(from, accept, outputs)?,
            PaxosMessage::Accepted(accepted) => self.take_accepted(from, *accepted, outputs),
            PaxosMessage::Decide(decide) => self.take_decide(*decide),
            PaxosMessage::Forward(forward) => self.take_forwarded(forward, outputs),
            PaxosMessage::ReadIndex(question) => self.take_read_index(from, *question),
            PaxosMessage::ReadIndexOk(answer) => self.reads.confirm(*answer),
            PaxosMessage::Confirm(question) => self.answer_confirm(from, *question, outputs),
            PaxosMessage::ConfirmOk(answer) => self.take_confirm_ok(from, *answer),
        }
        Ok(())
    }
}
