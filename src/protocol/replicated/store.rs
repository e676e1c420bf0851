//! The store that a log makes: the result of its decided operations, in order.

use std::collections::BTreeMap;

use crate::store::{Operation, Value};

/// Keys with their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Store {
    values: BTreeMap<Value, Value>,
}

/// What an operation comes to at its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A put has set its key.
    Written,
    /// The key of a get maps to this, or to nothing.
    Got(Option<Value>),
    /// A cas has set its key.
    Swapped,
    /// The key of a cas does not map to what it expects, but to this, or to nothing.
    Unmet(Option<Value>),
}

impl Store {
    /// Carries out an operation.
    pub fn apply(&mut self, operation: &Operation) -> Outcome {
        match operation {
            Operation::Put { key, value } => {
                // Most puts are to keys that are there.
                match self.values.get_mut(key) {
                    Some(place) => place.clone_from(value),
                    None => {
                        self.values.insert(key.clone(), value.clone());
                    }
                }
                Outcome::Written
            }
            Operation::Get { key } => Outcome::Got(self.get(key).cloned()),
            Operation::Cas { key, from, to } => match self.values.get(key) {
                Some(found) if found == from => {
                    self.values.insert(key.clone(), to.clone());
                    Outcome::Swapped
                }
                found => Outcome::Unmet(found.cloned()),
            },
        }
    }

    /// What a key maps to.
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.values.get(key)
    }

    /// Keys with their values, in ascending order of keys.
    pub fn pairs(&self) -> impl Iterator<Item = (&Value, &Value)> {
        self.values.iter()
    }
}
