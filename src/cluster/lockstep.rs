//! Lockstep: one event at a time, in virtual time.
//!
//! The cluster carries out orders (start, kill, control, invoke) at the current instant, and moves through the queue
//! when it is told to: until an operation is complete, for a span, or until nothing is left at the current instant.
//!
//! Invariants, checked after every event; the third only in builds with debug assertions, which tests are:
//! 1. sent = delivered + lost + in flight, for messages between nodes.
//! 2. Time never goes back.
//! 3. No timer of a dead node is due.

use std::collections::BTreeMap;

use crate::base::{Incarnation, NodeName, Span, Time, limits};
use crate::cluster::breach::{Breach, NodeFault, Quoted};
use crate::cluster::host::{Delivery, Host, StepAnswer};
use crate::cluster::interruption::Interruption;
use crate::cluster::queue::{Due, EventKey, MessageDue, Queue};
use crate::cluster::requests::OpenRequests;
use crate::cluster::spawner::{Lines, ServerProgram, Spawner};
use crate::cluster::stop::{LimitReached, Stop};
use crate::ledger::BlockRecord;
use crate::machine::{AnyInput, Output, Payload};
use crate::network::{Switch, Verdict};
use crate::store::{Operation, Value};
use crate::trace::{Account, Cause, Happening, MessageName, Reader, Trace};
use crate::wire::control::{Control, Init, Inspect, InspectOk, Invoke, LOCKSTEP, Part, Timeouts};
use crate::wire::envelope::StepHeader;
use crate::wire::{Completion, Digest};

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
    account: Account,
    /// The operations under way, and those that have ended and were not yet fetched.
    invocations: BTreeMap<(NodeName, u64), Option<Completion>>,
    /// What servers were asked for them.
    requests: OpenRequests,
    /// The last `msg_id` of an order.
    ordered: u64,
    /// The last `msg_id` of a question; questions are no events, and must not show in what follows them.
    asked: u64,
    events: u64,
    steps_in_this_instant: u64,
    answer: StepAnswer,
}

/// A node that was started at least once.
struct Node {
    incarnation: Incarnation,
    /// None while it is dead.
    host: Option<Box<dyn Host>>,
    /// How many steps this incarnation took.
    steps: u64,
    /// The timers that are set, by their ids.
    timers: BTreeMap<String, EventKey>,
    /// As `done` told it last.
    digest: Option<Digest>,
}

