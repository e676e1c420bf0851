//! A log of entries, each of a term: no-ops, and the blocks of a chain.

use std::rc::Rc;

use crate::base::limits;
use crate::ledger::{Block, Flaw, RequestId};
use crate::protocol::raft::messages::{Entry, Position};
use crate::protocol::raft::terms::Terms;
use crate::protocol::replicated::{Outcome, ReplicatedLog};

/// A server's log. Entries are numbered from 1.
///
/// Invariants:
/// 1. commit <= last, and exactly the blocks up to there are decided.
/// 2. A committed entry never changes.
/// 3. Terms ascend, and the first entry of each is a no-op; nothing else is.
#[derive(Debug, Default)]
pub struct RaftLog {
    blocks: ReplicatedLog,
    terms: Terms,
    commit: u64,
}

/// What is wrong with entries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEntries {
    /// The blocks make no chain.
    #[error(transparent)]
    Flaw(#[from] Flaw),
    /// A block is of a term that has not begun.
    #[error("entry {index} is a block of term {term}, which has not begun with a no-op")]
    NoStart {
        /// Where it stands.
        index: u64,
        /// Its term.
        term: u64,
    },
    /// A no-op is of a term that is not later than the one before it.
    #[error("entry {index} begins term {term}, and entries of term {last} stand before it")]
    Back {
        /// Where it stands.
        index: u64,
        /// Its term.
        term: u64,
        /// The term of the entry before it.
        last: u64,
    },
}

impl RaftLog {
    /// A log without entries.
    #[must_use]
    pub fn new(blocks: ReplicatedLog) -> Self {
        Self { blocks, ..Self::default() }
    }

    /// The blocks among the entries.
    #[must_use]
    pub fn blocks(&self) -> &ReplicatedLog {
        &self.blocks
    }

    /// The same, for a leader to add to its end.
    pub fn blocks_mut(&mut self) -> &mut ReplicatedLog {
        &mut self.blocks
    }

