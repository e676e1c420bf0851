//! The one event queue: everything that is due, in the one order in which it happens.
//!
//! The order is (time, class, creation number): at one instant the disk comes before messages and messages before timers,
//! and within a class what was created first comes first. What has waited for a paused node comes right after the disk.
//! Faults and orders come before all of them; they are carried out at once, and never wait here.
//!
//! Timers that come late, because a clock was set ahead or runs fast, come before those that are on time, the latest first:
//! so those of one node come by their deadlines. A timer of a clock that is right is on time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::base::{Incarnation, NodeName, Span, Time};
use crate::cluster::disk::Waiting;
use crate::machine::Payload;
use crate::network::Exemption;
use crate::node::Effect;
use crate::wire::control::Control;
use crate::wire::disk::Room;

/// The class of an event, in the order of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Disk,
    Waited,
    Message,
    Timer,
}

/// An event's place in the order; it names the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    at: Time,
    class: Class,
    /// Of a timer: how far its node's clock is past the deadline then. 0 of everything else.
    lateness: Reverse<Span>,
    number: u64,
}

impl EventKey {
    /// When the event is due.
    #[must_use]
    pub fn at(&self) -> Time {
        self.at
    }

    /// Was it due before, and has waited for a paused node?
    #[must_use]
    pub fn has_waited(&self) -> bool {
        self.class == Class::Waited
    }
}

/// A message under way.
#[derive(Debug)]
pub struct MessageDue {
    /// Who sent it.
    pub from: NodeName,
    /// For whom.
    pub to: NodeName,
    /// For which of that node's lives.
    pub incarnation: Incarnation,
    /// In which epoch of the link it was sent.
    pub epoch: u32,
    /// Whether holds are nothing to it.
    pub exemption: Exemption,
    /// What it says.
    pub payload: Payload,
}

impl MessageDue {
    fn is_between_servers(&self) -> bool {
        self.from.is_server() && self.to.is_server()
    }
}

/// Something that has waited for a slow disk.
#[derive(Debug)]
pub struct DiskDue {
    /// Whose.
    pub node: NodeName,
    /// Of which of that node's lives.
    pub incarnation: Incarnation,
    /// What.
    pub waiting: Waiting,
}

/// A timer that is set.
#[derive(Clone, Debug)]
pub struct TimerDue {
    /// Whose.
    pub node: NodeName,
    /// Which.
    pub id: String,
    /// When it was set, by the master's clock.
    pub set_at: Time,
    /// After how long it is to be due, by the node's clock.
    pub after: Span,
    /// When it is to be due, by the node's clock.
    pub deadline: Time,
}

/// When a timer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coming {
    /// By the master's clock.
    pub at: Time,
    /// How far its node's clock is past the deadline then.
    pub lateness: Span,
}

/// What the master tells a node, where it does not do so at once.
#[derive(Debug)]
pub enum Order {
    /// An order of the run.
    Control(Control),
    /// What room there is on its disk.
    Room(Room),
}

/// An order that has waited for a paused node.
#[derive(Debug)]
pub struct OrderDue {
    /// Whom it is for.
    pub node: NodeName,
    /// Which of that node's lives.
    pub incarnation: Incarnation,
    /// What.
    pub order: Order,
}

/// What is due.
#[derive(Debug)]
pub enum Due {
    /// A disk is ready.
    Disk(DiskDue),
    /// A message arrives.
    Message(MessageDue),
    /// A timer runs out.
    Timer(TimerDue),
    /// A node that was paused is told what it was not told then.
    Order(OrderDue),
}

/// Everything that is due.
#[derive(Debug, Default)]
pub struct Queue {
    events: BTreeMap<EventKey, Due>,
    created: u64,
    messages: u64,
}

impl Queue {
    /// Adds a message.
    pub fn add_message(&mut self, at: Time, message: MessageDue) {
        self.messages += 1;
        self.add(at, Class::Message, Span(0), Due::Message(message));
    }

