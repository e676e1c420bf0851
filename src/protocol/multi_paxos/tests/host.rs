//! One server with its disk: what survives of its records, and which of its outputs wait for a sync.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::base::{Incarnation, NodeName, Span};
use crate::ledger::Proof;
use crate::machine::{Output, Setup};
use crate::protocol::multi_paxos::Server;
use crate::protocol::multi_paxos::tests::watch::State;
use crate::wire::control::{Timeouts, Variant};

/// A server, alive or not, with its disk.
#[derive(Debug)]
pub struct Host {
    /// The server, if it is up.
    pub server: Option<Server>,
    /// How many lives it began before.
    pub life: u32,
    /// Is its timer set?
    pub timer: Option<String>,
    /// Are its syncs not done for now?
    pub is_slow: bool,
    /// What waits for the disk, in order.
    pub waiting: VecDeque<Effect>,
    /// It is to crash after so many outputs, and so much of what is not synced is to be there.
    pub crash: Option<(u64, u64)>,
    /// Was nothing there after the last crash that was not synced?
    pub is_exact: bool,
    records: Vec<Vec<u8>>,
    synced: usize,
}

/// What takes effect behind a sync.
#[derive(Debug)]
pub enum Effect {
    /// So many records are durable, and with them these states, one after the other.
    Synced(usize, Vec<Rc<State>>),
    /// The state can be seen by others.
    Shown(Rc<State>),
    /// Something is done.
    Done(Output),
}

impl Host {
    /// A server that was never started.
    pub fn new() -> Self {
        Self {
            server: None,
            life: 0,
            timer: None,
            is_slow: false,
            waiting: VecDeque::new(),
            crash: None,
            is_exact: true,
            records: Vec::new(),
            synced: 0,
        }
    }

    /// Begins a life. `incarnation` is what the server is told of its number.
    pub fn start(&mut self, index: usize, servers: usize, incarnation: u32) -> Vec<Vec<u8>> {
        let timeouts = Timeouts { retry: Span::milliseconds(300), election: Span::milliseconds(300) };
        let setup = Setup {
            name: name(index),
            servers: (0..servers).map(name).collect(),
            seed: 1,
            incarnation: Incarnation(incarnation),
            timeouts,
            variant: Variant::default(),
        };
        self.server = Some(Server::new(&setup, Proof::Hashes));
        self.records.clone()
    }

    /// Appends a record.
    pub fn append(&mut self, record: Vec<u8>) {
        self.records.push(record);
    }

    /// How many records were appended.
    pub fn length(&self) -> usize {
        self.records.len()
    }

    /// So many records are durable.
    pub fn sync(&mut self, length: usize) {
        self.synced = length;
    }

    /// Loses power: of the records behind the last sync so many thousandths are there.
    pub fn lose_power(&mut self, keep: u64) {
        let unsynced = (self.records.len() - self.synced) as u64;
        let kept = usize::try_from(unsynced * keep / 1000).expect("it was a usize");
        self.is_exact = kept == 0;
        self.records.truncate(self.synced + kept);
        self.synced = self.records.len();
        self.server = None;
        self.timer = None;
        self.is_slow = false;
        self.waiting.clear();
        self.crash = None;
        self.life += 1;
    }

    /// Loses the disk.
    pub fn lose_disk(&mut self) {
        self.records.clear();
        self.synced = 0;
    }
}

/// The name of the server with this number.
pub fn name(index: usize) -> NodeName {
    NodeName::server(u32::try_from(index + 1).expect("a few servers"))
}

/// The number of the server with this name.
pub fn index(name: NodeName) -> usize {
    name.number as usize - 1
}
