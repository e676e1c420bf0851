//! The crate `omnipaxos` with its own `MemoryStorage`; with the log file, a storage that puts every write into the
//! journal on its way there.

use std::cell::RefCell;
use std::mem;
use std::rc::Rc;

use bytes::Bytes;
use omnipaxos::ballot_leader_election::Ballot;
use omnipaxos::messages::Message;
use omnipaxos::storage::{Entry, NoSnapshot, StopSign, Storage, StorageOp, StorageResult};
use omnipaxos::util::LogEntry;
use omnipaxos::{ClusterConfig, OmniPaxos, OmniPaxosConfig, ServerConfig};
use omnipaxos_storage::memory_storage::MemoryStorage;

use crate::journal::{Durable, Journal};
use crate::machine::{Answer, Machine, encode};
use crate::measure::{Home, Operation, Replicas, Store};

/// As many operations as a round has at most; a smaller round is flushed by a tick, which does nothing else here.
const BATCH: usize = 1_024;

/// A put as bytes that are shared, not copied, as raft's are.
#[derive(Clone, Debug)]
struct Put(Bytes);

impl Entry for Put {
    type Snapshot = NoSnapshot;
}

/// A journal that a storage and its node's driver both know: the one adds records, the other makes them durable.
type SharedJournal = Rc<RefCell<Journal>>;

struct Cluster<S: Storage<Put>> {
    nodes: [Node<S>; 3],
    queue: Vec<Message<Put>>,
    answered: usize,
}

struct Node<S: Storage<Put>> {
    paxos: OmniPaxos<Put, S>,
    journal: Option<SharedJournal>,
    machine: Machine,
    answers: Vec<Answer>,
}

/// Starts three replicas.
pub fn start(home: &Home) -> Box<dyn Replicas> {
    let journals = [1, 2, 3].map(|id| (id, Journal::of(home, id)));
    match home {
        Home::Memory => Cluster::start(journals.map(|(id, _)| Node::new(id, MemoryStorage::default(), None))),
        Home::Files(_) => Cluster::start(journals.map(|(id, journal)| {
            let journal = Rc::new(RefCell::new(journal.expect("a journal at this home")));
            let storage = JournaledStorage { memory: MemoryStorage::default(), journal: Rc::clone(&journal) };
            Node::new(id, storage, Some(journal))
        })),
    }
}

impl<S: Storage<Put> + 'static> Cluster<S> {
    fn start(nodes: [Node<S>; 3]) -> Box<dyn Replicas> {
        let mut cluster = Cluster { nodes, queue: Vec::new(), answered: 0 };
        cluster.nodes[0].paxos.try_become_leader();
        cluster.deliver();
        assert_eq!(cluster.nodes[0].paxos.get_current_leader(), Some((1, true)));
        Box::new(cluster)
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
                let to = usize::try_from(message.get_receiver()).expect("a replica") - 1;
                self.nodes[to].paxos.handle_incoming(message);
            }
        }
    }
}

impl<S: Storage<Put>> Node<S> {
    fn new(id: u64, storage: S, journal: Option<SharedJournal>) -> Node<S> {
        let cluster_config = ClusterConfig { configuration_id: 1, nodes: vec![1, 2, 3], flexible_quorum: None };
        let server_config = ServerConfig {
            pid: id,
            election_tick_timeout: u64::MAX,
            resend_message_tick_timeout: u64::MAX,
            flush_batch_tick_timeout: 1,
            batch_size: BATCH,
            ..ServerConfig::default()
        };
        let paxos = OmniPaxosConfig { cluster_config, server_config }.build(storage).expect("a node");
        Node { paxos, journal, machine: Machine::default(), answers: Vec::new() }
    }

    /// Flushes the batch, makes it durable, and only then lets messages leave; applies what is decided.
    fn work(&mut self, queue: &mut Vec<Message<Put>>) {
        self.paxos.tick();
        if let Some(journal) = &self.journal {
            journal.borrow_mut().settle();
        }
        self.paxos.take_outgoing_messages(queue);
        let decided = self.paxos.get_decided_idx();
        if decided > self.machine.applied() {
            let entries = self.paxos.read_entries(self.machine.applied()..decided).expect("decided entries");
            for entry in &entries {
                self.apply(entry);
            }
        }
    }

    fn apply(&mut self, entry: &LogEntry<Put>) {
        let LogEntry::Decided(Put(put)) = entry else { panic!("nothing but puts is decided, and nothing is trimmed") };
        let answer = self.machine.apply(put);
        if self.paxos.get_pid() == 1 {
            self.answers.push(answer);
        }
    }
}