    /// Adds something that waits for a disk.
    pub fn add_disk(&mut self, at: Time, due: DiskDue) {
        self.add(at, Class::Disk, Span(0), Due::Disk(due));
    }

    /// Adds a timer; the key removes it.
    pub fn add_timer(&mut self, coming: Coming, timer: TimerDue) -> EventKey {
        self.add(coming.at, Class::Timer, coming.lateness, Due::Timer(timer))
    }

    /// Moves a timer to when its deadline is now. One that has become due and has waited stays.
    ///
    /// # Panics
    /// If it is not in the queue.
    pub fn move_timer(&mut self, key: EventKey, coming: impl FnOnce(Time) -> Coming) -> EventKey {
        if key.has_waited() {
            return key;
        }
        let Some(Due::Timer(timer)) = self.events.remove(&key) else { panic!("timers that are set are in the queue") };
        let Coming { at, lateness } = coming(timer.deadline);
        let moved = EventKey { at, lateness: Reverse(lateness), ..key };
        self.events.insert(moved, Due::Timer(timer));
        moved
    }

    /// Adds what has waited for a paused node; the key removes it.
    pub fn add_waited(&mut self, at: Time, due: Due) -> EventKey {
        if matches!(due, Due::Message(_)) {
            self.messages += 1;
        }
        self.add(at, Class::Waited, Span(0), due)
    }

    fn add(&mut self, at: Time, class: Class, lateness: Span, due: Due) -> EventKey {
        self.created += 1;
        let key = EventKey { at, class, lateness: Reverse(lateness), number: self.created };
        self.events.insert(key, due);
        key
    }

    /// What waits for the disk of a node, in this life of it.
    pub fn waiting_for_disk(&mut self, node: NodeName, incarnation: Incarnation) -> impl Iterator<Item = &mut Waiting> {
        self.events.values_mut().filter_map(move |due| match due {
            Due::Disk(due) if (due.node, due.incarnation) == (node, incarnation) => Some(&mut due.waiting),
            Due::Disk(_) | Due::Message(_) | Due::Timer(_) | Due::Order(_) => None,
        })
    }

    /// Removes a timer that is not wanted any more.
    pub fn remove(&mut self, key: EventKey) {
        self.events.remove(&key);
    }

    /// When the next event is due.
    #[must_use]
    pub fn next_time(&self) -> Option<Time> {
        self.events.first_key_value().map(|(key, _)| key.at)
    }

    /// Takes the next event out.
    pub fn pop(&mut self) -> Option<(EventKey, Due)> {
        let (key, due) = self.events.pop_first()?;
        if matches!(due, Due::Message(_)) {
            self.messages -= 1;
        }
        Some((key, due))
    }

    /// All messages that are under way.
    pub fn all_messages(&self) -> impl Iterator<Item = &MessageDue> {
        self.events.values().filter_map(|due| match due {
            Due::Message(message) => Some(message),
            Due::Disk(_) | Due::Timer { .. } | Due::Order(_) => None,
        })
    }

    /// How many messages are under way.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// When the last of the messages that are under way from servers to servers is due, of those that `will_arrive`.
    #[must_use]
    pub fn last_arrival_between_servers(&self, will_arrive: impl Fn(&MessageDue) -> bool) -> Option<Time> {
        let counts = |due: &Due| match due {
            Due::Message(message) => message.is_between_servers() && will_arrive(message),
            Due::Disk(_) | Due::Timer(_) | Due::Order(_) => false,
        };
        self.events.iter().rev().find(|(_, due)| counts(due)).map(|(key, _)| key.at)
    }

    /// Does a message from a server to a server wait for a slow disk, of those that are still `wanted`?
    #[must_use]
    pub fn is_send_between_servers_held_back(&self, wanted: impl Fn(&DiskDue) -> bool) -> bool {
        self.events.values().any(|due| match due {
            Due::Disk(due) => match &due.waiting {
                Waiting::Effect(Effect::Send { to, .. }) => due.node.is_server() && to.is_server() && wanted(due),
                Waiting::Effect(_) | Waiting::Synced(..) => false,
            },
            Due::Message(_) | Due::Timer(_) | Due::Order(_) => false,
        })
    }

