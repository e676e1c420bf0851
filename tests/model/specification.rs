//! The specification of the eventually consistent store, as a machine of its own: what may a script print?
//!
//! Written from docs and course text alone, and on purpose nothing like the product: it knows no messages but
//! replicated writes, no machines, no event queue. What the specification leaves open (which of its servers a client
//! asks, what jitter draws, how long a retry takes) it follows every way at once: a set of possible [`World`]s, from
//! which each printed line removes those that would have printed something else. A line that all of them print is
//! *determinate*.
//!
//! Deliberately missing: warnings, chains, the length of `stabilize`.

use std::collections::{BTreeMap, BTreeSet};

use super::script::{Command, CrashingPut, EVERYTHING_ARRIVES_US};

/// Until a message arrives, unless the script says otherwise: 1 ms, in microseconds.
const DEFAULT_DELAY_US: u64 = 1_000;
/// More possibilities than these are not followed: what comes after is counted as indeterminate.
const WORLDS: usize = 500;
/// More messages that may or may not have arrived are not followed either: each doubles the possibilities.
const UNCERTAIN_ARRIVALS: usize = 6;

/// Lamport clock, then server, then which of its lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Stamp {
    clock: u64,
    server: u32,
    life: u32,
}

type Store = BTreeMap<String, (Stamp, String)>;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Server {
    /// How often it was started.
    life: u32,
    alive: bool,
    store: Store,
}

impl Server {
    /// A Lamport clock is that of the newest write that it saw; and the newest write always wins.
    fn clock(&self) -> u64 {
        self.store.values().map(|(stamp, _)| stamp.clock).max().unwrap_or(0)
    }

    fn merge(&mut self, key: &str, stamp: Stamp, value: &str) {
        if self.store.get(key).is_none_or(|(present, _)| *present < stamp) {
            self.store.insert(key.to_owned(), (stamp, value.to_owned()));
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Client {
    servers: BTreeSet<u32>,
    /// The greatest clock that it saw.
    clock: u64,
    /// The newest write of each key that it wrote or read.
    newest: BTreeMap<String, Stamp>,
}

impl Client {
    fn lose(&mut self, server: u32) {
        self.servers.remove(&server);
    }

    fn saw(&mut self, key: &str, stamp: Stamp) {
        self.clock = self.clock.max(stamp.clock);
        let newest = self.newest.entry(key.to_owned()).or_insert(stamp);
        *newest = stamp.max(*newest);
    }
}

/// At least and at most so many microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Between(u64, u64);

/// A replicated write on its way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct InFlight {
    from: u32,
    to: u32,
    /// The life of the recipient that it is for.
    life: u32,
    remaining: Between,
    key: String,
    stamp: Stamp,
    value: String,
}

/// One possible state of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    servers: BTreeMap<u32, Server>,
    clients: BTreeMap<u32, Client>,
    /// Both directions at once; the smaller id first.
    cut: BTreeSet<(u32, u32)>,
    delays: BTreeMap<(u32, u32), Between>,
    in_flight: Vec<InFlight>,
    /// How long pieces of stores from a `stabilize` may still hold up a directed link.
    held_up: BTreeMap<(u32, u32), u64>,
    /// How many lines it has printed.
    printed: usize,
    /// Has it branched too often to be followed?
    lost: bool,
}

/// What a world becomes by a command, and what the command prints there.
type Outcome = (World, Vec<String>);

/// Links and time.
impl World {
    fn is_cut(&self, one: u32, other: u32) -> bool {
        self.cut.contains(&link(one, other))
    }

    /// What is in flight on a link that is cut is lost.
    fn cut(&mut self, one: u32, other: u32) {
        self.cut.insert(link(one, other));
        self.in_flight.retain(|message| link(message.from, message.to) != link(one, other));
        self.held_up.retain(|(from, to), _| link(*from, *to) != link(one, other));
    }

    fn delay(&self, one: u32, other: u32) -> Between {
        self.delays.get(&link(one, other)).copied().unwrap_or(Between(DEFAULT_DELAY_US, DEFAULT_DELAY_US))
    }

