//! The one door of chance: draws that are keyed, never taken from a shared stream.
//!
//! A draw is a pure function of the run's seed and of the names of what is drawn. So one message more on one link
//! changes no draw on any other, goldens stay, and a failing script can be shortened.
//!
//! Deliberately missing: any state, and floating point.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::base::time::Span;

/// A draw in the making: the seed and the parts of its key so far, each part mixed in by one keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw(u64);

impl Draw {
    /// A draw of the run with this seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(xxh3_64_with_seed(b"splitbrain", seed))
    }

    /// Adds a name to the key.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self(xxh3_64_with_seed(name.as_bytes(), self.0))
    }

    /// Adds a number to the key.
    #[must_use]
    pub fn numbered(self, number: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
        // A leading zero byte: no name holds one (scripts refuse NUL), so a number is never mistaken for a name.
        Self(xxh3_64_with_seed(&[0, a, b, c, d, e, f, g, h], self.0))
    }

    /// A whole number from 0 to `bound` - 1, all equally likely (to within `bound` / 2^64).
    ///
    /// # Panics
    /// If `bound` is 0: there is nothing to choose from.
    #[must_use]
    pub fn below(self, bound: u64) -> u64 {
        assert!(bound > 0, "a draw needs at least one possibility");
        let product = u128::from(self.0) * u128::from(bound);
        u64::try_from(product >> 64).expect("less than bound")
    }

    /// A length of time from `low` to `high`, both included.
    #[must_use]
    pub fn between(self, low: Span, high: Span) -> Span {
        match (high.0 - low.0).checked_add(1) {
            Some(width) => Span(low.0 + self.below(width)),
            None => Span(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_draws_the_same() {
        let draw = || Draw::of(1).named("jitter").numbered(3).below(1_000_000);
        assert_eq!(draw(), draw());
    }

    #[test]
    fn each_part_of_the_key_matters() {
        let values = [
            Draw::of(1).named("a").named("b"),
            Draw::of(2).named("a").named("b"),
            Draw::of(1).named("ab"),
            Draw::of(1).named("b").named("a"),
            Draw::of(1).named("a").named("b").numbered(0),
            Draw::of(1).named("a").named("b").numbered(1),
        ];
        for (index, value) in values.iter().enumerate() {
            assert!(!values[..index].contains(value), "{index}");
        }
    }

    #[test]
    fn draws_cover_their_range_evenly() {
        let mut counts = [0_u32; 10];
        for number in 0..10_000 {
            counts[usize::try_from(Draw::of(7).numbered(number).below(10)).unwrap()] += 1;
        }
        assert!(counts.iter().all(|&count| (850..1150).contains(&count)), "{counts:?}");
    }

    #[test]
    fn a_span_is_drawn_with_both_ends() {
        let drawn: std::collections::BTreeSet<_> =
            (0..200).map(|number| Draw::of(1).numbered(number).between(Span(3), Span(6))).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [Span(3), Span(4), Span(5), Span(6)]);
    }
}
