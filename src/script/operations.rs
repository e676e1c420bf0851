//! Which operations a script has begun without waiting for them, by name.
//!
//! Deliberately missing: how they end.

use std::collections::BTreeMap;

use crate::script::invocation::Place;

/// The operations that were begun, and those of them that were waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct Operations {
    begun: BTreeMap<String, Place>,
    awaited: BTreeMap<String, Place>,
}

impl Operations {
    /// Where an operation was begun, if it was.
    pub(super) fn begun(&self, name: &str) -> Option<Place> {
        self.begun.get(name).copied()
    }

    /// Where an operation was waited for, if it was.
    pub(super) fn awaited(&self, name: &str) -> Option<Place> {
        self.awaited.get(name).copied()
    }

    /// The names of all that were begun.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.begun.keys().map(String::as_str)
    }

    /// Notes that a line begins an operation.
    pub(super) fn begin(&mut self, name: &str, place: Place) {
        self.begun.entry(name.to_owned()).or_insert(place);
    }

    /// Notes that a line waits for an operation.
    pub(super) fn wait_for(&mut self, name: &str, place: Place) {
        self.awaited.entry(name.to_owned()).or_insert(place);
    }
}
