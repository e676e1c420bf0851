//! Commands that take no time: nodes come and go, links change.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::command::{Command, Part};
use super::network::{Between, UnderWay, What, When};
use super::session::Ticket;
use super::specification::World;

/// What a line of a script has come to at the instant at which it began.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// It took no time, and prints this.
    Done(Vec<String>),
    /// It is an operation.
    Begun(Ticket),
}

impl World {
    /// Begins a line, at this instant: every way in which it may.
    ///
    /// # Panics
    /// If the command is one that lets time pass.
    pub fn begin_line(mut self, command: &Command) -> Vec<(Self, Line)> {
        let printed = match command {
            Command::Operation(operation) => {
                let (worlds, ticket) = self.give(operation);
                return worlds.into_iter().map(|world| (world, Line::Begun(ticket))).collect();
            }
            Command::Async(name, operation) => {
                let (mut worlds, ticket) = self.give(operation);
                worlds.iter_mut().for_each(|world| {
                    world.named.insert(name.clone(), ticket);
                });
                return worlds.into_iter().map(|world| (world, Line::Done(Vec::new()))).collect();
            }
            Command::PrintStore(server) => self.print_store(*server),
            _ => {
                self.change(command);
                Vec::new()
            }
        };
        vec![(self, Line::Done(printed))]
    }

    /// The dead and the paused print nothing.
    fn print_store(&self, id: u32) -> Vec<String> {
        let server = &self.servers[&id];
        let lines = server.store.values().map(|write| format!("{}:{}", write.key, write.value));
        if server.runs() { lines.collect() } else { Vec::new() }
    }

    fn change(&mut self, command: &Command) {
        match command {
            Command::JoinServer(server) => self.join_server(*server),
            // A server syncs everything before it says anything: between two commands a crash takes no more than a kill.
            Command::KillServer(server) | Command::CrashServer(server) => self.kill_server(*server),
            Command::RestartServer(server) => self.restart_server(*server),
            Command::WipeDisk(server) => self.wipe_disk(*server),
            Command::FailingStart(server, _) => self.fail_to_start(*server),
            Command::Pause(server) => self.pause(*server),
            Command::Resume(server) => self.resume(*server),
            Command::JoinClient(client, server) => self.join_client(*client, *server),
            Command::BreakConnection(one, other) => self.break_connection(*one, *other),
            Command::CreateConnection(one, other) => self.create_connection(*one, *other),
            Command::Cut(links) => {
                links.directed(&self.nodes()).into_iter().for_each(|link| self.cut(link));
            }
            Command::Mend(links) => {
                links.directed(&self.nodes()).into_iter().for_each(|link| self.mend(link));
            }
            Command::Hold(links) => self.held.extend(links.directed(&self.nodes())),
            Command::Release(links) => {
                let links = links.directed(&self.nodes());
                self.links_in_order(&links).into_iter().for_each(|link| self.release(link));
            }
            Command::Loss(links, Part::All) => self.lossy.extend(links.directed(&self.nodes())),
            Command::Loss(links, Part::None) => {
                let links = links.directed(&self.nodes());
                self.lossy.retain(|link| !links.contains(link));
            }
            Command::Partition(groups) => self.partition(groups),
            Command::Isolate(node) => {
                self.nodes().into_iter().filter(|other| other != node).for_each(|other| {
                    self.cut_both_ways(*node, other);
                });
            }
            Command::Heal => self.heal(),
            Command::Delay(links, delay, jitter) => {
                let between = Between(delay.saturating_sub(*jitter), delay + jitter);
                self.delays.extend(links.directed(&self.nodes()).into_iter().map(|link| (link, between)));
            }
            Command::When(from, to, held) => self.conditions.push((*from, *to, (**held).clone())),
            Command::Operation(_)
            | Command::Async(..)
            | Command::PrintStore(_)
            | Command::Await(_)
            | Command::Par(_)
            | Command::Wait(_)
            | Command::Stabilize
            | Command::CrashingPut(_) => unreachable!("{command} is more than a change"),
        }
    }

    fn nodes(&self) -> Vec<u32> {
        self.servers.keys().chain(self.clients.keys()).copied().collect()
    }
}

/// Servers.
impl World {
    /// The others hear of a new one, when they are resumed if they are paused. One that was dead starts again from its
    /// disk, and the cuts of its links by pairs are gone. A new one is alone in a partition.
    fn join_server(&mut self, id: u32) {
        let is_new = !self.servers.contains_key(&id);
        if !self.servers.entry(id).or_default().alive {
            self.restart_server(id);
            self.cut.retain(|ends| ends.0 != id && ends.1 != id);
        }
        if is_new && let Some(mut apart) = self.apart.take() {
            let is_parted = |client: &u32| apart.iter().any(|(one, other)| one == client || other == client);
            let clients: Vec<_> = self.clients.keys().copied().filter(is_parted).collect();
            for other in self.servers.keys().copied().filter(|&other| other != id).chain(clients) {
                apart.extend([(id, other), (other, id)]);
            }
            self.apart = Some(apart);
        }
        for (&other, server) in self.servers.iter_mut().filter(|(other, _)| is_new && **other != id) {
            let server = Rc::make_mut(server);
            if server.paused {
                let (life, when) = (server.life, When::Overdue);
                server.waiting.push(UnderWay { from: other, to: other, life, when, what: What::NewServer(id) });
            } else {
                server.others.insert(id);
            }
        }
    }