    /// Is a message under way from one node to another?
    #[must_use]
    pub fn is_under_way(&self, from: NodeName, to: NodeName) -> bool {
        self.events.values().any(|due| match due {
            Due::Message(message) => message.from == from && message.to == to,
            Due::Disk(_) | Due::Timer(_) | Due::Order(_) => false,
        })
    }

    /// How many events are due.
    #[must_use]
    pub fn length(&self) -> usize {
        self.events.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer_due(at: u64, id: &str) -> TimerDue {
        let (node, id) = (NodeName::server(1), id.to_owned());
        TimerDue { node, id, set_at: Time(0), after: Span(at), deadline: Time(at) }
    }

    fn on_time(at: u64) -> Coming {
        Coming { at: Time(at), lateness: Span(0) }
    }

    fn message(from: u32) -> MessageDue {
        let payload = Payload::text("write", "{}");
        let (from, to) = (NodeName::server(from), NodeName::server(9));
        MessageDue { from, to, incarnation: Incarnation(0), epoch: 0, exemption: Exemption::None, payload }
    }

    #[test]
    fn at_one_instant_messages_come_before_timers_and_the_earlier_made_first() {
        let mut queue = Queue::default();
        let timer = |queue: &mut Queue, at, id: &str| queue.add_timer(on_time(at), timer_due(at, id));
        timer(&mut queue, 5, "first");
        queue.add_message(Time(5), message(1));
        queue.add_message(Time(5), message(2));
        timer(&mut queue, 5, "second");
        let cancelled = timer(&mut queue, 5, "cancelled");
        timer(&mut queue, 4, "earlier");
        queue.remove(cancelled);
        assert_eq!(queue.last_arrival_between_servers(|_| true), Some(Time(5)));
        let order: Vec<_> = std::iter::from_fn(|| queue.pop())
            .map(|(_, due)| match due {
                Due::Message(message) => message.from.to_string(),
                Due::Timer(timer) => timer.id,
                Due::Disk(due) => format!("{:?}", due.waiting),
                Due::Order(due) => format!("{:?}", due.order),
            })
            .collect();
        assert_eq!(order, ["earlier", "s1", "s2", "first", "second"]);
        assert_eq!((queue.messages(), queue.last_arrival_between_servers(|_| true), queue.length()), (0, None, 0));
    }

    #[test]
    fn timers_that_are_moved_to_one_instant_come_by_their_deadlines_and_then_as_they_were_set() {
        let mut queue = Queue::default();
        let keys = [(30, "last"), (20, "second"), (10, "first"), (20, "third")]
            .map(|(at, id)| queue.add_timer(on_time(at), timer_due(at, id)));
        for key in keys {
            let ahead = |deadline: Time| Coming { at: Time(5), lateness: Time(35) - deadline };
            assert_eq!(queue.move_timer(key, ahead).at(), Time(5));
        }
        queue.add_timer(on_time(5), timer_due(5, "on time"));
        let order: Vec<_> = std::iter::from_fn(|| queue.pop())
            .map(|(_, due)| match due {
                Due::Timer(timer) => timer.id,
                other @ (Due::Message(_) | Due::Disk(_) | Due::Order(_)) => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(order, ["first", "second", "third", "last", "on time"]);
    }

    #[test]
    fn a_timer_that_has_waited_is_not_moved() {
        let mut queue = Queue::default();
        let key = queue.add_waited(Time(7), Due::Timer(timer_due(1, "a")));
        assert_eq!(queue.move_timer(key, |_| on_time(9)), key);
        assert_eq!(queue.pop().map(|(key, _)| (key.at(), key.has_waited())), Some((Time(7), true)));
    }
}
