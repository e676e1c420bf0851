//! What is typed at a server's console.

use std::collections::BTreeSet;

use tokio::sync::oneshot;

use crate::base::NodeName;
use crate::tcp::frame::{Frame, Link};
use crate::tcp::nomination::{Known, Nomination};
use crate::tcp::server::{ServeError, Server};
use crate::wire::ServerRole;
use crate::wire::control::{Inspect, InspectOk, Part};

/// An order of a server's console. Where it has an answer, that goes through its channel.
#[derive(Debug)]
pub enum Order {
    /// Leave.
    Leave,
    /// Show a part of what it holds. Pieces, in order.
    Show(Part, oneshot::Sender<Result<Vec<InspectOk>, NotShown>>),
    /// Show which part it plays.
    ShowRole(oneshot::Sender<Result<Role, NotShown>>),
    /// Show to which servers the link is cut.
    ShowBrokenLinks(oneshot::Sender<Vec<NodeName>>),
    /// Cut the link to a server. Was it open?
    Cut(NodeName, oneshot::Sender<bool>),
    /// Mend it. Was it cut?
    Mend(NodeName, oneshot::Sender<bool>),
    /// Mend the links to all but these.
    Connect(BTreeSet<NodeName>, oneshot::Sender<()>),
    /// Ask a server, or this one, to lead. What became of it?
    Nominate(NodeName, oneshot::Sender<Nomination>),
}

/// Why there is nothing to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// Its machine has not begun.
    #[error("there is nothing to show: the cluster is not founded yet")]
    NotFounded,
    /// Servers of its protocol have no such part.
    #[error("there is nothing to show: servers under {protocol} have no such part")]
    NoSuchPart {
        /// The protocol's name.
        protocol: &'static str,
    },
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
                let _ = answer.send(self.known_role.ok_or_else(|| self.not_shown()));
            }
            Order::ShowBrokenLinks(answer) => {
                let _ = answer.send(self.peering.links.cut_nodes().collect());
            }
            Order::Cut(node, answer) => {
                let _ = answer.send(self.cut(node));
            }
            Order::Mend(node, answer) => {
                let _ = answer.send(self.mend(node));
            }
            Order::Connect(but, answer) => {
                let cut: Vec<_> = self.peering.links.cut_nodes().filter(|node| !but.contains(node)).collect();
                for node in cut {
                    self.mend(node);
                }
                let _ = answer.send(());
            }
            Order::Nominate(node, answer) => {
                let nomination = self.ask_to_lead(node)?;
                let _ = answer.send(nomination);
            }
        }
        Ok(())
    }

    fn show(&self, part: Part) -> Result<Vec<InspectOk>, NotShown> {
        let (mut pieces, mut skip) = (Vec::new(), 0);
        loop {
            let piece = self.engine.as_ref().and_then(|engine| engine.inspect(&Inspect { msg_id: 0, part, skip }));
            let (piece, count) = piece
                .and_then(|piece| entries_of(&piece).map(|count| (piece, count)))
                .ok_or_else(|| self.not_shown())?;
            skip += count;
            let more = piece.more;
            pieces.push(piece);
            if !more {
                return Ok(pieces);
            }
        }
    }

    fn not_shown(&self) -> NotShown {
        match self.engine {
            None => NotShown::NotFounded,
            Some(_) => NotShown::NoSuchPart { protocol: self.protocol.name },
        }
    }

    fn cut(&mut self, node: NodeName) -> bool {
        let was_open = self.peering.links.cut(node);
        self.peering.links.tell_node(node, &Frame::Link(Link::Cut));
        was_open
    }

    fn mend(&mut self, node: NodeName) -> bool {
        let was_cut = self.peering.links.mend(node);
        self.peering.links.tell_node(node, &Frame::Link(Link::Open));
        was_cut
    }

    fn ask_to_lead(&mut self, node: NodeName) -> Result<Nomination, ServeError> {
        let is_own = node == self.node;
        let is_there = is_own || self.peering.links.connection_of(node).is_some();
        let is_cut = self.peering.links.is_cut(node);
        let role = self.known_role.map(|known| known.role).filter(|_| is_own);
        // Of others it is known only whether they are there: what they cannot do they do not.
        let known = is_there.then_some(Known { is_cut, is_founded: self.engine.is_some(), role });
        let nomination = Nomination::of(self.protocol, known);
        match nomination {
            Nomination::Asked if is_own => self.nominate()?,
            Nomination::Asked => self.peering.links.tell_node(node, &Frame::Nominate),
            _ => {}
        }
        Ok(nomination)
    }
}

/// How many entries or blocks a piece has; nothing if the server has no such part.
fn entries_of(piece: &InspectOk) -> Option<u64> {
    let InspectOk { store, chain, log, queue, .. } = piece;
    let store = store.as_ref().map(Vec::len);
    let chain = chain.as_ref().map(Vec::len);
    let log = log.as_ref().map(Vec::len);
    let queue = queue.as_ref().map(Vec::len);
    store.or(chain).or(log).or(queue).map(|count| count as u64)
}
