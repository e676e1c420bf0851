//! Planted bugs: a check must be able to fail. Each changes what a right server is given or what becomes of its outputs, as
//! if the server were wrong.

use std::rc::Rc;

use crate::machine::{Output, Payload};
use crate::protocol::multi_paxos::messages::{Accept, Decide, Extent, PaxosMessage, Promise};
use crate::protocol::multi_paxos::tests::watch::State;
use crate::protocol::multi_paxos::tests::world::Event;

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

    /// The outputs of a step in their order.
    pub fn order(self, mut outputs: Vec<Output>) -> Vec<Output> {
        if self == Self::SpeaksFirst
            && let Some(place) = outputs.iter().position(|output| matches!(output, Output::Sync))
        {
            let sync = outputs.remove(place);
            outputs.push(sync);
        }
        outputs
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
            (_, message) => message.clone(),
        };
        Event::Message(from, Payload::peer(changed))
    }
}
