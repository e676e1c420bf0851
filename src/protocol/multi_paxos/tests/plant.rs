//! Planted bugs: a check must be able to fail. Each changes what a right server is given or what becomes of its outputs, as
//! if the server were wrong.

use std::rc::Rc;

use crate::ledger::{Block, Nonce};
use crate::machine::{Output, Payload};
use crate::protocol::multi_paxos::Record;
use crate::protocol::multi_paxos::messages::{Accept, Decide, Extent, PaxosMessage, Promise};
use crate::protocol::multi_paxos::tests::watch::State;
use crate::protocol::multi_paxos::tests::world::Event;
use crate::wire::{Response, request::WriteOk};

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// None.
    Nothing,
    /// Nothing that is kept survives a loss of power for certain.
    SyncsNothing,
    /// What is said leaves before the sync.
    SpeaksFirst,
    /// A server without a disk takes part as if it were new.
    WipedIsNew,
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
    /// A server answers what it refused as if it were a write that took place.
    AnswersAlwaysWell,
    /// A server asks nobody for what it missed.
    AsksForNothing,
}

impl Plant {
    /// The number of its life that a server is told.
    pub fn incarnation(self, life: u32, records: usize) -> u32 {
        if self == Self::WipedIsNew && records == 0 { 0 } else { life }
    }

    /// Are syncs done?
    pub fn syncs(self) -> bool {
        self != Self::SyncsNothing
    }

    /// The outputs of a step that happen, in their order.
    pub fn alter(self, outputs: impl Iterator<Item = Output>) -> Vec<Output> {
        let mut outputs: Vec<_> = outputs.filter(|output| self.lets_happen(output)).collect();
        if self == Self::SpeaksFirst
            && let Some(place) = outputs.iter().position(|output| matches!(output, Output::Sync))
        {
            let sync = outputs.remove(place);
            outputs.push(sync);
        }
        if self == Self::AnswersAlwaysWell {
            outputs.iter_mut().for_each(answer_well);
        }
        outputs
    }

    fn lets_happen(self, output: &Output) -> bool {
        match output {
            Output::Persist(record) if self == Self::ForgetsAccepts => {
                !matches!(Record::decode(record), Ok(Record::Accept { .. }))
            }
            Output::Send { payload, .. } | Output::SendEarly { payload, .. } if self == Self::AsksForNothing => {
                payload.kind() != "pull"
            }
            Output::Persist(_)
            | Output::Sync
            | Output::Send { .. }
            | Output::SendEarly { .. }
            | Output::SetTimer { .. }
            | Output::CancelTimer { .. }
            | Output::Complete(_) => true,
        }
    }

    /// What a server is given, which is in this state.
    pub fn change(self, event: Event, state: &State) -> Event {
        let Event::Message(from, Payload::Peer(message)) = event else { return event };
        let any: &dyn std::any::Any = &*message;
        let message: &PaxosMessage = any.downcast_ref().expect("a message of this protocol");
        let changed = match (self, message) {
            (Self::AdoptsNothing, PaxosMessage::Promise(Promise { ballot, extent })) => {
                let extent = Extent { accepted: None, length: extent.decided, ..*extent };
                PaxosMessage::Promise(Promise { extent, ballot: *ballot })
            }
            (Self::AcceptsAny, PaxosMessage::Accept(accept)) => {
                let ballot = state.promised.filter(|promised| promised.server != accept.ballot.server);
                PaxosMessage::Accept(Rc::new(Accept { ballot: ballot.unwrap_or(accept.ballot), ..(**accept).clone() }))
            }
            (Self::DecidesAny, PaxosMessage::Decide(decide)) => {
                PaxosMessage::Decide(Decide { ballot: state.accepted.unwrap_or(decide.ballot), ..*decide })
            }
            (Self::MisreadsBlocks, PaxosMessage::Accept(accept)) => {
                with_blocks(accept, |block| Block { nonce: Nonce(block.nonce.0 + 1), ..block })
            }
            (_, message) => message.clone(),
        };
        Event::Message(from, Payload::peer(changed))
    }
}

fn with_blocks(accept: &Accept, change: impl Fn(Block) -> Block) -> PaxosMessage {
    let blocks = accept.blocks.iter().map(|block| Rc::new(change(Block::clone(block)))).collect();
    PaxosMessage::Accept(Rc::new(Accept { blocks, ..accept.clone() }))
}

fn answer_well(output: &mut Output) {
    if let Output::Send { payload, .. } = output
        && let Payload::Response(response) = payload
        && let Response::Error(error) = &**response
    {
        *payload = Payload::response(Response::Write(WriteOk { in_reply_to: error.in_reply_to, stamp: None }));
    }
}