    /// A write goes to a neighbour, if it lives and the link is open; messages of a link stay in order.
    fn send(&mut self, from: u32, to: u32, key: &str, stamp: Stamp, value: &str) {
        let recipient = &self.servers[&to];
        if !recipient.alive || self.is_cut(from, to) {
            return;
        }
        let life = recipient.life;
        let delay = self.delay(from, to);
        let mut remaining = Between(delay.0, delay.1.max(self.held_up.get(&(from, to)).copied().unwrap_or(0)));
        for earlier in self.in_flight.iter().filter(|earlier| (earlier.from, earlier.to) == (from, to)) {
            remaining = Between(remaining.0.max(earlier.remaining.0), remaining.1.max(earlier.remaining.1));
        }
        let (key, value) = (key.to_owned(), value.to_owned());
        self.in_flight.push(InFlight { from, to, life, remaining, key, stamp, value });
    }

    fn deliver(&mut self, message: &InFlight) {
        let recipient = self.servers.get_mut(&message.to).expect("messages go to servers");
        if recipient.alive && recipient.life == message.life {
            recipient.merge(&message.key, message.stamp, &message.value);
        }
    }

    /// Time passes: every way in which what is in flight may arrive meanwhile.
    fn pass(mut self, elapsed: Between) -> Vec<Self> {
        let Between(least, most) = elapsed;
        self.held_up.values_mut().for_each(|hold| *hold = hold.saturating_sub(least));
        self.held_up.retain(|_, hold| *hold > 0);
        let in_flight = std::mem::take(&mut self.in_flight);
        let is_uncertain =
            |InFlight { remaining: Between(soonest, latest), .. }: &&InFlight| *soonest <= most && *latest > least;
        if in_flight.iter().filter(is_uncertain).count() > UNCERTAIN_ARRIVALS {
            self.lost = true;
            return vec![self];
        }
        let mut worlds = vec![self];
        for message in in_flight {
            let Between(soonest, latest) = message.remaining;
            if latest <= least {
                worlds.iter_mut().for_each(|world| world.deliver(&message));
                continue;
            }
            let arrived = if soonest <= most { worlds.clone() } else { Vec::new() };
            let remaining = Between(soonest.saturating_sub(most).max(1), latest - least);
            let later = InFlight { remaining, ..message.clone() };
            worlds.iter_mut().for_each(|world| world.in_flight.push(later.clone()));
            worlds.extend(arrived.into_iter().map(|mut world| {
                world.deliver(&message);
                world
            }));
        }
        worlds
    }

    fn pass_exactly(self, elapsed: u64) -> Vec<Self> {
        self.pass(Between(elapsed, elapsed))
    }
}

fn link(one: u32, other: u32) -> (u32, u32) {
    (one.min(other), one.max(other))
}

/// Commands.
impl World {
    fn carry_out(mut self, command: &Command, limit: u64) -> Vec<Outcome> {
        match command {
            Command::JoinServer(server) => self.join_server(*server),
            // A server syncs everything before it says anything: between two commands a crash takes no more than a kill.
            Command::KillServer(server) | Command::CrashServer(server) => self.kill_server(*server),
            Command::RestartServer(server) => self.restart_server(*server),
            Command::WipeDisk(server) => self.wipe_disk(*server),
            Command::FailingStart(server, _) => self.fail_to_start(*server),
            Command::CrashingPut(put) => return printing_nothing(self.crashing_put(put)),
            Command::JoinClient(client, server) => self.join_client(*client, *server),
            Command::BreakConnection(one, other) => {
                self.cut(*one, *other);
                for (client, server) in [(one, other), (other, one)] {
                    self.clients.entry(*client).and_modify(|client| client.lose(*server));
                }
            }
            Command::CreateConnection(one, other) => {
                self.cut.remove(&link(*one, *other));
                for (client, server) in [(one, other), (other, one)] {
                    let lives = self.servers.get(server).is_some_and(|server| server.alive);
                    if let Some(client) = self.clients.get_mut(client).filter(|_| lives) {
                        client.servers.insert(*server);
                    }
                }
            }
            Command::Cut(one, other) => self.cut(*one, *other),
            Command::Mend(one, other) => {
                self.cut.remove(&link(*one, *other));
            }
            Command::Delay(one, other, delay, jitter) => {
                self.delays.insert(link(*one, *other), Between(delay.saturating_sub(*jitter), delay + jitter));
            }
            Command::Wait(span) => return printing_nothing(self.pass_exactly(*span)),
            Command::Stabilize => return printing_nothing(self.stabilize()),
            Command::Put(client, key, value) => return printing_nothing(self.put(*client, key, value, limit)),
            Command::Get(client, key) => return self.get(*client, key, limit),
            Command::PrintStore(server) => {
                let lines = self.servers[server].store.iter().map(|(key, (_, value))| format!("{key}:{value}"));
                let lines = if self.servers[server].alive { lines.collect() } else { Vec::new() };
                return vec![(self, lines)];
            }
        }
        vec![(self, Vec::new())]
    }