impl<S: Storage<Put> + 'static> Replicas for Cluster<S> {
    fn round(&mut self, operations: &[Operation]) {
        for operation in operations {
            self.nodes[0].paxos.append(Put(encode(operation).into())).expect("a proposal");
        }
        self.deliver();
        self.answered += self.nodes[0].answers.len();
        self.nodes[0].answers.clear();
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

/// The crate's storage in memory, and a journal from which it could be made again.
struct JournaledStorage {
    memory: MemoryStorage<Put>,
    journal: SharedJournal,
}

impl JournaledStorage {
    fn record_put(&self, Put(put): &Put) {
        self.journal.borrow_mut().record(Durable::Now, b'e', |batch| {
            let length = u32::try_from(put.len()).expect("a short put");
            batch.extend_from_slice(&length.to_le_bytes());
            batch.extend_from_slice(put);
        });
    }

    fn record_puts(&self, puts: &[Put]) {
        for put in puts {
            self.record_put(put);
        }
    }

    fn record_index(&self, durable: Durable, kind: u8, index: usize) {
        self.journal.borrow_mut().record(durable, kind, |batch| batch.extend_from_slice(&(index as u64).to_le_bytes()));
    }

    fn record_ballot(&self, kind: u8, ballot: Ballot) {
        self.journal.borrow_mut().record(Durable::Now, kind, |batch| {
            batch.extend_from_slice(&ballot.config_id.to_le_bytes());
            batch.extend_from_slice(&ballot.n.to_le_bytes());
            batch.extend_from_slice(&ballot.priority.to_le_bytes());
            batch.extend_from_slice(&ballot.pid.to_le_bytes());
        });
    }
}

impl Storage<Put> for JournaledStorage {
    fn write_atomically(&mut self, writes: Vec<StorageOp<Put>>) -> StorageResult<()> {
        writes.into_iter().try_for_each(|write| match write {
            StorageOp::AppendEntry(put) => self.append_entry(put),
            StorageOp::AppendEntries(puts) => self.append_entries(puts),
            StorageOp::AppendOnPrefix(from, puts) => self.append_on_prefix(from, puts),
            StorageOp::SetPromise(ballot) => self.set_promise(ballot),
            StorageOp::SetDecidedIndex(index) => self.set_decided_idx(index),
            StorageOp::SetAcceptedRound(ballot) => self.set_accepted_round(ballot),
            StorageOp::SetCompactedIdx(index) => self.set_compacted_idx(index),
            StorageOp::Trim(index) => self.trim(index),
            StorageOp::SetStopsign(sign) => self.set_stopsign(sign),
            StorageOp::SetSnapshot(snapshot) => self.set_snapshot(snapshot),
        })
    }

    fn append_entry(&mut self, put: Put) -> StorageResult<()> {
        self.record_put(&put);
        self.memory.append_entry(put)
    }

    fn append_entries(&mut self, puts: Vec<Put>) -> StorageResult<()> {
        self.record_puts(&puts);
        self.memory.append_entries(puts)
    }

    fn append_on_prefix(&mut self, from: usize, puts: Vec<Put>) -> StorageResult<()> {
        self.record_index(Durable::Now, b'f', from);
        self.record_puts(&puts);
        self.memory.append_on_prefix(from, puts)
    }

    fn set_promise(&mut self, promise: Ballot) -> StorageResult<()> {
        self.record_ballot(b'b', promise);
        self.memory.set_promise(promise)
    }

    /// A decision that is forgotten is learnt again from the leader, so it waits for the next batch.
    fn set_decided_idx(&mut self, index: usize) -> StorageResult<()> {
        self.record_index(Durable::Later, b'd', index);
        self.memory.set_decided_idx(index)
    }

    fn get_decided_idx(&self) -> StorageResult<usize> {
        self.memory.get_decided_idx()
    }

    fn set_accepted_round(&mut self, round: Ballot) -> StorageResult<()> {
        self.record_ballot(b'a', round);
        self.memory.set_accepted_round(round)
    }

    fn get_accepted_round(&self) -> StorageResult<Option<Ballot>> {
        self.memory.get_accepted_round()
    }

    fn get_entries(&self, from: usize, to: usize) -> StorageResult<Vec<Put>> {
        self.memory.get_entries(from, to)
    }

    fn get_log_len(&self) -> StorageResult<usize> {
        self.memory.get_log_len()
    }

    fn get_suffix(&self, from: usize) -> StorageResult<Vec<Put>> {
        self.memory.get_suffix(from)
    }

    fn get_promise(&self) -> StorageResult<Option<Ballot>> {
        self.memory.get_promise()
    }

    fn set_stopsign(&mut self, _sign: Option<StopSign>) -> StorageResult<()> {
        Err("nobody reconfigures during a measurement".into())
    }

    fn get_stopsign(&self) -> StorageResult<Option<StopSign>> {
        self.memory.get_stopsign()
    }

    fn trim(&mut self, index: usize) -> StorageResult<()> {
        self.record_index(Durable::Now, b't', index);
        self.memory.trim(index)
    }

    fn set_compacted_idx(&mut self, index: usize) -> StorageResult<()> {
        self.record_index(Durable::Now, b'c', index);
        self.memory.set_compacted_idx(index)
    }

    fn get_compacted_idx(&self) -> StorageResult<usize> {
        self.memory.get_compacted_idx()
    }

    fn set_snapshot(&mut self, _snapshot: Option<NoSnapshot>) -> StorageResult<()> {
        Err("nobody takes snapshots during a measurement".into())
    }

    fn get_snapshot(&self) -> StorageResult<Option<NoSnapshot>> {
        self.memory.get_snapshot()
    }
}
