//! A server by hand: a machine behind sockets, with its disk, until somebody tells it to leave.
//!
//! One thread does everything. It wakes up when something arrived, gives all of it to the machine, and then carries out what
//! comes of that at once: one frame of records, one sync. While the disk works, more arrives.
//!
//! Bounded are what may be read before it is looked at, what may wait at a connection, how many connections there are, and
//! how long a frame is ([bounds](crate::tcp::bounds)).

mod disk;
mod exchanges;
mod orders;
mod peers;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use tokio::sync::mpsc;

use crate::base::{Environment, NodeName, Span, Time};
use crate::machine::{AnyInput, Payload, Undecodable};
use crate::node::ShellError;
use crate::protocol::Protocol;
use crate::tcp::clock::Clock;
use crate::tcp::cluster::{Cluster, NoCluster};
use crate::tcp::dialing::Listener;
use crate::tcp::engine::Engine;
use crate::tcp::founding::{Founders, Quorum};
use crate::tcp::frame::{self, Asked, Frame, Status};
use crate::tcp::inbox::ConnectionId;
use crate::tcp::interruption::Interruption;
use crate::tcp::introduction::Introduction;
use crate::tcp::links::Tell;
use crate::tcp::membership::MembershipError;
use crate::tcp::messages::Messages;
use crate::tcp::peering::{Happened, Peering};
use crate::tcp::recording::Recorder;
use crate::tcp::runtime;
use crate::tcp::server::disk::Disk;
use crate::tcp::server::exchanges::Exchanges;
use crate::wire::control::{Control, Variant};
use crate::wire::{Request, ServerRole};

pub use orders::{NotShown, Order, Role};

/// How a server is started.
pub struct ServerOptions {
    /// Which one it is.
    pub node: NodeName,
    /// All servers.
    pub cluster: Cluster,
    /// What they run.
    pub protocol: &'static Protocol,
    /// Which of its ways that goes.
    pub variant: Variant,
    /// Its folder.
    pub folder: PathBuf,
    /// How long it delays what it says.
    pub delay: Span,
    /// When the cluster is founded.
    pub quorum: Quorum,
    /// Where everything is written down that its machine is given and puts out.
    pub recorder: Option<Recorder>,
    /// To whom messages are told as they come and go.
    pub watch: Option<Tell>,
    /// To whom it is told how things are.
    pub tell: Tell,
}

/// How a server left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It was told to at its console.
    Told,
    /// A signal ended it.
    Interrupted,
}

