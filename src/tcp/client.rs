//! A client by hand: a session behind sockets, connected with all servers of its cluster.
//!
//! Its machine is told which server to ask first: the one that was chosen at its console, as long as that is there; else the
//! one that leads; else one that is there. When that changes, what waits is asked again at once.
//!
//! An operation waits until it is answered. Why it waits is told again and again.

mod waits;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::rc::Rc;

use tokio::sync::{mpsc, oneshot};

use crate::base::{Incarnation, NodeName, Span, Time, limits};
use crate::machine::{AnyInput, Payload, Setup};
use crate::node;
use crate::node::ShellError;
use crate::protocol::{Agreement, Protocol};
use crate::store::Operation;
use crate::tcp::bounds;
use crate::tcp::chance;
use crate::tcp::clock::Clock;
use crate::tcp::cluster::Cluster;
use crate::tcp::engine::Engine;
use crate::tcp::frame::{self, Frame, Status};
use crate::tcp::inbox::ConnectionId;
use crate::tcp::interruption::Interruption;
use crate::tcp::introduction::Introduction;
use crate::tcp::links::Tell;
use crate::tcp::messages::Messages;
use crate::tcp::nomination::{Known, Nomination};
use crate::tcp::peering::{Happened, Peering};
use crate::tcp::recording::{Recorder, recorded};
use crate::tcp::runtime;
use crate::wire::control::{Control, Invoke, Timeouts, Variant};
use crate::wire::{Completion, Response, ServerRole};

/// How a client is started.
pub struct ClientOptions {
    /// Which one it is.
    pub node: NodeName,
    /// All servers.
    pub cluster: Cluster,
    /// What they run.
    pub protocol: &'static Protocol,
    /// How long it delays what it says; the servers' delay, if that is longer.
    pub delay: Span,
    /// Where everything is written down that its machine is given and puts out.
    pub recorder: Option<Recorder>,
    /// To whom messages are told as they come and go.
    pub watch: Option<Tell>,
    /// To whom it is told how things are.
    pub tell: Tell,
}

/// An order to a client. Where it has an answer, that goes through its channel.
#[derive(Debug)]
pub enum Order {
    /// Leave.
    Leave,
    /// Carry out an operation.
    Invoke(Operation, oneshot::Sender<Completion>),
    /// Ask this server first from here on. Is it there?
    Attach(NodeName, oneshot::Sender<bool>),
    /// Ask a server to lead. What became of it?
    Nominate(NodeName, oneshot::Sender<Nomination>),
}

/// Why a client cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A server wants nothing to do with it any more.
    #[error("{} sends this client away: {why}", .server.in_words())]
    SentAway {
        /// Which.
        server: NodeName,
        /// What it says.
        why: String,
    },
    /// A server sent what no right server sends.
    #[error("{0}")]
    Machine(ShellError),
    /// The system refuses something.
    #[error("could not {attempt}: {source}")]
    System {
        /// What.
        attempt: &'static str,
        /// Why.
        source: io::Error,
    },
}

impl From<ShellError> for ClientError {
    fn from(error: ShellError) -> Self {
        Self::Machine(error)
    }
}

/// How a client left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Did a signal end it?
    pub was_interrupted: bool,
    /// What was not answered, first what was asked first.
    pub unanswered: Vec<Unanswered>,
}

/// An operation that was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// Which.
    pub operation: Operation,
    /// May a server have heard of it?
    pub was_sent: bool,
}

/// Runs a client until it is told to leave, on a thread of its own.
///
/// # Errors
/// It cannot begin, or cannot go on.
pub fn run(options: ClientOptions, orders: mpsc::Receiver<Order>) -> Result<Left, ClientError> {
    let system = |attempt| move |source| ClientError::System { attempt, source };
    let run = async move {
        let mut interruption = Interruption::listen().map_err(system("listen to signals"))?;
        let mut client = Client::begin(options)?;
        let was_interrupted = tokio::select! {
            biased;
            () = interruption.comes() => true,
            result = client.run(orders) => result.map(|()| false)?,
        };
        Ok(Left { was_interrupted, unanswered: client.unanswered() })
    };
    runtime::run(run).map_err(system("begin to wait for events"))?
}

