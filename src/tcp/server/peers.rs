//! Which of those who have introduced themselves may stay, and what servers tell each other of founding and links.

use crate::base::NodeName;
use crate::machine::Setup;
use crate::node;
use crate::tcp::bounds;
use crate::tcp::engine::Engine;
use crate::tcp::founding::{Change, Founders, Founding, Quorum};
use crate::tcp::frame::{Frame, Link};
use crate::tcp::inbox::ConnectionId;
use crate::tcp::introduction::{Introduction, Objection, numbers};
use crate::tcp::recording::recorded;
use crate::tcp::server::{ServeError, Server};
use crate::wire::control::Timeouts;

impl Server {
    /// Somebody has introduced himself.
    pub(super) fn welcome_if_it_may_stay(&mut self, id: ConnectionId, other: &Introduction) -> Result<(), ServeError> {
        match self.check_direction(id, other).and_then(|()| self.check_session(other)) {
            Ok(()) => self.welcome(id, other),
            Err(objection) => self.refuse(id, other, &objection),
        }
    }

    fn check_direction(&self, id: ConnectionId, other: &Introduction) -> Result<(), Objection> {
        if self.peering.links.dialed(id).is_none() && other.node.is_server() && other.node < self.node {
            return Err(Objection("of two servers the one with the greater number connects to the other".to_owned()));
        }
        Ok(())
    }

