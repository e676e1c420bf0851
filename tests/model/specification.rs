//! The specification of the eventually consistent store, as a machine of its own: what may a script print?
//!
//! Written from docs and course text alone, and on purpose nothing like the product: it knows what nodes say to each
//! other, but no steps, no lines, no draws, no disks. What the specification leaves open (which of its servers a client
//! asks, what jitter draws) it follows every way at once: a set of possible [`World`]s, from which each printed line
//! removes those that would have printed something else. A line that all of them print is *determinate*.
//!
//! Deliberately missing: warnings, chains, the length of `stabilize` (so what happens meanwhile), and what a server's
//! crash in the middle of a put does to others who want something of it then.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::command::{Command, CrashingPut, EVERYTHING_ARRIVES_US, Operation};
use super::faults::Line;
use super::network::{Between, DEFAULT_DELAY_US, UnderWay, What, When};
use super::session::{Client, Ticket};
use super::store::{Server, Write};

/// More possibilities than these are not followed: what comes after is counted as indeterminate.
pub const WORLDS: usize = 200;
/// The same, where some may be equal.
const OUTCOMES: usize = 400;

/// One possible state of everything. Links are directed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct World {
    /// Shared with the worlds in which they are the same.
    pub servers: BTreeMap<u32, Rc<Server>>,
    pub clients: BTreeMap<u32, Client>,
    /// Cut by pairs.
    pub cut: BTreeSet<(u32, u32)>,
    /// Cut by the partition in force; none if there is none.
    pub apart: Option<BTreeSet<(u32, u32)>>,
    pub held: BTreeSet<(u32, u32)>,
    /// Those that lose everything.
    pub lossy: BTreeSet<(u32, u32)>,
    pub delays: BTreeMap<(u32, u32), Between>,
    /// In the order in which it was sent.
    pub under_way: Vec<UnderWay>,
    /// How long pieces of stores from a `stabilize` may still hold up a link.
    pub held_up: BTreeMap<(u32, u32), u64>,
    /// After how long a client asks again.
    pub patience: u64,
    /// After how long it gives up.
    pub limit: u64,
    /// How many operations were given to clients.
    pub tickets: Ticket,
    /// Operations that have ended, and what they print.
    pub ended: BTreeMap<Ticket, Vec<String>>,
    /// Operations that were begun without waiting.
    pub named: BTreeMap<String, Ticket>,
    /// What is to be done when a server sends a write to another, or to any.
    pub conditions: Vec<(u32, Option<u32>, Command)>,
    /// Those whose message was sent.
    pub seen: Vec<Command>,
    /// How many lines it has printed.
    printed: usize,
    /// Has it branched too often to be followed, or come to what is left open?
    pub lost: bool,
}

/// What a world becomes by a command, and what the command prints there.
type Outcome = (World, Vec<String>);

/// Commands.
impl World {
    pub fn server(&mut self, id: u32) -> &mut Server {
        Rc::make_mut(self.servers.get_mut(&id).expect("it joined before"))
    }

    fn carry_out(mut self, command: &Command) -> Vec<Outcome> {
        match command {
            Command::Par(lines) => self.carry_out_together(lines),
            Command::Await(name) => match self.named.remove(name) {
                Some(ticket) => self.answer_to(&[Line::Begun(ticket)]),
                None => vec![(self, Vec::new())],
            },
            Command::Wait(span) => {
                let worlds = Self::settle(Self::pass(vec![self], *span));
                all_print(worlds, Vec::new()).collect()
            }
            Command::Stabilize => vec![(self.stabilize(), Vec::new())],
            Command::CrashingPut(put) => self.crashing_put(put),
            _ => self.carry_out_together(std::slice::from_ref(command)),
        }
    }

