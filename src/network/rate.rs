//! The rate of a link: its messages leave one after the other, each as soon as the one before it has left.

use crate::base::{Span, Time};

/// A rate in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub bits_per_second: u64,
}

impl Rate {
    /// How long it takes until a message of so many bytes has left.
    fn time_of(self, bytes: u64) -> Span {
        let bits = u128::from(bytes) * 8;
        let microseconds = (bits * 1_000_000).div_ceil(u128::from(self.bits_per_second));
        Span(u64::try_from(microseconds).unwrap_or(u64::MAX))
    }

    /// When a message of so many bytes has left a link that is busy until `free`.
    pub fn leaves(self, now: Time, free: Time, bytes: u64) -> Time {
        now.max(free) + self.time_of(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_takes_its_bits_and_those_of_the_messages_before_it() {
        let rate = Rate { bits_per_second: 1_000_000 };
        let first = rate.leaves(Time(100), Time(0), 125);
        assert_eq!(first, Time(1_100));
        assert_eq!(rate.leaves(Time(200), first, 125), Time(2_100));
        assert_eq!(rate.leaves(Time(5_000), first, 125), Time(6_000), "the link was free again");
    }

    #[test]
    fn a_part_of_a_microsecond_is_a_whole_one() {
        assert_eq!(Rate { bits_per_second: 3 }.time_of(1), Span(2_666_667));
        assert_eq!(Rate { bits_per_second: u64::MAX }.time_of(1), Span(1));
        assert_eq!(Rate { bits_per_second: 1 }.time_of(u64::MAX), Span(u64::MAX));
    }
}