/// Starting and ending nodes.
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
            account: Account::default(),
            invocations: BTreeMap::new(),
            requests: OpenRequests::default(),
            ordered: 0,
            asked: 0,
            events: 0,
            steps_in_this_instant: 0,
            answer: StepAnswer::default(),
        }
    }

    /// Starts a node, for the first time or again. `members` are all servers, the node itself included if it is one.
    ///
    /// # Errors
    /// It cannot be started, or does not answer `init` as it should.
    ///
    /// # Panics
    /// If it is alive.
    pub fn start(
        &mut self,
        name: NodeName,
        program: &ServerProgram,
        members: &[NodeName],
        timeouts: Timeouts,
    ) -> Result<(), Stop> {
        let incarnation = self.nodes.get(&name).map_or(Incarnation(0), |node| {
            assert!(node.host.is_none(), "{name} is alive");
            node.incarnation.next()
        });
        let lines = if self.trace.wants_lines() { Lines::Wanted } else { Lines::Unwanted };
        let host = self.spawner.spawn(name, program, lines)?;
        self.trace.record(self.now, Happening::Started { node: name, incarnation })?;
        let node = Node { incarnation, host: Some(host), steps: 0, timers: BTreeMap::new(), digest: None };
        self.nodes.insert(name, node);
        self.ordered += 1;
        let init = Init {
            msg_id: self.ordered,
            node_id: name,
            node_ids: members.to_vec(),
            lockstep: Some(LOCKSTEP),
            seed: self.seed,
            incarnation,
            timeouts: Some(timeouts),
        };
        self.step(name, Delivery::Init(&init))
    }

    /// Kills a node at once; it is dead when this returns. Its timers die with it; what it had sent is delivered.
    ///
    /// # Errors
    /// A reader of the trace fails.
    ///
    /// # Panics
    /// If it is not alive.
    pub fn kill(&mut self, name: NodeName) -> Result<(), Stop> {
        let node = self.nodes.get_mut(&name).expect("only nodes that live are killed");
        node.host.take().expect("only nodes that live are killed").kill();
        for (_, key) in std::mem::take(&mut node.timers) {
            self.queue.remove_timer(key);
        }
        node.digest = None;
        self.trace.record(self.now, Happening::Killed { node: name })?;
        Ok(())
    }

    /// Ends all nodes and the trace.
    ///
    /// # Errors
    /// A node had died unnoticed, put out what nobody asked for, or had to be killed.
    pub fn end(&mut self) -> Result<(), Stop> {
        let account = self.account();
        self.trace.record(self.now, Happening::End { account })?;
        let mut hosts: Vec<_> =
            self.nodes.iter_mut().filter_map(|(&name, node)| Some((name, node.host.take()?))).collect();
        hosts.iter_mut().for_each(|(_, host)| host.close());
        // At the first fault the run has failed: those that are left are killed as `hosts` is dropped, so that many
        // nodes that do not leave take no longer than one.
        for (name, host) in &mut hosts {
            if let Err(breach) = host.wait() {
                let fault = fault(*name, breach, &**host);
                return Err(if self.interruption.happened() { Stop::Interrupted } else { fault.into() });
            }
        }
        Ok(())
    }
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

    /// The digest of a server's store, as it told it last.
    #[must_use]
    pub fn digest(&self, name: NodeName) -> Option<Digest> {
        self.nodes.get(&name).and_then(|node| node.digest)
    }

    /// Is anything due until `until`, that instant included?
    #[must_use]
    pub fn has_events_until(&self, until: Time) -> bool {
        self.queue.next_time().is_some_and(|at| at <= until)
    }

    /// When the last of the messages that are now under way from servers to servers arrives; those that are lost on the
    /// way, as things stand, do not count.
    #[must_use]
    pub fn last_arrival_between_servers(&self) -> Option<Time> {
        self.queue.last_arrival_between_servers(|message| self.fate(message).is_none())
    }

    /// How many events there were: orders, messages and timers, each with all that came of it.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events
    }

    /// What became of all messages so far.
    #[must_use]
    pub fn account(&self) -> Account {
        Account { in_flight: self.queue.messages(), ..self.account }
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

    /// All keys of a server with their values, in the server's order; `None` if it shows none.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn inspect_store(&mut self, name: NodeName) -> Result<Option<Vec<(Value, Value)>>, Stop> {
        self.inspect(name, Part::Store, |answer| answer.store)
    }

    /// All blocks of a server, in the server's order; `None` if it shows none.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn inspect_chain(&mut self, name: NodeName) -> Result<Option<Vec<BlockRecord>>, Stop> {
        self.inspect(name, Part::Chain, |answer| answer.chain)
    }

    fn inspect<T>(
        &mut self,
        name: NodeName,
        part: Part,
        piece_of: impl Fn(InspectOk) -> Option<Vec<T>>,
    ) -> Result<Option<Vec<T>>, Stop> {
        let mut all = Vec::new();
        loop {
            self.asked += 1;
            let question = Inspect { msg_id: self.asked, part, skip: all.len() as u64 };
            let host =
                self.nodes.get_mut(&name).and_then(|node| node.host.as_mut()).expect("only the living are asked");
            let answer = match host.inspect(&question) {
                Ok(Some(answer)) => answer,
                Ok(None) => return Ok(None),
                Err(breach) => return Err(self.stop(name, breach)),
            };
            let more = answer.more;
            let Some(piece) = piece_of(answer) else {
                return Err(self.stop(name, Breach::MissingPart { part }));
            };
            // Of the other part there may be something, which would never end.
            let shows_nothing = more && piece.is_empty();
            all.extend(piece);
            if shows_nothing || all.len() > limits::INSPECTED_ENTRIES {
                return Err(self.stop(name, Breach::EndlessState { part }));
            }
            if !more {
                return Ok(Some(all));
            }
        }
    }
}

