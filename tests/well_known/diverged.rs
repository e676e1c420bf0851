//! What it has promised and accepted is only in memory.

use splitbrain::machine::Output;
use splitbrain::protocol::Protocol;
use splitbrain::protocol::multi_paxos::Record;

use super::planted::{Bug, planted, protocol};

pub static DIVERGED: Protocol = protocol(|setup| planted(Diverged, setup));

struct Diverged;

impl Bug for Diverged {
    fn lets_happen(&mut self, output: &Output) -> bool {
        let Output::Persist(record) = output else { return true };
        match Record::decode(record).expect("the right server makes records") {
            Record::Promise { .. } | Record::Accept { .. } => false,
            Record::Life | Record::Learner | Record::Raised { .. } => true,
        }
    }
}
