//! What came of a run.

use std::collections::BTreeMap;
use std::fmt;

use crate::base::Verdict;

/// What came of a run. Displayed, it is the transcript with the snapshots behind it: one golden for all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a run that failed says so here only"]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// What its commands printed: the standard output of `master`, snapshots included.
    pub printed: String,
    /// Every command with its time, its answer and what it did, as `master --transcript` prints it, without snapshots.
    pub transcript: String,
    /// The text of each `snapshot NAME`, by name.
    pub snapshots: BTreeMap<String, String>,
    /// Warnings, failures and what stopped the run: the standard error of `master`.
    pub reported: String,
}

impl Outcome {
    /// Goes on if the run passed.
    ///
    /// # Panics
    /// If it did not, with what it reported and its transcript.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(
            self.verdict == Verdict::Passed,
            "the run did not pass ({:?}):\n{}\n{}",
            self.verdict,
            self.reported,
            self.transcript
        );
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.transcript)?;
        for (name, text) in &self.snapshots {
            write!(formatter, "\nsnapshot {name}\n{text}")?;
        }
        Ok(())
    }
}