    /// A server that was killed starts again from its disk, and its broken links are gone.
    fn join_server(&mut self, id: u32) {
        if !self.servers.entry(id).or_default().alive {
            self.restart_server(id);
            self.cut.retain(|ends| ends.0 != id && ends.1 != id);
        }
    }

    /// A cut stays.
    fn restart_server(&mut self, id: u32) {
        let server = self.servers.get_mut(&id).expect("it joined before");
        if !server.alive {
            (server.life, server.alive) = (server.life + 1, true);
        }
    }

    /// A live server refuses.
    fn wipe_disk(&mut self, id: u32) {
        let server = self.servers.get_mut(&id).expect("it joined before");
        if !server.alive {
            server.store.clear();
        }
    }

    /// A life more, in which nothing happened but that the links are whole. Of a live server it is not known when the
    /// crash comes.
    fn fail_to_start(&mut self, id: u32) {
        self.lost |= self.servers[&id].alive;
        self.join_server(id);
        self.kill_server(id);
    }

    /// The outputs of a put: it is appended, every other server is told, it is synced, and answered.
    fn crashing_put(mut self, put: &CrashingPut) -> Vec<Self> {
        let CrashingPut { client, server, .. } = *put;
        self.join_client(client, server);
        let worlds = self.pass_exactly(EVERYTHING_ARRIVES_US);
        worlds.into_iter().flat_map(|world| world.crash_in_put(put)).collect()
    }

    fn crash_in_put(mut self, put: &CrashingPut) -> Vec<Self> {
        let CrashingPut { client, server, outputs, ref key, ref value } = *put;
        let is_next = self.servers[&server].alive && self.in_flight.iter().all(|message| message.to != server);
        let others = self.servers.len() as u64 - 1;
        // Without a crash in it, the crash comes some time later.
        if !is_next || self.held_up.keys().any(|(_, to)| *to == server) || outputs > others + 3 {
            self.lost = true;
            return vec![self];
        }
        let delay = self.delay(client, server);
        let mut worlds = Vec::new();
        for mut world in self.pass(delay) {
            let stamp = world.take_as_far_as(outputs, (server, client), (key, value));
            world.kill_server(server);
            if outputs < others + 3 {
                // What takes no time arrives before the next command.
                worlds.extend(world.pass_exactly(0));
                continue;
            }
            for mut world in world.pass(delay) {
                world.clients.get_mut(&client).expect("it asks").saw(key, stamp);
                worlds.push(world);
            }
        }
        worlds
    }

    /// A server takes a client's write, and does so many of the things that come of it.
    fn take_as_far_as(&mut self, outputs: u64, (id, client): (u32, u32), (key, value): (&str, &str)) -> Stamp {
        let before = self.servers[&id].store.clone();
        let in_flight = self.in_flight.len();
        let under_way: BTreeSet<_> = self.in_flight.iter().cloned().collect();
        let stamp = self.take(id, self.clients[&client].clock, key, value);
        let others: Vec<_> = self.servers.keys().copied().filter(|&other| other != id).collect();
        let told = usize::try_from(outputs.saturating_sub(1)).expect("a small number").min(others.len());
        self.in_flight.retain(|message| under_way.contains(message) || others[..told].contains(&message.to));
        assert!(self.in_flight.len() >= in_flight, "only what this put has sent is taken back");
        if outputs < others.len() as u64 + 2 {
            self.servers.get_mut(&id).expect("it is asked").store = before;
        }
        stamp
    }

