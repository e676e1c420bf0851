//! The switch: decides for every message whether and when it arrives.
//!
//! A machine: it does no I/O, and reads no clock. Links are directed and open from the start; every fault on a link
//! is set for each direction. Draws are keyed by (seed, the command in force and its occurrence, link, message type,
//! how-manieth), so a message more on one link changes no draw on another.

use std::collections::BTreeMap;

use crate::base::{Draw, NodeName, Span, Time};
use crate::network::link::{Delay, Link, key_of};
use crate::trace::Cause;

/// When a message arrives, and what must still hold then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Time,
    /// The link's epoch at the send.
    pub epoch: u32,
    /// How long it is under way, if the script set that.
    pub delayed: Option<Span>,
}

/// What becomes of a message at its send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrives, if its link is not cut before.
    Arrives(Arrival),
    /// It is lost.
    Lost(Cause),
    /// It waits until its link is released.
    Held,
}

/// All links.
#[derive(Clone, Debug, Default)]
pub struct Switch {
    links: BTreeMap<(NodeName, NodeName), Link>,
    /// How often each delay command was given, by its canonical text.
    occurrences: BTreeMap<String, u64>,
}

impl Switch {
    /// Mends both directions between two nodes. Was any cut?
    pub fn mend(&mut self, one: NodeName, other: NodeName) -> bool {
        let was_cut = self.is_cut(one, other);
        for link in both(one, other) {
            self.links.entry(link).or_default().mend();
        }
        was_cut
    }

    /// Cuts one direction. Was it open?
    pub fn cut_one_way(&mut self, from: NodeName, to: NodeName) -> bool {
        let link = self.links.entry((from, to)).or_default();
        let was_open = !link.is_cut();
        link.cut();
        was_open
    }

    /// Mends one direction. Was it cut?
    pub fn mend_one_way(&mut self, from: NodeName, to: NodeName) -> bool {
        let link = self.links.entry((from, to)).or_default();
        let was_cut = link.is_cut();
        link.mend();
        was_cut
    }

    /// Lets messages of one direction wait from now on. Did they not already?
    pub fn hold(&mut self, from: NodeName, to: NodeName) -> bool {
        let link = self.links.entry((from, to)).or_default();
        let was_free = !link.is_held();
        link.hold();
        was_free
    }

    /// Lets messages of one direction pass again. Did they wait?
    pub fn release(&mut self, from: NodeName, to: NodeName) -> bool {
        let link = self.links.entry((from, to)).or_default();
        let was_held = link.is_held();
        link.release();
        was_held
    }

    /// Do messages of this direction wait?
    #[must_use]
    pub fn is_held(&self, from: NodeName, to: NodeName) -> bool {
        self.links.get(&(from, to)).is_some_and(Link::is_held)
    }

    /// Sets what one direction loses, in millionths of its messages. `order` is what ordered it.
    pub fn set_loss(&mut self, (from, to): (NodeName, NodeName), millionths: u64, order: Draw) {
        self.links.entry((from, to)).or_default().set_loss(millionths, key_of(order, from, to));
    }

    /// Is this direction cut?
    #[must_use]
    pub fn is_cut_one_way(&self, from: NodeName, to: NodeName) -> bool {
        self.links.get(&(from, to)).is_some_and(Link::is_cut)
    }

    /// The epoch of this direction: how often it was cut.
    #[must_use]
    pub fn epoch(&self, from: NodeName, to: NodeName) -> u32 {
        self.links.get(&(from, to)).map_or(0, Link::epoch)
    }

    /// Sets the delay of one direction. `order` is what ordered it.
    pub fn set_delay(&mut self, (from, to): (NodeName, NodeName), delay: Delay, order: Draw) {
        self.links.entry((from, to)).or_default().set_delay(delay, key_of(order, from, to));
    }

    /// The key of the draws that a command is the cause of: its canonical text, and the how-manieth it is of that text.
    pub fn order(&mut self, seed: u64, command: &str) -> Draw {
        let occurrence = self.occurrences.entry(command.to_owned()).or_default();
        *occurrence += 1;
        Draw::of(seed).named(command).numbered(*occurrence)
    }

