//! The crate `raft` (raft-rs) with its own `MemStorage`, driven as its documentation of `RawNode` says: the leader's
//! messages leave before its entries are durable, a follower's after; committed entries are applied as they come.

use std::mem;

use protobuf::Message as _;
use raft::eraftpb::{Entry, HardState, Message, MessageType};
use raft::storage::{MemStorage, Storage as _};
use raft::{Config, RawNode, StateRole};
use slog::{Discard, Logger, o};

use crate::journal::{Durable, Journal};
use crate::machine::{Answer, Machine, encode};
use crate::measure::{Home, Operation, Replicas, Store};

/// The replica that leads.
const LEADER: u64 = 1;
/// How many applied entries are kept until they are dropped together, where they are dropped.
const KEPT: u64 = 8_192;

/// How a round's operations reach the leader.
#[derive(Clone, Copy)]
enum Proposing {
    /// In one proposal with an entry for each.
    Round,
    /// In a proposal each, with `batch_append` so that they still travel in one message.
    Operation,
}

/// What happens to entries that are applied everywhere.
#[derive(Clone, Copy)]
enum Keeping {
    /// They stay in memory, as a ledger does.
    Everything,
    /// They leave it; a replica that missed them would need a snapshot, which nobody takes here.
    Recent,
}

struct Raft {
    nodes: [Node; 3],
    proposing: Proposing,
    keeping: Keeping,
    queue: Vec<Message>,
    answered: usize,
}

struct Node {
    raw: RawNode<MemStorage>,
    journal: Option<Journal>,
    machine: Machine,
    answers: Vec<Answer>,
}

/// Starts replicas that take all operations of a round in one proposal.
pub fn start_with_one_proposal_a_round(home: &Home) -> Box<dyn Replicas> {
    Raft::start(home, Proposing::Round, Keeping::Everything)
}

/// Starts replicas that take every operation in a proposal of its own.
pub fn start_with_one_proposal_an_operation(home: &Home) -> Box<dyn Replicas> {
    Raft::start(home, Proposing::Operation, Keeping::Everything)
}

/// Starts replicas that take all operations of a round in one proposal, and drop what is applied.
pub fn start_with_compaction(home: &Home) -> Box<dyn Replicas> {
    Raft::start(home, Proposing::Round, Keeping::Recent)
}

impl Raft {
    fn start(home: &Home, proposing: Proposing, keeping: Keeping) -> Box<dyn Replicas> {
        let nodes = [1, 2, 3].map(|id| Node::new(id, home));
        let mut raft = Raft { nodes, proposing, keeping, queue: Vec::new(), answered: 0 };
        raft.nodes[0].raw.campaign().expect("a campaign");
        raft.deliver();
        assert_eq!(raft.nodes[0].raw.raft.state, StateRole::Leader);
        Box::new(raft)
    }

    /// Delivers messages until there are none, all that wait for a replica before it acts on them.
    fn deliver(&mut self) {
        loop {
            for node in &mut self.nodes {
                node.work(&mut self.queue);
            }
            if self.queue.is_empty() {
                return;
            }
            for message in mem::take(&mut self.queue) {
                let to = usize::try_from(message.to).expect("a replica") - 1;
                self.nodes[to].raw.step(message).expect("a step");
            }
        }
    }
}

impl Node {
    fn new(id: u64, home: &Home) -> Node {
        let config = Config {
            id,
            max_size_per_msg: u64::MAX,
            max_inflight_msgs: 1_024,
            max_uncommitted_size: u64::MAX,
            max_committed_size_per_ready: u64::MAX,
            batch_append: true,
            ..Config::default()
        };
        let storage = MemStorage::new_with_conf_state((vec![1, 2, 3], vec![]));
        let raw = RawNode::new(&config, storage, &Logger::root(Discard, o!())).expect("a node");
        Node { raw, journal: Journal::of(home, id), machine: Machine::default(), answers: Vec::new() }
    }

