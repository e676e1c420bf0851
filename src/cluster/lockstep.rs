//! Lockstep: one event at a time, in virtual time.
//!
//! The cluster carries out orders (start, kill, control, begin an operation) at the current instant, and moves through
//! the queue one event at a time, when it is told to.
//!
//! Invariants. The first is checked after every event, the third too in builds with debug assertions, which tests are; the
//! second where time moves, and the fourth where a timer is due:
//! 1. sent + duplicated = delivered + lost + held + in flight, for messages between nodes; what waits for a paused node
//!    is in flight.
//! 2. Time never goes back.
//! 3. No timer of a dead node is due.
//! 4. No timer is due before its node's own clock shows its deadline.

mod armed;
mod clocks;
mod held;
mod inspection;
mod leadership;
mod life;
mod links;
mod pause;
mod steps;
mod traffic;
mod watches;

pub use armed::{Armed, CrashPoint};
pub use life::{Obituary, Refusal, Terms, Told};
pub use links::LinkState;
pub use watches::WatchId;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Incarnation, NodeName, Span, Time, limits};
use crate::cluster::breach::Breach;
use crate::cluster::host::{Delivery, StepAnswer};
use crate::cluster::interruption::Interruption;
use crate::cluster::lockstep::held::HeldLinks;
use crate::cluster::lockstep::life::Node;
use crate::cluster::lockstep::watches::Watches;
use crate::cluster::queue::{DiskDue, Due, MessageDue, Order, OrderDue, Queue};
use crate::cluster::requests::OpenRequests;
use crate::cluster::spawner::Spawner;
use crate::cluster::stop::{LimitReached, Stop};
use crate::machine::AnyInput;
use crate::network::Switch;
use crate::store::Operation;
use crate::trace::{Account, Happening, Leader, MessageName, Reader, Trace};
use crate::wire::control::{Control, Invoke};
use crate::wire::{Completion, Digest, ErrorCode, ServerRole};

/// How a cluster is set up.
pub struct Settings {
    /// The seed of all draws.
    pub seed: u64,
    /// Where nodes come from.
    pub spawner: Box<dyn Spawner>,
    /// Who follows the run.
    pub trace: Trace,
    /// Whether the run is to end now.
    pub interruption: Interruption,
}

/// Nodes, their network, and their time.
pub struct Cluster {
    seed: u64,
    spawner: Box<dyn Spawner>,
    trace: Trace,
    interruption: Interruption,
    now: Time,
    queue: Queue,
    switch: Switch,
    nodes: BTreeMap<NodeName, Node>,
    /// Those that nodes were told of, whether they were ever started or not.
    members: BTreeSet<NodeName>,
    account: Account,
    /// Of the heartbeats among them; how many are under way and held is counted where it is asked for.
    heartbeats: Account,
    /// What waits on links that are held.
    held: HeldLinks,
    /// How many messages wait at paused nodes.
    waiting_messages: u64,
    /// The operations under way, and those that have ended and were not yet fetched.
    invocations: BTreeMap<(NodeName, u64), Invocation>,
    /// Operations of which it was told that nobody knows: their answers may still come.
    unknown: BTreeMap<(NodeName, u64), Operation>,
    /// What servers were asked for them.
    requests: OpenRequests,
    watches: Watches,
    /// The last `msg_id` of an order.
    ordered: u64,
    /// The last `msg_id` of a question; questions are no events, and must not show in what follows them.
    asked: u64,
    /// The nodes that died and were not yet told of.
    deaths: Vec<Obituary>,
    events: u64,
    steps_in_this_instant: u64,
    /// Who led when that was last measured.
    leader_measured: Option<Leader>,
    answer: StepAnswer,
}

impl Cluster {
    /// A cluster without nodes, at time 0.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let Settings { seed, spawner, trace, interruption } = settings;
        Self {
            seed,
            spawner,
            trace,
            interruption,
            now: Time(0),
            queue: Queue::default(),
            switch: Switch::default(),
            nodes: BTreeMap::new(),
            members: BTreeSet::new(),
            account: Account::default(),
            heartbeats: Account::default(),
            held: HeldLinks::default(),
            waiting_messages: 0,
            invocations: BTreeMap::new(),
            unknown: BTreeMap::new(),
            requests: OpenRequests::default(),
            watches: Watches::default(),
            ordered: 0,
            asked: 0,
            deaths: Vec::new(),
            events: 0,
            steps_in_this_instant: 0,
            leader_measured: None,
            answer: StepAnswer::default(),
        }
    }

    fn node(&mut self, name: NodeName) -> &mut Node {
        self.nodes.get_mut(&name).expect("only nodes that were started are asked for")
    }
}