    /// Lifts every fault of every link but delays. Were there any?
    pub fn heal(&mut self) -> bool {
        // Each of them, whatever was with those before.
        self.links.values_mut().filter_map(|link| link.heal().then_some(())).count() > 0
    }

    /// Gives every link its usual delay. Had the script set any?
    pub fn reset_delays(&mut self) -> bool {
        self.links.values_mut().filter_map(|link| link.reset_delay().then_some(())).count() > 0
    }

    /// Mends all links of a node.
    pub fn mend_all_of(&mut self, node: NodeName) {
        let touches = |&(from, to): &(NodeName, NodeName)| from == node || to == node;
        self.links.iter_mut().filter(|(ends, _)| touches(ends)).for_each(|(_, link)| link.mend());
    }

    /// Is either direction between two nodes cut?
    #[must_use]
    pub fn is_cut(&self, one: NodeName, other: NodeName) -> bool {
        both(one, other).iter().any(|ends| self.links.get(ends).is_some_and(Link::is_cut))
    }

    /// Decides about a message at its send.
    pub fn send(&mut self, now: Time, from: NodeName, to: NodeName, kind: &str) -> Verdict {
        let link = self.links.entry((from, to)).or_default();
        if link.is_cut() {
            return Verdict::Lost(Cause::Cut);
        }
        if link.is_held() {
            return Verdict::Held;
        }
        if link.draw_loss(kind) {
            return Verdict::Lost(Cause::Loss);
        }
        let (delay, set_by_script) = link.draw_delay(kind);
        let at = link.deadline(now, delay);
        let delayed = set_by_script.then(|| at - now);
        Verdict::Arrives(Arrival { at, epoch: link.epoch(), delayed })
    }

    /// Does a message that was sent in `epoch` arrive? Not if the link was cut since, even if it is mended again.
    #[must_use]
    pub fn lets_arrive(&self, from: NodeName, to: NodeName, epoch: u32) -> bool {
        self.links.get(&(from, to)).map_or(epoch == 0, |link| link.epoch() == epoch)
    }
}

