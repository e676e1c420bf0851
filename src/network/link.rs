//! One direction between two nodes: is it open, and how long does it take?

use std::collections::BTreeMap;

use crate::base::{Draw, NodeName, Span, Time, limits};

/// A delay that the script set: each message takes `base` plus or minus up to `jitter`, drawn evenly, never less than
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The middle.
    pub base: Span,
    /// How far a draw may be from it, either way.
    pub jitter: Span,
}

impl Delay {
    /// The longest that a message can take.
    #[must_use]
    pub fn longest(self) -> Span {
        self.base + self.jitter
    }
}

/// A delay in force, with the key of its draws and how many of each message type it has drawn for.
#[derive(Clone, Debug)]
struct DelayInForce {
    delay: Delay,
    draw: Draw,
    drawn: BTreeMap<String, u64>,
}

/// One direction of a link.
///
/// Invariants:
/// 1. `epoch` grows with every cut; a message arrives only in the epoch of its send.
/// 2. Deadlines never go back within an epoch: a link keeps the order of its messages.
#[derive(Clone, Debug, Default)]
pub(super) struct Link {
    cut: bool,
    held: bool,
    epoch: u32,
    loss: Option<LossInForce>,
    delay: Option<DelayInForce>,
    last_deadline: Time,
}

/// The greatest probability, in millionths: certainty.
pub const CERTAIN: u64 = 1_000_000;

/// A loss in force, with the key of its draws and how many of each message type it has drawn for.
#[derive(Clone, Debug)]
struct LossInForce {
    millionths: u64,
    draw: Draw,
    drawn: BTreeMap<String, u64>,
}

impl Link {
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(super) fn cut(&mut self) {
        self.cut = true;
        self.epoch += 1;
        self.last_deadline = Time(0);
    }

    pub(super) fn mend(&mut self) {
        self.cut = false;
    }

    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    pub(super) fn hold(&mut self) {
        self.held = true;
    }

    pub(super) fn release(&mut self) {
        self.held = false;
    }

    /// `millionths` is the probability; `draw` is keyed as that of a delay.
    pub(super) fn set_loss(&mut self, millionths: u64, draw: Draw) {
        self.loss = (millionths > 0).then(|| LossInForce { millionths, draw, drawn: BTreeMap::new() });
    }

    /// Is the next message of the type `kind` lost?
    pub(super) fn draw_loss(&mut self, kind: &str) -> bool {
        let Some(LossInForce { millionths, draw, drawn }) = &mut self.loss else { return false };
        draw.named(kind).numbered(next(drawn, kind)).below(CERTAIN) < *millionths
    }

    /// Lifts everything but the delay. Was there anything?
    pub(super) fn heal(&mut self) -> bool {
        let had_any = self.cut || self.held || self.loss.is_some();
        (self.cut, self.held, self.loss) = (false, false, None);
        had_any
    }

    /// Takes the usual delay again. Had the script set one?
    pub(super) fn reset_delay(&mut self) -> bool {
        self.delay.take().is_some()
    }

    /// `draw` is keyed by the seed and the command that set the delay; the link adds its own name.
    pub(super) fn set_delay(&mut self, delay: Delay, draw: Draw) {
        self.delay = Some(DelayInForce { delay, draw, drawn: BTreeMap::new() });
    }

    /// How long the next message of the type `kind` takes, and whether the script set that.
    pub(super) fn draw_delay(&mut self, kind: &str) -> (Span, bool) {
        match &mut self.delay {
            None => (limits::DEFAULT_DELAY, false),
            Some(in_force) => (in_force.next(kind), true),
        }
    }

    /// When a message that takes `delay` from `now` arrives: not before those that were sent before it.
    pub(super) fn deadline(&mut self, now: Time, delay: Span) -> Time {
        self.last_deadline = self.last_deadline.max(now + delay);
        self.last_deadline
    }
}

impl DelayInForce {
    fn next(&mut self, kind: &str) -> Span {
        let Delay { base, jitter } = self.delay;
        if jitter == Span(0) {
            return base;
        }
        let number = next(&mut self.drawn, kind);
        let width = jitter + jitter;
        let drawn = self.draw.named(kind).numbered(number).between(Span(0), width);
        Span((base + drawn).0.saturating_sub(jitter.0))
    }
}

/// The how-manieth of its type the next message is, from 1.
fn next(drawn: &mut BTreeMap<String, u64>, kind: &str) -> u64 {
    match drawn.get_mut(kind) {
        Some(drawn) => {
            *drawn += 1;
            *drawn
        }
        None => *drawn.entry(kind.to_owned()).or_insert(1),
    }
}

/// The part of a draw's key that names a directed link.
pub(super) fn key_of(draw: Draw, from: NodeName, to: NodeName) -> Draw {
    draw.named(&format!("{from}->{to}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(link: &mut Link, kind: &str, count: usize) -> Vec<Span> {
        (0..count).map(|_| link.draw_delay(kind).0).collect()
    }

    fn jittery(base: u64, jitter: u64) -> Link {
        let mut link = Link::default();
        let delay = Delay { base: Span::milliseconds(base), jitter: Span::milliseconds(jitter) };
        link.set_delay(delay, key_of(Draw::of(1).named("delay"), NodeName::server(1), NodeName::server(2)));
        link
    }

    #[test]
    fn jitter_is_drawn_on_both_sides_of_the_delay_and_never_below_nothing() {
        let all = draws(&mut jittery(50, 10), "write", 2_000);
        let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
        assert!((40_000..40_200).contains(&least.0) && (59_800..=60_000).contains(&most.0), "{least:?} {most:?}");
        assert!(draws(&mut jittery(1, 10), "write", 100).contains(&Span(0)));
    }

    #[test]
    fn a_message_of_another_type_changes_no_draw() {
        let alone = draws(&mut jittery(50, 10), "write", 5);
        let mut link = jittery(50, 10);
        let mut beside_others = Vec::new();
        for _ in 0..5 {
            beside_others.extend(draws(&mut link, "write", 1));
            draws(&mut link, "read", 3);
        }
        assert_eq!(alone, beside_others);
    }

    #[test]
    fn messages_stay_in_order_until_the_link_is_cut() {
        let mut link = Link::default();
        assert_eq!(link.deadline(Time(0), Span(100)), Time(100));
        assert_eq!(link.deadline(Time(10), Span(20)), Time(100));
        link.cut();
        link.mend();
        assert_eq!(link.deadline(Time(10), Span(20)), Time(30));
    }
}