    /// A client that was started again takes the place of its earlier session; one that was started before keeps away.
    fn check_session(&self, other: &Introduction) -> Result<(), Objection> {
        let is_connected = self.peering.links.connection_of(other.node).is_some();
        match self.sessions.get(&other.node).filter(|_| is_connected) {
            Some(session) if Some(*session) > other.session => Err(Objection(replaced(other.node))),
            None if !other.node.is_server() && self.peering.links.clients().count() >= bounds::CLIENTS => {
                Err(Objection(format!("there are {} clients here already", bounds::CLIENTS)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn refuse(&mut self, id: ConnectionId, other: &Introduction, objection: &Objection) -> Result<(), ServeError> {
        let happened = self.peering.refuse(id, other.node, objection);
        self.take(happened)
    }

    /// Whoever is there may stay.
    fn welcome(&mut self, id: ConnectionId, other: &Introduction) -> Result<(), ServeError> {
        if let (Some(founders), Some(standing)) = (&mut self.founders, &other.standing) {
            match founders.hear(&self.cluster, other.node, standing) {
                Ok(change) => self.note_founding(change)?,
                Err(apart) => return self.refuse(id, other, &Objection(apart.to_string())),
            }
        }
        if self.peering.links.dialed(id).is_none() {
            self.peering.introduce(id);
        }
        if let Some(session) = other.session {
            let earlier = self.sessions.insert(other.node, session);
            if let Some(connection) = self.peering.links.connection_of(other.node).filter(|_| earlier != Some(session))
            {
                self.peering.links.tell(connection, &Frame::Refused(replaced(other.node)));
            }
        }
        self.peering.links.introduce(id, other.node);
        if other.node.is_server() {
            self.tell_founding_to(id, other);
            (self.tell)(&format!("connected with {}", other.node.in_words()));
            if self.peering.links.is_cut(other.node) {
                self.peering.links.tell(id, &Frame::Link(Link::Cut));
            }
            self.tell_whom_it_waits_for();
        } else {
            let status = self.status();
            self.peering.links.tell(id, &Frame::Status(status));
        }
        Ok(())
    }

    /// What the other end was told of the founding, or said of it, may be older than what is known by now.
    fn tell_founding_to(&mut self, id: ConnectionId, other: &Introduction) {
        let own = self.founders.as_ref().and_then(|founders| founders.standing().founding.clone());
        let theirs = other.standing.as_ref().and_then(|standing| standing.founding.as_ref());
        if let Some(founding) = own.filter(|own| theirs != Some(own)) {
            self.peering.links.tell(id, &Frame::Founding(founding));
        }
    }

    /// Another server has a founding record that it had not before.
    pub(super) fn hear_founding(
        &mut self,
        id: ConnectionId,
        from: NodeName,
        founding: Founding,
    ) -> Result<(), ServeError> {
        let Some(founders) = &mut self.founders else { return Ok(()) };
        let mut standing = founders.standing().clone();
        standing.founding = Some(founding);
        match founders.hear(&self.cluster, from, &standing) {
            Ok(change) => self.note_founding(change),
            Err(apart) => {
                self.close(id, &apart.to_string());
                Ok(())
            }
        }
    }

    /// A founding record that is new is written down, told to the others, and the machine begins.
    fn note_founding(&mut self, change: Change) -> Result<(), ServeError> {
        match change {
            Change::None => Ok(()),
            Change::Written => {
                let standing = self.founders.as_ref().map(|founders| founders.standing().clone());
                if let Some(founding) = standing.and_then(|standing| standing.founding) {
                    self.disk.found(&founding)?;
                    let servers: Vec<_> = self.peering.links.servers().collect();
                    for server in servers {
                        self.peering.links.tell_node(server, &Frame::Founding(founding.clone()));
                    }
                }
                self.begin_machine_if_founded()
            }
        }
    }

    /// Begins the machine, if the cluster is founded and it has not begun yet.
    pub(super) fn begin_machine_if_founded(&mut self) -> Result<(), ServeError> {
        if let Some(founders) = &mut self.founders {
            // A cluster of one server is founded by itself.
            let change = founders.found(&self.cluster);
            self.peering.set_standing(founders.standing().clone());
            let founding = founders.standing().founding.clone();
            match (change, &founding) {
                (Change::Written, Some(founding)) => self.disk.found(founding)?,
                (Change::None, None) => return Ok(()),
                (Change::None, Some(_)) | (Change::Written, None) => {}
            }
        }
        if self.engine.is_some() {
            return Ok(());
        }
        let program = recorded(node::server(self.protocol), self.protocol.name, None, self.recorder.clone());
        let is_founder = self.founders.as_ref().is_none_or(Founders::is_founder);
        let opened = self.disk.open_log(&program)?;
        let incarnation = self.disk.incarnation(is_founder, !opened.records.is_empty());
        let records = opened.records.len();
        let setup = Setup {
            name: self.node,
            servers: self.cluster.servers().collect(),
            seed: self.disk.seed(),
            incarnation,
            timeouts: Timeouts::for_delay(self.peering.links.delay),
            variant: self.variant,
        };
        let engine = Engine::begin(self.clock, &program, Some(opened), setup)?;
        // Before anybody hears of this life.
        self.disk.begin(incarnation)?;
        self.engine = Some(engine);
        let own = self.node.in_words();
        match records {
            0 => (self.tell)(&format!("{own} begins")),
            _ => (self.tell)(&format!("{own} begins again, with what is on its disk")),
        }
        Ok(())
    }

    /// As long as it waits for others to found the cluster.
    pub(super) fn tell_whom_it_waits_for(&mut self) {
        let Some(founders) = self.founders.as_ref().filter(|_| self.engine.is_none()) else { return };
        let missing = numbers(&founders.missing(&self.cluster));
        (self.tell)(&match founders.quorum() {
            Quorum::All => format!("waits for server {missing}: a cluster is founded when all its servers are there"),
            Quorum::Majority => format!("waits for one more of server {missing}, to found the cluster with a majority"),
        });
    }

    /// The other end has cut or mended the link, or tells that it is cut.
    pub(super) fn hear_link(&mut self, node: NodeName, link: Link) {
        let own = self.node;
        match link {
            Link::Cut if self.peering.links.cut(node) => (self.tell)(&format!("{node} has cut the link {node} {own}")),
            Link::Open if self.peering.links.mend(node) => {
                (self.tell)(&format!("{node} has mended the link {node} {own}"));
            }
            Link::Cut | Link::Open => {}
        }
    }
}

/// What a client is told that is another one's namesake.
fn replaced(client: NodeName) -> String {
    format!(
        "{} has been started again elsewhere; each client that is running needs an id of its own",
        client.in_words()
    )
}
