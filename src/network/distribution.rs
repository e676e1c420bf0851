//! Distributions of delays, in whole numbers: no floating point, whose last digit depends on the machine.
//!
//! Each is a pure function of a keyed draw, from which it makes as many further ones as it needs.

use crate::base::{Draw, Span};

/// How the delays of a link are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Distribution {
    /// Evenly, from delay - jitter to delay + jitter.
    #[default]
    Uniform,
    /// As a bell around the delay; the jitter is the standard deviation.
    Normal,
    /// From the delay on, the longer the rarer; the jitter is the mean of what is added.
    Exponential,
}

impl Distribution {
    /// The longest that a draw can be.
    pub(super) fn longest(self, base: Span, jitter: Span) -> Span {
        match self {
            Self::Uniform => base + jitter,
            Self::Normal => base + jitter.times(UNIFORMS / 2),
            Self::Exponential => base + jitter.times(LONGEST_TAIL),
        }
    }

    /// One delay, never less than nothing.
    pub(super) fn draw(self, base: Span, jitter: Span, draw: Draw) -> Span {
        match self {
            Self::Uniform => uniform(base, jitter, draw),
            Self::Normal => normal(base, jitter, draw),
            Self::Exponential => base + exponential(jitter, draw),
        }
    }
}

/// One, as a fraction of which draws are made.
const ONE: u64 = 1 << 32;
/// How many uniform draws make a normal one: the variance of each is a twelfth.
const UNIFORMS: u64 = 12;
/// Where an exponential draw is cut off, in means: one of nine million is longer.
const LONGEST_TAIL: u64 = 16;

fn uniform(base: Span, jitter: Span, draw: Draw) -> Span {
    let drawn = draw.between(Span(0), jitter + jitter);
    Span((base + drawn).0.saturating_sub(jitter.0))
}

/// The sum of twelve uniform draws from 0 to 1, less six, has the mean 0 and the standard deviation 1, and is within six
/// of it (Irwin and Hall 1927).
fn normal(base: Span, jitter: Span, draw: Draw) -> Span {
    let sum: u64 = (0..UNIFORMS).map(|number| draw.numbered(number).below(ONE)).sum();
    let deviations = i128::from(sum) - i128::from(UNIFORMS / 2 * ONE);
    let delay = i128::from(base.0) + deviations * i128::from(jitter.0) / i128::from(ONE);
    Span(u64::try_from(delay.max(0)).unwrap_or(u64::MAX))
}

/// Von Neumann's comparisons ("Various techniques used in connection with random digits", 1951): of uniform draws that
/// fall until one does not, an odd number fell with the probability of an exponential draw below one, and then the first
/// of them is its fraction; each even number adds one to it.
fn exponential(mean: Span, draw: Draw) -> Span {
    let mut numbers = 0..;
    let mut next = || draw.numbered(numbers.next().expect("the numbers have no end")).below(ONE);
    for whole in 0..LONGEST_TAIL {
        let first = next();
        let (mut last, mut fell) = (first, 1_u64);
        loop {
            let drawn = next();
            if drawn >= last {
                break;
            }
            (last, fell) = (drawn, fell + 1);
        }
        if !fell.is_multiple_of(2) {
            let fraction = u128::from(first) * u128::from(mean.0) / u128::from(ONE);
            return mean.times(whole) + Span(u64::try_from(fraction).expect("less than the mean"));
        }
    }
    mean.times(LONGEST_TAIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Span = Span::milliseconds(100);
    const JITTER: Span = Span::milliseconds(10);
    const COUNT: u64 = 20_000;

    fn drawn(distribution: Distribution, base: Span, jitter: Span) -> Vec<u64> {
        let one = |number| distribution.draw(base, jitter, Draw::of(1).named("test").numbered(number)).0;
        (0..COUNT).map(one).collect()
    }

    /// Mean and standard deviation.
    fn moments(drawn: &[u64]) -> (u64, u64) {
        let mean = drawn.iter().sum::<u64>() / COUNT;
        let variance = drawn.iter().map(|&one| one.abs_diff(mean).pow(2)).sum::<u64>() / COUNT;
        (mean, variance.isqrt())
    }

    /// How many of a thousand are at most so long.
    fn share(drawn: &[u64], longest: u64) -> u64 {
        drawn.iter().filter(|&&one| one <= longest).count() as u64 * 1_000 / COUNT
    }

    #[test]
    fn a_uniform_draw_reaches_both_ends_and_has_its_moments() {
        let drawn = drawn(Distribution::Uniform, BASE, JITTER);
        let (mean, deviation) = moments(&drawn);
        assert!((99_850..=100_150).contains(&mean), "{mean}");
        assert!((5_700..=5_850).contains(&deviation), "ten over the root of three: {deviation}");
        let (least, most) = (drawn.iter().min().unwrap(), drawn.iter().max().unwrap());
        assert!((90_000..90_020).contains(least) && (109_980..=110_000).contains(most), "{least} {most}");
    }

    #[test]
    fn a_normal_draw_has_its_moments_and_its_bell() {
        let drawn = drawn(Distribution::Normal, BASE, JITTER);
        let (mean, deviation) = moments(&drawn);
        assert!((99_800..=100_200).contains(&mean), "{mean}");
        assert!((9_850..=10_150).contains(&deviation), "{deviation}");
        // One and two deviations below the mean, and above.
        for (longest, expected) in [(80_000, 23), (90_000, 159), (110_000, 841), (120_000, 977)] {
            let share = share(&drawn, longest);
            assert!(share.abs_diff(expected) <= 10, "{share} of 1000 up to {longest}, and {expected} were expected");
        }
        assert!(drawn.iter().all(|&one| (40_000..=160_000).contains(&one)));
    }

    #[test]
    fn an_exponential_draw_has_its_moments_and_its_tail() {
        let drawn = drawn(Distribution::Exponential, BASE, JITTER);
        let (mean, deviation) = moments(&drawn);
        assert!((109_800..=110_200).contains(&mean), "{mean}");
        assert!((9_800..=10_200).contains(&deviation), "{deviation}");
        // Half a mean, the median, one, two and four means.
        for (tail, expected) in [(5_000, 393), (6_931, 500), (10_000, 632), (20_000, 865), (40_000, 982)] {
            let share = share(&drawn, 100_000 + tail);
            assert!(share.abs_diff(expected) <= 10, "{share} of 1000 up to {tail}, and {expected} were expected");
        }
        assert!(drawn.iter().all(|&one| one >= 100_000));
    }

    #[test]
    fn no_draw_is_below_nothing_or_beyond_the_longest() {
        for distribution in [Distribution::Uniform, Distribution::Normal, Distribution::Exponential] {
            let base = Span::milliseconds(1);
            let drawn = drawn(distribution, base, JITTER);
            assert!(drawn.iter().all(|&one| one <= distribution.longest(base, JITTER).0), "{distribution:?}");
            assert_eq!(distribution.draw(base, Span(0), Draw::of(1)), base, "{distribution:?}");
        }
        assert!(drawn(Distribution::Normal, Span(0), JITTER).contains(&0));
        assert_eq!(Distribution::Normal.longest(BASE, JITTER), Span::milliseconds(160));
        assert_eq!(Distribution::Exponential.longest(BASE, JITTER), Span::milliseconds(260));
    }
}
