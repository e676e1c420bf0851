//! How long scripts take, for people: the one place here that looks at the machine's clock.
//!
//! Nothing is decided by it, but how long is waited: for children to leave when the runner is interrupted, and for another
//! runner that writes the same golden.

use std::fmt;
use std::ops::Add;
use std::time::{Duration, Instant};

use crate::base::limits;

/// After how long the runner looks again whether it is interrupted, or may write.
pub(super) const GLANCE: Duration = Duration::from_millis(20);
/// How long the children of an interrupted runner may take to leave: each ends its nodes, and those have a limit too.
const LEAVING: Duration = Duration::from_secs(2 * limits::LEAVE_WALL_SECONDS);

/// Waits until it is time to look again.
pub(super) fn pause() {
    std::thread::sleep(GLANCE);
}

/// A span of wall time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime(u64);

impl WallTime {
    /// In microseconds.
    #[must_use]
    pub fn microseconds(self) -> u64 {
        self.0
    }
}

impl Add for WallTime {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<WallTime> for Duration {
    fn from(time: WallTime) -> Self {
        Self::from_micros(time.0)
    }
}

/// As `0.03 s`.
impl fmt::Display for WallTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0 + 5_000) / 10_000;
        write!(formatter, "{}.{:02} s", hundredths / 100, hundredths % 100)
    }
}

/// Something that began at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> WallTime {
        WallTime(u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Is it so many seconds ago?
    pub(super) fn is_over_seconds(self, seconds: u64) -> bool {
        self.0.elapsed() >= Duration::from_secs(seconds)
    }

    /// Is it so long ago that a child that was asked to leave is not waited for any more?
    pub(super) fn is_over_leaving(self) -> bool {
        self.0.elapsed() >= LEAVING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_of_a_second_are_rounded() {
        let texts = [0, 4_999, 5_000, 28_000, 995_000, 61_230_000].map(|time| WallTime(time).to_string());
        assert_eq!(texts, ["0.00 s", "0.00 s", "0.01 s", "0.03 s", "1.00 s", "61.23 s"]);
    }
}
