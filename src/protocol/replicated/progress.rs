//! How far those are that a leader brings its log to.

/// How far one is. Who has everything gets what is new at once; who is behind gets the log in pieces, the next when it
/// has taken the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How much of the log it was sent.
    pub sent: u64,
    /// How much it says that it has.
    pub reached: u64,
    /// How much it had when the last round ended, if it was there and lacked something then.
    reached_before: Option<u64>,
}

impl Progress {
    /// Of one that is to be sent what is behind the first `sent`, and says that it has `reached`.
    #[must_use]
    pub fn of(sent: u64, reached: u64) -> Self {
        Self { sent, reached, reached_before: None }
    }

    /// Has it had all that it was sent?
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.reached >= self.sent
    }

    /// Has it had nothing new since the last round ended?
    #[must_use]
    pub fn stands_still(&self) -> bool {
        Some(self.reached) == self.reached_before
    }

    /// A round ends in which it lacked something.
    pub fn end_round(&mut self) {
        self.reached_before = Some(self.reached);
    }

    /// A round ends in which it had all: what it is sent in the next one has until the end of the one after.
    pub fn end_idle_round(&mut self) {
        self.reached_before = None;
    }
}

/// How much a majority of `servers` has, of whom these have so much, and the others nothing.
#[must_use]
pub fn reached_by_majority(reached: impl Iterator<Item = u64>, servers: usize) -> u64 {
    let mut reached: Vec<_> = reached.collect();
    reached.sort_unstable_by(|one, other| other.cmp(one));
    reached.get(servers / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_majority_has_is_what_so_many_reach() {
        let of = |reached: &[u64], servers| reached_by_majority(reached.iter().copied(), servers);
        assert_eq!(of(&[7], 1), 7);
        assert_eq!(of(&[7], 3), 0);
        assert_eq!(of(&[7, 5], 3), 5);
        assert_eq!(of(&[7, 5, 3], 3), 5);
        assert_eq!(of(&[7, 5, 3], 5), 3);
        assert_eq!(of(&[4, 5, 3, 3, 1], 5), 3);
    }
}