    /// How many entries there are.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.blocks.accepted() + self.terms.count()
    }

    /// How many entries are known to be committed.
    #[must_use]
    pub fn commit(&self) -> u64 {
        self.commit
    }

    /// The last entry.
    #[must_use]
    pub fn last(&self) -> Position {
        self.position(self.length())
    }

    /// The entry with this index, which the log has; at 0 stands nothing.
    #[must_use]
    pub fn position(&self, index: u64) -> Position {
        Position { index, term: self.terms.at(index) }
    }

    /// The term of the block at this height.
    #[must_use]
    pub fn term_of_block(&self, height: u64) -> u64 {
        self.terms.at(self.terms.index_of(height))
    }

    /// Does this entry stand in the log?
    #[must_use]
    pub fn holds(&self, position: Position) -> bool {
        position.index <= self.length() && self.terms.at(position.index) == position.term
    }

    /// The last entry at `position` or before it that may stand in the log of one that has that entry.
    #[must_use]
    pub fn last_in_common_with(&self, position: Position) -> Position {
        self.terms.last_not_above(position.index.min(self.length()), position.term)
    }

    /// Begins a term.
    pub fn begin_term(&mut self, term: u64) {
        self.terms.push(Position { index: self.length() + 1, term });
    }

    /// The entries behind the first `skip`, up to the index `end`, as far as they go into one message; are there more?
    #[must_use]
    pub fn piece(&self, skip: u64, end: u64) -> (Vec<Entry>, bool) {
        limits::piece(self.entries(skip, end), Entry::encoded_bytes)
    }

    /// The entries behind the first `skip`, up to the index `end`.
    pub fn entries(&self, skip: u64, end: u64) -> impl Iterator<Item = Entry> + '_ {
        let mut blocks = self.blocks.blocks_after(self.terms.height_at(skip)).iter();
        let mut term = self.terms.at(skip);
        (skip + 1..=end.min(self.length())).map(move |index| {
            if self.terms.begins_at(index) {
                term = self.terms.at(index);
                Entry { term, block: None }
            } else {
                Entry { term, block: blocks.next().map(Rc::clone) }
            }
        })
    }

    /// Of entries that stand behind the first `skip` in another's log, those that this log does not have, and behind which
    /// index they belong. What this log has of them stays, and what it has behind them.
    #[must_use]
    pub fn unknown<'e>(&self, skip: u64, entries: &'e [Entry]) -> (u64, &'e [Entry]) {
        let known = (skip + 1..)
            .zip(entries)
            .take_while(|(index, entry)| *index <= self.length() && self.terms.at(*index) == entry.term);
        let count = known.count();
        (skip + count as u64, &entries[count..])
    }

    /// Does the first block among these entries point to the last one before them, where they stand behind the first `skip`?
    #[must_use]
    pub fn is_linked(&self, skip: u64, entries: &[Entry]) -> bool {
        let first = entries.iter().find_map(|entry| entry.block.as_ref());
        first.is_none_or(|first| first.previous == self.blocks.hash_at(self.terms.height_at(skip)))
    }

    /// Puts entries behind the first `skip`, in place of whatever stood there.
    ///
    /// # Errors
    /// They are none that a leader can have: of wrong terms, then nothing has changed; of wrong blocks, then what stood there
    /// is gone.
    ///
    /// # Panics
    /// If a committed entry would go.
    pub fn replace_after(&mut self, skip: u64, entries: &[Entry]) -> Result<(), BadEntries> {
        assert!(skip >= self.commit, "the committed prefix of {} entries would be cut off at {skip}", self.commit);
        self.check_terms(skip, entries)?;
        let height = self.terms.height_at(skip);
        self.terms.truncate(skip);
        for (index, entry) in (skip + 1..).zip(entries).filter(|(_, entry)| entry.block.is_none()) {
            self.terms.push(Position { index, term: entry.term });
        }
        let blocks: Vec<&Rc<Block>> = entries.iter().filter_map(|entry| entry.block.as_ref()).collect();
        Ok(self.blocks.replace_after(height, blocks)?)
    }

    /// Does each term among these entries begin with its no-op, and is later than the one before?
    fn check_terms(&self, skip: u64, entries: &[Entry]) -> Result<(), BadEntries> {
        let mut last = self.terms.at(skip);
        for (index, &Entry { term, ref block }) in (skip + 1..).zip(entries) {
            match block {
                None if term <= last => return Err(BadEntries::Back { index, term, last }),
                Some(_) if term != last => return Err(BadEntries::NoStart { index, term }),
                None | Some(_) => last = term,
            }
        }
        Ok(())
    }

    /// Holds the first invariant; the others are held where the log changes.
    ///
    /// # Panics
    /// If it does not hold.
    pub fn assert_sound(&self) {
        assert!(self.commit <= self.length(), "{} entries are committed of {}", self.commit, self.length());
        assert_eq!(self.blocks.decided(), self.terms.height_at(self.commit), "what is committed is decided");
    }

    /// Commits the entries up to an index, and shows each request among them, with what it came to.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn commit_to(&mut self, index: u64, show: impl FnMut(RequestId, &Outcome)) {
        assert!(index <= self.length(), "{index} entries are committed of {}", self.length());
        if index > self.commit {
            self.blocks.decide(self.terms.height_at(index), show);
            self.commit = index;
        }
    }

    /// Takes up a record of an earlier life: these entries stand behind the first `skip`, and so many are committed.
    ///
    /// # Errors
    /// It does not fit to those before it.
    pub fn recover(&mut self, skip: u64, commit: u64, entries: &[Entry]) -> Result<(), String> {
        if skip < self.commit || skip > self.length() {
            return Err(format!("it begins behind entry {skip}, and there are {}", self.length()));
        }
        self.replace_after(skip, entries).map_err(|bad| bad.to_string())?;
        for (index, entry) in (skip + 1..).zip(entries) {
            if let Some(block) = &entry.block {
                block.check_nonce_is_least(self.terms.height_at(index)).map_err(|flaw| flaw.to_string())?;
            }
        }
        self.commit_to(commit.min(self.length()), |_, _| {});
        Ok(())
    }
}
