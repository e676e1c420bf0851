//! Paused nodes: alive, and taking no steps.
//!
//! What becomes due for a paused node waits in the order in which it became due, and comes in that order, at the instant
//! at which the node is resumed. Messages are under way meanwhile: a cut loses them, and so does the node's death.
//!
//! Deliberately missing: any hold on what the node has put out before. Its messages are the network's, and what waits
//! for a slow disk is the disk's, which goes on.

use crate::base::{NodeName, limits};
use crate::cluster::disk::Idle;
use crate::cluster::lockstep::Cluster;
use crate::cluster::queue::{Due, MessageDue, Order, OrderDue};
use crate::cluster::stop::{LimitReached, Stop};
use crate::trace::{Happening, MessageName};
use crate::wire::disk::DISK;
use crate::wire::envelope::{CLOCK, MASTER};

/// A pause that the script ordered.
#[derive(Debug)]
pub(super) struct Pause {
    line: usize,
    /// Was anything held back by it, or done without the node?
    touched: bool,
    waiting: Vec<Due>,
}

impl Pause {
    /// The warning that there is about it, if it did nothing.
    pub(super) fn idle(&self, name: NodeName) -> Option<Idle> {
        let text = || format!("`pause` did nothing: nobody wanted anything of {}", name.in_words()).into();
        (!self.touched).then(|| Idle { line: self.line, text: text() })
    }

    /// The messages that wait.
    pub(super) fn messages(&self) -> impl Iterator<Item = &MessageDue> {
        self.waiting.iter().filter_map(|due| match due {
            Due::Message(message) => Some(message),
            Due::Disk(_) | Due::Timer { .. } | Due::Order(_) => None,
        })
    }
}

impl Cluster {
    /// Is this node alive, and paused?
    #[must_use]
    pub fn is_paused(&self, name: NodeName) -> bool {
        self.nodes.get(&name).is_some_and(|node| node.pause.is_some())
    }

    /// Lets a node take no steps until it is resumed. `line` is the line of the script.
    ///
    /// # Errors
    /// A reader of the trace fails.
    ///
    /// # Panics
    /// If it is dead, or paused.
    pub fn pause(&mut self, name: NodeName, line: usize) -> Result<(), Stop> {
        let node = self.node(name);
        assert!(node.host.is_some() && node.pause.is_none(), "{name} does not run");
        node.pause = Some(Pause { line, touched: false, waiting: Vec::new() });
        self.record(Happening::Paused { node: name })
    }

    /// Lets a node take steps again: what waited for it is due now. Returns the pause if it did nothing.
    ///
    /// # Errors
    /// A reader of the trace fails.
    ///
    /// # Panics
    /// If it is not paused.
    pub fn resume(&mut self, name: NodeName) -> Result<Option<Idle>, Stop> {
        let now = self.now;
        let pause = self.node(name).pause.take().expect("only the paused are resumed");
        let idle = pause.idle(name);
        for due in pause.waiting {
            self.waiting_messages -= u64::from(matches!(due, Due::Message(_)));
            let timer = match &due {
                Due::Timer(timer) => Some(timer.id.clone()),
                Due::Disk(_) | Due::Message(_) | Due::Order(_) => None,
            };
            let key = self.queue.add_waited(now, due);
            if let Some(id) = timer {
                self.node(name).timers.insert(id, key);
            }
        }
        self.record(Happening::Resumed { node: name })?;
        Ok(idle)
    }

    /// Notes that something was done without a node because it is paused.
    pub fn note_absence(&mut self, name: NodeName) {
        if let Some(pause) = self.nodes.get_mut(&name).and_then(|node| node.pause.as_mut()) {
            pause.touched = true;
        }
    }

    /// Lets an order to a paused node wait.
    pub(super) fn let_order_wait(&mut self, name: NodeName, order: Order) -> Result<(), Stop> {
        let incarnation = self.node(name).incarnation;
        self.let_wait(name, Due::Order(OrderDue { node: name, incarnation, order }))
    }

    /// Lets what is due for a paused node wait. Returns what need not: what is for others, or lost on its way.
    pub(super) fn let_wait_if_paused(&mut self, due: Due) -> Result<Option<Due>, Stop> {
        let name = match &due {
            Due::Disk(_) => return Ok(Some(due)),
            Due::Message(message) if self.fate(message).is_some() => return Ok(Some(due)),
            Due::Message(message) => message.to,
            Due::Timer(timer) => timer.node,
            Due::Order(due) => due.node,
        };
        if !self.is_paused(name) {
            return Ok(Some(due));
        }
        if let Due::Timer(timer) = &due {
            self.node(name).timers.remove(&timer.id);
        }
        self.let_wait(name, due)?;
        Ok(None)
    }

    fn let_wait(&mut self, name: NodeName, due: Due) -> Result<(), Stop> {
        let sender = match &due {
            Due::Message(message) => message.from.to_string(),
            Due::Disk(_) | Due::Timer(_) | Due::Order(_) => String::new(),
        };
        let (from, kind) = match &due {
            Due::Disk(_) => unreachable!("a disk waits for nobody"),
            Due::Message(message) => (&*sender, message.payload.kind()),
            Due::Timer(timer) => (CLOCK, &*timer.id),
            Due::Order(OrderDue { order: Order::Control(control), .. }) => (MASTER, control.kind()),
            Due::Order(OrderDue { order: Order::Room(room), .. }) => (DISK, room.kind()),
        };
        self.trace.record(self.now, Happening::Waits { from, to: name, kind })?;
        self.waiting_messages += u64::from(matches!(due, Due::Message(_)));
        let pause = self.node(name).pause.as_mut().expect("only what is for the paused waits");
        if pause.waiting.len() >= limits::EVENTS_DUE {
            return Err(LimitReached::EventsDue.into());
        }
        pause.touched = true;
        pause.waiting.push(due);
        Ok(())
    }

    /// A node died while it was paused: the messages that waited for it are lost.
    pub(super) fn lose_what_waits(&mut self, pause: Pause) -> Result<(), Stop> {
        for due in pause.waiting {
            if let Due::Message(message) = due {
                self.waiting_messages -= 1;
                let cause = self.fate(&message).expect("who it is for is dead");
                let MessageDue { from, to, ref payload, .. } = message;
                self.lose(MessageName { from, to, kind: payload.kind() }, cause)?;
            }
        }
        Ok(())
    }
}
