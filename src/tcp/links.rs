//! A node's connections, whose they are, and what is done on them: frames leave at once, later, or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tokio::net::TcpStream;

use crate::base::{NodeName, Span, Time};
use crate::machine::Payload;
use crate::tcp::bounds;
use crate::tcp::connection::{Allowance, Connection};
use crate::tcp::delays::Delays;
use crate::tcp::frame::{Answered, Asked, Frame};
use crate::tcp::inbox::{ConnectionId, Inbox};
use crate::tcp::messages::Messages;

/// What is told, line by line, to people who watch.
pub type Tell = Rc<dyn Fn(&str)>;

/// The connections of a node.
pub struct Links {
    /// What arrives, from all of them.
    pub inbox: Rc<Inbox>,
    /// How long what is said waits before it leaves.
    pub delay: Span,
    /// What was told to be cut, on either side.
    cuts: BTreeSet<NodeName>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Whose they are, of those that were introduced.
    of: BTreeMap<NodeName, ConnectionId>,
    who: BTreeMap<ConnectionId, NodeName>,
    /// Those that this node has opened, as long as nobody has answered there.
    dialed: BTreeMap<ConnectionId, NodeName>,
    /// Connections that have something to push.
    touched: BTreeSet<ConnectionId>,
    /// Connections for which too much waits: nothing is added any more, for one look at what came may have any number of
    /// answers, and they are closed only after it.
    full: BTreeSet<ConnectionId>,
    opened: u64,
    delays: Delays,
    messages: Messages,
    /// What the last payload is as a frame: several get the same one.
    encoded: Option<(Payload, Vec<u8>)>,
}

impl Links {
    /// Without any connection.
    #[must_use]
    pub fn new(delay: Span, messages: Messages) -> Self {
        Self {
            inbox: Rc::default(),
            delay,
            cuts: BTreeSet::new(),
            connections: BTreeMap::new(),
            of: BTreeMap::new(),
            who: BTreeMap::new(),
            dialed: BTreeMap::new(),
            touched: BTreeSet::new(),
            full: BTreeSet::new(),
            opened: 0,
            delays: Delays::default(),
            messages,
            encoded: None,
        }
    }

    /// Takes a stream over that somebody else has opened. Of too many the oldest is closed of which nobody said yet whose it is.
    pub fn open(&mut self, stream: TcpStream) -> Option<ConnectionId> {
        let unknown = |id: &ConnectionId| !self.who.contains_key(id) && !self.dialed.contains_key(id);
        let mut strangers = self.connections.keys().copied().filter(unknown);
        if let (Some(oldest), Some(_)) = (strangers.next(), strangers.nth(bounds::UNKNOWN_CONNECTIONS - 2)) {
            self.close(oldest);
        }
        self.add_connection(stream)
    }

    /// Takes a stream over that this node has opened to a server.
    pub fn open_dialed(&mut self, stream: TcpStream, server: NodeName) -> Option<ConnectionId> {
        let id = self.add_connection(stream)?;
        self.dialed.insert(id, server);
        Some(id)
    }

    fn add_connection(&mut self, stream: TcpStream) -> Option<ConnectionId> {
        self.opened += 1;
        let id = ConnectionId(self.opened);
        let connection = Connection::open(id, stream, Rc::clone(&self.inbox)).ok()?;
        self.connections.insert(id, connection);
        Some(id)
    }

    /// To which server this node has opened a connection, if nobody has answered there yet.
    #[must_use]
    pub fn dialed(&self, id: ConnectionId) -> Option<NodeName> {
        self.dialed.get(&id).copied()
    }

    /// It is known whose a connection is. An earlier one of his is closed.
    pub fn introduce(&mut self, id: ConnectionId, node: NodeName) {
        self.dialed.remove(&id);
        if let Some(connection) = self.connections.get(&id) {
            connection.introduced(Allowance::of(node));
            if let Some(earlier) = self.of.get(&node).copied() {
                self.close(earlier);
            }
            self.of.insert(node, id);
            self.who.insert(id, node);
        }
    }

    /// Closes a connection; what waits for it is lost, but for what the system takes now. Whose was it?
    pub fn close(&mut self, id: ConnectionId) -> Option<NodeName> {
        self.connections.remove(&id);
        self.touched.remove(&id);
        self.full.remove(&id);
        self.dialed.remove(&id);
        let node = self.who.remove(&id)?;
        self.of.remove(&node);
        Some(node)
    }

    /// Is it open?
    #[must_use]
    pub fn is_open(&self, id: ConnectionId) -> bool {
        self.connections.contains_key(&id)
    }

    /// Whose a connection is, if that is known.
    #[must_use]
    pub fn owner(&self, id: ConnectionId) -> Option<NodeName> {
        self.who.get(&id).copied()
    }

    /// The connection with a node, if there is one.
    #[must_use]
    pub fn connection_of(&self, node: NodeName) -> Option<ConnectionId> {
        self.of.get(&node).copied()
    }