    /// They begin at one instant, in their order.
    fn carry_out_together(self, commands: &[Command]) -> Vec<Outcome> {
        let mut worlds = vec![(self, Vec::new())];
        for command in commands {
            let begin = |(world, lines): (Self, Vec<Line>)| {
                let with = move |(world, line)| (world, lines.iter().cloned().chain([line]).collect());
                world.begin_line(command).into_iter().map(with)
            };
            worlds = worlds.into_iter().flat_map(begin).collect();
        }
        worlds.into_iter().flat_map(|(world, lines)| world.answer_to(&lines)).collect()
    }

    /// Lets time pass until the operations among these lines have ended, and prints what all of them print in their order.
    fn answer_to(self, lines: &[Line]) -> Vec<Outcome> {
        let has_ended = |world: &Self, line: &Line| match line {
            Line::Begun(ticket) => world.ended.contains_key(ticket),
            Line::Done(_) => true,
        };
        let worlds = Self::until(vec![self], |world| lines.iter().all(|line| has_ended(world, line)));
        let mut outcomes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for mut world in worlds {
            let printed = lines.iter().flat_map(|line| match line {
                Line::Done(lines) => lines.clone(),
                Line::Begun(ticket) => world.ended.remove(ticket).unwrap_or_default(),
            });
            let printed = printed.collect();
            outcomes.entry(printed).or_default().push(world);
        }
        outcomes.into_iter().flat_map(|(printed, worlds)| all_print(Self::settle(worlds), printed)).collect()
    }

    /// What is due at this instant happens before the next command.
    fn settle(worlds: Vec<Self>) -> Vec<Self> {
        if worlds.iter().all(Self::is_settled) {
            return worlds;
        }
        let mut worlds = Self::pass(worlds, 0);
        worlds.iter_mut().for_each(Self::tell_all_bereaved);
        Self::pass(worlds, 0)
    }

    fn crashing_put(mut self, put: &CrashingPut) -> Vec<Outcome> {
        let CrashingPut { client, server, outputs, ref key, ref value } = *put;
        self.change_for_crashing_put(put);
        let operation = Operation { client, key: key.clone(), value: Some(value.clone()) };
        let crash = |mut world: Self| {
            let others = world.servers[&server].others.len() as u64;
            // Without a crash in it, the crash comes some time later.
            world.lost |= !world.is_at_rest(client, server) || outputs > others + 3;
            world.server(server).crash_after = Some(outputs);
            world.carry_out_together(&[Command::Operation(operation.clone())])
        };
        Self::pass(vec![self], EVERYTHING_ARRIVES_US).into_iter().flat_map(crash).collect()
    }

    fn change_for_crashing_put(&mut self, put: &CrashingPut) {
        let joined = self.clone().begin_line(&Command::JoinClient(put.client, put.server));
        *self = joined.into_iter().next().expect("it takes no choice").0;
    }

    /// Is a put of this client the next thing that the server is asked, and is it answered?
    fn is_at_rest(&self, client: u32, server: u32) -> bool {
        let is_plain = |link| !self.is_cut(&link) && !self.held.contains(&link) && !self.lossy.contains(&link);
        self.servers[&server].runs()
            && self.clients.values().all(Client::is_at_rest)
            && self.under_way.iter().all(|due| due.to != server || self.held.contains(&(due.from, due.to)))
            && self.held_up.keys().all(|(_, to)| *to != server)
            && is_plain((client, server))
            && is_plain((server, client))
    }
}

