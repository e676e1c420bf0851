//! How long messages of a link are under way.

use crate::base::{Draw, Span};
use crate::network::distribution::Distribution;

/// A delay that the script set: each message takes `base`, spread by `jitter`, never less than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The middle; of an exponential spread the least.
    pub base: Span,
    /// How far draws are spread from it.
    pub jitter: Span,
    /// How.
    pub distribution: Distribution,
}

impl Delay {
    /// The longest that a message can take.
    #[must_use]
    pub fn longest(self) -> Span {
        self.distribution.longest(self.base, self.jitter)
    }

    pub(super) fn draw(self, draw: Draw) -> Span {
        match self.jitter {
            Span(0) => self.base,
            jitter => self.distribution.draw(self.base, jitter, draw),
        }
    }
}
