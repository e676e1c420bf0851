//! Servers, disks, network and clients in one thread, and what each action of a schedule does to them.

use std::rc::Rc;

use crate::base::{Span, Time};
use crate::machine::{Input, Machine, Output, Outputs, Payload, Violation};
use crate::protocol::schedules::action::{Action, Fate, Step};
use crate::protocol::schedules::clients::{self, Clients};
use crate::protocol::schedules::host::{Birth, Effect, Host, index, name};
use crate::protocol::schedules::network::{Letter, Network};
use crate::protocol::schedules::plant::Plant;
use crate::protocol::schedules::schedule::Schedule;
use crate::protocol::schedules::subject::{Given, Subject, message_in};
use crate::protocol::schedules::watch::{Breach, Claim, Life, State, Watch, claim};
use crate::wire::Request;
use crate::wire::control::{Control, Variant};

/// More lines of what has happened are not kept: a loop would fill the memory with them.
const LINES_TOLD: usize = 400;

/// What comes to a server.
#[derive(Debug)]
pub enum Event {
    /// What its earlier lives kept.
    Start(Vec<Vec<u8>>),
    /// A message of a server.
    Message(usize, Payload),
    /// One of its timers.
    Timer(String),
    /// A request of a client.
    Request(usize, Request),
    /// The order to lead.
    Nominate,
}

/// All of them.
#[derive(Debug)]
pub struct World<S: Subject> {
    pub hosts: Vec<Host<S>>,
    pub network: Network,
    pub clients: Clients,
    pub watch: Watch<S>,
    /// The time, which all servers know.
    now: Time,
    variant: Variant,
    plant: Plant<S::Bug>,
    /// What has happened, if anybody wants to read it.
    told: Option<Vec<String>>,
}

impl<S: Subject> World<S> {
    /// Servers that have just been started.
    ///
    /// # Errors
    /// A claim does not hold.
    pub fn new(schedule: &Schedule, plant: Plant<S::Bug>) -> Result<Self, Breach> {
        let mut world = Self {
            hosts: (0..schedule.servers).map(|_| Host::new()).collect(),
            network: Network::default(),
            clients: Clients::new(schedule.has_large_values),
            watch: Watch::new(schedule.servers, schedule.variant.reads),
            now: Time(0),
            variant: schedule.variant,
            plant,
            told: None,
        };
        for server in 0..schedule.servers {
            world.restart(server)?;
        }
        Ok(world)
    }

    /// From now on what happens is kept as text.
    pub fn tell(&mut self) {
        self.told = Some(Vec::new());
    }

    /// What has happened.
    pub fn told(&mut self) -> Vec<String> {
        self.told.take().unwrap_or_default()
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(told) = self.told.as_mut().filter(|told| told.len() < LINES_TOLD) {
            told.push(line());
        }
    }

    /// Does what an adversary does.
    ///
    /// # Errors
    /// A claim does not hold.
    pub fn act(&mut self, Step { after, action }: Step) -> Result<(), Breach> {
        self.pass(after);
        self.note(|| format!("{after} later {action:?}"));
        match action {
            Action::Deliver { pick, fate } => {
                let Some(letter) = self.network.take(pick) else { return Ok(()) };
                if fate == Fate::Again {
                    self.network.send(letter.clone());
                }
                if fate == Fate::Lost { Ok(()) } else { self.deliver(letter) }
            }
            Action::Flow { count } => {
                for _ in 0..count {
                    let Some(letter) = self.network.next() else { break };
                    self.deliver(letter)?;
                }
                Ok(())
            }
            Action::Gather { server, count, client } => self.gather(server, count, client),
            Action::Wake { server, pick } => match self.hosts[server].take_timer(pick) {
                Some(timer) => self.step(server, vec![Event::Timer(timer)]),
                None => Ok(()),
            },
            Action::Ask { server, client, what } => {
                let request = self.ask(client, what);
                self.step(server, vec![Event::Request(client, request)])
            }
            Action::AskAgain { server, client, back } => match self.clients.ask_again(client, back) {
                Some(request) => self.step(server, vec![Event::Request(client, request)]),
                None => Ok(()),
            },
            Action::Nominate { server } => self.step(server, vec![Event::Nominate]),
            Action::Crash { server, outputs: 0, keep } => {
                self.crash(server, keep);
                Ok(())
            }
            Action::Crash { server, outputs, keep } => {
                self.hosts[server].crash = Some((outputs, keep));
                Ok(())
            }
            Action::Restart { server } => self.restart(server),
            Action::Wipe { server } => {
                self.crash(server, 0);
                self.hosts[server].lose_disk();
                Ok(())
            }
            Action::Cut { from, to } => {
                self.network.cut(from, to);
                Ok(())
            }
            Action::Isolate { server } => {
                for other in 0..self.hosts.len() {
                    self.network.cut(server, other);
                    self.network.cut(other, server);
                }
                Ok(())
            }
            Action::Mend => {
                self.network.mend();
                Ok(())
            }
            Action::Slow { server } => {
                self.hosts[server].is_slow = self.hosts[server].server.is_some();
                Ok(())
            }
            Action::Sync { server, count } => self.catch_up(server, count),
        }
    }