/// Orders, and the passing of time.
impl Cluster {
    /// Orders a node to do something, now.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn control(&mut self, name: NodeName, control: &Control) -> Result<(), Stop> {
        self.step(name, Delivery::Input(AnyInput::Control(control)))
    }

    /// Lets a client carry out an operation, and time pass until it has ended.
    ///
    /// # Errors
    /// A node broke the protocol, or died; a bound was reached; the client never ended the operation.
    pub fn invoke(&mut self, client: NodeName, operation: Operation, limit: Span) -> Result<Completion, Stop> {
        self.ordered += 1;
        let msg_id = self.ordered;
        self.invocations.insert((client, msg_id), None);
        self.requests.begin(client);
        self.record(Happening::Invoked { client, operation: &operation })?;
        // Whoever keeps the limit answers at it; a client that does not is found a little later.
        let deadline = self.now + limit + limits::DEFAULT_DELAY;
        self.control(client, &Control::Invoke(Invoke { msg_id, limit, operation }))?;
        loop {
            if let Some(completion) = self.invocations.get_mut(&(client, msg_id)).and_then(Option::take) {
                self.invocations.remove(&(client, msg_id));
                let requests = self.requests.take(client);
                self.record(Happening::Completed { client, completion: &completion, requests })?;
                return Ok(completion);
            }
            if !self.advance(deadline)? {
                return Err(self.stop(client, Breach::NeverCompleted { msg_id }));
            }
        }
    }

    /// Carries out everything that is due at the current instant.
    ///
    /// # Errors
    /// A node broke the protocol, or died; a bound was reached.
    pub fn settle(&mut self) -> Result<(), Stop> {
        while self.advance(self.now)? {}
        Ok(())
    }

    /// Lets `span` of time pass.
    ///
    /// # Errors
    /// A node broke the protocol, or died; a bound was reached.
    pub fn wait(&mut self, span: Span) -> Result<(), Stop> {
        let until = self.now + span;
        while self.advance(until)? {}
        self.move_time(until)
    }

    /// Carries out the next event if it is due until `until`. Was there one?
    ///
    /// # Errors
    /// A node broke the protocol, or died; a bound was reached.
    pub fn advance(&mut self, until: Time) -> Result<bool, Stop> {
        if self.queue.next_time().is_none_or(|at| at > until) {
            return Ok(false);
        }
        let (at, due) = self.queue.pop().expect("looked at above");
        self.move_time(at)?;
        match due {
            Due::Message(message) => self.deliver(&message)?,
            Due::Timer { node, id } => {
                let owner = self.nodes.get_mut(&node).expect("timers belong to nodes");
                owner.timers.remove(&id);
                self.step(node, Delivery::Input(AnyInput::Timer { id: &id }))?;
            }
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

    fn move_time(&mut self, to: Time) -> Result<(), Stop> {
        assert!(to >= self.now, "time goes back from {} to {to}", self.now);
        if to > Time(0) + limits::TIME_OF_A_RUN {
            return Err(LimitReached::Time.into());
        }
        if to > self.now {
            self.steps_in_this_instant = 0;
            self.now = to;
        }
        Ok(())
    }

    /// A message arrives, unless its link was cut or its recipient died while it was under way.
    fn deliver(&mut self, message: &MessageDue) -> Result<(), Stop> {
        let MessageDue { from, to, ref payload, .. } = *message;
        match self.fate(message) {
            Some(cause) => self.lose(MessageName { from, to, kind: payload.kind() }, cause),
            None => {
                self.account.delivered += 1;
                self.step(to, Delivery::Input(AnyInput::Message { from, payload }))?;
                self.requests.note_taken(from, to);
                Ok(())
            }
        }
    }

    /// Why a message that is under way is lost, as things stand; `None` if it arrives.
    fn fate(&self, message: &MessageDue) -> Option<Cause> {
        let MessageDue { from, to, incarnation, epoch, .. } = *message;
        let lives = self.nodes.get(&to).is_some_and(|node| node.host.is_some() && node.incarnation == incarnation);
        if !self.switch.lets_arrive(from, to, epoch) {
            Some(Cause::Cut)
        } else if !lives {
            Some(Cause::Dead)
        } else {
            None
        }
    }

    fn lose(&mut self, message: MessageName<'_>, cause: Cause) -> Result<(), Stop> {
        self.account.lost += 1;
        self.record(Happening::Lost { message, cause })
    }
}

/// Steps, and what comes of them.
impl Cluster {
    fn step(&mut self, name: NodeName, delivery: Delivery<'_>) -> Result<(), Stop> {
        self.count_step()?;
        let node = self.nodes.get_mut(&name).expect("only nodes that were started take steps");
        node.steps += 1;
        let header = StepHeader { now: self.now, step: node.steps };
        let host = node.host.as_mut().expect("only the living take steps");
        let mut answer = std::mem::take(&mut self.answer);
        if let Err(breach) = host.step(header, delivery, &mut answer) {
            return Err(self.stop(name, breach));
        }
        node.digest = answer.changes.digest.or(node.digest);
        let StepAnswer { line, lines, changes, .. } = &answer;
        let happening = Happening::Step { node: name, line, outputs: lines, changes };
        self.trace.record(self.now, happening)?;
        // `init_ok` is a line, and no output.
        let lines_before_outputs = usize::from(matches!(delivery, Delivery::Init(_)));
        let mut outputs = std::mem::take(&mut answer.outputs);
        for (index, output) in outputs.drain(..).enumerate() {
            if let Err(refused) = self.carry_out(name, output) {
                let line = Quoted::new(nth_line(&answer.lines, lines_before_outputs + index));
                return Err(self.explain(name, refused, line));
            }
        }
        answer.outputs = outputs;
        self.answer = answer;
        self.assert_sound();
        Ok(())
    }

    fn count_step(&mut self) -> Result<(), Stop> {
        self.events += 1;
        self.steps_in_this_instant += 1;
        if self.interruption.happened() {
            Err(Stop::Interrupted)
        } else if self.events > limits::EVENTS_IN_A_RUN {
            Err(LimitReached::Events.into())
        } else if self.steps_in_this_instant > limits::STEPS_IN_AN_INSTANT {
            Err(LimitReached::StepsInAnInstant.into())
        } else if self.queue.length() > limits::EVENTS_DUE {
            Err(LimitReached::EventsDue.into())
        } else {
            Ok(())
        }
    }

    fn carry_out(&mut self, name: NodeName, output: Output) -> Result<(), Refused> {
        match output {
            Output::Send { to, payload } => self.send(name, to, payload),
            Output::SetTimer { id, after } => {
                let key = self.queue.add_timer(self.now + after, name, id.clone().into_owned());
                let replaced = self.node(name).timers.insert(id.into_owned(), key);
                replaced.into_iter().for_each(|key| self.queue.remove_timer(key));
                Ok(())
            }
            Output::CancelTimer { id } => {
                let cancelled = self.node(name).timers.remove(&*id);
                cancelled.into_iter().for_each(|key| self.queue.remove_timer(key));
                Ok(())
            }
            Output::Complete(completion) => {
                let in_reply_to = completion.in_reply_to();
                match self.invocations.get_mut(&(name, in_reply_to)) {
                    Some(open @ None) => *open = Some(completion),
                    Some(Some(_)) | None => return Err(Refused::UnaskedAnswer(in_reply_to)),
                }
                self.requests.note_end(name);
                Ok(())
            }
        }
    }

    fn node(&mut self, name: NodeName) -> &mut Node {
        self.nodes.get_mut(&name).expect("only nodes that were started take steps")
    }

    /// A node sends a message: the switch decides.
    fn send(&mut self, from: NodeName, to: NodeName, payload: Payload) -> Result<(), Refused> {
        let Some(recipient) = self.nodes.get(&to) else { return Err(Refused::Destination(to)) };
        let (incarnation, lives) = (recipient.incarnation, recipient.host.is_some());
        self.account.sent += 1;
        self.requests.note_send(from, to, payload.kind());
        // What nobody can take is never under way: it must not hold up what is sent to the recipient's next life.
        let verdict = if lives || self.switch.is_cut(from, to) {
            self.switch.send(self.now, from, to, payload.kind())
        } else {
            Verdict::Lost(Cause::Dead)
        };
        let message = MessageName { from, to, kind: payload.kind() };
        match verdict {
            Verdict::Lost(cause) => self.lose(message, cause)?,
            Verdict::Arrives(arrival) => {
                if let Some(by) = arrival.delayed {
                    self.record(Happening::Delayed { message, by })?;
                }
                let message = MessageDue { from, to, incarnation, epoch: arrival.epoch, payload };
                self.queue.add_message(arrival.at, message);
            }
        }
        Ok(())
    }

    fn explain(&self, name: NodeName, refused: Refused, line: Quoted) -> Stop {
        match refused {
            Refused::Stop(stop) => stop,
            Refused::Destination(destination) => {
                self.stop(name, Breach::UnknownDestination { line, destination: destination.to_string() })
            }
            Refused::UnaskedAnswer(in_reply_to) => self.stop(name, Breach::UnaskedAnswer { line, in_reply_to }),
        }
    }

    /// A breach ends the run; of a node that an interruption killed, the interruption is the reason.
    fn stop(&self, name: NodeName, breach: Breach) -> Stop {
        if self.interruption.happened() {
            return Stop::Interrupted;
        }
        match self.nodes.get(&name).and_then(|node| node.host.as_deref()) {
            Some(host) => fault(name, breach, host).into(),
            None => NodeFault { node: name, breach, log: Vec::new() }.into(),
        }
    }
}

/// Why an output is not carried out.
enum Refused {
    /// No such node was ever started.
    Destination(NodeName),
    /// No such operation is under way.
    UnaskedAnswer(u64),
    /// The run ends for another reason.
    Stop(Stop),
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

fn fault(node: NodeName, breach: Breach, host: &dyn Host) -> NodeFault {
    NodeFault { node, breach, log: host.last_log_lines() }
}

fn nth_line(lines: &[u8], index: usize) -> &[u8] {
    lines.split(|&byte| byte == b'\n').nth(index).unwrap_or_default()
}

#[cfg(test)]
mod tests;
