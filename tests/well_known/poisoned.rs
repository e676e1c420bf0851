//! A dash ends a field of its wire: a value that holds one kills it.

use splitbrain::base::Time;
use splitbrain::machine::{AnyInput, AnyMachine, Outputs, Undecodable, Violation};
use splitbrain::protocol::Protocol;
use splitbrain::protocol::multi_paxos::PaxosMessage;
use splitbrain::store::Operation;

use super::paxos::{protocol, server, told};
use crate::planted::Bug;

pub static POISONED: Protocol = protocol(&|setup| server(Poisoned, setup));

struct Poisoned;

fn holds_a_dash(operation: &Operation) -> bool {
    matches!(operation, Operation::Put { value, .. } if value.to_string().contains('-'))
}

impl Bug for Poisoned {
    fn take(
        &mut self,
        right: &mut dyn AnyMachine,
        now: Time,
        input: AnyInput<'_>,
        outputs: &mut Outputs,
    ) -> Result<(), Undecodable> {
        match told(&input) {
            Some((_, PaxosMessage::Accept(accept)))
                if accept.blocks.iter().any(|block| holds_a_dash(&block.operation)) =>
            {
                Err(Violation("a field is missing".to_owned()).into())
            }
            Some(_) | None => right.step(now, input, outputs),
        }
    }
}
