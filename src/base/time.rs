//! Virtual time: whole microseconds since the start of a run.
//!
//! No clock is read here. [`Span`]s are what scripts write (`50ms`); [`Time`]s are what transcripts print.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::limits;

/// A point in time, in whole microseconds since the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub u64);

/// A length of time, in whole microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

impl Span {
    /// `count` milliseconds.
    #[must_use]
    pub const fn milliseconds(count: u64) -> Self {
        Self(count * 1_000)
    }

    /// `count` seconds.
    #[must_use]
    pub const fn seconds(count: u64) -> Self {
        Self(count * 1_000_000)
    }

    /// This length `count` times; the greatest length there is where that overflows.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Time {
    type Output = Span;
    /// How long after `earlier` this is; zero if it is not after it.
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// Seconds with six decimals, as transcripts print them: `0.004000`.
impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// The greatest unit that leaves no fraction: `2s`, `50ms`, `1500us`. This is the canonical text of a duration.
impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let microseconds = self.0;
        if microseconds.is_multiple_of(1_000_000) {
            write!(formatter, "{}s", microseconds / 1_000_000)
        } else if microseconds.is_multiple_of(1_000) {
            write!(formatter, "{}ms", microseconds / 1_000)
        } else {
            write!(formatter, "{microseconds}us")
        }
    }
}

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASpan {
    /// It is not a number followed by a unit.
    #[error("a duration is a number and its unit, us, ms, s or min, such as 50ms or 1.5s")]
    Shape,
    /// It has a part smaller than a microsecond.
    #[error("the smallest step of time is one microsecond (1us)")]
    TooFine,
    /// It does not fit.
    #[error("the duration is longer than any run can be, which is {}", limits::TIME_OF_A_RUN)]
    TooLong,
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let unit_at = text.find(|letter: char| letter.is_ascii_alphabetic()).ok_or(NotASpan::Shape)?;
        let (number, unit) = text.split_at(unit_at);
        let unit_us: u64 = match unit {
            "us" => 1,
            "ms" => 1_000,
            "s" => 1_000_000,
            "min" => 60_000_000,
            _ => return Err(NotASpan::Shape),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((_, "")) => return Err(NotASpan::Shape),
            Some((whole, fraction)) => (whole, fraction),
            None => (number, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(NotASpan::Shape);
        }
        let whole: u64 = whole.parse().map_err(|_| NotASpan::TooLong)?;
        let whole_us = whole.checked_mul(unit_us).ok_or(NotASpan::TooLong)?;
        let fraction_us = fraction_of(fraction, unit_us)?;
        let span = whole_us.checked_add(fraction_us).map(Self);
        span.filter(|span| *span <= limits::TIME_OF_A_RUN).ok_or(NotASpan::TooLong)
    }
}

/// `0.FRACTION` of a unit, exactly.
fn fraction_of(fraction: &str, unit_us: u64) -> Result<u64, NotASpan> {
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return Ok(0);
    }
    if fraction.len() > 9 {
        return Err(NotASpan::TooFine);
    }
    let scale = 10_u64.pow(u32::try_from(fraction.len()).expect("at most nine digits"));
    let parts: u64 = fraction.parse().expect("at most nine digits");
    if (parts * unit_us).is_multiple_of(scale) { Ok(parts * unit_us / scale) } else { Err(NotASpan::TooFine) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        for (text, microseconds) in [
            ("0s", 0),
            ("50ms", 50_000),
            ("1.5s", 1_500_000),
            ("2min", 120_000_000),
            ("7us", 7),
            ("0.000001s", 1),
            ("1.50ms", 1_500),
        ] {
            assert_eq!(text.parse(), Ok(Span(microseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "ms", "-5ms", "5 ms", "5.ms", ".5s", "5hours", "5e3s", "1..2s", "٣s"] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan::Shape), "{text}");
        }
        assert_eq!("0.5us".parse::<Span>(), Err(NotASpan::TooFine));
        for text in ["18446744073709551615s", "1000000.000001s"] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan::TooLong));
        }
    }

    #[test]
    fn the_canonical_text_parses_back() {
        for microseconds in [0, 1, 999, 1_000, 1_500, 1_000_000, 61_000_000, 1_000_000_000_000] {
            assert_eq!(Span(microseconds).to_string().parse(), Ok(Span(microseconds)));
        }
    }

    #[test]
    fn times_have_six_decimals() {
        assert_eq!(Time(4_000).to_string(), "0.004000");
        assert_eq!(Time(12_345_678).to_string(), "12.345678");
    }
}
