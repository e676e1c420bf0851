//! A run in figures: its operations and how long they took, who led, and what was sent.
//!
//! `docs/comparing.md` says what each figure means.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::{Environment, NodeName, Span, Time};
use crate::store::Operation;
use crate::trace::{Happening, Leader, Measure, Moment, Reader};
use crate::wire::{Completion, ErrorCode};

/// Gathers the figures of a run. Clones share them: one reads, another tells the result.
#[derive(Clone, Default)]
pub struct Statistics(Rc<RefCell<Gathered>>);

impl Statistics {
    /// The figures so far. What is under way has not ended: they are whole when the run is over.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.0.borrow().figures.clone()
    }
}

/// The figures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many operations were answered by a server, whatever the answer.
    pub answered: u64,
    /// Of how many operations nobody knew at their limit, or when the run stopped, what has become of them.
    pub unknown: u64,
    /// How many operations ended because their clients had no server to ask.
    pub without_server: u64,
    /// How long no server led that could, from the start of the first server on.
    pub time_without_leader: Span,
    /// How often another server led than the last, or the same in a greater term. The first leader is no change.
    pub leader_changes: u64,
    /// How long operations took that were answered.
    pub latencies: Latencies,
    /// The same of gets alone.
    pub get_latencies: Latencies,
    /// What was sent, by the messages' type, in byte order.
    pub traffic: BTreeMap<String, Traffic>,
}

impl Figures {
    /// What was sent, of all types.
    #[must_use]
    pub fn total_traffic(&self) -> Traffic {
        self.traffic.values().fold(Traffic::default(), |sum, of_type| Traffic {
            messages: sum.messages + of_type.messages,
            bytes: sum.bytes + of_type.bytes,
        })
    }
}

/// How much was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How many messages.
    pub messages: u64,
    /// How long their bodies are together, in bytes.
    pub bytes: u64,
}

/// How long operations took, in virtual time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    /// How often each length came.
    counts: BTreeMap<Span, u64>,
}

impl Latencies {
    /// An operation took so long.
    pub fn add(&mut self, latency: Span) {
        *self.counts.entry(latency).or_default() += 1;
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The least latency that is not less than so many percent of all; `None` if there is none at all. This is the
    /// percentile by nearest rank, which is always one of the latencies.
    #[must_use]
    pub fn percentile(&self, percent: u64) -> Option<Span> {
        let total: u64 = self.counts.values().sum();
        let rank = (total * percent).div_ceil(100);
        let mut counted = 0;
        self.counts.iter().find_map(|(latency, count)| {
            counted += count;
            (counted >= rank).then_some(*latency)
        })
    }
}

/// What was gathered so far.
#[derive(Default)]
struct Gathered {
    figures: Figures,
    /// The operations under way: when they began, and whether they are gets.
    open: BTreeMap<NodeName, Begun>,
    /// Was a server started?
    has_servers: bool,
    /// Since when nobody leads, if nobody does.
    leaderless_since: Option<Time>,
    /// Who led last.
    last_leader: Option<Leader>,
}

/// An operation under way.
struct Begun {
    at: Time,
    is_get: bool,
}

impl Gathered {
    fn begin(&mut self, at: Time, client: NodeName, operation: &Operation) {
        let is_get = match operation {
            Operation::Get { .. } => true,
            Operation::Put { .. } | Operation::Cas { .. } => false,
        };
        let before = self.open.insert(client, Begun { at, is_get });
        assert!(before.is_none(), "{client} has two operations under way");
    }

    fn end(&mut self, now: Time, client: NodeName, completion: &Completion) {
        let Begun { at, is_get } = self.open.remove(&client).expect("an operation that ends was begun");
        match completion {
            Completion::Error(error) if error.code == ErrorCode::NO_SERVER => self.figures.without_server += 1,
            Completion::Error(error) if !error.code.is_definite() => self.figures.unknown += 1,
            Completion::Ok(_) | Completion::Error(_) => {
                self.figures.answered += 1;
                self.figures.latencies.add(now - at);
                if is_get {
                    self.figures.get_latencies.add(now - at);
                }
            }
        }
    }

    fn start(&mut self, at: Time, node: NodeName) {
        if node.is_server() && !self.has_servers {
            self.has_servers = true;
            self.leaderless_since = Some(at);
        }
    }

    fn lead(&mut self, at: Time, leader: Option<Leader>) {
        self.end_leaderless(at);
        match leader {
            None => self.leaderless_since = Some(at),
            Some(leader) => {
                let follows = |last: Leader| last.server != leader.server || last.term < leader.term;
                self.figures.leader_changes += u64::from(self.last_leader.is_some_and(follows));
                self.last_leader = Some(leader);
            }
        }
    }

    fn end_leaderless(&mut self, at: Time) {
        if let Some(since) = self.leaderless_since.take() {
            self.figures.time_without_leader = self.figures.time_without_leader + (at - since);
        }
    }

    /// The run is over: nobody will learn what becomes of the operations that are under way.
    fn conclude(&mut self, at: Time) {
        self.end_leaderless(at);
        self.figures.unknown += std::mem::take(&mut self.open).len() as u64;
    }
}

impl Reader for Statistics {
    fn read(&mut self, moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        let mut gathered = self.0.borrow_mut();
        match happening {
            Happening::Started { node, .. } => gathered.start(moment.at, *node),
            Happening::Invoked { client, operation } => gathered.begin(moment.at, *client, operation),
            Happening::Completed { client, completion, requests: _ } => gathered.end(moment.at, *client, completion),
            Happening::Stopped { .. } | Happening::End { .. } => gathered.conclude(moment.at),
            Happening::Begun { .. }
            | Happening::Command { .. }
            | Happening::Cast { .. }
            | Happening::Followed { .. }
            | Happening::Settled
            | Happening::Printed { .. }
            | Happening::Answered { .. }
            | Happening::Snapshot { .. }
            | Happening::Warning { .. }
            | Happening::Finding { .. }
            | Happening::Died { .. }
            | Happening::DiskFault { .. }
            | Happening::ClockFault { .. }
            | Happening::Shifted { .. }
            | Happening::Paused { .. }
            | Happening::Resumed { .. }
            | Happening::Waits { .. }
            | Happening::Step { .. }
            // At its limit it was unknown, and that is what the script was told.
            | Happening::Late { .. }
            | Happening::Delayed { .. }
            | Happening::Held { .. }
            | Happening::Released { .. }
            | Happening::Duplicated { .. }
            | Happening::Reordered { .. }
            | Happening::LetThrough { .. }
            | Happening::Partitioned { .. }
            | Happening::Lost { .. } => {}
        }
        Ok(())
    }

    fn measure(&mut self, at: Time, measure: &Measure<'_>) {
        let mut gathered = self.0.borrow_mut();
        match measure {
            Measure::Sent { message, bytes } => {
                let traffic = &mut gathered.figures.traffic;
                if !traffic.contains_key(message.kind) {
                    traffic.insert(message.kind.to_owned(), Traffic::default());
                }
                let of_type = traffic.get_mut(message.kind).expect("it is there now");
                of_type.messages += 1;
                of_type.bytes += bytes;
            }
            Measure::Leads { leader } => gathered.lead(at, *leader),
        }
    }

    fn wants_measures(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