/// Runs a client until its orders end: on a thread on which other clients may run, within a
/// [`LocalSet`](tokio::task::LocalSet) or a [`LocalRuntime`](tokio::runtime::LocalRuntime).
///
/// # Errors
/// It cannot begin, or cannot go on.
pub async fn run_here(options: ClientOptions, orders: mpsc::Receiver<Order>) -> Result<(), ClientError> {
    Client::begin(options)?.run(orders).await
}

/// What gives a client orders.
#[derive(Clone, Debug)]
pub struct Handle(mpsc::Sender<Order>);

impl Handle {
    /// A handle, and the orders that the client is to be run with. The client leaves when no handle is left.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Order>) {
        let (sender, orders) = mpsc::channel(bounds::ORDERS);
        (Self(sender), orders)
    }

    /// Carries out an operation, and waits until it is answered. Nothing if the client has left.
    pub async fn invoke(&self, operation: Operation) -> Option<Completion> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Order::Invoke(operation, answer)).await.ok()?;
        answered.await.ok()
    }

    /// Gives an order, and waits until there is room for it; for threads of their own. Is the client still there?
    pub fn give(&self, order: Order) -> bool {
        self.0.blocking_send(order).is_ok()
    }
}

struct Client {
    node: NodeName,
    cluster: Cluster,
    protocol: &'static Protocol,
    session: u64,
    recorder: Option<Recorder>,
    clock: Clock,
    peering: Peering,
    /// The session, once a server is there, which says how long messages take.
    engine: Option<Engine>,
    /// The servers that it began to connect to, and of which it does not know yet whether they are there.
    expected: BTreeSet<NodeName>,
    /// When those that are still expected count as absent.
    expected_until: Time,
    /// Orders about such servers: they are carried out when that is known.
    held: Vec<Order>,
    /// The server that was chosen at the console.
    chosen: Option<NodeName>,
    /// The servers in the order in which the machine was told them last.
    attached: Vec<NodeName>,
    /// How things are at those that are connected.
    statuses: BTreeMap<NodeName, Status>,
    /// What was ordered, and the session has not been given yet: before there is one, and while it has enough to do.
    early: VecDeque<u64>,
    /// How many operations the session has.
    under_way: usize,
    /// What is not answered.
    invocations: BTreeMap<u64, Invocation>,
    count: u64,
    /// When it is told next what the first operation waits for.
    next_remark: Option<Time>,
    tell: Tell,
}

/// How many operations a session takes at once: one that is a queue any number, the other one.
fn most_under_way(agreement: Agreement) -> usize {
    match agreement {
        Agreement::Consensus => usize::MAX,
        Agreement::Eventual => 1,
    }
}

struct Invocation {
    operation: Operation,
    answer: oneshot::Sender<Completion>,
    since: Time,
}

impl Client {
    fn begin(options: ClientOptions) -> Result<Self, ClientError> {
        let ClientOptions { node, cluster, protocol, delay, recorder, watch, tell } = options;
        let session =
            chance::session_number().map_err(|source| ClientError::System { attempt: "draw a number", source })?;
        let own = Introduction { session: Some(session), ..Introduction::of(node, &cluster, protocol, delay) };
        let mut peering = Peering::new(own, Messages::new(node, watch), Rc::clone(&tell));
        peering.dial(&cluster, |_| true);
        let expected = cluster.servers().collect();
        let clock = Clock::begin();
        Ok(Self {
            node,
            cluster,
            protocol,
            session,
            recorder,
            clock,
            peering,
            engine: None,
            expected,
            expected_until: clock.now() + bounds::wait_told_after(delay),
            held: Vec::new(),
            chosen: None,
            attached: Vec::new(),
            statuses: BTreeMap::new(),
            early: VecDeque::new(),
            under_way: 0,
            invocations: BTreeMap::new(),
            count: 0,
            next_remark: None,
            tell,
        })
    }

