//! How far a follower's log is, as its leader knows it.

use crate::protocol::replicated::Progress;

/// A follower. Where its log may part from the leader's, one append at a time is under way until one fits; from then on
/// appends leave as there are entries.
#[derive(Clone, Copy, Debug)]
pub struct Follower {
    /// Behind which index the append stands that is to show whether it fits; none once one has.
    pub probed_at: Option<u64>,
    /// How many entries it was sent, and is known to have.
    pub progress: Progress,
    /// How many committed entries it was told of.
    pub told: u64,
    /// Does it count? A learner does not.
    pub counts: bool,
    /// Does what it was sent seem to be lost?
    is_stuck: bool,
    /// Was it heard since the leader last looked whether a majority hears it?
    pub is_heard: bool,
}

impl Follower {
    /// One of which nothing is known, to be sent what is behind so many entries first.
    #[must_use]
    pub fn unknown(index: u64) -> Self {
        let progress = Progress::of(index, 0);
        Self { probed_at: Some(index), progress, told: 0, counts: true, is_stuck: false, is_heard: true }
    }

    /// An append has to show whether it fits behind so many entries.
    pub fn probe(&mut self, index: u64) {
        self.probed_at = Some(index);
        self.progress.sent = index;
    }

    /// It has so many entries of the leader's log.
    pub fn reach(&mut self, index: u64) {
        self.probed_at = None;
        self.is_stuck = false;
        self.progress.reached = index.max(self.progress.reached);
        self.progress.sent = self.progress.sent.max(self.progress.reached);
    }

    /// A heartbeat leaves. Has what it was sent had the time between two of them, and nothing came of it?
    pub fn end_round(&mut self) {
        let lacks = self.probed_at.is_some() || !self.progress.is_idle();
        self.is_stuck = lacks && self.progress.stands_still();
        if lacks {
            self.progress.end_round();
        } else {
            self.progress.end_idle_round();
        }
    }

    /// Is it to be sent again what seems to be lost, one append at a time? Asked when it was heard, and seldom where it is not.
    pub fn take_repeat(&mut self) -> bool {
        let is_stuck = std::mem::take(&mut self.is_stuck);
        if is_stuck {
            self.probe(self.probed_at.unwrap_or(self.progress.reached));
        }
        is_stuck
    }

    /// May it be sent what is behind all that it was sent?
    #[must_use]
    pub fn takes_more(&self) -> bool {
        self.probed_at.is_none() && !self.is_stuck
    }
}
