//! Who is at the other end of a connection, and what servers tell each other beside their protocol's messages.

use tokio::net::TcpStream;

use super::*;
use crate::tcp::founding::{Change, Founding};
use crate::tcp::introduction::{Objection, numbers};

impl Server {
    /// This server has connected to another one, and says who it is.
    pub(super) fn introduce_to(&mut self, server: NodeName, stream: TcpStream) {
        let Some(id) = self.links.open_dialed(stream, server) else { return self.redial(server) };
        let introduction = self.introduction();
        self.links.tell(id, &Frame::Introduction(Box::new(introduction)));
    }

    /// The first frame of the other end.
    pub(super) fn take_introduction(&mut self, id: ConnectionId, bytes: &[u8]) -> Result<(), ServeError> {
        if let (Some(server), Ok(Frame::Refused(why))) = (self.links.dialed(id), frame::read(bytes)) {
            self.refusals.tell_once(format!("{} refused {}: {why}", server.in_words(), self.node.in_words()));
            self.close(id, &why);
            return Ok(());
        }
        let introduction = frame::read_introduction(bytes);
        let checked = introduction.and_then(|other| self.check(id, &other).map(|()| other));
        match checked {
            Ok(other) => self.welcome(id, &other),
            Err(objection) => {
                self.refuse(id, bytes, &objection);
                Ok(())
            }
        }
    }

    fn check(&self, id: ConnectionId, other: &Introduction) -> Result<(), Objection> {
        self.introduction().check(other)?;
        match self.links.dialed(id) {
            Some(server) if server != other.node => {
                let (expected, found) = (server.in_words(), other.node.in_words());
                Err(Objection(format!("{expected} was expected there, and it is {found}")))
            }
            None if other.node.is_server() && other.node < self.node => {
                Err(Objection("of two servers the one with the greater number connects to the other".to_owned()))
            }
            Some(_) | None => self.check_session(other),
        }
    }

    /// A client that was started again takes the place of its earlier session; one that was started before keeps away.
    fn check_session(&self, other: &Introduction) -> Result<(), Objection> {
        let is_connected = self.links.connection_of(other.node).is_some();
        match self.sessions.get(&other.node).filter(|_| is_connected) {
            Some(session) if Some(*session) > other.session => Err(Objection(replaced(other.node))),
            None if !other.node.is_server() && self.links.clients().count() >= bounds::CLIENTS => {
                Err(Objection(format!("there are {} clients here already", bounds::CLIENTS)))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn refuse(&mut self, id: ConnectionId, bytes: &[u8], objection: &Objection) {
        let who = match (self.links.dialed(id), frame::read_introduction(bytes)) {
            (Some(server), _) => server.in_words(),
            (None, Ok(other)) => other.node.in_words(),
            (None, Err(_)) => "a connection".to_owned(),
        };
        self.send_away(id, &who, &objection.to_string());
    }

    fn send_away(&mut self, id: ConnectionId, who: &str, why: &str) {
        self.refusals.tell_once(format!("refused {who}: {why}"));
        self.links.tell(id, &Frame::Refused(why.to_owned()));
        self.close(id, "refused");
    }

    /// Whoever is there may stay.
    fn welcome(&mut self, id: ConnectionId, other: &Introduction) -> Result<(), ServeError> {
        if let (Some(founders), Some(standing)) = (&mut self.founders, &other.standing) {
            match founders.hear(&self.cluster, other.node, standing) {
                Ok(change) => self.note_founding(change)?,
                Err(apart) => {
                    self.send_away(id, &other.node.in_words(), &apart.to_string());
                    return Ok(());
                }
            }
        }
        if self.links.dialed(id).is_none() {
            let introduction = self.introduction();
            self.links.tell(id, &Frame::Introduction(Box::new(introduction)));
        }
        if let Some(session) = other.session {
            let earlier = self.sessions.insert(other.node, session);
            if let Some(connection) = self.links.connection_of(other.node).filter(|_| earlier != Some(session)) {
                self.links.tell(connection, &Frame::Refused(replaced(other.node)));
            }
        }
        self.links.introduce(id, other.node);
        if other.node.is_server() {
            self.tell_founding_to(id, other);
            (self.tell)(&format!("connected with {}", other.node.in_words()));
            if self.links.is_cut(other.node) {
                self.links.tell(id, &Frame::Link(Link::Cut));
            }
            self.tell_whom_it_waits_for();
        } else {
            let status = self.status();
            self.links.tell(id, &Frame::Status(status));
        }
        Ok(())
    }

    /// What the other end was told of the founding, or said of it, may be older than what is known by now.
    fn tell_founding_to(&mut self, id: ConnectionId, other: &Introduction) {
        let own = self.founders.as_ref().and_then(|founders| founders.standing().founding.clone());
        let theirs = other.standing.as_ref().and_then(|standing| standing.founding.as_ref());
        if let Some(founding) = own.filter(|own| theirs != Some(own)) {
            self.links.tell(id, &Frame::Founding(founding));
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
                    let servers: Vec<_> = self.links.servers().collect();
                    for server in servers {
                        self.links.tell_node(server, &Frame::Founding(founding.clone()));
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
            timeouts: Timeouts::for_delay(self.links.delay),
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
            Link::Cut if self.links.cut(node) => (self.tell)(&format!("{node} has cut the link {node} {own}")),
            Link::Open if self.links.mend(node) => (self.tell)(&format!("{node} has mended the link {node} {own}")),
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