    /// A cut stays.
    fn restart_server(&mut self, id: u32) {
        let others: BTreeSet<_> = self.servers.keys().copied().filter(|&other| other != id).collect();
        let server = self.server(id);
        if !server.alive {
            (server.life, server.alive, server.others) = (server.life + 1, true, others);
        }
    }

    /// A live server refuses.
    fn wipe_disk(&mut self, id: u32) {
        let server = self.server(id);
        if !server.alive {
            server.store.clear();
            server.taken.clear();
        }
    }

    /// A life more, in which nothing happened but that the links are whole. Of a live server it is not known when the
    /// crash comes.
    fn fail_to_start(&mut self, id: u32) {
        self.lost |= self.servers[&id].alive;
        self.join_server(id);
        self.kill_server(id);
    }

    pub fn kill_server(&mut self, id: u32) {
        self.server(id).die();
        self.bereave(id);
    }

    fn pause(&mut self, id: u32) {
        let server = self.server(id);
        server.paused = server.alive;
    }

    /// What has waited comes at this instant, as it became due.
    fn resume(&mut self, id: u32) {
        let server = self.server(id);
        server.paused = false;
        let waiting = std::mem::take(&mut server.waiting);
        self.under_way.extend(waiting.into_iter().map(|due| UnderWay { when: When::Overdue, ..due }));
    }
}

/// Links.
impl World {
    fn join_client(&mut self, id: u32, server: u32) {
        self.mend_both_ways(id, server);
        let lives = self.servers[&server].alive;
        let client = self.clients.entry(id).or_default();
        if lives && client.servers != BTreeSet::from([server]) {
            client.servers = BTreeSet::from([server]);
            self.tell_servers(id);
        }
    }

    fn break_connection(&mut self, one: u32, other: u32) {
        self.cut_both_ways(one, other);
        for (client, server) in [(one, other), (other, one)] {
            if self.clients.get_mut(&client).is_some_and(|client| client.servers.remove(&server)) {
                self.tell_servers(client);
            }
        }
    }

    fn create_connection(&mut self, one: u32, other: u32) {
        self.mend_both_ways(one, other);
        for (client, server) in [(one, other), (other, one)] {
            let lives = self.servers.get(&server).is_some_and(|server| server.alive);
            if lives && self.clients.get_mut(&client).is_some_and(|client| client.servers.insert(server)) {
                self.tell_servers(client);
            }
        }
    }

    /// A server that is not named is alone; a client that is not named is on all sides. The partition before is over.
    fn partition(&mut self, groups: &[Vec<u32>]) {
        let side = |node: u32| groups.iter().position(|group| group.contains(&node));
        let is_on_all_sides = |node: u32| side(node).is_none() && self.clients.contains_key(&node);
        let nodes = self.nodes();
        let pairs = || nodes.iter().flat_map(|&one| nodes.iter().map(move |&other| (one, other)));
        let named = |&(one, other): &(u32, u32)| one != other && !is_on_all_sides(one) && !is_on_all_sides(other);
        let pairs: Vec<_> = pairs().filter(named).collect();
        let mut apart = BTreeSet::new();
        for (one, other) in pairs {
            match (side(one), side(other)) {
                (Some(one_side), Some(other_side)) if one_side == other_side => {
                    self.cut.remove(&(one, other));
                }
                _ => {
                    apart.insert((one, other));
                    self.lose_all_on((one, other));
                }
            }
        }
        self.apart = Some(apart);
    }

    /// Cuts, holds and losses are lifted, delays stay.
    fn heal(&mut self) {
        self.cut.clear();
        self.apart = None;
        self.lossy.clear();
        let held = std::mem::take(&mut self.held);
        self.links_in_order(&held).into_iter().for_each(|link| self.release(link));
    }
}

/// Conditions.
impl World {
    /// Whatever becomes of the message.
    pub fn note_sending(&mut self, from: u32, to: u32, what: &What) {
        if !matches!(what, What::Write(_)) {
            return;
        }
        let is_met = |(sender, recipient, _): &mut (u32, Option<u32>, Command)| {
            *sender == from && recipient.is_none_or(|recipient| recipient == to)
        };
        self.seen.extend(self.conditions.extract_if(.., is_met).map(|(_, _, command)| command));
    }

    /// The step is over in which a message was sent: what waited for it comes now.
    pub fn follow_conditions(mut self) -> Vec<Self> {
        if self.seen.is_empty() {
            return vec![self];
        }
        let first = self.seen.remove(0);
        self.begin_line(&first).into_iter().flat_map(|(world, _)| world.follow_conditions()).collect()
    }
}
