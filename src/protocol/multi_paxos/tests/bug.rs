//! Bugs that Multi-Paxos servers could have.

use std::rc::Rc;

use crate::ledger::{Block, Nonce};
use crate::machine::Payload;
use crate::protocol::multi_paxos::Record;
use crate::protocol::multi_paxos::messages::{Accept, Decide, Extent, PaxosMessage, Promise};
use crate::protocol::multi_paxos::tests::subject::MultiPaxos;
use crate::protocol::schedules::{Event, Given, State, message_in};

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A leader takes over nothing that others have accepted, as long as it is not decided.
    AdoptsNothing,
    /// A server accepts under any ballot.
    AcceptsAny,
    /// A server decides at the word of any leader.
    DecidesAny,
    /// A server takes a right block for a wrong one.
    MisreadsBlocks,
    /// What a server accepts is only in memory.
    ForgetsAccepts,
    /// A leader answers gets at once, and asks nobody whether it still leads.
    TakesItselfForConfirmed,
    /// A leader takes the promises for a confirmation, before it has decided all that it adopted.
    ReadsWhileItLacks,
}

impl Bug {
    /// What a server is given in place of an event.
    pub fn change(self, event: Event, given: &mut Given<'_, MultiPaxos>) -> Event {
        match self {
            Self::TakesItselfForConfirmed => given.server.take_for_confirmed(),
            Self::ReadsWhileItLacks => given.server.read_while_it_lacks(),
            Self::AdoptsNothing | Self::AcceptsAny | Self::DecidesAny | Self::MisreadsBlocks | Self::ForgetsAccepts => {
            }
        }
        let Event::Message(from, payload) = event else { return event };
        let changed = message_in::<MultiPaxos>(&payload).and_then(|message| self.changed(message, given.state));
        Event::Message(from, changed.map_or(payload, Payload::peer))
    }

    fn changed(self, message: &PaxosMessage, state: &State<MultiPaxos>) -> Option<PaxosMessage> {
        Some(match (self, message) {
            (Self::AdoptsNothing, PaxosMessage::Promise(Promise { ballot, extent })) => {
                let extent = Extent { accepted: None, length: extent.decided, ..*extent };
                PaxosMessage::Promise(Promise { extent, ballot: *ballot })
            }
            (Self::AcceptsAny, PaxosMessage::Accept(accept)) => {
                let ballot = state.vow.promised.filter(|promised| promised.server != accept.ballot.server);
                PaxosMessage::Accept(Rc::new(Accept { ballot: ballot.unwrap_or(accept.ballot), ..(**accept).clone() }))
            }
            (Self::DecidesAny, PaxosMessage::Decide(decide)) => {
                PaxosMessage::Decide(Decide { ballot: state.vow.accepted.unwrap_or(decide.ballot), ..*decide })
            }
            (Self::MisreadsBlocks, PaxosMessage::Accept(accept)) => {
                with_blocks(accept, |block| Block { nonce: Nonce(block.nonce.0 + 1), ..block })
            }
            (_, _) => return None,
        })
    }

    /// Is a record lost?
    pub fn loses(self, record: &[u8]) -> bool {
        self == Self::ForgetsAccepts && matches!(Record::decode(record), Ok(Record::Accept { .. }))
    }
}

fn with_blocks(accept: &Accept, change: impl Fn(Block) -> Block) -> PaxosMessage {
    let blocks = accept.blocks.iter().map(|block| Rc::new(change(Block::clone(block)))).collect();
    PaxosMessage::Accept(Rc::new(Accept { blocks, ..accept.clone() }))
}
