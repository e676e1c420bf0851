//! A node's own clock: what it shows when the master's shows something, and when it will show something.
//!
//! It is reckoned from the last order about it, and never from reading to reading: no rounding adds up, and a clock that
//! jumps ahead and back again is where it would be without.
//!
//! Invariants:
//! 1. Between two orders it never goes back.
//! 2. It shows whole microseconds; the fraction that is left is less than one.
//!
//! Deliberately missing: who is told what it shows.

use crate::base::{ClockRate, Offset, Time};
use crate::trace::ClockFault;

/// In how many parts a microsecond is divided: a rate is so many millionths.
const MILLION: u64 = ClockRate::TRUE.0;

/// A clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The master's time of the last order about it.
    master_base: Time,
    /// What it showed then.
    node_base: Time,
    /// How much more than that it was, in millionths of a microsecond.
    fraction: u64,
    rate: ClockRate,
}

impl Default for Clock {
    /// A clock that shows the master's time.
    fn default() -> Self {
        Self { master_base: Time(0), node_base: Time(0), fraction: 0, rate: ClockRate::TRUE }
    }
}

impl Clock {
    /// What it shows at the master's `master`, which is not before the last order about it. The greatest time there is
    /// stands for all that is later.
    #[must_use]
    pub fn reading(&self, master: Time) -> Time {
        if self.is_true() { master } else { self.since_base(master).0 }
    }

    /// Does it show the master's time, and go on to do so?
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.rate == ClockRate::TRUE && self.node_base == self.master_base
    }

    /// The least of the master's times, from the last order on, at which it shows `reading` or more.
    #[must_use]
    pub fn when(&self, reading: Time) -> Time {
        if self.is_true() {
            return reading.max(self.master_base);
        }
        if reading <= self.node_base {
            return self.master_base;
        }
        // It shows whole microseconds, so it shows this one from the instant on at which it has come that far.
        let millionths = u128::from((reading - self.node_base).0) * u128::from(MILLION) - u128::from(self.fraction);
        saturating(self.master_base, millionths.div_ceil(u128::from(self.rate.0)))
    }

    /// The same clock after an order that comes at the master's `master`.
    ///
    /// # Panics
    /// If it would stand still: no script can order that.
    #[must_use]
    pub fn after(&self, fault: ClockFault, master: Time) -> Self {
        let now = self.rebased(master);
        let node_base = now.node_base;
        match fault {
            ClockFault::Rate { rate } => {
                assert!(rate >= ClockRate::SLOWEST, "a clock never stands still");
                Self { rate, ..now }
            }
            ClockFault::Jump { offset: Offset::Ahead(by) } => Self { node_base: node_base + by, ..now },
            ClockFault::Jump { offset: Offset::Back(by) } if by.0 > node_base.0 => {
                Self { node_base: Time(0), fraction: 0, ..now }
            }
            ClockFault::Jump { offset: Offset::Back(by) } => Self { node_base: Time(node_base.0 - by.0), ..now },
        }
    }

    /// The same clock, reckoned from the master's `master` on: it goes on to show what it would have shown.
    #[must_use]
    pub fn rebased(&self, master: Time) -> Self {
        let (node_base, fraction) = self.since_base(master);
        Self { master_base: master, node_base, fraction, rate: self.rate }
    }

    /// What it shows at `master`, and the fraction that is left.
    fn since_base(&self, master: Time) -> (Time, u64) {
        let elapsed = u128::from((master - self.master_base).0);
        let millionths = u128::from(self.fraction) + elapsed * u128::from(self.rate.0);
        let fraction = u64::try_from(millionths % u128::from(MILLION)).expect("less than a million");
        (saturating(self.node_base, millionths / u128::from(MILLION)), fraction)
    }
}

fn saturating(base: Time, microseconds: u128) -> Time {
    Time(u64::try_from(microseconds + u128::from(base.0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
