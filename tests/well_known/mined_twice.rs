//! It makes blocks of its own of the operations that it adopts.

use std::rc::Rc;

use splitbrain::base::Time;
use splitbrain::ledger::{Block, Nonce, hash};
use splitbrain::machine::{AnyInput, AnyMachine, Outputs, Payload, Undecodable};
use splitbrain::protocol::Protocol;
use splitbrain::protocol::multi_paxos::PaxosMessage;
use splitbrain::protocol::multi_paxos::messages::Blocks;

use super::paxos::{protocol, server, told};
use crate::planted::Bug;

pub static MINED_TWICE: Protocol = protocol(&|setup| server(MinedTwice, setup));

struct MinedTwice;

/// The same operations, each with the next nonce that the rule accepts, linked anew.
fn mined_again(blocks: &[Rc<Block>]) -> Vec<Rc<Block>> {
    let mut previous = blocks.first().and_then(|block| block.previous);
    let mine = |block: &Rc<Block>| {
        let text = block.operation.to_string();
        let nonce = (block.nonce.0 + 1..).map(Nonce).find(|nonce| nonce.is_accepted_for(&text)).expect("there is one");
        let mined = Block { nonce, previous, hash: hash::of_block(&text, nonce, previous), ..Block::clone(block) };
        previous = Some(mined.hash);
        Rc::new(mined)
    };
    blocks.iter().map(mine).collect()
}

impl Bug for MinedTwice {
    fn take(
        &mut self,
        right: &mut dyn AnyMachine,
        now: Time,
        input: AnyInput<'_>,
        outputs: &mut Outputs,
    ) -> Result<(), Undecodable> {
        match told(&input) {
            Some((from, PaxosMessage::Blocks(adopted))) if adopted.ballot.is_some() => {
                let blocks = Blocks { blocks: mined_again(&adopted.blocks), ..Blocks::clone(adopted) };
                let payload = Payload::peer(PaxosMessage::Blocks(Rc::new(blocks)));
                right.step(now, AnyInput::Message { from, payload: &payload }, outputs)
            }
            Some(_) | None => right.step(now, input, outputs),
        }
    }
}