/// `stabilize`.
impl World {
    /// All values reach all connected servers: those under way too, whose senders may be dead by now. What is done
    /// meanwhile is left open.
    fn stabilize(mut self) -> Self {
        let asks = |due: &UnderWay| matches!(due.what, What::Request(_)) && due.when != When::OnceReleased;
        self.lost |= self.under_way.iter().any(asks) || !self.clients.values().all(Client::is_at_rest);
        for due in std::mem::take(&mut self.under_way) {
            let link = (due.from, due.to);
            let may_arrive =
                !self.held.contains(&link) && self.servers.get(&due.to).is_some_and(|server| server.runs());
            match (due.when, &due.what) {
                (When::In(_) | When::Overdue, What::Write(write)) if may_arrive => self.receive(&due, write),
                // Nobody waits for it any more.
                (_, What::Answer(_)) => {}
                (When::In(Between(_, latest)), _) => {
                    self.under_way.push(UnderWay { when: When::In(Between(0, latest)), ..due });
                }
                (When::Overdue | When::OnceReleased, _) => self.under_way.push(due),
            }
        }
        let mut unseen: BTreeSet<_> =
            self.servers.iter().filter(|(_, server)| server.runs()).map(|(id, _)| *id).collect();
        while let Some(first) = unseen.pop_first() {
            let mut component = vec![first];
            let mut looked_at = 0;
            while let Some(&server) = component.get(looked_at) {
                let neighbours: Vec<_> =
                    unseen.iter().copied().filter(|&other| self.are_connected(server, other)).collect();
                unseen.retain(|other| !neighbours.contains(other));
                component.extend(neighbours);
                looked_at += 1;
            }
            self.make_equal(&component);
        }
        self
    }

    fn receive(&mut self, due: &UnderWay, write: &Write) {
        let server = self.server(due.to);
        if server.life == due.life {
            server.merge(write);
        }
    }

    fn are_connected(&self, one: u32, other: u32) -> bool {
        !self.is_cut_either_way(one, other) && !self.is_held_either_way(one, other)
    }

    /// Over a link that loses everything they may stay different.
    fn make_equal(&mut self, component: &[u32]) {
        let mut union = Server::default();
        for id in component {
            self.servers[id].store.values().for_each(|write| union.merge(write));
        }
        for &id in component {
            self.server(id).store = union.store.clone();
            for &other in component {
                if other != id && self.are_connected(id, other) {
                    self.lost |= self.lossy.contains(&(id, other));
                    self.held_up.insert((id, other), self.delay((id, other)).1);
                }
            }
        }
    }
}

fn all_print(worlds: Vec<World>, lines: Vec<String>) -> impl Iterator<Item = Outcome> {
    worlds.into_iter().map(move |world| (world, lines.clone()))
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
    /// Were there too many possibilities to follow the script to its end, or was it left open?
    pub gave_up: bool,
}

/// May a script print this?
pub fn judge(commands: &[Command], output: &[&str]) -> Result<Approval, Objection> {
    let mut determinate = BTreeSet::new();
    let mut worlds = BTreeSet::from([world_of(commands)]);
    for (index, command) in commands.iter().enumerate() {
        let outcomes = worlds.into_iter().flat_map(|world| world.carry_out(command));
        let outcomes: Vec<_> = outcomes.take(OUTCOMES + 1).collect();
        let are_all = outcomes.len() <= OUTCOMES;
        let outcomes: BTreeSet<_> = outcomes.into_iter().collect();
        if !are_all || outcomes.len() > WORLDS || outcomes.iter().any(|(world, _)| world.lost) {
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

/// Before the first command. A client's patience is max(300 ms, 6 times the largest delay), its limit max(10 s, 30 times).
fn world_of(commands: &[Command]) -> World {
    let largest_delay = commands.iter().map(Command::longest_delay).max().unwrap_or(0).max(DEFAULT_DELAY_US);
    let patience = (6 * largest_delay).max(300_000);
    let limit = (30 * largest_delay).max(10_000_000);
    World { patience, limit, ..World::default() }
}

/// A line is determinate if every world prints it, in the same place.
fn note_determinate(outcomes: &BTreeSet<Outcome>, determinate: &mut BTreeSet<usize>) {
    let Some((first, lines)) = outcomes.first() else { return };
    for (offset, line) in lines.iter().enumerate() {
        let prints_it = |(world, lines): &Outcome| world.printed == first.printed && lines.get(offset) == Some(line);
        if outcomes.iter().all(prints_it) {
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
