//! Our own replicas, driven as a shell with a disk drives them: whatever is at hand goes into the machine, then comes one
//! flush, one frame for the log, what may leave early, one sync, and the rest.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::rc::Rc;

use splitbrain::base::{Incarnation, NodeName, Span, Time, limits};
use splitbrain::ledger::Proof;
use splitbrain::machine::{Input, Machine, Output, Outputs, Payload, Setup};
use splitbrain::node::log::{Log, Medium, Opening, Owner};
use splitbrain::protocol::{multi_paxos, raft};
use splitbrain::store::Value;
use splitbrain::wire::Request;
use splitbrain::wire::control::{Control, Inspect, Part, Timeouts, Variant};
use splitbrain::wire::disk::Room;
use splitbrain::wire::request::Write;

use crate::measure::{Home, Operation, Replicas, Store};

/// The replica that leads.
const LEADER: usize = 0;

/// A server of one of our protocols.
trait Server: Machine + Sized + 'static {
    /// One that holds nothing yet.
    fn of(setup: &Setup, proof: Proof) -> Self;

    /// How many blocks it has decided.
    fn length(&self) -> u64;
}

impl Server for multi_paxos::Server {
    fn of(setup: &Setup, proof: Proof) -> Self {
        Self::new(setup, proof)
    }

    fn length(&self) -> u64 {
        self.decided()
    }
}

impl Server for raft::Server {
    fn of(setup: &Setup, proof: Proof) -> Self {
        Self::new(setup, proof)
    }

    fn length(&self) -> u64 {
        self.decided()
    }
}

struct Ours<S> {
    nodes: [Node<S>; 3],
    /// Of clients, of which each has one operation in a round.
    sequence: u64,
    answered: usize,
}

struct Node<S> {
    name: NodeName,
    machine: S,
    outputs: Outputs,
    inbox: VecDeque<(NodeName, Payload)>,
    disk: Disk,
}

/// Where records go.
enum Disk {
    Memory(Vec<Vec<u8>>),
    File { log: Log, file: Rc<RefCell<File>> },
}

/// Multi-Paxos over the hash-linked chain.
pub fn start_multi_paxos(home: &Home) -> Box<dyn Replicas> {
    Box::new(Ours::<multi_paxos::Server>::start(home, Proof::Hashes))
}

/// The same with blocks that prove nothing.
pub fn start_multi_paxos_without_hashes(home: &Home) -> Box<dyn Replicas> {
    Box::new(Ours::<multi_paxos::Server>::start(home, Proof::Nothing))
}

/// Raft over the hash-linked chain.
pub fn start_raft(home: &Home) -> Box<dyn Replicas> {
    Box::new(Ours::<raft::Server>::start(home, Proof::Hashes))
}

/// The same with blocks that prove nothing.
pub fn start_raft_without_hashes(home: &Home) -> Box<dyn Replicas> {
    Box::new(Ours::<raft::Server>::start(home, Proof::Nothing))
}

impl<S: Server> Ours<S> {
    fn start(home: &Home, proof: Proof) -> Self {
        let nodes = [1, 2, 3].map(|number| Node::new(number, home, proof));
        let mut ours = Self { nodes, sequence: 0, answered: 0 };
        for node in &mut ours.nodes {
            node.step(Input::Start { records: &[] });
        }
        ours.deliver();
        ours.nodes[LEADER].step(Input::Control(&Control::Nominate));
        ours.deliver();
        ours
    }

    /// Delivers messages until there are none, all that wait for a replica before it acts on them.
    fn deliver(&mut self) {
        loop {
            let mut is_quiet = true;
            for index in 0..self.nodes.len() {
                let node = &mut self.nodes[index];
                while let Some((from, payload)) = node.inbox.pop_front() {
                    node.take(from, &payload);
                }
                let mut said = Vec::new();
                node.work(&mut said);
                for (to, payload) in said {
                    is_quiet = false;
                    if to.is_server() {
                        let from = self.nodes[index].name;
                        self.nodes[to.number as usize - 1].inbox.push_back((from, payload));
                    } else {
                        assert!(matches!(payload, Payload::Response(_)), "a client is answered");
                        self.answered += 1;
                    }
                }
            }
            if is_quiet {
                return;
            }
        }
    }
}