    /// A message arrives, if the life that it is for lasts.
    ///
    /// # Errors
    /// A claim does not hold.
    pub fn deliver(&mut self, letter: Letter) -> Result<(), Breach> {
        if letter.life != self.hosts[letter.to].life {
            return Ok(());
        }
        self.note(|| format!("    {} -> {} {:?}", name(letter.from), name(letter.to), letter.payload));
        self.step(letter.to, vec![Event::Message(letter.from, letter.payload)])
    }

    /// Time passes, and nothing else happens.
    pub fn pass(&mut self, span: Span) {
        self.now = self.now + span;
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// All timers are due that are to be due by now.
    ///
    /// # Errors
    /// A claim does not hold.
    pub fn wake_due(&mut self) -> Result<(), Breach> {
        for server in 0..self.hosts.len() {
            if let Some(timer) = self.hosts[server].take_due(self.now) {
                let now = self.now;
                self.note(|| format!("    {} at {now}: {timer}", name(server)));
                self.step(server, vec![Event::Timer(timer)])?;
            }
        }
        Ok(())
    }

    /// A client's next request.
    pub fn ask(&mut self, client: usize, what: u64) -> Request {
        let request = self.clients.ask(client, what);
        self.watch.answers.ask(clients::name(client), &request);
        request
    }

    fn gather(&mut self, server: usize, count: u64, client: usize) -> Result<(), Breach> {
        let letters = self.network.take_for(server, count).into_iter();
        let life = self.hosts[server].life;
        let messages = letters.filter(|letter| letter.life == life);
        let mut events: Vec<_> = messages.map(|letter| Event::Message(letter.from, letter.payload)).collect();
        if count.is_multiple_of(2) {
            let request = self.ask(client, count);
            events.insert(events.len() / 2, Event::Request(client, request));
        }
        if count.is_multiple_of(3) {
            events.extend(self.hosts[server].take_timer(0).map(Event::Timer));
        }
        self.note(|| format!("    {} {events:?}", name(server)));
        self.step(server, events)
    }

    /// A server begins another life, if it is down.
    ///
    /// # Errors
    /// A claim does not hold.
    pub fn restart(&mut self, server: usize) -> Result<(), Breach> {
        let (servers, variant) = (self.hosts.len(), self.variant);
        let host = &mut self.hosts[server];
        if host.server.is_some() {
            return Ok(());
        }
        let incarnation = self.plant.incarnation(host.life, host.length());
        let records = host.start(Birth { index: server, servers, incarnation, variant });
        self.step(server, vec![Event::Start(records)])
    }

    fn crash(&mut self, server: usize, keep: u64) {
        let host = &mut self.hosts[server];
        if host.server.is_some() {
            host.lose_power(keep);
        }
    }

    /// A server takes some inputs and one flush, if it is up.
    ///
    /// # Errors
    /// A claim does not hold.
    pub fn step(&mut self, server: usize, events: Vec<Event>) -> Result<(), Breach> {
        let Some(mut machine) = self.hosts[server].server.take() else { return Ok(()) };
        let mut outputs = Outputs::default();
        let mut before = Rc::clone(self.watch.now(server));
        let mut states = Vec::new();
        for event in events {
            let is_start = matches!(event, Event::Start(_));
            let state = Rc::clone(self.watch.now(server));
            let given = Given::<S> { server: &mut machine, state: &state, outputs: &mut outputs };
            let event = self.plant.change(event, given);
            take::<S>(&mut machine, self.now, event, &mut outputs)
                .map_err(|Violation(found)| Breach { claim: Claim::Sound, found })?;
            if is_start {
                let Host { life, is_exact, .. } = self.hosts[server];
                let is_wiped = life > 0 && self.hosts[server].length() == 0;
                self.watch.recover(server, &machine, Life { number: life, is_exact, is_wiped })?;
                before = Rc::clone(self.watch.now(server));
            } else {
                self.watch.observe(server, &machine)?;
            }
            states.push(Rc::clone(self.watch.now(server)));
        }
        machine.flush(&mut outputs);
        self.watch.observe(server, &machine)?;
        states.push(Rc::clone(self.watch.now(server)));
        states.dedup_by(|one, other| Rc::ptr_eq(one, other));
        self.hosts[server].server = Some(machine);
        let outputs: Vec<_> = self.plant.alter::<S>(outputs.drain());
        let records = outputs.iter().filter(|output| matches!(output, Output::Persist(_))).count();
        self.watch.flush(server, &before, records)?;
        self.carry_out(server, outputs, states)
    }

    fn carry_out(&mut self, server: usize, outputs: Vec<Output>, mut states: Vec<Rc<State<S>>>) -> Result<(), Breach> {
        let last = states.last().map(Rc::clone).unwrap_or_default();
        let mut is_shown = false;
        for output in outputs {
            if self.crashes_now(server) {
                return Ok(());
            }
            match output {
                Output::Persist(record) => self.hosts[server].append(record),
                Output::SendEarly { to, payload } => {
                    self.watch.hear_early(server, to, &payload)?;
                    self.send(server, index(to), payload);
                }
                Output::Sync => {
                    let effect = Effect::Synced(self.hosts[server].length(), std::mem::take(&mut states));
                    self.do_or_wait(server, effect)?;
                }
                Output::Send { .. } | Output::SetTimer { .. } | Output::CancelTimer { .. } | Output::Complete(_) => {
                    if !is_shown {
                        self.do_or_wait(server, Effect::Shown(Rc::clone(&last)))?;
                        is_shown = true;
                    }
                    self.do_or_wait(server, Effect::Done(output))?;
                }
            }
        }
        if is_shown { Ok(()) } else { self.do_or_wait(server, Effect::Shown(last)) }
    }

    /// Counts an output of a server that is to crash.
    fn crashes_now(&mut self, server: usize) -> bool {
        match &mut self.hosts[server].crash {
            None => false,
            Some((0, keep)) => {
                let keep = *keep;
                self.note(|| format!("    {} crashes", name(server)));
                self.crash(server, keep);
                true
            }
            Some((outputs, _)) => {
                *outputs -= 1;
                false
            }
        }
    }

    fn do_or_wait(&mut self, server: usize, effect: Effect<S>) -> Result<(), Breach> {
        let host = &mut self.hosts[server];
        if !host.waiting.is_empty() || (host.is_slow && matches!(effect, Effect::Synced(..))) {
            host.waiting.push_back(effect);
            return Ok(());
        }
        self.take_effect(server, effect)
    }

    /// So many syncs are done, with what waits for them.
    ///
    /// # Errors
    /// A claim does not hold.
    pub fn catch_up(&mut self, server: usize, mut count: u64) -> Result<(), Breach> {
        while let Some(effect) = self.hosts[server].waiting.front() {
            if matches!(effect, Effect::Synced(..)) {
                if count == 0 {
                    return Ok(());
                }
                count -= 1;
            }
            if matches!(effect, Effect::Done(_)) && self.crashes_now(server) {
                return Ok(());
            }
            let Some(effect) = self.hosts[server].waiting.pop_front() else { break };
            self.take_effect(server, effect)?;
        }
        self.hosts[server].is_slow = false;
        Ok(())
    }

    fn take_effect(&mut self, server: usize, effect: Effect<S>) -> Result<(), Breach> {
        match effect {
            Effect::Synced(length, states) => {
                if self.plant.syncs() {
                    self.hosts[server].sync(length);
                }
                states.iter().try_for_each(|state| self.watch.sync(server, state))
            }
            Effect::Shown(state) => self.watch.show(server, &state),
            Effect::Done(Output::Send { to, payload }) => {
                self.watch.hear(server, to, &payload)?;
                if to.is_server() {
                    self.send(server, index(to), payload);
                }
                Ok(())
            }
            Effect::Done(Output::SetTimer { id, after }) => {
                let due = self.now + after;
                self.hosts[server].timers.insert(id.into_owned(), due);
                Ok(())
            }
            Effect::Done(Output::CancelTimer { id }) => {
                self.hosts[server].timers.remove(&*id);
                Ok(())
            }
            Effect::Done(output) => claim(Claim::Sound, false, || format!("{} puts {output:?}", name(server))),
        }
    }

    fn send(&mut self, from: usize, to: usize, payload: Payload) {
        if self.hosts[to].server.is_some() {
            let life = self.hosts[to].life;
            self.network.send(Letter { from, to, life, payload });
        }
    }
}

fn take<S: Subject>(machine: &mut S::Server, now: Time, event: Event, outputs: &mut Outputs) -> Result<(), Violation> {
    match event {
        Event::Start(records) => machine.step(now, Input::Start { records: &records }, outputs),
        Event::Message(from, payload) => match message_in::<S>(&payload) {
            Some(message) => machine.step(now, Input::Peer { from: name(from), message }, outputs),
            None => Err(Violation(format!("{} sends {payload:?}", name(from)))),
        },
        Event::Timer(id) => machine.step(now, Input::Timer { id: &id }, outputs),
        Event::Request(client, request) => {
            machine.step(now, Input::Request { from: clients::name(client), request: &request }, outputs)
        }
        Event::Nominate => machine.step(now, Input::Control(&Control::Nominate), outputs),
    }
}
