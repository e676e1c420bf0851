//! Nobody says a block again, and nobody asks for what others have decided.

use std::collections::BTreeMap;

use splitbrain::base::NodeName;
use splitbrain::machine::Output;
use splitbrain::protocol::Protocol;
use splitbrain::protocol::multi_paxos::messages::{Accept, Pull};
use splitbrain::protocol::multi_paxos::{Ballot, PaxosMessage};

use super::paxos::{protocol, sent, server};
use crate::planted::Bug;

pub static DEAF: Protocol = protocol(&|setup| server(Deaf::default(), setup));

#[derive(Default)]
struct Deaf {
    /// Up to where each follower was sent the log, and under which ballot.
    told: BTreeMap<NodeName, (Ballot, u64)>,
}

impl Bug for Deaf {
    fn alter(&mut self, output: Output) -> Option<Output> {
        let happens = match sent(&output) {
            Some((to, PaxosMessage::Accept(accept))) => {
                let Accept { ballot, skip, blocks, .. } = &**accept;
                let told = (*ballot, skip + blocks.len() as u64);
                let before = self.told.insert(to, told);
                before.is_none_or(|before| before < told)
            }
            Some((_, PaxosMessage::Pull(Pull { ballot, .. }))) => ballot.is_some(),
            Some(_) | None => true,
        };
        happens.then_some(output)
    }
}
