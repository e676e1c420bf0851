//! What clients were told, held against the chosen log.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::NodeName;
use crate::protocol::schedules::subject::Subject;
use crate::protocol::schedules::watch::breach::{Breach, Claim, claim};
use crate::protocol::schedules::watch::chosen::{Chosen, Expected};
use crate::store::Value;
use crate::wire::control::Reads;
use crate::wire::{Request, Response};

/// A get that makes no block.
#[derive(Debug)]
struct Get {
    key: Value,
    /// The length of the chain that answers had shown when it was asked first.
    known: usize,
}

/// All answers.
#[derive(Debug)]
pub struct Answers {
    reads: Reads,
    gets: BTreeMap<(NodeName, u64), Get>,
    answered: BTreeSet<(NodeName, u64)>,
    answered_without_block: usize,
    /// The longest chain that any answer has shown.
    known: usize,
}

impl Answers {
    /// None, where gets are to be answered in this way.
    pub fn new(reads: Reads) -> Self {
        Self { reads, gets: BTreeMap::new(), answered: BTreeSet::new(), answered_without_block: 0, known: 0 }
    }

    /// A client asks something new.
    pub fn ask(&mut self, client: NodeName, request: &Request) {
        match (request, self.reads) {
            (Request::Read(read), Reads::Index) => {
                self.gets.insert((client, read.msg_id), Get { key: read.key.clone(), known: self.known });
            }
            (Request::Read(_) | Request::Write(_) | Request::CompareAndSet(_), Reads::Chain | Reads::Index) => {}
        }
    }

    /// Was a client answered?
    pub fn is_answered(&self, client: NodeName, sequence: u64) -> bool {
        self.answered.contains(&(client, sequence))
    }

    /// How many requests were answered.
    pub fn count(&self) -> usize {
        self.answered.len()
    }

    /// How often gets were answered that made no block.
    pub fn without_block(&self) -> usize {
        self.answered_without_block
    }

    /// A client is told something.
    pub fn hear<S: Subject>(
        &mut self,
        chosen: &Chosen<S>,
        client: NodeName,
        response: &Response,
    ) -> Result<(), Breach> {
        let sequence = response.in_reply_to();
        let said = Expected::of(response);
        let height = match self.gets.get(&(client, sequence)) {
            Some(get) => {
                let height = chosen.height_of_read(&get.key, get.known, &said);
                claim(Claim::Read, height.is_some(), || {
                    let Get { key, known } = get;
                    format!("{client} is told in read {sequence} of {key} {said:?}, which it is not from {known} on")
                })?;
                self.answered_without_block += 1;
                height
            }
            None => {
                let expected = chosen.expected(client, sequence);
                claim(Claim::Answer, expected.is_some_and(|(expected, _)| *expected == said), || {
                    format!("{client} is told of request {sequence} {response:?}, right is {expected:?}")
                })?;
                expected.map(|(_, height)| *height)
            }
        };
        self.known = self.known.max(height.unwrap_or_default());
        self.answered.insert((client, sequence));
        Ok(())
    }
}