/// An operation under way, or one that has ended and was not yet fetched.
struct Invocation {
    operation: Operation,
    completion: Option<Completion>,
}

/// An operation that a client was ordered to carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationId {
    client: NodeName,
    msg_id: u64,
    /// When the client must have ended it, by its own clock: that may be changed while the operation is under way.
    deadline: Time,
}

/// Looking at it.
impl Cluster {
    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// The seed of all draws.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Chooses the seed of all draws.
    ///
    /// # Panics
    /// If a node was started already: it knows another one.
    pub fn set_seed(&mut self, seed: u64) {
        assert!(self.nodes.is_empty(), "the seed is chosen before anything is started");
        self.seed = seed;
    }

    /// The network.
    pub fn switch(&mut self) -> &mut Switch {
        &mut self.switch
    }

    /// Is this node alive?
    #[must_use]
    pub fn is_alive(&self, name: NodeName) -> bool {
        self.nodes.get(&name).is_some_and(|node| node.host.is_some())
    }

    /// Every node that was started at least once, in ascending order.
    #[must_use]
    pub fn names(&self) -> Vec<NodeName> {
        self.nodes.keys().copied().collect()
    }

    /// The digest of a server's store, as it told it last.
    #[must_use]
    pub fn digest(&self, name: NodeName) -> Option<Digest> {
        self.nodes.get(&name).and_then(|node| node.digest)
    }

    /// What a server has said of its part.
    #[must_use]
    pub fn told_by(&self, name: NodeName) -> Told {
        self.nodes.get(&name).map(|node| node.told).unwrap_or_default()
    }

    /// The live server that leads: of several that say so, the one with the greatest term.
    #[must_use]
    pub fn leader(&self) -> Option<NodeName> {
        let leads = |(name, node): (&NodeName, &Node)| {
            let Told { role, term, .. } = node.told;
            (role == Some(ServerRole::Leader)).then_some((term, *name))
        };
        self.nodes.iter().filter_map(leads).max().map(|(_, name)| name)
    }

    /// Is anything due until `until`, that instant included?
    #[must_use]
    pub fn has_events_until(&self, until: Time) -> bool {
        self.queue.next_time().is_some_and(|at| at <= until)
    }

    /// When the last of the messages that are now under way from servers to servers arrives; those that are lost on the
    /// way, as things stand, do not count, and neither do those for a paused server.
    #[must_use]
    pub fn last_arrival_between_servers(&self) -> Option<Time> {
        self.queue.last_arrival_between_servers(|message: &MessageDue| {
            let MessageDue { from, to, exemption, ref payload, .. } = *message;
            let waits = self.switch.would_hold((from, to), payload.kind(), exemption) || self.is_paused(to);
            self.fate(message).is_none() && !waits
        })
    }

    /// Does a message from a server to a server wait for a slow disk before it leaves?
    #[must_use]
    pub fn is_send_between_servers_held_back(&self) -> bool {
        self.queue.is_send_between_servers_held_back(|due| self.is_of_this_life(due))
    }

    fn is_of_this_life(&self, due: &DiskDue) -> bool {
        self.lives(due.node, due.incarnation)
    }

    /// Is a message under way from one node to another? It takes a look at everything that is due.
    #[must_use]
    pub fn is_under_way(&self, from: NodeName, to: NodeName) -> bool {
        self.queue.is_under_way(from, to)
    }

    /// How many events there were: orders, messages and timers, each with all that came of it.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What became of all messages so far.
    #[must_use]
    pub fn account(&self) -> Account {
        let in_flight = self.queue.messages() + self.waiting_messages;
        Account { in_flight, held: self.held.count(), ..self.account }
    }

    /// What became of all messages but heartbeats. It takes a look at everything that is due.
    #[must_use]
    pub fn account_without_heartbeats(&self) -> Account {
        let is_heartbeat = |message: &MessageDue| MessageName::is_heartbeat(message.payload.kind());
        let in_flight = self.messages_in_flight().filter(|message| is_heartbeat(message)).count();
        let held = self.held.all().filter(|(_, message)| is_heartbeat(message)).count();
        let heartbeats = Account { in_flight: in_flight as u64, held: held as u64, ..self.heartbeats };
        self.account().without(heartbeats)
    }

    /// Adds a reader of the trace. Nodes that were started before may not have rendered lines for it.
    pub fn follow(&mut self, reader: impl Reader + 'static) {
        self.trace.add(reader);
    }

    /// Tells the readers of the trace something that the cluster does not know of.
    ///
    /// # Errors
    /// A reader fails.
    pub fn record(&mut self, happening: Happening<'_>) -> Result<(), Stop> {
        Ok(self.trace.record(self.now, happening)?)
    }
}