    async fn run(&mut self, mut orders: mpsc::Receiver<Order>) -> Result<(), ClientError> {
        let inbox = Rc::clone(&self.peering.links.inbox);
        let clock = self.clock;
        loop {
            let timer = self.engine.as_ref().and_then(Engine::next_timer);
            let expected = Some(self.expected_until).filter(|_| !self.expected.is_empty());
            let others = [self.peering.links.next_departure(), self.next_remark, expected];
            let next = others.into_iter().chain([timer]).flatten().min();
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    None | Some(Order::Leave) => return Ok(()),
                    Some(order) => self.obey(order)?,
                },
                () = inbox.arrived() => {}
                () = clock.wait_until(next) => {}
            }
            self.turn()?;
        }
    }

    fn turn(&mut self) -> Result<(), ClientError> {
        for arrival in self.peering.links.inbox.take() {
            let happened = self.peering.take(arrival);
            self.take(happened)?;
        }
        if self.clock.now() >= self.expected_until && !self.expected.is_empty() {
            self.expected.clear();
            self.obey_held()?;
        }
        if let Some(engine) = &mut self.engine {
            engine.take_due_timers().map_err(ShellError::from)?;
        }
        self.carry_out()?;
        self.tell_what_is_waited_for();
        self.peering.links.release(self.clock.now());
        self.peering.links.push();
        for id in self.peering.links.take_full() {
            self.close(id, "too much waits for it")?;
        }
        Ok(())
    }

    /// Carries out what comes of all inputs, and of the operations that can begin when others have ended.
    fn carry_out(&mut self) -> Result<(), ClientError> {
        while let Some(engine) = &mut self.engine {
            let completions = engine.flush(&mut self.peering.links)?;
            let has_ended = !completions.is_empty();
            for completion in completions {
                if let Some(invocation) = self.invocations.remove(&completion.in_reply_to()) {
                    self.under_way -= 1;
                    // Who asked may have gone.
                    let _ = invocation.answer.send(completion);
                }
            }
            if has_ended {
                // Another server may have been chosen meanwhile.
                self.attach()?;
            }
            if !self.invoke_early()? && !has_ended {
                break;
            }
        }
        Ok(())
    }

    fn obey(&mut self, order: Order) -> Result<(), ClientError> {
        match order {
            Order::Leave => {}
            Order::Invoke(operation, answer) => {
                self.count += 1;
                let since = self.clock.now();
                self.invocations.insert(self.count, Invocation { operation, answer, since });
                self.early.push_back(self.count);
            }
            Order::Attach(server, _) | Order::Nominate(server, _) if self.expected.contains(&server) => {
                self.held.push(order);
            }
            Order::Attach(server, answer) => {
                self.chosen = Some(server);
                self.attach()?;
                let _ = answer.send(self.statuses.contains_key(&server));
            }
            Order::Nominate(server, answer) => {
                let known = self.statuses.get(&server);
                let known =
                    known.map(|status| Known { is_cut: false, is_founded: status.is_founded, role: status.role });
                let nomination = Nomination::of(self.protocol, known);
                if nomination == Nomination::Asked {
                    self.peering.links.tell_node(server, &Frame::Nominate);
                }
                let _ = answer.send(nomination);
            }
        }
        Ok(())
    }

    /// It is known whether a server is there.
    fn settle(&mut self, server: NodeName) -> Result<(), ClientError> {
        if self.expected.remove(&server) { self.obey_held() } else { Ok(()) }
    }

    fn obey_held(&mut self) -> Result<(), ClientError> {
        std::mem::take(&mut self.held).into_iter().try_for_each(|order| self.obey(order))
    }

    /// Hands the session what was ordered, once it has a server, as much as it takes. Was there anything?
    fn invoke_early(&mut self) -> Result<bool, ClientError> {
        let before = self.early.len();
        let Some(engine) = self.engine.as_mut().filter(|_| !self.attached.is_empty()) else { return Ok(false) };
        while self.early.front().is_some() && self.under_way < most_under_way(self.protocol.agreement) {
            let Some(msg_id) = self.early.pop_front() else { break };
            let Some(invocation) = self.invocations.get(&msg_id) else { continue };
            self.under_way += 1;
            let operation = invocation.operation.clone();
            let invoke = Control::Invoke(Invoke { msg_id, limit: bounds::OPERATION_LIMIT, operation });
            engine.take(AnyInput::Control(&invoke)).map_err(ShellError::from)?;
        }
        Ok(self.early.len() < before)
    }

    fn take(&mut self, happened: Happened) -> Result<(), ClientError> {
        match happened {
            Happened::Nothing => Ok(()),
            Happened::Introduced(id, server) => {
                self.peering.links.introduce(id, server.node);
                match self.engine {
                    None => self.begin_session(server.delay.max(self.peering.links.delay)),
                    Some(_) => Ok(()),
                }
            }
            Happened::Frame(id, server, bytes) => self.take_frame(id, server, &bytes),
            Happened::Lost(server, why) => {
                if self.attached.first() == Some(&server) {
                    (self.tell)(&format!("lost {}: {why}", server.in_words()));
                }
                self.statuses.remove(&server);
                self.attach()?;
                self.settle(server)
            }
            Happened::Absent(server) => self.settle(server),
        }
    }

    fn begin_session(&mut self, delay: Span) -> Result<(), ClientError> {
        self.peering.links.delay = delay;
        let program = node::client_in_session(self.protocol.agreement, self.session);
        let program = recorded(program, self.protocol.name, Some(self.session), self.recorder.clone());
        let setup = Setup {
            name: self.node,
            servers: self.cluster.servers().collect(),
            seed: self.session & limits::GREATEST_SEED,
            incarnation: Incarnation(0),
            timeouts: Timeouts::for_delay(delay),
            variant: Variant::default(),
        };
        self.engine = Some(Engine::begin(self.clock, &program, None, setup)?);
        Ok(())
    }

    fn take_frame(&mut self, id: ConnectionId, server: NodeName, bytes: &[u8]) -> Result<(), ClientError> {
        match frame::read(bytes) {
            // What an earlier session of this name has asked is nothing to this one.
            Ok(Frame::Response(answered)) if answered.session() != self.session => Ok(()),
            Ok(Frame::Response(answered)) => {
                let Some(engine) = &mut self.engine else { return Ok(()) };
                let payload = Payload::response(Response::from(answered));
                let _is_never_cut = self.peering.links.receive(self.clock.now(), server, &payload);
                engine.take(AnyInput::Message { from: server, payload: &payload }).map_err(ShellError::from)?;
                Ok(())
            }
            Ok(Frame::Status(status)) => {
                self.statuses.insert(server, status);
                self.attach()?;
                self.settle(server)
            }
            Ok(Frame::Refused(why)) => Err(ClientError::SentAway { server, why }),
            Ok(frame) => self.close(id, &format!("a server may not send {} to a client", frame.in_words())),
            Err(garbage) => self.close(id, &garbage.to_string()),
        }
    }

    fn close(&mut self, id: ConnectionId, why: &str) -> Result<(), ClientError> {
        let happened = self.peering.close(id, why);
        self.take(happened)
    }

    /// Tells the session which servers there are, and in which order to ask them, where that has changed.
    fn attach(&mut self) -> Result<(), ClientError> {
        let Some(engine) = &mut self.engine else { return Ok(()) };
        let is_there = |server: &NodeName| self.statuses.contains_key(server);
        let leaders = self.statuses.iter().filter(|(_, status)| status.role == Some(ServerRole::Leader));
        let leader = leaders.max_by_key(|(_, status)| status.term).map(|(server, _)| *server);
        let before = self.attached.first().copied().filter(is_there);
        let chosen = self.chosen.filter(is_there);
        let first = match self.protocol.agreement {
            Agreement::Consensus => chosen.or(leader).or(before),
            // What is under way is answered by the server that was asked, and by no other.
            Agreement::Eventual => before.filter(|_| self.under_way > 0).or(chosen).or(before),
        };
        let Some(first) = first.or_else(|| self.statuses.keys().next().copied()) else { return Ok(()) };
        let others = self.cluster.servers().filter(|server| *server != first);
        let servers: Vec<_> = match self.protocol.agreement {
            Agreement::Consensus => {
                let (there, not): (Vec<_>, Vec<_>) = others.partition(is_there);
                [vec![first], there, not].concat()
            }
            // What a client has read and written is known where it was.
            Agreement::Eventual => vec![first],
        };
        if self.attached.first() != Some(&first) {
            engine.take(AnyInput::Control(&Control::Attach { servers: servers.clone() })).map_err(ShellError::from)?;
            self.attached = servers;
        }
        Ok(())
    }

    fn unanswered(&mut self) -> Vec<Unanswered> {
        let early = &self.early;
        let unanswered =
            |(number, Invocation { operation, .. })| Unanswered { operation, was_sent: !early.contains(&number) };
        std::mem::take(&mut self.invocations).into_iter().map(unanswered).collect()
    }
}
