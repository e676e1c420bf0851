//! A server: raft-rs, what it has applied, and its place among splitbrain's inputs and outputs.

mod view;

use raft::eraftpb::{Entry, HardState, Message, MessageType};
use raft::storage::MemStorage;
use raft::{Config, Error, GetEntriesContext, RawNode, Ready, StateRole};
use slog::{Discard, Logger, o};
use splitbrain::base::{Draw, NodeName, Span, Time, limits};
use splitbrain::ledger::Proof;
use splitbrain::machine::{Input, Machine, Outputs, Payload, Setup, Violation};
use splitbrain::protocol::replicated::{Place, ReplicatedLog, Report, respond};
use splitbrain::wire::control::{Control, Inspect, InspectOk};
use splitbrain::wire::{Request, StateChange};

use crate::message::RaftMessage;
use crate::proposal::Proposal;
use crate::record::Record;

/// The timer of raft's ticks.
const TICK: &str = "tick";
/// How many ticks the shortest election timeout has; the longest is less than twice as long.
const ELECTION_TICKS: usize = 10;
/// How many ticks are between two heartbeats of a leader.
const HEARTBEAT_TICKS: usize = 2;

/// A server of raft-rs.
///
/// Invariants:
/// 1. The log holds exactly the operations of the entries that raft gave as committed, in their order, each request once.
/// 2. Nothing leaves of which the entries, the term and the vote that it rests on are not in a record before it.
/// 3. Whenever raft looks at its election timeout, that is the one of its term, and not one that raft has drawn itself.
pub struct RaftServer {
    setup: Setup,
    tick: Span,
    node: RawNode<MemStorage>,
    /// The decided operations, and the store that they make.
    log: ReplicatedLog,
    /// What was reported last.
    reported: Report,
}

