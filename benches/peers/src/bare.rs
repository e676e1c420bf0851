//! Three stores, and three files, with nothing between them: what applying, and the disk, cost without any protocol.

use crate::journal::{Durable, Journal};
use crate::machine::{Machine, encode};
use crate::measure::{Home, Operation, Replicas, Store};

struct Bare {
    replicas: [(Machine, Option<Journal>); 3],
    answered: usize,
}

/// Starts three replicas that do not talk.
pub fn start(home: &Home) -> Box<dyn Replicas> {
    Box::new(Bare { replicas: [1, 2, 3].map(|id| (Machine::default(), Journal::of(home, id))), answered: 0 })
}

impl Replicas for Bare {
    fn round(&mut self, operations: &[Operation]) {
        let puts: Vec<_> = operations.iter().map(encode).collect();
        let mut answers = Vec::with_capacity(puts.len());
        for (id, (machine, journal)) in (1..).zip(&mut self.replicas) {
            if let Some(journal) = journal {
                for put in &puts {
                    journal.record(Durable::Now, b'p', |batch| batch.extend_from_slice(put));
                }
                journal.settle();
            }
            for put in &puts {
                let answer = machine.apply(put);
                if id == 1 {
                    answers.push(answer);
                }
            }
        }
        self.answered += answers.len();
    }

    fn applied(&self) -> [usize; 3] {
        self.replicas.each_ref().map(|(machine, _)| machine.applied())
    }

    fn answered(&self) -> usize {
        self.answered
    }

    fn stores(&self) -> [Store; 3] {
        self.replicas.each_ref().map(|(machine, _)| machine.store().clone())
    }
}
