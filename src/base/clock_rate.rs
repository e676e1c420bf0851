//! How fast a node's clock runs, as scripts write it: `1.5` is one and a half times as fast as a true one.

use std::fmt;
use std::str::FromStr;

/// The rate of a clock, in millionths of that of a true one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockRate(pub u64);

impl ClockRate {
    /// The rate of a true clock.
    pub const TRUE: Self = Self(1_000_000);
    /// The slowest that a script may order: a thousandth of a true one.
    pub const SLOWEST: Self = Self(1_000);
    /// The fastest that a script may order: a thousand times a true one.
    pub const FASTEST: Self = Self(1_000_000_000);
}

/// How many places behind the point a rate may have.
const PLACES: usize = 6;

/// Without zeros at its end: `2`, `0.001`. This is the canonical text of a rate.
impl fmt::Display for ClockRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, places) = (self.0 / Self::TRUE.0, self.0 % Self::TRUE.0);
        let places = format!("{places:0PLACES$}");
        match places.trim_end_matches('0') {
            "" => write!(formatter, "{whole}"),
            places => write!(formatter, "{whole}.{places}"),
        }
    }
}

/// Why a text is no rate of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAClockRate {
    /// It is no decimal number.
    #[error("a rate is a number without a unit, such as 2, 1.5 or 0.999")]
    Shape,
    /// It has a part smaller than a millionth.
    #[error("a rate has at most {PLACES} places behind the point")]
    TooFine,
    /// No clock runs so slowly, or so fast.
    #[error("the rate of a clock is from {} to {}", ClockRate::SLOWEST, ClockRate::FASTEST)]
    OutOfBounds,
}

impl FromStr for ClockRate {
    type Err = NotAClockRate;

    fn from_str(text: &str) -> Result<Self, NotAClockRate> {
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(places) {
            return Err(NotAClockRate::Shape);
        }
        let places = places.trim_end_matches('0');
        if places.len() > PLACES {
            return Err(NotAClockRate::TooFine);
        }
        let places: u64 = format!("{places:0<PLACES$}").parse().expect("six digits");
        let whole = whole.parse::<u64>().ok().and_then(|whole| whole.checked_mul(Self::TRUE.0));
        let rate = whole.and_then(|whole| whole.checked_add(places)).map(Self);
        rate.filter(|rate| (Self::SLOWEST..=Self::FASTEST).contains(rate)).ok_or(NotAClockRate::OutOfBounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_and_its_text_are_one() {
        for (text, millionths) in [
            ("1", 1_000_000),
            ("1.5", 1_500_000),
            ("0.001", 1_000),
            ("1000", 1_000_000_000),
            ("999.999999", 999_999_999),
        ] {
            assert_eq!((text.parse(), ClockRate(millionths).to_string().as_str()), (Ok(ClockRate(millionths)), text));
        }
        assert_eq!("02.500000000".parse(), Ok(ClockRate(2_500_000)));
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["", "x", "x2", "-1", "+1", "1.", ".5", "1,5", "1e3", "150%", "1 ", "1.5.0", "٣"] {
            assert_eq!(text.parse::<ClockRate>(), Err(NotAClockRate::Shape), "{text}");
        }
        assert_eq!("1.0000001".parse::<ClockRate>(), Err(NotAClockRate::TooFine));
        for text in ["0", "0.0", "0.000999", "1000.000001", "1001", "18446744073709551616", "18446744073709"] {
            assert_eq!(text.parse::<ClockRate>(), Err(NotAClockRate::OutOfBounds), "{text}");
        }
    }
}
