//! Load on a cluster by hand: many clients, each with one operation after the other, and how long those take.

use std::rc::Rc;

use hdrhistogram::Histogram;
use tokio::sync::Barrier;
use tokio::task::spawn_local;

use crate::base::{Draw, NodeName, Span, Time};
use crate::protocol::Protocol;
use crate::store::{Operation, Value};
use crate::tcp::chance;
use crate::tcp::client::{ClientError, ClientOptions, Handle};
use crate::tcp::clock::{self, Clock};
use crate::tcp::cluster::Cluster;
use crate::tcp::interruption::Interruption;
use crate::tcp::links::Tell;
use crate::tcp::runtime;
use crate::wire::{Completion, ErrorCode};

/// How many keys each client uses.
const KEYS: u64 = 16;
/// The first number of a client that puts load: those of people are far below.
const FIRST_CLIENT: u32 = 1_000_000;
/// The longest latency that is told apart from longer ones, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;
/// How long all clients may take for their first answers, and for their last ones when the load is over.
const PATIENCE: Span = Span::seconds(30);
/// How many clients one load has at most.
pub const CLIENTS: u32 = 1000;

/// What is asked for.
pub struct Load {
    /// All servers.
    pub cluster: Cluster,
    /// What they run.
    pub protocol: &'static Protocol,
    /// How many clients.
    pub clients: u32,
    /// When it is over.
    pub end: End,
    /// How long values are, in bytes.
    pub value_bytes: usize,
    /// How many of a hundred operations are gets.
    pub reads_percent: u32,
    /// To whom it is told how things are.
    pub tell: Tell,
}

/// When a load is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// When so many operations have been begun, all clients together.
    Operations(u64),
    /// After so long.
    After(Span),
}

/// What came of it.
#[derive(Debug)]
pub struct Figures {
    /// How many operations were answered.
    pub operations: u64,
    /// How many of them with an error. That a key has no value is none.
    pub errors: u64,
    /// How long all of it took.
    pub elapsed: Span,
    /// How long operations took, in microseconds.
    pub latencies: Histogram<u64>,
    /// How many operations were begun, and not answered when the load was given up.
    pub unanswered: u64,
    /// Did a signal end it before its time?
    pub was_interrupted: bool,
}

/// Puts load on a cluster; tells after each operation how many there were.
///
/// # Errors
/// A client cannot begin, or is sent away.
pub fn put_load(load: Load, progress: impl Fn(u64, Span) + 'static) -> Result<Figures, ClientError> {
    let system = |attempt| move |source| ClientError::System { attempt, source };
    let run = async move {
        let mut interruption = Interruption::listen().map_err(system("listen to signals"))?;
        let number = chance::unique_number().map_err(system("draw a number"))?;
        let run = Rc::new(Run::new(load, number, Box::new(progress)));
        let first = FIRST_CLIENT + u32::try_from(number % 4000).expect("a small number") * CLIENTS;
        let clients = (first..first + run.load.clients).map(NodeName::client);
        let tasks: Vec<_> = clients.map(|client| spawn_local(Rc::clone(&run).client(client))).collect();
        let all = async {
            for task in tasks {
                task.await.expect("a client does not panic")?;
            }
            Ok::<_, ClientError>(())
        };
        let was_interrupted = tokio::select! {
            biased;
            () = interruption.comes() => true,
            result = all => result.map(|()| false)?,
            () = run.patience_ends() => false,
        };
        Ok(run.figures(was_interrupted))
    };
    runtime::run(run).map_err(system("begin to wait for events"))?
}

/// A load under way.
struct Run {
    load: Load,
    seed: u64,
    value: Value,
    /// All begin at the same time, once each is connected.
    ready: Barrier,
    clock: Clock,
    progress: Box<dyn Fn(u64, Span)>,
    state: std::cell::RefCell<State>,
}

struct State {
    began: Option<Time>,
    ended: Time,
    begun: u64,
    errors: u64,
    latencies: Histogram<u64>,
}

