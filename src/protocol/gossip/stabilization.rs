//! One server's part in `stabilize`: gather the subtree's stores, then pass the component's store down.
//!
//! The server merges every piece into its replica whatever becomes of the round, for merging is always right; this
//! keeps only whom it waits for. A piece of an earlier round moves nothing.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::base::NodeName;
use crate::machine::{Outputs, Payload};
use crate::protocol::gossip::messages::{GossipMessage, Phase, Piece};
use crate::protocol::gossip::replica::Replica;

/// Where a server stands in the current round.
#[derive(Debug, Default)]
pub struct Stabilization {
    round: u64,
    parent: Option<NodeName>,
    children: Vec<NodeName>,
    awaited: BTreeSet<NodeName>,
}

impl Stabilization {
    /// Takes a place in the tree of a new round; a leaf reports at once.
    pub fn begin(
        &mut self,
        round: u64,
        parent: Option<NodeName>,
        children: &[NodeName],
        replica: &Replica,
        outputs: &mut Outputs,
    ) {
        *self = Self { round, parent, children: children.to_vec(), awaited: children.iter().copied().collect() };
        if self.awaited.is_empty() {
            self.report(replica, outputs);
        }
    }

    /// Takes note of a piece whose entries the replica has merged.
    pub fn take_piece(&mut self, from: NodeName, piece: &Rc<Piece>, replica: &Replica, outputs: &mut Outputs) {
        if piece.round != self.round {
            return;
        }
        match piece.phase {
            Phase::Gather if !piece.more && self.awaited.remove(&from) && self.awaited.is_empty() => {
                self.report(replica, outputs);
            }
            Phase::Gather => {}
            // A result comes from the parent; whoever else sends one holds another round's tree.
            Phase::Spread if self.parent != Some(from) => {}
            Phase::Spread => send(&self.children, GossipMessage::Stabilize(Rc::clone(piece)), outputs),
        }
    }

    /// The subtree is gathered: to the parent with it; the root has the component's store, and spreads it.
    fn report(&self, replica: &Replica, outputs: &mut Outputs) {
        let (recipients, phase) = match &self.parent {
            Some(parent) => (std::slice::from_ref(parent), Phase::Gather),
            None => (self.children.as_slice(), Phase::Spread),
        };
        if recipients.is_empty() {
            return;
        }
        let mut pieces = replica.pieces().into_iter().peekable();
        while let Some(entries) = pieces.next() {
            let piece = Piece { round: self.round, phase, entries, more: pieces.peek().is_some() };
            send(recipients, GossipMessage::Stabilize(Rc::new(piece)), outputs);
        }
    }
}

fn send(recipients: &[NodeName], message: GossipMessage, outputs: &mut Outputs) {
    let payload = Payload::peer(message);
    for &recipient in recipients {
        outputs.send(recipient, payload.clone());
    }
}
