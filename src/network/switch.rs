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
}

/// All links.
#[derive(Clone, Debug, Default)]
pub struct Switch {
    links: BTreeMap<(NodeName, NodeName), Link>,
    /// How often each delay command was given, by its canonical text.
    occurrences: BTreeMap<String, u64>,
}

impl Switch {
    /// Cuts both directions between two nodes. Were they open? (Not if both were cut already.)
    pub fn cut(&mut self, one: NodeName, other: NodeName) -> bool {
        let was_open = !self.is_cut(one, other);
        for link in both(one, other) {
            self.links.entry(link).or_default().cut();
        }
        was_open
    }

    /// Mends both directions between two nodes. Was any cut?
    pub fn mend(&mut self, one: NodeName, other: NodeName) -> bool {
        let was_cut = self.is_cut(one, other);
        for link in both(one, other) {
            self.links.entry(link).or_default().mend();
        }
        was_cut
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

    /// Sets the delay in both directions between two nodes. `command` is the canonical text of what ordered it.
    pub fn set_delay(&mut self, one: NodeName, other: NodeName, delay: Delay, seed: u64, command: &str) {
        let occurrence = self.occurrences.entry(command.to_owned()).or_default();
        *occurrence += 1;
        let draw = Draw::of(seed).named(command).numbered(*occurrence);
        for (from, to) in both(one, other) {
            self.links.entry((from, to)).or_default().set_delay(delay, key_of(draw, from, to));
        }
    }

    /// Decides about a message at its send.
    pub fn send(&mut self, now: Time, from: NodeName, to: NodeName, kind: &str) -> Verdict {
        let link = self.links.entry((from, to)).or_default();
        if link.is_cut() {
            return Verdict::Lost(Cause::Cut);
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

    fn arrival(verdict: Verdict) -> Arrival {
        match verdict {
            Verdict::Arrives(arrival) => arrival,
            Verdict::Lost(cause) => panic!("lost: {cause}"),
        }
    }

    #[test]
    fn a_message_takes_a_millisecond_unless_the_script_says_otherwise() {
        let mut switch = Switch::default();
        assert_eq!(arrival(switch.send(Time(5), A, B, "write")), Arrival { at: Time(1_005), epoch: 0, delayed: None });
        let delay = Delay { base: Span::milliseconds(50), jitter: Span(0) };
        switch.set_delay(A, B, delay, 1, "delay s1 s2 50ms");
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
        assert!(switch.cut(A, B));
        assert!(!switch.cut(B, A), "it was cut already");
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
        switch.cut(A, B);
        switch.cut(B, C);
        switch.mend_all_of(A);
        assert!(!switch.is_cut(A, B));
        assert!(switch.is_cut(B, C));
    }

    #[test]
    fn the_same_command_given_twice_draws_anew_and_other_links_keep_their_draws() {
        let delay = Delay { base: Span::milliseconds(50), jitter: Span::milliseconds(40) };
        let run = |extra_on_another_link: usize| {
            let mut switch = Switch::default();
            switch.set_delay(A, B, delay, 1, "delay s1 s2 50ms jitter 40ms");
            switch.set_delay(A, C, delay, 1, "delay s1 s3 50ms jitter 40ms");
            for _ in 0..extra_on_another_link {
                switch.send(Time(0), A, C, "write");
            }
            let first = arrival(switch.send(Time(0), A, B, "write")).at;
            switch.cut(A, B);
            switch.mend(A, B);
            switch.set_delay(A, B, delay, 1, "delay s1 s2 50ms jitter 40ms");
            (first, arrival(switch.send(Time(0), A, B, "write")).at)
        };
        let (first, again) = run(0);
        assert_ne!(first, again);
        assert_eq!(run(0), run(7));
    }
}
