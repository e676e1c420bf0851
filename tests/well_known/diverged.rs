//! What it has promised and accepted is only in memory.

use splitbrain::machine::Output;
use splitbrain::protocol::Protocol;
use splitbrain::protocol::multi_paxos::Record;

use super::paxos::{protocol, server};
use crate::planted::Bug;

pub static DIVERGED: Protocol = protocol(&|setup| server(Diverged, setup));

struct Diverged;

impl Bug for Diverged {
    fn alter(&mut self, output: Output) -> Option<Output> {
        let Output::Persist(record) = &output else { return Some(output) };
        let is_kept = match Record::decode(record).expect("the right server makes records") {
            Record::Promise { .. } | Record::Accept { .. } => false,
            Record::Life | Record::Learner | Record::Raised { .. } => true,
        };
        is_kept.then_some(output)
    }
}
