//! What a server reports of itself beside its log.

use crate::wire::{ServerRole, StateChange};

/// The part that a server plays, the number of its ballot or term, and how much waits there to be decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Which part.
    pub role: Option<ServerRole>,
    /// The number.
    pub term: Option<u64>,
    /// Requests, and blocks that are not decided.
    pub queued: Option<u64>,
}

impl Report {
    /// Reports what is other than it was, beside changes of the log; what is now is what was, next time.
    pub fn add_changes(&mut self, now: Self, changes: StateChange) -> StateChange {
        let before = std::mem::replace(self, now);
        StateChange {
            role: now.role.filter(|_| now.role != before.role),
            term: now.term.filter(|_| now.term != before.term),
            queued: now.queued.filter(|_| now.queued != before.queued),
            ..changes
        }
    }
}