impl RaftServer {
    /// A server that holds nothing yet; what it held in earlier lives comes with its first input.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let tick = Span(setup.timeouts.election.0 / ELECTION_TICKS as u64);
        let node = node_of(&setup, storage_of(&setup));
        Self { setup, tick, node, log: ReplicatedLog::new(Proof::Hashes), reported: Report::default() }
    }

    fn start(&mut self, records: &[Vec<u8>], outputs: &mut Outputs) -> Result<(), Violation> {
        if self.setup.incarnation.0 == 0 {
            // The record by which later lives know that the disk is still theirs.
            outputs.persist(Record::default().encode());
        } else if records.is_empty() {
            let why = "its disk was lost, and with it what it has voted: it must not come back as the same member";
            return Err(Violation(why.to_owned()));
        }
        let storage = storage_of(&self.setup);
        for (number, record) in (1..).zip(records) {
            recover(&storage, record).map_err(|why| Violation(format!("record {number}: {why}")))?;
        }
        self.node = node_of(&self.setup, storage);
        outputs.set_timer(TICK, self.tick);
        self.settle(outputs)?;
        self.log.end_recovery();
        Ok(())
    }

    /// Answers what is decided, and has raft decide what is new.
    fn take_request(&mut self, from: NodeName, request: &Request, outputs: &mut Outputs) -> Result<(), Violation> {
        let id = request.id(from);
        match self.log.place(id) {
            Place::Old => Ok(()),
            Place::At(height) => {
                self.respond(height, outputs);
                Ok(())
            }
            // It is answered when it is decided.
            Place::New if self.is_leader() && self.waiting().any(|(_, proposal)| proposal.request == id) => Ok(()),
            Place::New => {
                let proposal = Proposal { request: id, operation: request.operation() };
                sound(self.node.propose(Vec::new(), proposal.encode()))
            }
        }
    }

    /// Hands a message to raft. Of a heartbeat raft takes for granted that its commit is in the log, and panics otherwise.
    fn take_message(&mut self, from: NodeName, message: &Message) -> Result<(), Violation> {
        let held = self.node.raft.raft_log.last_index();
        if message.get_msg_type() == MessageType::MsgHeartbeat && message.commit > held {
            let why = "its disk has lost what it had acknowledged";
            return Err(Violation(format!(
                "{from} knows that it holds {} entries, and it holds {held}: {why}",
                message.commit
            )));
        }
        sound(self.node.step(message.clone()))
    }

    /// Answers the request that stands at this height.
    fn respond(&self, height: u64, outputs: &mut Outputs) {
        let block = self.log.blocks_after(height - 1).first();
        if let (Some(block), Some(outcome)) = (block, self.log.outcome(height)) {
            respond(block.request, outcome, outputs);
        }
    }

    /// Asks whoever leads to hand over, and without a leader the others for their votes.
    fn nominate(&mut self) -> Result<(), Violation> {
        if self.node.raft.leader_id == raft::INVALID_ID {
            return sound(self.node.campaign());
        }
        self.node.transfer_leader(id_of(self.setup.name));
        Ok(())
    }

    /// Does what raft is ready for, until it is ready for nothing more.
    fn settle(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        while self.node.has_ready() {
            let ready = self.node.ready();
            self.take_ready(ready, outputs)?;
        }
        self.draw_election_timeout();
        Ok(())
    }

    /// In the order that raft-rs asks for. What is sent stands behind the step's sync, wherever it is put: raft-rs allows a
    /// leader's messages before it, but here it is told at once that its entries are persisted, and a commit that a later
    /// message carries may count on that.
    fn take_ready(&mut self, mut ready: Ready, outputs: &mut Outputs) -> Result<(), Violation> {
        assert!(ready.snapshot().is_empty(), "no log is compacted, so nobody needs a snapshot");
        send(ready.take_messages(), outputs);
        self.apply(&ready.take_committed_entries(), outputs)?;
        self.keep(&mut ready, outputs);
        send(ready.take_persisted_messages(), outputs);
        let mut light = self.node.advance_append(ready);
        if let Some(commit) = light.commit_index() {
            self.node.store().wl().mut_hard_state().set_commit(commit);
        }
        send(light.take_messages(), outputs);
        self.apply(&light.take_committed_entries(), outputs)?;
        self.node.advance_apply();
        Ok(())
    }

    /// Keeps entries and the hard state; not a commit alone, which is known again as soon as somebody leads.
    fn keep(&self, ready: &mut Ready, outputs: &mut Outputs) {
        let mut store = self.node.store().wl();
        if let Some(hard_state) = ready.hs() {
            store.set_hardstate(hard_state.clone());
        }
        store.append(ready.entries()).expect("memory takes any number of entries");
        if ready.must_sync() {
            let hard_state: HardState = store.hard_state().clone();
            outputs.persist(Record { hard_state, entries: ready.take_entries() }.encode());
        }
    }

    /// Carries out what is decided, and answers it where this server leads.
    fn apply(&mut self, entries: &[Entry], outputs: &mut Outputs) -> Result<(), Violation> {
        for entry in entries {
            let proposal = Proposal::of(entry)
                .map_err(|error| Violation(format!("entry {} holds no request: {error}", entry.index)))?;
            let Some(Proposal { request, operation }) = proposal else { continue };
            let height = match self.log.propose(request, || operation) {
                Place::New => self.log.accepted(),
                Place::At(height) => height,
                Place::Old => continue,
            };
            self.log.decide(self.log.accepted(), |_, _| {});
            if self.is_leader() {
                self.respond(height, outputs);
            }
        }
        Ok(())
    }

    /// Takes the place of the timeout that raft may have drawn since the last step. It is a function of the term, and of
    /// nothing else that changes, so it does not matter how often it is set.
    fn draw_election_timeout(&mut self) {
        let term = self.node.raft.term;
        let name = self.setup.name.to_string();
        let draw = Draw::of(self.setup.seed).named("election timeout").named(&name).numbered(term);
        let extra = usize::try_from(draw.below(ELECTION_TICKS as u64)).expect("less than the bound");
        self.node.raft.set_randomized_election_timeout(ELECTION_TICKS + extra);
    }

    fn is_leader(&self) -> bool {
        self.node.raft.state == StateRole::Leader
    }

    /// What stands in raft's log and is not decided, each with its term.
    fn waiting(&self) -> impl Iterator<Item = (u64, Proposal)> {
        let log = &self.node.raft.raft_log;
        let entries = log.entries(log.applied() + 1, raft::NO_LIMIT, GetEntriesContext::empty(false));
        let entries = entries.expect("memory gives any number of entries");
        entries.into_iter().filter_map(|entry| Some((entry.term, Proposal::of(&entry).ok()??)))
    }
}

