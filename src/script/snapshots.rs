//! Which snapshots a script takes, by name.
//!
//! Deliberately missing: what they show.

use std::collections::BTreeMap;

use crate::script::invocation::Place;

/// The name that no snapshot may have: among the goldens of a script it is the transcript's.
pub(super) const TRANSCRIPT: &str = "transcript";

/// The snapshots that were named.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots {
    named: BTreeMap<String, Place>,
}

impl Snapshots {
    /// Where a snapshot has this name, if one has.
    pub(super) fn taken(&self, name: &str) -> Option<Place> {
        self.named.get(name).copied()
    }

    /// Notes that a line takes a snapshot.
    pub(super) fn take(&mut self, name: &str, place: Place) {
        self.named.entry(name.to_owned()).or_insert(place);
    }
}