    fn kill_server(&mut self, id: u32) {
        self.servers.get_mut(&id).expect("it joined before").alive = false;
        self.clients.values_mut().for_each(|client| client.lose(id));
    }

    fn join_client(&mut self, id: u32, server: u32) {
        self.cut.remove(&link(id, server));
        let lives = self.servers[&server].alive;
        let client = self.clients.entry(id).or_default();
        if lives {
            client.servers = BTreeSet::from([server]);
        }
    }

    /// One server takes it, stamps it, and sends it to its neighbours, once.
    fn put(self, client: u32, key: &str, value: &str, limit: u64) -> Vec<Self> {
        if self.clients[&client].servers.is_empty() {
            return vec![self];
        }
        let mut worlds = Vec::new();
        for &server in &self.clients[&client].servers {
            // A put is asked again only at the server that was asked first: this one never gets it.
            if self.is_cut(client, server) {
                worlds.extend(self.clone().pass_exactly(limit));
                continue;
            }
            let delay = self.delay(client, server);
            for mut world in self.clone().pass(delay) {
                let stamp = world.take(server, world.clients[&client].clock, key, value);
                for mut world in world.pass(delay) {
                    world.clients.get_mut(&client).expect("it asks").saw(key, stamp);
                    worlds.push(world);
                }
            }
        }
        worlds
    }

    fn take(&mut self, id: u32, client_clock: u64, key: &str, value: &str) -> Stamp {
        let server = self.servers.get_mut(&id).expect("it is asked");
        let stamp = Stamp { clock: server.clock().max(client_clock) + 1, server: id, life: server.life };
        server.merge(key, stamp, value);
        let neighbours: Vec<_> = self.servers.keys().copied().filter(|&other| other != id).collect();
        neighbours.into_iter().for_each(|neighbour| self.send(id, neighbour, key, stamp, value));
        stamp
    }

    /// A server that does not hear the client does not answer, and a get goes round.
    fn get(self, client: u32, key: &str, limit: u64) -> Vec<Outcome> {
        let servers = self.clients[&client].servers.clone();
        if servers.is_empty() {
            return vec![(self, vec![format!("{key}:ERR_NO_SERVER")])];
        }
        let reachable: Vec<_> = servers.iter().copied().filter(|&server| !self.is_cut(client, server)).collect();
        if reachable.is_empty() {
            let silent = |world| (world, vec![format!("{key}:ERR_TIMEOUT")]);
            return self.pass_exactly(limit).into_iter().map(silent).collect();
        }
        let mut outcomes = Vec::new();
        for &server in &reachable {
            let delay = self.delay(client, server);
            let mut worlds = self.clone().pass(delay);
            if reachable.len() < servers.len() {
                worlds.extend(self.clone().pass(Between(1, limit)));
            }
            for world in worlds {
                outcomes.extend(world.answer(client, server, key, delay));
            }
        }
        outcomes
    }

    /// Dependencies come before keys.
    fn answer(self, client: u32, server: u32, key: &str, delay: Between) -> Vec<Outcome> {
        let present = self.servers[&server].store.get(key).cloned();
        let depends_on = self.clients[&client].newest.get(key).copied();
        let text = match &present {
            _ if present.as_ref().map(|(stamp, _)| *stamp) < depends_on => "ERR_DEP",
            None => "ERR_KEY",
            Some((_, value)) => value,
        };
        let remembered = present.as_ref().filter(|(stamp, _)| depends_on.is_none_or(|newest| *stamp >= newest));
        let hear = |mut world: Self| {
            if let Some((stamp, _)) = remembered {
                world.clients.get_mut(&client).expect("it asks").saw(key, *stamp);
            }
            (world, vec![format!("{key}:{text}")])
        };
        self.pass(delay).into_iter().map(hear).collect()
    }