impl Run {
    fn new(load: Load, seed: u64, progress: Box<dyn Fn(u64, Span)>) -> Self {
        let value = Value::text(&"x".repeat(load.value_bytes));
        let ready = Barrier::new(load.clients as usize);
        let latencies = Histogram::new_with_max(LONGEST_US, 3).expect("a range that can be held");
        let state = State { began: None, ended: Time(0), begun: 0, errors: 0, latencies };
        Self { load, seed, value, ready, clock: Clock::begin(), progress, state: state.into() }
    }

    async fn client(self: Rc<Self>, client: NodeName) -> Result<(), ClientError> {
        let Load { cluster, protocol, tell, .. } = &self.load;
        let options = ClientOptions {
            node: client,
            cluster: cluster.clone(),
            protocol,
            delay: Span(0),
            recorder: None,
            watch: None,
            // One of them will do.
            tell: if client.number.is_multiple_of(CLIENTS) { Rc::clone(tell) } else { Rc::new(|_| {}) },
        };
        let (handle, orders) = Handle::new();
        let mut session = spawn_local(crate::tcp::client::run_here(options, orders));
        tokio::select! {
            biased;
            result = &mut session => result.expect("a client does not panic"),
            () = self.work(client, &handle) => Ok(()),
        }
    }

    async fn work(&self, client: NodeName, handle: &Handle) {
        // Nobody is connected before his first answer.
        let first = Operation::Put { key: self.key(client, 0), value: self.value.clone() };
        handle.invoke(first).await;
        self.ready.wait().await;
        for number in 0.. {
            let Some(begun) = self.begin() else { return };
            let operation = self.operation(client, number);
            let completion = handle.invoke(operation).await;
            self.end(begun, completion.as_ref());
        }
    }

    /// Waits until it takes too long.
    async fn patience_ends(&self) {
        clock::pause(PATIENCE).await;
        // All have begun, and go on to the end and a while longer; however many operations there are, as long as some are answered.
        while self.state.borrow().began.is_some() {
            let before = self.state.borrow().latencies.len();
            clock::pause(PATIENCE).await;
            if self.state.borrow().latencies.len() == before {
                return;
            }
        }
    }

    fn operation(&self, client: NodeName, number: u64) -> Operation {
        let draw = Draw::of(self.seed).numbered(u64::from(client.number)).numbered(number);
        let key = self.key(client, draw.named("key").below(KEYS));
        if draw.named("kind").below(100) < u64::from(self.load.reads_percent) {
            Operation::Get { key }
        } else {
            Operation::Put { key, value: self.value.clone() }
        }
    }

    fn key(&self, client: NodeName, number: u64) -> Value {
        Value::text(&format!("load-{}-{number}", client.number % CLIENTS))
    }

    /// The time at which the next operation begins; nothing if the load is over.
    fn begin(&self) -> Option<Time> {
        let now = self.clock.now();
        let mut state = self.state.borrow_mut();
        let began = *state.began.get_or_insert(now);
        let goes_on = match self.load.end {
            End::Operations(count) => state.begun < count,
            End::After(span) => now - began < span,
        };
        state.begun += u64::from(goes_on);
        goes_on.then_some(now)
    }

    fn end(&self, begun: Time, completion: Option<&Completion>) {
        let now = self.clock.now();
        let (count, elapsed) = {
            let mut state = self.state.borrow_mut();
            state.ended = now;
            state.latencies.saturating_record((now - begun).0);
            state.errors += u64::from(is_error(completion));
            (state.latencies.len(), now - state.began.unwrap_or(now))
        };
        (self.progress)(count, elapsed);
    }

    fn figures(&self, was_interrupted: bool) -> Figures {
        let state = self.state.borrow();
        let latencies = state.latencies.clone();
        let elapsed = state.ended - state.began.unwrap_or(state.ended);
        // Where nothing has begun every client waits for its first answer.
        let unanswered = match state.began {
            Some(_) => state.begun - latencies.len(),
            None => u64::from(self.load.clients),
        };
        Figures { operations: latencies.len(), errors: state.errors, unanswered, elapsed, latencies, was_interrupted }
    }
}

fn is_error(completion: Option<&Completion>) -> bool {
    match completion {
        Some(Completion::Ok(_)) => false,
        Some(Completion::Error(error)) => error.code != ErrorCode::KEY_DOES_NOT_EXIST,
        None => true,
    }
}
