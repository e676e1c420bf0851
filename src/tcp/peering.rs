//! Who is at the other end of each connection: connecting, introductions, refusals, and connecting again.
//!
//! Servers and clients do this alike. What arrives is sorted here, and what is left for a node is a [`Happened`].

use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::BytesMut;

use crate::base::NodeName;
use crate::tcp::cluster::Cluster;
use crate::tcp::dialing::Dialer;
use crate::tcp::founding::Standing;
use crate::tcp::frame::{self, Frame};
use crate::tcp::inbox::{Arrival, ConnectionId};
use crate::tcp::introduction::{Introduction, Objection};
use crate::tcp::links::{Links, Tell};
use crate::tcp::messages::Messages;
use crate::tcp::refusals::Refusals;

/// The connections of a node, and the servers to which it connects.
pub struct Peering {
    /// What the node says of itself.
    own: Introduction,
    /// Its connections.
    pub links: Links,
    dialers: BTreeMap<NodeName, Dialer>,
    refusals: Refusals,
}

/// What comes of an arrival.
#[derive(Debug)]
pub enum Happened {
    /// Nothing that matters to a node.
    Nothing,
    /// Somebody at this connection has said who he is, and nothing speaks against him so far.
    Introduced(ConnectionId, Box<Introduction>),
    /// A frame of one who is known.
    Frame(ConnectionId, NodeName, BytesMut),
    /// The connection with a node is over, and why, in words.
    Lost(NodeName, String),
    /// A server is not there, or refuses this node, or is none that this node wants.
    Absent(NodeName),
}

impl Peering {
    /// Without any connection, of a node that says this of itself.
    #[must_use]
    pub fn new(own: Introduction, messages: Messages, tell: Tell) -> Self {
        let links = Links::new(own.delay, messages);
        Self { own, links, dialers: BTreeMap::new(), refusals: Refusals::new(tell) }
    }

    /// Begins to connect to those servers of a cluster that are chosen, again and again.
    pub fn dial(&mut self, cluster: &Cluster, is_chosen: impl Fn(NodeName) -> bool) {
        let chosen = cluster.addresses.iter().filter(|(server, _)| is_chosen(**server));
        let dialer = |(&server, &address)| (server, Dialer::begin(server, address, Rc::clone(&self.links.inbox)));
        self.dialers = chosen.map(dialer).collect();
    }

    /// What the node's disk says of the founding, from now on.
    pub fn set_standing(&mut self, standing: Standing) {
        self.own.standing = Some(standing);
    }

    /// Says who this node is.
    pub fn introduce(&mut self, id: ConnectionId) {
        self.links.tell(id, &Frame::Introduction(Box::new(self.own.clone())));
    }

    /// Sorts something that arrived.
    pub fn take(&mut self, arrival: Arrival) -> Happened {
        match arrival {
            Arrival::Accepted(stream) => {
                self.links.open(stream);
                Happened::Nothing
            }
            Arrival::Dialed(server, stream) => match self.links.open_dialed(stream, server) {
                Some(id) => {
                    self.introduce(id);
                    Happened::Nothing
                }
                None => self.absent(server),
            },
            Arrival::Absent(server) => Happened::Absent(server),
            Arrival::Closed(id, why) => self.close(id, &why),
            Arrival::Overdue(id) if self.is_stranger(id) => self.close(id, "nobody has said who is there"),
            Arrival::Overdue(_) => Happened::Nothing,
            Arrival::Frame(id, bytes) => match self.links.owner(id) {
                Some(node) => Happened::Frame(id, node, bytes),
                None if self.is_stranger(id) => self.take_introduction(id, &bytes),
                None => Happened::Nothing,
            },
        }
    }

    fn is_stranger(&self, id: ConnectionId) -> bool {
        self.links.is_open(id) && self.links.owner(id).is_none()
    }

    /// The first frame of the other end.
    fn take_introduction(&mut self, id: ConnectionId, bytes: &[u8]) -> Happened {
        if let (Some(server), Ok(Frame::Refused(why))) = (self.links.dialed(id), frame::read(bytes)) {
            self.refusals.tell_once(format!("{} refused {}: {why}", server.in_words(), self.own.node.in_words()));
            return self.close(id, &why);
        }
        match frame::read_introduction(bytes) {
            Ok(other) => match self.check(id, &other) {
                Ok(()) => Happened::Introduced(id, Box::new(other)),
                Err(objection) => self.refuse(id, other.node, &objection),
            },
            Err(objection) => match self.links.dialed(id) {
                Some(server) => self.refuse(id, server, &objection),
                None => self.send_away(id, "a connection", &objection),
            },
        }
    }

    fn check(&self, id: ConnectionId, other: &Introduction) -> Result<(), Objection> {
        self.own.check(other)?;
        match self.links.dialed(id) {
            Some(server) if server != other.node => {
                let (expected, found) = (server.in_words(), other.node.in_words());
                Err(Objection(format!("{expected} was expected there, and it is {found}")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Wants nothing to do with somebody who has introduced himself: tells him and people why, and closes the connection.
    pub fn refuse(&mut self, id: ConnectionId, other: NodeName, objection: &Objection) -> Happened {
        // Whoever is there, the user knows it as the server that he has named.
        let who = self.links.dialed(id).unwrap_or(other);
        self.send_away(id, &who.in_words(), objection)
    }

    fn send_away(&mut self, id: ConnectionId, who: &str, objection: &Objection) -> Happened {
        self.refusals.tell_once(format!("refused {who}: {objection}"));
        self.links.tell(id, &Frame::Refused(objection.to_string()));
        self.close(id, "refused")
    }

    /// Closes a connection. To a server that this node connects to it connects again.
    pub fn close(&mut self, id: ConnectionId, why: &str) -> Happened {
        let dialed = self.links.dialed(id);
        match (self.links.close(id), dialed) {
            (Some(node), _) => {
                self.redial(node);
                Happened::Lost(node, why.to_owned())
            }
            (None, Some(server)) => self.absent(server),
            (None, None) => Happened::Nothing,
        }
    }

    fn absent(&self, server: NodeName) -> Happened {
        self.redial(server);
        Happened::Absent(server)
    }

    fn redial(&self, node: NodeName) {
        if let Some(dialer) = self.dialers.get(&node).filter(|_| self.links.connection_of(node).is_none()) {
            dialer.lost();
        }
    }
}