    /// All values reach all connected servers: those in flight too, whose senders may be dead by now.
    fn stabilize(mut self) -> Vec<Self> {
        let in_flight = std::mem::take(&mut self.in_flight);
        in_flight.iter().for_each(|message| self.deliver(message));
        let mut unseen: BTreeSet<_> =
            self.servers.iter().filter(|(_, server)| server.alive).map(|(id, _)| *id).collect();
        while let Some(first) = unseen.pop_first() {
            let mut component = vec![first];
            let mut looked_at = 0;
            while let Some(&server) = component.get(looked_at) {
                let neighbours: Vec<_> = unseen.iter().copied().filter(|&other| !self.is_cut(server, other)).collect();
                unseen.retain(|other| !neighbours.contains(other));
                component.extend(neighbours);
                looked_at += 1;
            }
            self.make_equal(&component);
        }
        vec![self]
    }

    fn make_equal(&mut self, component: &[u32]) {
        let mut union = Server::default();
        for id in component {
            self.servers[id].store.iter().for_each(|(key, (stamp, value))| union.merge(key, *stamp, value));
        }
        for &id in component {
            self.servers.get_mut(&id).expect("it lives").store = union.store.clone();
            for &other in component {
                if other != id && !self.is_cut(id, other) {
                    self.held_up.insert((id, other), self.delay(id, other).1);
                }
            }
        }
    }
}

fn printing_nothing(worlds: Vec<World>) -> Vec<Outcome> {
    worlds.into_iter().map(|world| (world, Vec::new())).collect()
}

/// A line that no possible world prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The index of the command that printed it; the number of commands if it comes after all of them.
    pub command: usize,
    /// What the possible worlds print.
    pub expected: BTreeSet<Vec<String>>,
    /// What was found, from there on.
    pub found: Vec<String>,
}

/// An output that may be right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// Which lines are determinate, by their indices.
    pub determinate: BTreeSet<usize>,
    /// Were there too many possibilities to follow the script to its end?
    pub gave_up: bool,
}

/// May a script print this?
pub fn judge(commands: &[Command], output: &[&str]) -> Result<Approval, Objection> {
    let largest_delay = commands.iter().map(Command::longest_delay).max().unwrap_or(0).max(DEFAULT_DELAY_US);
    let limit = (30 * largest_delay).max(10_000_000);
    let mut determinate = BTreeSet::new();
    let mut worlds = BTreeSet::from([World::default()]);
    for (index, command) in commands.iter().enumerate() {
        let outcomes = worlds.into_iter().flat_map(|world| world.carry_out(command, limit));
        let outcomes: Vec<_> = outcomes.take(WORLDS + 1).collect();
        if outcomes.len() > WORLDS || outcomes.iter().any(|(world, _)| world.lost) {
            return Ok(Approval { determinate, gave_up: true });
        }
        note_determinate(&outcomes, &mut determinate);
        let expected: BTreeSet<_> = outcomes.iter().map(|(_, lines)| lines.clone()).collect();
        let start = outcomes.iter().map(|(world, _)| world.printed).max().unwrap_or(0);
        worlds = outcomes.into_iter().filter_map(|outcome| survivor(outcome, output)).collect();
        if worlds.is_empty() {
            let found = output[start..].iter().map(|&line| line.to_owned()).collect();
            return Err(Objection { command: index, expected, found });
        }
    }
    let printed = worlds.iter().map(|world| world.printed).max().unwrap_or(0);
    if printed == output.len() {
        return Ok(Approval { determinate, gave_up: false });
    }
    let found = output[printed..].iter().map(|&line| line.to_owned()).collect();
    Err(Objection { command: commands.len(), expected: BTreeSet::new(), found })
}

/// A line is determinate if every world prints it, in the same place.
fn note_determinate(outcomes: &[Outcome], determinate: &mut BTreeSet<usize>) {
    let Some(((first, lines), others)) = outcomes.split_first() else { return };
    for (offset, line) in lines.iter().enumerate() {
        let prints_it = |(world, lines): &Outcome| world.printed == first.printed && lines.get(offset) == Some(line);
        if others.iter().all(prints_it) {
            determinate.insert(first.printed + offset);
        }
    }
}

/// The world, if it prints what was printed.
fn survivor((mut world, lines): Outcome, output: &[&str]) -> Option<World> {
    let end = world.printed + lines.len();
    let found = output.get(world.printed..end)?;
    if found.iter().zip(&lines).any(|(found, expected)| found != expected) {
        return None;
    }
    world.printed = end;
    Some(world)
}