/// Orders, and the passing of time.
impl Cluster {
    /// Orders a node to do something, now; or when it is resumed, if it is paused.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn control(&mut self, name: NodeName, control: &Control) -> Result<(), Stop> {
        if self.is_paused(name) {
            return self.let_order_wait(name, Order::Control(control.clone()));
        }
        self.step(name, Delivery::Input(AnyInput::Control(control)))
    }

    /// Orders a client to carry out an operation, within `limit`. It is asked for by [`Cluster::outcome_of`].
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn invoke(&mut self, client: NodeName, operation: Operation, limit: Span) -> Result<OperationId, Stop> {
        let now = self.now;
        let begun = self.node(client).clock.reading(now);
        self.ordered += 1;
        let msg_id = self.ordered;
        self.requests.begin(client);
        self.record(Happening::Invoked { client, operation: &operation })?;
        self.invocations.insert((client, msg_id), Invocation { operation: operation.clone(), completion: None });
        self.control(client, &Control::Invoke(Invoke { msg_id, limit, operation }))?;
        Ok(OperationId { client, msg_id, deadline: begun + limit })
    }

    /// How an operation ended, if it has; only once.
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn outcome_of(&mut self, operation: OperationId) -> Result<Option<Completion>, Stop> {
        let OperationId { client, msg_id, .. } = operation;
        let Entry::Occupied(mut open) = self.invocations.entry((client, msg_id)) else { return Ok(None) };
        let Some(completion) = open.get_mut().completion.take() else { return Ok(None) };
        let Invocation { operation, .. } = open.remove();
        if matches!(&completion, Completion::Error(error) if error.code == ErrorCode::TIMEOUT) {
            self.unknown.insert((client, msg_id), operation);
        }
        let requests = self.requests.take(client);
        self.record(Happening::Completed { client, completion: &completion, requests })?;
        Ok(Some(completion))
    }

    /// The client has not ended the operation by its deadline.
    #[must_use]
    pub fn never_completed(&self, operation: OperationId) -> Stop {
        self.stop(operation.client, Breach::NeverCompleted { msg_id: operation.msg_id })
    }

    /// Carries out the next event if it is due until `until`. Was there one?
    ///
    /// # Errors
    /// A node broke the protocol, or died; a bound was reached.
    pub fn advance(&mut self, until: Time) -> Result<bool, Stop> {
        if self.queue.next_time().is_none_or(|at| at > until) {
            return Ok(false);
        }
        let (key, due) = self.queue.pop().expect("looked at above");
        self.move_time(key.at())?;
        if let Due::Timer(timer) = &due
            && !key.has_waited()
        {
            self.note_due(timer)?;
        }
        match self.let_wait_if_paused(due)? {
            None => {}
            Some(Due::Disk(due)) => self.release(due)?,
            Some(Due::Message(message)) => self.deliver(message)?,
            Some(Due::Order(due)) => self.tell(&due)?,
            Some(Due::Timer(timer)) => self.wake(&timer)?,
        }
        self.assert_sound();
        Ok(true)
    }

    /// The invariants of a cluster, but for that of time, which is held where time moves.
    fn assert_sound(&self) {
        assert!(self.account().balances(), "messages were lost uncounted: {:?}", self.account());
        debug_assert!(
            self.nodes.values().all(|node| node.host.is_some() || node.timers.is_empty()),
            "a dead node has a timer"
        );
    }

    /// Lets time pass in which nothing is due.
    ///
    /// # Errors
    /// The run would take too long.
    ///
    /// # Panics
    /// If time would go back.
    pub fn move_time(&mut self, to: Time) -> Result<(), Stop> {
        assert!(to >= self.now, "time goes back from {} to {to}", self.now);
        if to > Time(0) + limits::TIME_OF_A_RUN {
            return Err(LimitReached::Time.into());
        }
        if to > self.now {
            self.measure_leader();
            self.steps_in_this_instant = 0;
            self.now = to;
        }
        Ok(())
    }

    /// A node that was paused is told what it was not told then, unless it has died since.
    fn tell(&mut self, due: &OrderDue) -> Result<(), Stop> {
        let OrderDue { node: name, incarnation, ref order } = *due;
        if !self.lives(name, incarnation) {
            return Ok(());
        }
        match order {
            Order::Control(control) => self.step(name, Delivery::Input(AnyInput::Control(control))),
            Order::Room(room) => self.step(name, Delivery::Room(*room)),
        }
    }

    fn lives(&self, name: NodeName, incarnation: Incarnation) -> bool {
        self.nodes.get(&name).is_some_and(|node| node.host.is_some() && node.incarnation == incarnation)
    }
}

#[cfg(test)]
mod tests;