impl Machine for RaftServer {
    type Peer = RaftMessage;

    fn step(&mut self, _now: Time, input: Input<'_, RaftMessage>, outputs: &mut Outputs) -> Result<(), Violation> {
        match input {
            Input::Start { records } => self.start(records, outputs)?,
            Input::Request { from, request } => self.take_request(from, request, outputs)?,
            Input::Peer { from, message } => self.take_message(from, message.inner())?,
            Input::Timer { id: TICK } => {
                self.node.tick();
                outputs.set_timer(TICK, self.tick);
            }
            Input::Control(Control::Nominate) => self.nominate()?,
            // All members are known from the start.
            Input::Control(Control::Members { .. }) => {}
            Input::Timer { id } => return Err(Violation(format!("the timer `{id}` was never set"))),
            Input::Response { from, response } => {
                return Err(Violation(format!("{from} answers `{}`, but a server asks nothing", response.kind())));
            }
            Input::Control(control @ (Control::Invoke(_) | Control::Attach { .. } | Control::Stabilize(_))) => {
                return Err(Violation(format!("`{}` is not for a server with consensus", control.kind())));
            }
        }
        self.settle(outputs)
    }

    fn take_changes(&mut self) -> StateChange {
        self.changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        Some(self.answer(question))
    }
}

/// raft's own logger discards, and every field that a script has no say in is one that raft-rs recommends: a server that was
/// away disturbs no leader (pre-vote), and a leader that hears no majority steps down (check-quorum).
fn node_of(setup: &Setup, storage: MemStorage) -> RawNode<MemStorage> {
    let config = Config {
        id: id_of(setup.name),
        election_tick: ELECTION_TICKS,
        heartbeat_tick: HEARTBEAT_TICKS,
        max_size_per_msg: limits::CHUNK_BYTES as u64,
        check_quorum: true,
        pre_vote: true,
        ..Config::default()
    };
    RawNode::new(&config, storage, &Logger::root(Discard, o!())).expect("a right configuration")
}

/// An empty log of these members.
fn storage_of(setup: &Setup) -> MemStorage {
    let voters: Vec<_> = setup.servers.iter().copied().map(id_of).collect();
    MemStorage::new_with_conf_state((voters, Vec::new()))
}

/// Takes up a record of an earlier life.
fn recover(storage: &MemStorage, record: &[u8]) -> Result<(), String> {
    let Record { hard_state, entries } = Record::decode(record).map_err(|error| format!("it is none: {error}"))?;
    let mut storage = storage.wl();
    storage.append(&entries).map_err(|error| error.to_string())?;
    storage.set_hardstate(hard_state);
    Ok(())
}

fn send(messages: Vec<Message>, outputs: &mut Outputs) {
    for message in messages {
        let to = name_of(message.to);
        let message = RaftMessage::new(message).expect("a message that is for other servers");
        outputs.send(to, Payload::peer(message));
    }
}

/// A proposal that raft drops, for want of a leader, is not lost: its client asks again.
fn sound(result: raft::Result<()>) -> Result<(), Violation> {
    match result {
        Ok(()) | Err(Error::ProposalDropped) => Ok(()),
        Err(error) => Err(Violation(format!("raft refuses: {error}"))),
    }
}

/// raft's id of a server: 0 is no id there.
fn id_of(name: NodeName) -> u64 {
    u64::from(name.number) + 1
}

fn name_of(id: u64) -> NodeName {
    NodeName::server(u32::try_from(id - 1).expect("the id of a server"))
}
