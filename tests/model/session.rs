//! Operations of clients, and what servers answer.
//!
//! A client does one operation at a time, in the order in which it gets them. It takes one of its servers, whichever, and
//! asks again until it has an answer or its patience is over: a put the same server, a get the next one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::command;
use super::network::{UnderWay, What, When};
use super::specification::World;
use super::store::{Stamp, Write};

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Client {
    /// Its servers.
    pub servers: BTreeSet<u32>,
    /// Those that it takes for its servers: of a death it hears behind what the dead had sent it.
    known: BTreeSet<u32>,
    /// The dead of whom it has not heard.
    mourned: BTreeSet<u32>,
    /// The greatest clock that it saw.
    clock: u64,
    /// The newest write of each key that it wrote or read.
    newest: BTreeMap<String, Stamp>,
    /// How many operations it has begun.
    begun: u64,
    /// What it is at, and what comes after.
    operations: VecDeque<Operation>,
}

/// Names an operation for whoever waits for it.
pub type Ticket = u64;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Operation {
    ticket: Ticket,
    key: String,
    /// Of a put.
    value: Option<String>,
    state: State,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Waits,
    /// This server is asked this.
    Asks(u32, Request),
    HasEnded,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Which of the client's operations.
    number: u64,
    key: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Not older than this.
    Get(Option<Stamp>),
    /// This value, with a stamp above this clock.
    Put(String, u64),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    number: u64,
    key: String,
    /// Of the write that was read or taken.
    stamp: Option<Stamp>,
    text: String,
}

impl Client {
    fn saw(&mut self, key: &str, stamp: Stamp) {
        self.clock = self.clock.max(stamp.clock);
        let newest = self.newest.entry(key.to_owned()).or_insert(stamp);
        *newest = stamp.max(*newest);
    }

    /// The next of its servers, in ascending order, round and round.
    fn server_after(&self, server: u32) -> Option<u32> {
        self.known.range(server + 1..).next().or_else(|| self.known.first()).copied()
    }

    /// What it asks, and whom, if it has begun and not ended it; and if it is this one.
    fn asks(&mut self, wanted: Option<u64>) -> Option<(&mut u32, &Request)> {
        match &mut self.operations.front_mut()?.state {
            State::Asks(server, request) if wanted.is_none_or(|number| number == request.number) => {
                Some((server, request))
            }
            State::Asks(..) | State::Waits | State::HasEnded => None,
        }
    }

    /// Is there nothing for it to do or to hear at this instant?
    pub fn is_settled(&self) -> bool {
        let is_over = self.operations.front().is_some_and(|operation| operation.state == State::HasEnded);
        !is_over && self.mourned.is_empty()
    }

    pub fn is_at_rest(&self) -> bool {
        self.operations.is_empty()
    }
}

/// Clients.
impl World {
    fn client(&mut self, id: u32) -> &mut Client {
        self.clients.get_mut(&id).expect("it joined before")
    }

    /// Gives a client an operation, which begins at once, or behind those that it has.
    pub fn give(mut self, operation: &command::Operation) -> (Vec<Self>, Ticket) {
        self.tickets += 1;
        let ticket = self.tickets;
        let command::Operation { client, key, value } = operation.clone();
        let is_first = self.client(client).is_at_rest();
        self.client(client).operations.push_back(Operation { ticket, key, value, state: State::Waits });
        let worlds = if is_first { self.begin(client) } else { vec![self] };
        (worlds, ticket)
    }

    /// Operations whose turn has come begin, before anything else happens.
    pub fn begin_what_waits(mut self) -> Vec<Self> {
        let ready = self.clients.iter_mut().find_map(|(&id, client)| {
            let is_over = client.operations.front().is_some_and(|operation| operation.state == State::HasEnded);
            is_over.then(|| {
                client.operations.pop_front();
                id
            })
        });
        match ready {
            Some(client) => self.begin(client).into_iter().flat_map(Self::begin_what_waits).collect(),
            None => vec![self],
        }
    }

    /// It takes one of its servers, whichever.
    fn begin(mut self, id: u32) -> Vec<Self> {
        let limit = self.limit;
        let client = self.client(id);
        let Some(operation) = client.operations.front() else { return vec![self] };
        if client.known.is_empty() {
            self.end(id, None, "ERR_NO_SERVER");
            return vec![self];
        }
        client.begun += 1;
        let kind = match &operation.value {
            Some(value) => Kind::Put(value.clone(), client.clock),
            None => Kind::Get(client.newest.get(&operation.key).copied()),
        };
        let request = Request { number: client.begun, key: operation.key.clone(), kind };
        let servers = client.known.clone();
        self.under_way.push(UnderWay::timer(id, limit, What::Limit(request.number)));
        let ask = |server: u32| {
            let mut world = self.clone();
            world.client(id).operations[0].state = State::Asks(server, request.clone());
            world.ask(id);
            world
        };
        servers.into_iter().map(ask).flat_map(Self::follow_conditions).collect()
    }

    fn ask(&mut self, id: u32) {
        let (&mut server, request) = self.client(id).asks(None).expect("it has begun");
        let request = request.clone();
        let alarm = UnderWay::timer(id, self.patience, What::Alarm(request.number));
        self.send(id, server, What::Request(request));
        self.under_way.push(alarm);
    }

    /// A put is asked again of the same server, a get of the next one.
    pub fn ask_again(&mut self, id: u32, number: u64) {
        let client = self.client(id);
        let Some((&mut server, request)) = client.asks(Some(number)) else { return };
        if matches!(request.kind, Kind::Get(_)) {
            let next = client.server_after(server).unwrap_or(server);
            *client.asks(Some(number)).expect("looked at above").0 = next;
        }
        self.ask(id);
    }

