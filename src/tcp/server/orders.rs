//! What is typed at a server's console.

use std::collections::BTreeSet;

use tokio::sync::oneshot;

use super::*;
use crate::wire::control::{Inspect, InspectOk, Part};

/// An order of a server's console. Where it has an answer, that goes through its channel.
#[derive(Debug)]
pub enum Order {
    /// Leave.
    Leave,
    /// Show a part of what it holds; nothing if it has not begun, or has no such part. Pieces, in order.
    Show(Part, oneshot::Sender<Option<Vec<InspectOk>>>),
    /// Show which part it plays; nothing if it has not begun, or plays none.
    ShowRole(oneshot::Sender<Option<Role>>),
    /// Show to which servers the link is cut.
    ShowBrokenLinks(oneshot::Sender<Vec<NodeName>>),
    /// Cut the link to a server. Was it open?
    Cut(NodeName, oneshot::Sender<bool>),
    /// Mend it. Was it cut?
    Mend(NodeName, oneshot::Sender<bool>),
    /// Mend the links to all but these.
    Connect(BTreeSet<NodeName>, oneshot::Sender<()>),
    /// Ask a server, or this one, to lead. Could it be asked?
    Nominate(NodeName, oneshot::Sender<bool>),
}

/// Which part a server plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// Which.
    pub role: ServerRole,
    /// In which ballot or term.
    pub term: u64,
    /// How many requests and blocks wait there to be decided.
    pub queued: u64,
}

impl Server {
    pub(super) fn obey(&mut self, order: Order) -> Result<(), ServeError> {
        // Nobody listens where the console has gone: then nobody is to be told.
        match order {
            Order::Leave => {}
            Order::Show(part, answer) => {
                let _ = answer.send(self.show(part));
            }
            Order::ShowRole(answer) => {
                let _ = answer.send(self.known_role);
            }
            Order::ShowBrokenLinks(answer) => {
                let _ = answer.send(self.links.cut_nodes().collect());
            }
            Order::Cut(node, answer) => {
                let _ = answer.send(self.cut(node));
            }
            Order::Mend(node, answer) => {
                let _ = answer.send(self.mend(node));
            }
            Order::Connect(but, answer) => {
                let cut: Vec<_> = self.links.cut_nodes().filter(|node| !but.contains(node)).collect();
                for node in cut {
                    self.mend(node);
                }
                let _ = answer.send(());
            }
            Order::Nominate(node, answer) => {
                let was_asked = self.ask_to_lead(node)?;
                let _ = answer.send(was_asked);
            }
        }
        Ok(())
    }

    fn show(&self, part: Part) -> Option<Vec<InspectOk>> {
        let engine = self.engine.as_ref()?;
        let (mut pieces, mut skip) = (Vec::new(), 0);
        loop {
            let piece = engine.inspect(&Inspect { msg_id: 0, part, skip })?;
            skip += entries_of(&piece);
            let more = piece.more;
            pieces.push(piece);
            if !more {
                return Some(pieces);
            }
        }
    }

    fn cut(&mut self, node: NodeName) -> bool {
        let was_open = self.links.cut(node);
        self.links.tell_node(node, &Frame::Link(Link::Cut));
        was_open
    }

    fn mend(&mut self, node: NodeName) -> bool {
        let was_cut = self.links.mend(node);
        self.links.tell_node(node, &Frame::Link(Link::Open));
        was_cut
    }

    fn ask_to_lead(&mut self, node: NodeName) -> Result<bool, ServeError> {
        if node == self.node {
            self.nominate()?;
            return Ok(self.engine.is_some());
        }
        let can_be_asked = self.links.connection_of(node).is_some() && !self.links.is_cut(node);
        if can_be_asked {
            self.links.tell_node(node, &Frame::Nominate);
        }
        Ok(can_be_asked)
    }
}

/// How many entries or blocks a piece has.
fn entries_of(piece: &InspectOk) -> u64 {
    let InspectOk { store, chain, log, queue, .. } = piece;
    let counts = [
        store.as_ref().map(Vec::len),
        chain.as_ref().map(Vec::len),
        log.as_ref().map(Vec::len),
        queue.as_ref().map(Vec::len),
    ];
    counts.into_iter().flatten().sum::<usize>() as u64
}
