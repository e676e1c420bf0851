//! The timers of a machine, in real time: set, replaced, cancelled, and due in their order.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::Time;

/// What a timer is called.
type Id = Cow<'static, str>;

/// Timers that are set.
///
/// Invariant: `order` holds each timer of `due` once, at its time, behind those that were set before it.
#[derive(Debug, Default)]
pub struct Timers {
    due: BTreeMap<Id, (Time, u64)>,
    order: BTreeSet<(Time, u64, Id)>,
    sets: u64,
}

impl Timers {
    /// Sets a timer; one of the same name is replaced.
    pub fn set(&mut self, id: Id, time: Time) {
        self.cancel(&id);
        self.sets += 1;
        self.due.insert(id.clone(), (time, self.sets));
        self.order.insert((time, self.sets, id));
    }

    /// Lifts a timer, if it is set.
    pub fn cancel(&mut self, id: &str) {
        if let Some((id, (time, set))) = self.due.remove_entry(id) {
            self.order.remove(&(time, set, id));
        }
    }

    /// When the next one is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.order.first().map(|(time, ..)| *time)
    }

    /// Takes the next one out, if it is due by now.
    pub fn take_due(&mut self, now: Time) -> Option<Id> {
        if self.next()? > now {
            return None;
        }
        let (.., id) = self.order.pop_first()?;
        self.due.remove(&id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_their_order_and_never_after_they_were_cancelled() {
        let mut timers = Timers::default();
        timers.set("late".into(), Time(30));
        timers.set("first".into(), Time(10));
        timers.set("second".into(), Time(10));
        timers.set("gone".into(), Time(5));
        timers.cancel("gone");
        timers.cancel("never set");
        timers.set("late".into(), Time(20));
        assert_eq!(timers.next(), Some(Time(10)));
        assert_eq!(timers.take_due(Time(9)), None);
        let due: Vec<_> = std::iter::from_fn(|| timers.take_due(Time(25))).collect();
        assert_eq!(due, ["first", "second", "late"]);
        assert_eq!(timers.next(), None);
    }
}
