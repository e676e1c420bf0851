//! The one event queue: everything that is due, in the one order in which it happens.
//!
//! The order is (time, class, creation number): at one instant the disk comes before messages and messages before
//! timers, and within a class what was created first comes first. Of one node's timers the one with the earlier deadline
//! comes first, also where its clock runs so fast that both are due at one instant. What has waited for a paused node comes
//! right after the disk. Faults and orders come before all of them; they are
//! carried out at once, and never wait here.

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
    /// Of a timer: when it is due by its node's clock. 0 of everything else.
    deadline: Time,
    number: u64,
}

impl EventKey {
    /// When the event is due.
    #[must_use]
    pub fn at(&self) -> Time {
        self.at
    }

    /// When a timer is due by its node's clock.
    #[must_use]
    pub fn deadline(&self) -> Time {
        self.deadline
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
        self.add(at, Class::Message, Time(0), Due::Message(message));
    }

    /// Adds something that waits for a disk.
    pub fn add_disk(&mut self, at: Time, due: DiskDue) {
        self.add(at, Class::Disk, Time(0), Due::Disk(due));
    }

    /// Adds a timer that is due at `at`, when its node's clock shows `deadline`; the key removes it.
    pub fn add_timer(&mut self, at: Time, deadline: Time, timer: TimerDue) -> EventKey {
        self.add(at, Class::Timer, deadline, Due::Timer(timer))
    }

    /// Moves a timer to when its deadline is now. One that has become due and has waited stays.
    ///
    /// # Panics
    /// If it is not in the queue.
    pub fn move_timer(&mut self, key: EventKey, when: impl FnOnce(Time) -> Time) -> EventKey {
        if key.has_waited() {
            return key;
        }
        let timer = self.events.remove(&key).expect("timers that are set are in the queue");
        let moved = EventKey { at: when(key.deadline), ..key };
        self.events.insert(moved, timer);
        moved
    }

    /// Adds what has waited for a paused node; the key removes it.
    pub fn add_waited(&mut self, at: Time, due: Due) -> EventKey {
        if matches!(due, Due::Message(_)) {
            self.messages += 1;
        }
        self.add(at, Class::Waited, Time(0), due)
    }

    fn add(&mut self, at: Time, class: Class, deadline: Time, due: Due) -> EventKey {
        self.created += 1;
        let key = EventKey { at, class, deadline, number: self.created };
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

    fn message(from: u32) -> MessageDue {
        let payload = Payload::text("write", "{}");
        let (from, to) = (NodeName::server(from), NodeName::server(9));
        MessageDue { from, to, incarnation: Incarnation(0), epoch: 0, exemption: Exemption::None, payload }
    }

    #[test]
    fn at_one_instant_messages_come_before_timers_and_the_earlier_made_first() {
        let mut queue = Queue::default();
        let timer = |queue: &mut Queue, at, id: &str| {
            let due = TimerDue { node: NodeName::server(1), id: id.to_owned(), set_at: Time(0), after: Span(at) };
            queue.add_timer(Time(at), Time(at), due)
        };
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
        let keys = [(30, "last"), (20, "second"), (10, "first"), (20, "third")].map(|(at, id)| {
            let due = TimerDue { node: NodeName::server(1), id: id.to_owned(), set_at: Time(0), after: Span(at) };
            queue.add_timer(Time(at), Time(at), due)
        });
        for key in keys {
            assert_eq!(queue.move_timer(key, |_| Time(5)).at(), Time(5));
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.pop())
            .map(|(key, due)| match due {
                Due::Timer(timer) => (timer.id, key.deadline().0),
                other @ (Due::Message(_) | Due::Disk(_) | Due::Order(_)) => panic!("{other:?}"),
            })
            .collect();
        let expected = [("first", 10), ("second", 20), ("third", 20), ("last", 30)];
        assert_eq!(order, expected.map(|(id, deadline)| (id.to_owned(), deadline)));
    }

    #[test]
    fn a_timer_that_has_waited_is_not_moved() {
        let mut queue = Queue::default();
        let due = TimerDue { node: NodeName::server(1), id: "a".to_owned(), set_at: Time(0), after: Span(1) };
        let key = queue.add_waited(Time(7), Due::Timer(due));
        assert_eq!(queue.move_timer(key, |_| Time(9)), key);
        assert_eq!(queue.pop().map(|(key, _)| (key.at(), key.has_waited())), Some((Time(7), true)));
    }
}
