//! The one chain that was chosen, and what its requests come to: a model that knows no server.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::NodeName;
use crate::ledger::Block;
use crate::protocol::multi_paxos::Ballot;
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

/// The chosen chain: each block was accepted by a majority of disks under one ballot.
#[derive(Debug, Default)]
pub struct Chosen {
    /// The blocks, each with the ballot under which it was chosen first.
    pub blocks: Vec<(Rc<Block>, Ballot)>,
    store: BTreeMap<Value, Value>,
    expected: BTreeMap<(NodeName, u64), Expected>,
}

impl Chosen {
    /// How many blocks there are.
    pub fn length(&self) -> usize {
        self.blocks.len()
    }

    /// Is this the block at this place, from 0?
    pub fn is_at(&self, place: usize, block: &Block) -> bool {
        self.blocks.get(place).is_some_and(|(chosen, _)| **chosen == *block)
    }

    /// Adds a block.
    pub fn push(&mut self, block: Rc<Block>, ballot: Ballot) {
        let expected = self.apply(&block.operation);
        self.expected.insert((block.request.client, block.request.sequence), expected);
        self.blocks.push((block, ballot));
    }

    /// What a client is to be told of a request, if it is chosen.
    pub fn expected(&self, client: NodeName, sequence: u64) -> Option<&Expected> {
        self.expected.get(&(client, sequence))
    }

    fn apply(&mut self, operation: &Operation) -> Expected {
        match operation {
            Operation::Get { key } => match self.store.get(key) {
                Some(value) => Expected::Read(value.clone()),
                None => Expected::Refused(ErrorCode::KEY_DOES_NOT_EXIST),
            },
            Operation::Put { key, value } => {
                self.store.insert(key.clone(), value.clone());
                Expected::Written
            }
            Operation::Cas { key, from, to } => match self.store.get_mut(key) {
                None => Expected::Refused(ErrorCode::KEY_DOES_NOT_EXIST),
                Some(found) if *found == *from => {
                    *found = to.clone();
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
