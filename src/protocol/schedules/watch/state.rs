//! What of a server is watched.

use crate::protocol::schedules::subject::Subject;

/// What a server holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State<S: Subject> {
    /// What it has promised.
    pub vow: S::Vow,
    /// How many entries are decided.
    pub decided: usize,
    /// Its log.
    pub log: Vec<S::Entry>,
    /// What part it plays.
    pub part: Part<S::Number>,
}

/// What part a server plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part<N> {
    /// It follows.
    #[default]
    Follower,
    /// It wants to lead, with a number with which others want to lead too.
    Asking,
    /// It wants to lead, with a number of its own.
    Trying(N),
    /// It leads.
    Leading(N),
}

impl<S: Subject> Default for State<S> {
    fn default() -> Self {
        Self { vow: S::Vow::default(), decided: 0, log: Vec::new(), part: Part::default() }
    }
}

impl<S: Subject> State<S> {
    /// How many entries of the log were there before, in the same places.
    pub fn same_as(&self, before: &Self) -> usize {
        // Blocks are compared only where they are not the same in memory.
        before.log.iter().zip(&self.log).take_while(|(one, other)| one == other).count()
    }

    /// Does its disk have to know that it is no longer as before?
    pub fn is_kept_otherwise_than(&self, before: &Self) -> bool {
        (&self.vow, &self.log) != (&before.vow, &before.log)
    }
}
