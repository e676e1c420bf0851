//! The one log that was chosen, and what its requests come to: a model that knows no server.

use std::collections::BTreeMap;

use crate::base::NodeName;
use crate::protocol::schedules::subject::{Entry, Subject};
use crate::store::{Operation, Value};
use crate::wire::{ErrorCode, Response};

/// What a request comes to at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The write took place.
    Written,
    /// The swap took place.
    Swapped,
    /// The value that was read.
    Read(Value),
    /// It was refused.
    Refused(ErrorCode),
}

/// The chosen log: each entry was kept by a majority of disks under one number.
#[derive(Debug)]
pub struct Chosen<S: Subject> {
    /// The entries, each with the number under which it was chosen first.
    pub log: Vec<(S::Entry, S::Number)>,
    /// How many blocks are among them.
    height: usize,
    /// The values that each key had, each with the height from which on.
    values: BTreeMap<Value, Vec<(usize, Value)>>,
    /// What requests with a block come to, and at which height.
    expected: BTreeMap<(NodeName, u64), (Expected, usize)>,
}

impl<S: Subject> Chosen<S> {
    /// Nothing.
    pub fn new() -> Self {
        Self { log: Vec::new(), height: 0, values: BTreeMap::new(), expected: BTreeMap::new() }
    }

    /// How many entries there are.
    pub fn length(&self) -> usize {
        self.log.len()
    }

    /// How many blocks there are.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Is this the entry at this place, from 0?
    pub fn is_at(&self, place: usize, entry: &S::Entry) -> bool {
        self.log.get(place).is_some_and(|(chosen, _)| chosen == entry)
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: S::Entry, number: S::Number) {
        if let Some(block) = entry.block() {
            self.height += 1;
            let expected = self.apply(&block.operation);
            self.expected.insert((block.request.client, block.request.sequence), (expected, self.height));
        }
        self.log.push((entry, number));
    }

    /// What a client is to be told of a request, if it is chosen, and the height of its block.
    pub fn expected(&self, client: NodeName, sequence: u64) -> Option<&(Expected, usize)> {
        self.expected.get(&(client, sequence))
    }

    /// The least height from `from` on at which a get of a key comes to this.
    pub fn height_of_read(&self, key: &Value, from: usize, read: &Expected) -> Option<usize> {
        let none = (0, Expected::Refused(ErrorCode::KEY_DOES_NOT_EXIST));
        let values = self.values.get(key).into_iter().flatten();
        let had = values.map(|(height, value)| (*height, Expected::Read(value.clone())));
        let all: Vec<_> = [none].into_iter().chain(had).collect();
        // Each lasts until the next one.
        let ends = all.iter().skip(1).map(|(height, _)| *height).chain([usize::MAX]);
        let mut right = all.iter().zip(ends).filter(|((_, expected), end)| *end > from && expected == read);
        right.next().map(|((height, _), _)| from.max(*height))
    }

    fn value(&self, key: &Value) -> Option<&Value> {
        self.values.get(key)?.last().map(|(_, value)| value)
    }

    fn set(&mut self, key: &Value, value: &Value) {
        self.values.entry(key.clone()).or_default().push((self.height, value.clone()));
    }

    fn apply(&mut self, operation: &Operation) -> Expected {
        match operation {
            Operation::Get { key } => match self.value(key) {
                Some(value) => Expected::Read(value.clone()),
                None => Expected::Refused(ErrorCode::KEY_DOES_NOT_EXIST),
            },
            Operation::Put { key, value } => {
                self.set(key, value);
                Expected::Written
            }
            Operation::Cas { key, from, to } => match self.value(key) {
                None => Expected::Refused(ErrorCode::KEY_DOES_NOT_EXIST),
                Some(found) if found == from => {
                    self.set(key, to);
                    Expected::Swapped
                }
                Some(_) => Expected::Refused(ErrorCode::PRECONDITION_FAILED),
            },
        }
    }
}

impl Expected {
    /// What a response says.
    pub fn of(response: &Response) -> Self {
        match response {
            Response::Read(read) => Self::Read(read.value.clone()),
            Response::Write(_) => Self::Written,
            Response::CompareAndSet(_) => Self::Swapped,
            Response::Error(error) => Self::Refused(error.code),
        }
    }
}
