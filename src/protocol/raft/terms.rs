//! Of which term each entry of a log is.
//!
//! A leader's first entry is its no-op, and terms only grow along a log: so the places of the no-ops say it all, and how
//! many blocks stand before an entry.

use crate::protocol::raft::messages::Position;

/// The terms of a log's entries. Entries are numbered from 1; at 0 stands nothing, of term 0.
///
/// Invariant: terms and indices ascend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Where the no-op of each term stands.
    starts: Vec<Position>,
}

impl Terms {
    /// A no-op stands at the end of the log.
    ///
    /// # Panics
    /// If its term is not greater than the last.
    pub fn push(&mut self, start: Position) {
        let last = self.starts.last();
        assert!(
            last.is_none_or(|last| last.term < start.term && last.index < start.index),
            "{start:?} behind {last:?}"
        );
        self.starts.push(start);
    }

    /// The entries behind `index` are taken away.
    pub fn truncate(&mut self, index: u64) {
        self.starts.truncate(self.started_by(index));
    }

    /// How many terms have begun at `index` or before it: so many of the entries up to there are no-ops.
    fn started_by(&self, index: u64) -> usize {
        self.starts.partition_point(|start| start.index <= index)
    }

    /// How many terms have entries.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.starts.len() as u64
    }

    /// The term of the entry at `index`, if the log is as long as that.
    #[must_use]
    pub fn at(&self, index: u64) -> u64 {
        self.started_by(index).checked_sub(1).map_or(0, |place| self.starts[place].term)
    }

    /// How many blocks stand at `index` and before it.
    #[must_use]
    pub fn height_at(&self, index: u64) -> u64 {
        index - self.started_by(index) as u64
    }

    /// Where the block at `height` stands, or would stand behind the last one.
    #[must_use]
    pub fn index_of(&self, height: u64) -> u64 {
        // The no-op number n (from 0) at `index` has index - 1 - n blocks before it.
        let before = (0..).zip(&self.starts).take_while(|(number, start)| start.index - 1 - number < height);
        height + before.count() as u64
    }

    /// Does a no-op stand there?
    #[must_use]
    pub fn begins_at(&self, index: u64) -> bool {
        self.starts.binary_search_by_key(&index, |start| start.index).is_ok()
    }

    /// The last entry at `index` or before it that is not of a later term than `term`.
    #[must_use]
    pub fn last_not_above(&self, index: u64, term: u64) -> Position {
        let later = self.starts.partition_point(|start| start.term <= term);
        let index = self.starts.get(later).map_or(index, |start| index.min(start.index - 1));
        Position { index, term: self.at(index) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The log n b b | n | n b of terms 1, 3 and 4.
    fn terms() -> Terms {
        let mut terms = Terms::default();
        for (index, term) in [(1, 1), (4, 3), (5, 4)] {
            terms.push(Position { index, term });
        }
        terms
    }

    #[test]
    fn every_entry_has_a_term_and_blocks_before_it() {
        let terms = terms();
        assert_eq!((0..=6).map(|index| terms.at(index)).collect::<Vec<_>>(), [0, 1, 1, 1, 3, 4, 4]);
        assert_eq!((0..=6).map(|index| terms.height_at(index)).collect::<Vec<_>>(), [0, 0, 1, 2, 2, 2, 3]);
        assert_eq!((1..=3).map(|height| terms.index_of(height)).collect::<Vec<_>>(), [2, 3, 6]);
        assert_eq!((1..=6).filter(|&index| terms.begins_at(index)).collect::<Vec<_>>(), [1, 4, 5]);
    }

    #[test]
    fn what_is_taken_away_has_no_term() {
        let mut terms = terms();
        terms.truncate(4);
        assert_eq!((terms.count(), terms.at(4)), (2, 3));
        terms.truncate(0);
        assert_eq!(terms, Terms::default());
    }

    #[test]
    fn a_hint_is_the_last_entry_of_no_later_term() {
        let terms = terms();
        let hint = |index, term| terms.last_not_above(index, term);
        assert_eq!(hint(6, 9), Position { index: 6, term: 4 });
        assert_eq!(hint(6, 3), Position { index: 4, term: 3 });
        assert_eq!(hint(6, 2), Position { index: 3, term: 1 });
        assert_eq!(hint(2, 2), Position { index: 2, term: 1 });
        assert_eq!(hint(6, 0), Position { index: 0, term: 0 });
    }
}