/// Why a server cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It is none of the cluster's.
    #[error(transparent)]
    Cluster(#[from] NoCluster),
    /// Its folder will not do.
    #[error(transparent)]
    Folder(#[from] MembershipError),
    /// Its log will not do, or cannot be written any more.
    #[error("{0}")]
    Disk(ShellError),
    /// Another server sent what no right server sends.
    #[error("from {from}: {source}; this server does not go on with that")]
    Peer {
        /// Which.
        from: NodeName,
        /// What is wrong with it.
        source: Undecodable,
    },
    /// Its console cannot be used.
    #[error("{0}")]
    Console(Environment),
    /// The machine refuses a timer or an order: a bug.
    #[error("{0}")]
    Own(Undecodable),
    /// The system refuses something.
    #[error("could not {attempt}: {source}")]
    System {
        /// What.
        attempt: String,
        /// Why.
        source: io::Error,
    },
}

impl From<ShellError> for ServeError {
    fn from(error: ShellError) -> Self {
        Self::Disk(error)
    }
}

/// Runs a server until it is told to leave; what is typed at its console comes through `orders`. Once it listens it calls
/// `begun`: before that there is nothing that a console could show.
///
/// # Errors
/// It cannot begin, or cannot go on.
pub fn serve<T>(
    options: ServerOptions,
    orders: mpsc::Receiver<Order>,
    begun: impl FnOnce() -> Result<T, Environment> + 'static,
) -> Result<Left, ServeError> {
    let run = async {
        let mut server = Server::begin(options).await?;
        begun().map_err(ServeError::Console)?;
        server.run(orders).await
    };
    runtime::run(run).map_err(system("begin to wait for events"))?
}

fn system(attempt: impl Into<String>) -> impl FnOnce(io::Error) -> ServeError {
    let attempt = attempt.into();
    move |source| ServeError::System { attempt, source }
}

struct Server {
    node: NodeName,
    cluster: Cluster,
    protocol: &'static Protocol,
    variant: Variant,
    recorder: Option<Recorder>,
    clock: Clock,
    peering: Peering,
    disk: Disk,
    /// What it knows of the founding; nothing where the protocol has no members.
    founders: Option<Founders>,
    /// The machine, once it may begin.
    engine: Option<Engine>,
    exchanges: Exchanges,
    /// The sessions of clients that are connected.
    sessions: BTreeMap<NodeName, u64>,
    /// Which part it plays, as the machine told last.
    known_role: Option<Role>,
    /// What clients were told last.
    told: Status,
    tell: Tell,
    _listener: Listener,
}

impl Server {
    async fn begin(options: ServerOptions) -> Result<Self, ServeError> {
        let ServerOptions { node, cluster, protocol, variant, folder, delay, quorum, recorder, watch, tell } = options;
        let address = cluster.address_of(node)?;
        let disk = Disk::open(&folder, &cluster.name, protocol, node)?;
        let own = Introduction::of(node, &cluster, protocol, delay);
        let mut peering = Peering::new(own, Messages::new(node, watch), Rc::clone(&tell));
        let listener = Listener::open(address, Rc::clone(&peering.links.inbox)).await;
        let listener = listener.map_err(system(format!(
            "listen at {address} (is another {} running, or another program at that port?)",
            node.in_words()
        )))?;
        tell(&format!("{} listens at {address}; its data are in {}", node.in_words(), folder.display()));
        // Of two servers the greater one connects, so that there is one connection.
        peering.dial(&cluster, |other| other < node);
        let founders = disk.standing().map(|standing| Founders::new(node, standing, quorum));
        let mut server = Self {
            node,
            cluster,
            protocol,
            variant,
            recorder,
            clock: Clock::begin(),
            peering,
            disk,
            founders,
            engine: None,
            exchanges: Exchanges::begin(protocol.agreement, delay).map_err(system("draw a number"))?,
            sessions: BTreeMap::new(),
            known_role: None,
            told: Status::default(),
            tell,
            _listener: listener,
        };
        server.begin_machine_if_founded()?;
        Ok(server)
    }

    async fn run(&mut self, mut orders: mpsc::Receiver<Order>) -> Result<Left, ServeError> {
        let mut interrupted = Interruption::listen().map_err(system("listen to signals"))?;
        let inbox = Rc::clone(&self.peering.links.inbox);
        let clock = self.clock;
        let mut has_console = true;
        self.tell_whom_it_waits_for();
        // What its console asks first is asked of a machine that has begun, if it may.
        self.turn()?;
        loop {
            let next = self.next_time();
            tokio::select! {
                biased;
                () = interrupted.comes() => return Ok(Left::Interrupted),
                order = orders.recv(), if has_console => match order {
                    Some(Order::Leave) => return Ok(Left::Told),
                    Some(order) => self.obey(order)?,
                    None => has_console = false,
                },
                () = inbox.arrived() => {}
                () = clock.wait_until(next) => {}
            }
            self.turn()?;
        }
    }

    /// When it is to wake up though nothing arrives.
    fn next_time(&self) -> Option<Time> {
        let timer = self.engine.as_ref().and_then(Engine::next_timer);
        let exchange = self.engine.as_ref().and_then(|_| self.exchanges.next());
        [timer, self.peering.links.next_departure(), exchange].into_iter().flatten().min()
    }

    /// Takes everything that has arrived and is due, and carries out what comes of it.
    fn turn(&mut self) -> Result<(), ServeError> {
        for arrival in self.peering.links.inbox.take() {
            let happened = self.peering.take(arrival);
            self.take(happened)?;
        }
        if let Some(engine) = &mut self.engine {
            engine.take_due_timers().map_err(ServeError::Own)?;
            // A server carries out no operations of its own.
            engine.flush(&mut self.peering.links)?;
        }
        self.exchange_if_due()?;
        self.note_changes();
        self.peering.links.release(self.clock.now());
        self.peering.links.push();
        for id in self.peering.links.take_full() {
            self.close(id, "too much waits for it");
        }
        Ok(())
    }

    fn take(&mut self, happened: Happened) -> Result<(), ServeError> {
        match happened {
            Happened::Nothing | Happened::Absent(_) => Ok(()),
            Happened::Introduced(id, other) => self.welcome_if_it_may_stay(id, &other),
            Happened::Frame(id, node, bytes) => self.take_frame(id, node, &bytes),
            Happened::Lost(node, why) => {
                self.lose(node, &why);
                Ok(())
            }
        }
    }

    fn take_frame(&mut self, id: ConnectionId, node: NodeName, bytes: &[u8]) -> Result<(), ServeError> {
        match (frame::read(bytes), node.is_server()) {
            (Ok(Frame::Peer(message)), true) => self.take_message(id, node, message)?,
            (Ok(Frame::Request(asked)), false) => self.take_request(id, node, asked)?,
            (Ok(Frame::Nominate), _) => self.nominate()?,
            (Ok(Frame::Founding(founding)), true) => self.hear_founding(id, node, founding)?,
            (Ok(Frame::Link(link)), true) => self.hear_link(node, link),
            (Ok(Frame::Digest(digest)), true) => self.exchanges.hear(node, digest),
            (Ok(Frame::Exchange(round)), true) => self.take_exchange(node, round)?,
            (Ok(Frame::Refused(why)), true) => self.close(id, &why),
            (Ok(frame), _) => {
                let what = format!("{} may not send {}", node.in_words(), frame.in_words());
                self.close(id, &what);
            }
            (Err(garbage), _) => self.close(id, &garbage.to_string()),
        }
        Ok(())
    }

    /// A message of the protocol; one that comes before the machine has begun is lost, as if it were not there yet.
    fn take_message(&mut self, id: ConnectionId, from: NodeName, bytes: &[u8]) -> Result<(), ServeError> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let payload = match engine.decode_peer(bytes) {
            Ok(payload) => payload,
            Err(why) => {
                self.close(id, &why.to_string());
                return Ok(());
            }
        };
        if self.peering.links.receive(self.clock.now(), from, &payload) {
            let input = AnyInput::Message { from, payload: &payload };
            engine.take(input).map_err(|source| ServeError::Peer { from, source })?;
        }
        Ok(())
    }

    /// A client's request. What is wrong with it is the client's fault, and ends its connection only.
    fn take_request(&mut self, id: ConnectionId, from: NodeName, asked: Asked) -> Result<(), ServeError> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let payload = Payload::request(Request::from(asked));
        let _is_never_cut = self.peering.links.receive(self.clock.now(), from, &payload);
        match engine.take(AnyInput::Message { from, payload: &payload }) {
            Ok(()) => {}
            Err(why) => self.close(id, &why.to_string()),
        }
        Ok(())
    }

    fn nominate(&mut self) -> Result<(), ServeError> {
        self.control(&Control::Nominate)
    }

    fn control(&mut self, control: &Control) -> Result<(), ServeError> {
        match &mut self.engine {
            Some(engine) => engine.take(AnyInput::Control(control)).map_err(ServeError::Own),
            None => Ok(()),
        }
    }

    fn close(&mut self, id: ConnectionId, why: &str) {
        if let Happened::Lost(node, why) = self.peering.close(id, why) {
            self.lose(node, &why);
        }
    }

    /// The connection with a node is over.
    fn lose(&mut self, node: NodeName, why: &str) {
        if node.is_server() {
            (self.tell)(&format!("lost {}: {why}", node.in_words()));
        }
        if let Some(founders) = &mut self.founders {
            founders.lose(node);
        }
        self.sessions.remove(&node);
        self.exchanges.lose(node);
    }

    /// Tells clients and people what has changed.
    fn note_changes(&mut self) {
        let changes = self.engine.as_mut().map(Engine::take_changes).unwrap_or_default();
        if let Some(digest) = changes.digest {
            self.exchanges.set_own(digest);
        }
        self.note_role(changes.role, changes.term, changes.queued);
        let status = self.status();
        if status != self.told {
            self.told = status;
            let clients: Vec<_> = self.peering.links.clients().collect();
            for client in clients {
                self.peering.links.tell_node(client, &Frame::Status(status));
            }
        }
    }

    fn note_role(&mut self, role: Option<ServerRole>, term: Option<u64>, queued: Option<u64>) {
        let before = self.known_role;
        let known = before.unwrap_or(Role { role: ServerRole::Follower, term: 0, queued: 0 });
        if role.is_none() && before.is_none() {
            return;
        }
        let now = Role {
            role: role.unwrap_or(known.role),
            term: term.unwrap_or(known.term),
            queued: queued.unwrap_or(known.queued),
        };
        self.known_role = Some(now);
        let own = self.node.in_words();
        match (known.role, now.role) {
            (before, after) if before == after => {}
            (_, ServerRole::Leader) => (self.tell)(&format!("{own} leads")),
            (ServerRole::Leader, _) => (self.tell)(&format!("{own} leads no longer")),
            (_, ServerRole::Learner) => (self.tell)(&format!(
                "{own} only learns what the others decide: the cluster was founded without the disk that it has now"
            )),
            (_, ServerRole::Candidate | ServerRole::Follower) => {}
        }
    }

    fn status(&self) -> Status {
        let servers = self.peering.links.servers().filter(|server| !self.peering.links.is_cut(*server));
        Status {
            is_founded: self.engine.is_some(),
            role: self.known_role.map(|known| known.role),
            term: self.known_role.map_or(0, |known| known.term),
            connected: u32::try_from(servers.count() + 1).unwrap_or(u32::MAX),
        }
    }
}