    /// The servers that it is connected with. They stand before all clients, which are not looked at: a server asks at every turn.
    pub fn servers(&self) -> impl Iterator<Item = NodeName> {
        self.of.keys().copied().take_while(|node| node.is_server())
    }

    /// The clients that it is connected with.
    pub fn clients(&self) -> impl Iterator<Item = NodeName> {
        self.of.keys().rev().copied().take_while(|node| !node.is_server())
    }

    /// Is the link to a node cut?
    #[must_use]
    pub fn is_cut(&self, node: NodeName) -> bool {
        self.cuts.contains(&node)
    }

    /// All nodes to which the link is cut.
    pub fn cut_nodes(&self) -> impl Iterator<Item = NodeName> {
        self.cuts.iter().copied()
    }

    /// Cuts the link to a node: what is on its way there is lost. Was it open?
    pub fn cut(&mut self, node: NodeName) -> bool {
        self.delays.lose(node);
        self.cuts.insert(node)
    }

    /// Mends the link to a node. Was it cut?
    pub fn mend(&mut self, node: NodeName) -> bool {
        self.cuts.remove(&node)
    }

    /// Says something about the connection itself, which no cut and no delay keeps back.
    pub fn tell(&mut self, id: ConnectionId, frame: &Frame<'_>) {
        if let Some(connection) = self.connections.get(&id).filter(|_| !self.full.contains(&id)) {
            if !connection.add(frame) {
                self.full.insert(id);
            }
            self.touched.insert(id);
        }
    }

    /// The same to a node, if it is connected.
    pub fn tell_node(&mut self, node: NodeName, frame: &Frame<'_>) {
        if let Some(id) = self.connection_of(node) {
            self.tell(id, frame);
        }
    }

    /// A message came. Is it to be looked at? It is not, if the link is cut.
    #[must_use]
    pub fn receive(&self, now: Time, from: NodeName, payload: &Payload) -> bool {
        let is_lost = self.cuts.contains(&from);
        if !is_lost {
            self.messages.came(now, from, payload);
        }
        !is_lost
    }

    /// When the next frame leaves that waits.
    #[must_use]
    pub fn next_departure(&self) -> Option<Time> {
        self.delays.next()
    }

    /// Lets frames leave whose time has come.
    pub fn release(&mut self, now: Time) {
        while let Some((to, frame)) = self.delays.take_due(now) {
            self.add(to, &frame);
        }
    }

    /// Takes out the connections for which too much waits: they are to be closed.
    pub fn take_full(&mut self) -> BTreeSet<ConnectionId> {
        std::mem::take(&mut self.full)
    }

    /// Says something to a node. It may be lost.
    pub fn send(&mut self, now: Time, to: NodeName, payload: &Payload) {
        if self.cuts.contains(&to) {
            return;
        }
        self.messages.went(now, to, payload);
        let frame = self.encode(payload);
        if self.delay == Span(0) {
            self.add(to, &frame);
        } else if self.delays.bytes() + frame.len() <= bounds::OUTBOUND_BYTES {
            self.delays.add(now + self.delay, to, frame);
        }
    }

    /// Lets everything that was said leave now, as far as the system takes it.
    pub fn push(&mut self) {
        self.encoded = None;
        for id in std::mem::take(&mut self.touched) {
            if let Some(connection) = self.connections.get(&id) {
                connection.push();
            }
        }
    }

    fn add(&mut self, to: NodeName, frame: &[u8]) {
        let Some(&id) = self.of.get(&to) else { return };
        // It is closed at the end of the turn, and what waits for it is lost.
        let Some(connection) = self.connections.get(&id).filter(|_| !self.full.contains(&id)) else { return };
        if !connection.add_bytes(frame) {
            self.full.insert(id);
        }
        self.touched.insert(id);
    }

    fn encode(&mut self, payload: &Payload) -> Vec<u8> {
        if let Some((last, frame)) = &self.encoded
            && is_same(last, payload)
        {
            return frame.clone();
        }
        let mut frame = Vec::new();
        match payload {
            Payload::Request(request) => Frame::Request(Asked::from(&**request)).write(&mut frame),
            Payload::Response(answer) => Frame::Response(Answered::from(&**answer)).write(&mut frame),
            Payload::Peer(message) => {
                let mut bytes = Vec::new();
                message.encode_binary(&mut bytes);
                Frame::Peer(&bytes).write(&mut frame);
                self.encoded = Some((payload.clone(), frame.clone()));
            }
            Payload::Text(_) => unreachable!("machines in this process say nothing as text"),
        }
        frame
    }
}

/// Is it one message, said to several?
fn is_same(one: &Payload, other: &Payload) -> bool {
    match (one, other) {
        (Payload::Peer(one), Payload::Peer(other)) => Rc::ptr_eq(one, other),
        (Payload::Peer(_) | Payload::Request(_) | Payload::Response(_) | Payload::Text(_), _) => false,
    }
}
