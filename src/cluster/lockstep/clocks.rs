//! The clocks of nodes, and the timers that go by them.
//!
//! A node is told its own clock's time, and its timers are due when that clock shows their deadlines: at the least of the
//! master's times at which it does. A change of the clock moves every timer that is set; one whose deadline it has passed
//! is due now. What has become due and waits for a paused node, waits on. The clock is the machine's: it runs on over all
//! lives of the node.
//!
//! Deliberately missing: any other use of a node's clock. Everything but what that node is told is in the master's time.

use crate::base::{ClockRate, NodeName, Span, Time, limits};
use crate::cluster::clock::Clock;
use crate::cluster::disk::Idle;
use crate::cluster::host::Delivery;
use crate::cluster::lockstep::{Cluster, OperationId};
use crate::cluster::queue::{Coming, TimerDue};
use crate::cluster::stop::Stop;
use crate::machine::AnyInput;
use crate::trace::{ClockFault, Happening};

/// A clock, and what the script did to it.
#[derive(Debug, Default)]
pub(super) struct NodeClock {
    clock: Clock,
    /// The orders that have made it wrong, as long as nothing has shown it.
    unseen: Vec<Unseen>,
}

/// An order that nothing has shown as yet.
#[derive(Clone, Copy, Debug)]
struct Unseen {
    line: usize,
    fault: ClockFault,
    /// The master's time at which it came.
    at: Time,
}

impl Unseen {
    fn idle(&self) -> Idle {
        Idle { line: self.line, text: "`clock` did nothing: no step and no timer went by the clock".into() }
    }
}

const NO_CHANGE: &str = "`clock` did nothing: the clock was so already, and does not go back beyond 0";

impl NodeClock {
    /// What it shows.
    pub fn reading(&self, master: Time) -> Time {
        self.clock.reading(master)
    }

    /// When a timer with this deadline is due, not before `master`, which is now.
    pub fn coming(&self, deadline: Time, master: Time) -> Coming {
        let at = self.clock.when(deadline).max(master);
        Coming { at, lateness: Span(self.clock.reading(at).0.saturating_sub(deadline.0)) }
    }

    /// What it shows to the node, which takes a step.
    pub fn show(&mut self, master: Time) -> Time {
        let now = self.clock.reading(master);
        if now != master {
            self.unseen.clear();
        }
        now
    }

    /// The node has a timer that is due at another time than by a true clock.
    fn note_shift(&mut self) {
        self.unseen.clear();
    }

    /// Changes it. Returns the orders that can have had no effect any more.
    fn order(&mut self, fault: ClockFault, line: usize, master: Time) -> Vec<Idle> {
        let before = self.clock;
        self.clock = before.after(fault, master);
        if self.clock == before.rebased(master) {
            return vec![Idle { line, text: NO_CHANGE.into() }];
        }
        if self.clock.is_true() {
            return std::mem::take(&mut self.unseen).iter().map(Unseen::idle).collect();
        }
        // A rate that is replaced has had no effect if no time has passed; otherwise the clock shows it still.
        let is_replaced = |unseen: &mut Unseen| {
            let rates = matches!((unseen.fault, fault), (ClockFault::Rate { .. }, ClockFault::Rate { .. }));
            rates && unseen.at == master
        };
        let replaced = self.unseen.extract_if(.., is_replaced).map(|unseen| unseen.idle()).collect();
        // To run right again is no fault, also where the clock keeps what it has gained or lost.
        if fault != (ClockFault::Rate { rate: ClockRate::TRUE }) {
            self.unseen.push(Unseen { line, fault, at: master });
        }
        replaced
    }

    /// The orders that nothing has shown so far.
    pub fn idle(&self) -> impl Iterator<Item = Idle> {
        self.unseen.iter().map(Unseen::idle)
    }
}

/// What the script does to clocks.
impl Cluster {
    /// Changes a node's clock. `line` is the line of the script. Returns the orders about it that did nothing, and can do
    /// nothing any more.
    ///
    /// # Errors
    /// A reader of the trace fails.
    ///
    /// # Panics
    /// If the node was never started.
    pub fn clock_fault(&mut self, name: NodeName, fault: ClockFault, line: usize) -> Result<Vec<Idle>, Stop> {
        let now = self.now;
        let node = self.nodes.get_mut(&name).expect("only nodes that were started have a clock");
        let idle = node.clock.order(fault, line, now).into_iter().map(|idle| idle.of(name)).collect();
        for key in node.timers.values_mut() {
            *key = self.queue.move_timer(*key, |deadline| node.clock.coming(deadline, now));
        }
        self.record(Happening::ClockFault { node: name, fault })?;
        Ok(idle)
    }

    /// When a client must have ended an operation, as its clock goes now. It moves when the clock is changed, and with
    /// nothing else.
    ///
    /// # Panics
    /// If the operation is not one of this cluster's.
    #[must_use]
    pub fn deadline_of(&self, operation: OperationId) -> Time {
        let client = self.nodes.get(&operation.client).expect("only nodes that were started carry out operations");
        // Whoever keeps the limit answers at it; a client that does not is found a little later.
        client.clock.clock.when(operation.deadline) + limits::DEFAULT_DELAY
    }
}

/// What nodes do with theirs.
impl Cluster {
    /// A node sets a timer, in place of one with the same id.
    pub(super) fn set_timer(&mut self, name: NodeName, id: String, after: Span) {
        let set_at = self.now;
        let node = self.nodes.get_mut(&name).expect("only nodes that were started set timers");
        let deadline = node.clock.reading(set_at) + after;
        let due = TimerDue { node: name, id: id.clone(), set_at, after, deadline };
        let key = self.queue.add_timer(node.clock.coming(deadline, set_at), due);
        let replaced = node.timers.insert(id, key);
        replaced.into_iter().for_each(|key| self.queue.remove(key));
    }

    /// A node takes a timer back, if it is set.
    pub(super) fn cancel_timer(&mut self, name: NodeName, id: &str) {
        let cancelled = self.node(name).timers.remove(id);
        cancelled.into_iter().for_each(|key| self.queue.remove(key));
    }

    /// A timer has become due, by its node's clock.
    pub(super) fn note_due(&mut self, timer: &TimerDue) -> Result<(), Stop> {
        let TimerDue { node: name, id, set_at, after: asked, deadline } = timer;
        let now = self.now;
        let clock = &mut self.node(*name).clock;
        assert!(clock.reading(now) >= *deadline, "the timer {id} of {name} is due too soon");
        if now == *set_at + *asked {
            return Ok(());
        }
        clock.note_shift();
        self.record(Happening::Shifted { node: *name, timer: id, after: now - *set_at, asked: *asked })
    }

    /// A node is told that a timer is due.
    pub(super) fn wake(&mut self, timer: &TimerDue) -> Result<(), Stop> {
        self.node(timer.node).timers.remove(&timer.id);
        self.step(timer.node, Delivery::Input(AnyInput::Timer { id: &timer.id }))
    }
}

#[cfg(test)]
mod tests;
