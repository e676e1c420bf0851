//! One of several parts into which the scripts are split, for machines that share the work.

use std::num::NonZeroUsize;
use std::str::FromStr;

/// The `index`-th of `count` parts: of the cases in their order the `index`-th and every `count`-th behind it. All
/// parts together are all cases, and no case is in two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `count`.
    index: NonZeroUsize,
    count: NonZeroUsize,
}

impl Shard {
    /// Is the case at this position, from 0, in this part?
    #[must_use]
    pub fn holds(self, position: usize) -> bool {
        position % self.count == self.index.get() - 1
    }
}

/// A text that names no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part of the scripts is written I/N, with I from 1 to N: 2/3")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, count) = text.split_once('/').ok_or(NoShard)?;
        let (index, count): (NonZeroUsize, NonZeroUsize) =
            (index.parse().map_err(|_| NoShard)?, count.parse().map_err(|_| NoShard)?);
        if index <= count { Ok(Self { index, count }) } else { Err(NoShard) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_in_exactly_one_part() {
        for count in 1..6 {
            let shards: Vec<Shard> = (1..=count).map(|index| format!("{index}/{count}").parse().unwrap()).collect();
            for position in 0..20 {
                assert_eq!(shards.iter().filter(|shard| shard.holds(position)).count(), 1, "{position} of {count}");
            }
        }
    }

    #[test]
    fn what_names_no_part() {
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/2", "a/b", " 1/3"] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
        }
    }
}