fn both(one: NodeName, other: NodeName) -> [(NodeName, NodeName); 2] {
    [(one, other), (other, one)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeName = NodeName::server(1);
    const B: NodeName = NodeName::server(2);
    const C: NodeName = NodeName::server(3);

    fn both_ways(switch: &mut Switch, (one, other): (NodeName, NodeName), delay: Delay, command: &str) {
        let order = switch.order(1, command);
        for link in both(one, other) {
            switch.set_delay(link, delay, order);
        }
    }

    fn cut(switch: &mut Switch, one: NodeName, other: NodeName) -> bool {
        both(one, other).into_iter().filter(|(from, to)| switch.cut_one_way(*from, *to)).count() > 0
    }

    fn arrival(verdict: Verdict) -> Arrival {
        match verdict {
            Verdict::Arrives(arrival) => arrival,
            Verdict::Lost(cause) => panic!("lost: {cause}"),
            Verdict::Held => panic!("held"),
        }
    }

    #[test]
    fn a_message_takes_a_millisecond_unless_the_script_says_otherwise() {
        let mut switch = Switch::default();
        assert_eq!(arrival(switch.send(Time(5), A, B, "write")), Arrival { at: Time(1_005), epoch: 0, delayed: None });
        let delay = Delay { base: Span::milliseconds(50), jitter: Span(0) };
        both_ways(&mut switch, (A, B), delay, "delay s1 s2 50ms");
        for (from, to) in [(A, B), (B, A)] {
            assert_eq!(arrival(switch.send(Time(5), from, to, "write")).delayed, Some(Span(50_000)));
        }
        assert_eq!(arrival(switch.send(Time(5), A, C, "write")).at, Time(1_005));
    }

    #[test]
    fn what_is_in_flight_when_a_link_is_cut_is_lost_even_if_it_is_mended_before() {
        let mut switch = Switch::default();
        let before = arrival(switch.send(Time(0), A, B, "write"));
        assert!(switch.lets_arrive(A, B, before.epoch));
        assert!(cut(&mut switch, A, B));
        assert!(!cut(&mut switch, B, A), "it was cut already");
        assert_eq!(switch.send(Time(0), B, A, "write"), Verdict::Lost(Cause::Cut));
        assert!(switch.mend(A, B));
        assert!(!switch.mend(A, B), "it was open already");
        assert!(!switch.lets_arrive(A, B, before.epoch));
        let after = arrival(switch.send(Time(0), A, B, "write"));
        assert!(switch.lets_arrive(A, B, after.epoch));
    }

    #[test]
    fn mending_all_links_of_a_node_leaves_the_others_cut() {
        let mut switch = Switch::default();
        cut(&mut switch, A, B);
        cut(&mut switch, B, C);
        switch.mend_all_of(A);
        assert!(!switch.is_cut(A, B));
        assert!(switch.is_cut(B, C));
    }

    #[test]
    fn the_same_command_given_twice_draws_anew_and_other_links_keep_their_draws() {
        let delay = Delay { base: Span::milliseconds(50), jitter: Span::milliseconds(40) };
        let run = |extra_on_another_link: usize| {
            let mut switch = Switch::default();
            both_ways(&mut switch, (A, B), delay, "delay s1 s2 50ms jitter 40ms");
            both_ways(&mut switch, (A, C), delay, "delay s1 s3 50ms jitter 40ms");
            for _ in 0..extra_on_another_link {
                switch.send(Time(0), A, C, "write");
            }
            let first = arrival(switch.send(Time(0), A, B, "write")).at;
            cut(&mut switch, A, B);
            switch.mend(A, B);
            both_ways(&mut switch, (A, B), delay, "delay s1 s2 50ms jitter 40ms");
            (first, arrival(switch.send(Time(0), A, B, "write")).at)
        };
        let (first, again) = run(0);
        assert_ne!(first, again);
        assert_eq!(run(0), run(7));
    }

    #[test]
    fn each_direction_is_held_and_cut_by_itself_and_a_cut_comes_before_a_hold() {
        let mut switch = Switch::default();
        assert!(switch.hold(A, B) && !switch.hold(A, B));
        assert_eq!(switch.send(Time(0), A, B, "write"), Verdict::Held);
        assert!(matches!(switch.send(Time(0), B, A, "write"), Verdict::Arrives(_)));
        assert!(switch.cut_one_way(A, B) && !switch.cut_one_way(A, B));
        assert_eq!(switch.send(Time(0), A, B, "write"), Verdict::Lost(Cause::Cut));
        assert!(switch.mend_one_way(A, B) && switch.release(A, B) && !switch.release(A, B));
        assert!(matches!(switch.send(Time(0), A, B, "write"), Verdict::Arrives(_)));
    }

    #[test]
    fn what_is_lost_is_drawn_for_each_type_and_link_by_itself() {
        let lost = |others: usize, millionths: u64| {
            let mut switch = Switch::default();
            let order = switch.order(1, "loss s1 s2 30%");
            both(A, B).into_iter().for_each(|link| switch.set_loss(link, millionths, order));
            let mut draw = |kind: &str| switch.send(Time(0), A, B, kind) == Verdict::Lost(Cause::Loss);
            let mut write = |_| {
                (0..others).for_each(|_| assert!(millionths > 0 || !draw("read")));
                draw("write")
            };
            (0..1_000).map(&mut write).collect::<Vec<_>>()
        };
        let count = |lost: Vec<bool>| lost.into_iter().filter(|lost| *lost).count();
        assert_eq!(lost(0, 300_000), lost(2, 300_000));
        assert!((250..350).contains(&count(lost(0, 300_000))));
        assert_eq!((count(lost(0, 0)), count(lost(0, 1_000_000))), (0, 1_000));
    }
}