impl<S: Server> Node<S> {
    fn new(number: u32, home: &Home, proof: Proof) -> Self {
        let name = NodeName::server(number);
        let setup = Setup {
            name,
            servers: (1..=3).map(NodeName::server).collect(),
            seed: 1,
            incarnation: Incarnation(0),
            timeouts: Timeouts { retry: limits::retry_after(Span(0)), election: limits::election_after(Span(0)) },
            variant: Variant::default(),
        };
        Self {
            name,
            machine: S::of(&setup, proof),
            outputs: Outputs::default(),
            inbox: VecDeque::new(),
            disk: Disk::of(home, name),
        }
    }

    fn step(&mut self, input: Input<'_, S::Peer>) {
        self.machine.step(Time(0), input, &mut self.outputs).expect("a right input");
    }

    fn take(&mut self, from: NodeName, payload: &Payload) {
        match payload {
            Payload::Request(request) => self.step(Input::Request { from, request }),
            Payload::Peer(message) => {
                let message: &dyn std::any::Any = &**message;
                self.step(Input::Peer { from, message: message.downcast_ref().expect("a message of the protocol") });
            }
            Payload::Response(_) | Payload::Text(_) => unreachable!("{payload:?}"),
        }
    }

    /// Carries out what has gathered, and adds what is said.
    fn work(&mut self, said: &mut Vec<(NodeName, Payload)>) {
        self.machine.flush(&mut self.outputs);
        let mut outputs = self.outputs.drain().peekable();
        while let Some(Output::Persist(record)) = outputs.next_if(|output| matches!(output, Output::Persist(_))) {
            self.disk.add(record);
        }
        self.disk.append();
        for output in outputs {
            match output {
                Output::Send { to, payload } | Output::SendEarly { to, payload } => said.push((to, payload)),
                Output::Sync => self.disk.sync(),
                Output::SetTimer { .. } | Output::CancelTimer { .. } => {}
                Output::Persist(_) | Output::Complete(_) => unreachable!("{output:?}"),
            }
        }
    }

    fn store(&self) -> Store {
        let mut store = Store::new();
        loop {
            let question = Inspect { msg_id: 1, part: Part::Store, skip: store.len() as u64 };
            let answer = self.machine.inspect(&question).expect("a server has a store");
            let pairs = answer.store.expect("it was asked for");
            store.extend(pairs.into_iter().map(|(key, value)| (key.to_string(), value.to_string())));
            if !answer.more {
                return store;
            }
        }
    }
}

impl Disk {
    fn of(home: &Home, node: NodeName) -> Self {
        match home {
            Home::Memory => Self::Memory(Vec::new()),
            Home::Files(folder) => {
                let file = Rc::new(RefCell::new(open(&folder.join(node.to_string()))));
                let owner = Owner::new("bench", "bench", node);
                let opening = Opening { owner: &owner, room: Room::Space, place: node.to_string() };
                let opened = Log::open(Box::new(Shared(Rc::clone(&file))), opening).expect("a new log");
                Self::File { log: opened.log, file }
            }
        }
    }

    fn add(&mut self, record: Vec<u8>) {
        match self {
            Self::Memory(records) => records.push(record),
            Self::File { log, .. } => log.add(record),
        }
    }

    fn append(&mut self) {
        if let Self::File { log, .. } = self {
            log.append().expect("an append");
        }
    }

    fn sync(&mut self) {
        if let Self::File { file, .. } = self {
            file.borrow().sync_data().expect("a durable append");
        }
    }
}

fn open(path: &Path) -> File {
    OpenOptions::new().append(true).create_new(true).open(path).expect("a file")
}

/// The file of a log; the shell syncs it, not the log.
struct Shared(Rc<RefCell<File>>);

impl Medium for Shared {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().write_all(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.0.borrow_mut().set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.borrow_mut().sync_data()
    }
}

impl<S: Server> Replicas for Ours<S> {
    fn round(&mut self, operations: &[Operation]) {
        self.sequence += 1;
        let leader = &mut self.nodes[LEADER];
        for (client, (key, value)) in (1..).map(NodeName::client).zip(operations) {
            let (key, value) = (Value::text(key), Value::text(value));
            let request = Request::Write(Write { msg_id: self.sequence, session: 0, key, value, clock: 0 });
            leader.step(Input::Request { from: client, request: &request });
        }
        self.deliver();
    }

    fn applied(&self) -> [usize; 3] {
        self.nodes.each_ref().map(|node| usize::try_from(node.machine.length()).expect("it fits into memory"))
    }

    fn answered(&self) -> usize {
        self.answered
    }

    fn stores(&self) -> [Store; 3] {
        self.nodes.each_ref().map(Node::store)
    }
}