    /// An answer to an operation that is over comes late.
    pub fn take_answer(&mut self, id: u32, answer: Answer) {
        if self.client(id).asks(Some(answer.number)).is_some() {
            self.end(id, answer.stamp.map(|stamp| (answer.key, stamp)), &answer.text);
        }
    }

    pub fn give_up(&mut self, id: u32, number: u64) {
        if self.client(id).asks(Some(number)).is_some() {
            self.end(id, None, "ERR_TIMEOUT");
        }
    }

    /// A put prints nothing.
    fn end(&mut self, id: u32, seen: Option<(String, Stamp)>, text: &str) {
        let client = self.client(id);
        if let Some((key, stamp)) = seen {
            client.saw(&key, stamp);
        }
        let operation = client.operations.front_mut().expect("it has one");
        operation.state = State::HasEnded;
        let (ticket, key) = (operation.ticket, operation.key.clone());
        let lines = if operation.value.is_some() { Vec::new() } else { vec![format!("{key}:{text}")] };
        self.ended.insert(ticket, lines);
        self.under_way.retain(|due| due.to != id || !matches!(due.what, What::Alarm(_) | What::Limit(_)));
    }

    /// A client learns which servers it has. What it asks of another is unknown; but a get goes elsewhere.
    pub fn tell_servers(&mut self, id: u32) {
        let client = self.client(id);
        client.known = client.servers.clone();
        client.mourned.clear();
        let Some((&mut server, request)) = client.asks(None) else { return };
        let (number, is_get) = (request.number, matches!(request.kind, Kind::Get(_)));
        if client.known.contains(&server) {
            return;
        }
        if is_get && !client.known.is_empty() {
            self.under_way.retain(|due| due.to != id || !matches!(due.what, What::Alarm(_)));
            self.ask_again(id, number);
        } else {
            self.end(id, None, "ERR_TIMEOUT");
        }
    }

    /// The clients of a dead server have it no longer, and hear of it behind what it had sent them.
    pub fn bereave(&mut self, server: u32) {
        for client in self.clients.values_mut().filter(|client| client.servers.contains(&server)) {
            client.servers.remove(&server);
            client.mourned.insert(server);
        }
        self.tell_bereaved();
    }

    pub fn tell_bereaved(&mut self) {
        let has_nothing_to_come = |id: u32, server: u32| {
            let is_to_come = |due: &UnderWay| (due.from, due.to) == (server, id) && matches!(due.when, When::In(_));
            !self.under_way.iter().any(is_to_come)
        };
        let hears = |(&id, client): (&u32, &Client)| {
            client.mourned.iter().any(|&server| has_nothing_to_come(id, server)).then_some(id)
        };
        let told: Vec<_> = self.clients.iter().filter_map(hears).collect();
        told.into_iter().for_each(|client| self.tell_servers(client));
    }

    /// At the end of a command at the latest.
    pub fn tell_all_bereaved(&mut self) {
        let bereaved = |(&id, client): (&u32, &Client)| (!client.mourned.is_empty()).then_some(id);
        let bereaved: Vec<_> = self.clients.iter().filter_map(bereaved).collect();
        bereaved.into_iter().for_each(|client| self.tell_servers(client));
    }
}

/// Servers.
impl World {
    pub fn take_request(&mut self, id: u32, client: u32, request: Request) {
        let Request { number, key, kind } = request;
        match kind {
            Kind::Get(depends_on) => {
                let answer = self.read(id, number, key, depends_on);
                self.send(id, client, What::Answer(answer));
            }
            Kind::Put(value, clock) => match self.servers[&id].taken.get(&client) {
                // It was asked before.
                Some(&(last, stamp)) if last == number => {
                    let answer = Answer { number, key, stamp: Some(stamp), text: String::new() };
                    self.send(id, client, What::Answer(answer));
                }
                // The client has gone on.
                Some(&(last, _)) if last > number => {}
                Some(_) | None => self.take_write(id, (client, number, clock), key, value),
            },
        }
    }

    /// Dependencies come before keys.
    fn read(&self, id: u32, number: u64, key: String, depends_on: Option<Stamp>) -> Answer {
        let present = self.servers[&id].store.get(&key);
        let stamp = present.map(|write| write.stamp);
        let (stamp, text) = match present {
            _ if stamp < depends_on => (None, "ERR_DEP".to_owned()),
            None => (None, "ERR_KEY".to_owned()),
            Some(write) => (stamp, write.value.clone()),
        };
        Answer { number, key, stamp, text }
    }

    /// The outputs of a put: it is appended, every other server is told once, it is synced, and answered. A crash may
    /// come between any two.
    fn take_write(&mut self, id: u32, (client, number, clock): (u32, u64, u64), key: String, value: String) {
        let server = self.server(id);
        let stamp = Stamp { clock: server.clock().max(clock) + 1, server: id, life: server.life };
        let outputs = server.crash_after.take();
        let others: Vec<_> = server.others.iter().copied().collect();
        let happens = |output: usize| outputs.is_none_or(|outputs| outputs > output as u64);
        let write = Write { key: key.clone(), stamp, value };
        if happens(others.len() + 1) {
            server.merge(&write);
            server.taken.insert(client, (number, stamp));
        }
        for (_, &other) in (1..).zip(&others).filter(|(output, _)| happens(*output)) {
            self.send(id, other, What::Write(write.clone()));
        }
        if happens(others.len() + 2) {
            let answer = Answer { number, key, stamp: Some(stamp), text: String::new() };
            self.send(id, client, What::Answer(answer));
        }
        if outputs.is_some() {
            self.kill_server(id);
        }
    }
}
