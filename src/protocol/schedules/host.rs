//! One server with its disk: what survives of its records, and which of its outputs wait for a sync.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::base::{Incarnation, NodeName, Span, Time};
use crate::machine::{Output, Setup};
use crate::protocol::schedules::subject::Subject;
use crate::protocol::schedules::watch::State;
use crate::wire::control::{Timeouts, Variant};

/// How long servers wait for a leader at least.
const ELECTION: Span = Span::milliseconds(300);

/// A server, alive or not, with its disk.
#[derive(Debug)]
pub struct Host<S: Subject> {
    /// The server, if it is up.
    pub server: Option<S::Server>,
    /// How many lives it began before.
    pub life: u32,
    /// Its timers, and when they are due.
    pub timers: BTreeMap<String, Time>,
    /// Are its syncs not done for now?
    pub is_slow: bool,
    /// What waits for the disk, in order.
    pub waiting: VecDeque<Effect<S>>,
    /// It is to crash after so many outputs, and so much of what is not synced is to be there.
    pub crash: Option<(u64, u64)>,
    /// Was nothing there after the last crash that was not synced?
    pub is_exact: bool,
    records: Vec<Vec<u8>>,
    synced: usize,
}

/// What a server is told when its life begins.
#[derive(Clone, Copy, Debug)]
pub struct Birth {
    /// Its number.
    pub index: usize,
    /// How many servers there are.
    pub servers: usize,
    /// How many lives it began before.
    pub incarnation: u32,
    /// Which ways it goes.
    pub variant: Variant,
}

/// What takes effect behind a sync.
#[derive(Debug)]
pub enum Effect<S: Subject> {
    /// So many records are durable, and with them these states, one after the other.
    Synced(usize, Vec<Rc<State<S>>>),
    /// The state can be seen by others.
    Shown(Rc<State<S>>),
    /// Something is done.
    Done(Output),
}

impl<S: Subject> Host<S> {
    /// A server that was never started.
    pub fn new() -> Self {
        Self {
            server: None,
            life: 0,
            timers: BTreeMap::new(),
            is_slow: false,
            waiting: VecDeque::new(),
            crash: None,
            is_exact: true,
            records: Vec::new(),
            synced: 0,
        }
    }

    /// Begins a life, of which the server is told this. What its earlier lives have kept is returned.
    pub fn start(&mut self, birth: Birth) -> Vec<Vec<u8>> {
        let Birth { index, servers, incarnation, variant } = birth;
        let timeouts = Timeouts { retry: ELECTION, election: ELECTION };
        let setup = Setup {
            name: name(index),
            servers: (0..servers).map(name).collect(),
            seed: 1,
            incarnation: Incarnation(incarnation),
            timeouts,
            variant,
        };
        self.server = Some(S::server(&setup));
        self.records.clone()
    }

    /// Takes a timer that is set, at this place, in thousandths.
    pub fn take_timer(&mut self, pick: u64) -> Option<String> {
        let place = usize::try_from(self.timers.len() as u64 * pick / 1000).expect("a few timers");
        let id = self.timers.keys().nth(place)?.clone();
        self.timers.remove(&id);
        Some(id)
    }

    /// Takes a timer that is due.
    pub fn take_due(&mut self, now: Time) -> Option<String> {
        let (id, _) = self.timers.iter().find(|(_, due)| **due <= now)?;
        let id = id.clone();
        self.timers.remove(&id);
        Some(id)
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
        self.timers.clear();
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
