//! One server's part in `stabilize`: gather the subtree's stores, then pass the component's store down.
//!
//! The server merges every piece into its replica whatever becomes of the round, for merging is always right; this
//! keeps only whom it waits for. A piece of an earlier round moves nothing.
//!
//! A store of any size leaves: so many pieces in a step, and the rest in the steps after it, without time passing.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use crate::base::{NodeName, Span, limits};
use crate::machine::{Outputs, Payload};
use crate::protocol::gossip::messages::{GossipMessage, Phase, Piece};
use crate::protocol::gossip::replica::Replica;
use crate::wire::control::Stabilize;

/// The timer at which the next pieces leave.
pub const PIECES: &str = "pieces";

/// Where a server stands in the current round.
#[derive(Debug, Default)]
pub struct Stabilization {
    round: u64,
    parent: Option<NodeName>,
    children: Vec<NodeName>,
    awaited: BTreeSet<NodeName>,
    /// The pieces of its report that have not left yet, in order.
    unsent: VecDeque<(NodeName, Payload)>,
}

impl Stabilization {
    /// Takes a place in the tree of a new round; a leaf reports at once.
    pub fn begin(&mut self, order: &Stabilize, replica: &Replica, outputs: &mut Outputs) {
        let Stabilize { round, parent, children } = order.clone();
        let awaited = children.iter().copied().collect();
        *self = Self { round, parent, children, awaited, unsent: VecDeque::new() };
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
            Phase::Spread => {
                let payload = Payload::peer(GossipMessage::Stabilize(Rc::clone(piece)));
                self.children.iter().for_each(|&child| outputs.send(child, payload.clone()));
            }
        }
    }

    /// The subtree is gathered: to the parent with it; the root has the component's store, and spreads it.
    fn report(&mut self, replica: &Replica, outputs: &mut Outputs) {
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
            let payload = Payload::peer(GossipMessage::Stabilize(Rc::new(piece)));
            self.unsent.extend(recipients.iter().map(|&recipient| (recipient, payload.clone())));
        }
        self.send_some(outputs);
    }

    /// Sends as many pieces as one step may put out, and is woken for the rest.
    pub fn send_some(&mut self, outputs: &mut Outputs) {
        let count = self.unsent.len().min(limits::PIECES_IN_A_STEP);
        self.unsent.drain(..count).for_each(|(recipient, payload)| outputs.send(recipient, payload));
        if !self.unsent.is_empty() {
            outputs.set_timer(PIECES, Span(0));
        }
    }
}