    fn propose(&mut self, operations: &[Operation], proposing: Proposing) {
        match proposing {
            Proposing::Round => {
                let entries: Vec<_> = operations.iter().map(entry).collect();
                let mut message = Message::default();
                message.set_msg_type(MessageType::MsgPropose);
                message.from = LEADER;
                message.set_entries(entries.into());
                self.raw.step(message).expect("a proposal");
            }
            Proposing::Operation => {
                for operation in operations {
                    self.raw.propose(Vec::new(), encode(operation)).expect("a proposal");
                }
            }
        }
    }

    /// Does whatever the replica is ready for.
    fn work(&mut self, queue: &mut Vec<Message>) {
        while self.raw.has_ready() {
            let mut ready = self.raw.ready();
            assert!(ready.snapshot().is_empty(), "nothing is compacted, so nobody needs a snapshot");
            queue.append(&mut ready.take_messages());
            self.apply(&ready.take_committed_entries());
            self.raw.store().wl().append(ready.entries()).expect("an append");
            if let Some(hard_state) = ready.hs() {
                self.raw.store().wl().set_hardstate(hard_state.clone());
            }
            if let Some(journal) = &mut self.journal {
                for entry in ready.entries() {
                    record_entry(journal, entry);
                }
                if let Some(hard_state) = ready.hs() {
                    record_hard_state(
                        journal,
                        hard_state,
                        if ready.must_sync() { Durable::Now } else { Durable::Later },
                    );
                }
                journal.settle();
            }
            queue.append(&mut ready.take_persisted_messages());
            let mut light = self.raw.advance_append(ready);
            if let Some(commit) = light.commit_index() {
                self.raw.store().wl().mut_hard_state().set_commit(commit);
                if let Some(journal) = &mut self.journal {
                    let hard_state = self.raw.store().rl().hard_state().clone();
                    record_hard_state(journal, &hard_state, Durable::Later);
                }
            }
            queue.append(&mut light.take_messages());
            self.apply(&light.take_committed_entries());
            self.raw.advance_apply();
        }
    }

    /// Drops what is applied, once it is much.
    fn compact(&mut self) {
        let applied = self.raw.raft.raft_log.applied();
        let first = self.raw.store().first_index().expect("an index");
        if applied - first >= KEPT {
            // The last applied entry stays: its term goes with the next append.
            self.raw.store().wl().compact(applied).expect("a compaction");
        }
    }

    fn apply(&mut self, entries: &[Entry]) {
        // A new leader begins with an entry without data.
        for entry in entries.iter().filter(|entry| !entry.data.is_empty()) {
            let answer = self.machine.apply(&entry.data);
            if self.raw.raft.state == StateRole::Leader {
                self.answers.push(answer);
            }
        }
    }
}

impl Replicas for Raft {
    fn round(&mut self, operations: &[Operation]) {
        self.nodes[0].propose(operations, self.proposing);
        self.deliver();
        self.answered += self.nodes[0].answers.len();
        self.nodes[0].answers.clear();
        match self.keeping {
            Keeping::Everything => {}
            Keeping::Recent => self.nodes.iter_mut().for_each(Node::compact),
        }
    }

    fn applied(&self) -> [usize; 3] {
        self.nodes.each_ref().map(|node| node.machine.applied())
    }

    fn answered(&self) -> usize {
        self.answered
    }

    fn stores(&self) -> [Store; 3] {
        self.nodes.each_ref().map(|node| node.machine.store().clone())
    }
}

fn entry(operation: &Operation) -> Entry {
    Entry { data: encode(operation).into(), ..Entry::default() }
}

fn record_entry(journal: &mut Journal, entry: &Entry) {
    journal.record(Durable::Now, b'e', |batch| {
        entry.write_length_delimited_to_vec(batch).expect("an entry as bytes");
    });
}

fn record_hard_state(journal: &mut Journal, hard_state: &HardState, durable: Durable) {
    journal.record(durable, b'h', |batch| {
        hard_state.write_length_delimited_to_vec(batch).expect("a hard state as bytes");
    });
}
