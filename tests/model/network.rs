//! The network and time of a possible world: what is under way, and every way in which it may arrive.
//!
//! Time is relative: of what is under way it is known between which spans from now it arrives. Replicated writes arrive
//! unnoticed, and change a store; everything else is a *turn*: it makes a node do something. Of several turns every one
//! that may be next is followed. At one instant what has waited for a paused server comes first, then messages, then
//! timers, and of each what was sent first.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::session::{Answer, Client, Request};
use super::specification::{WORLDS, World};
use super::store::Write;

/// Until a message arrives, unless the script says otherwise: 1 ms, in microseconds.
pub const DEFAULT_DELAY_US: u64 = 1_000;
/// More messages that may or may not have arrived are not followed: each doubles the possibilities.
const UNCERTAIN_ARRIVALS: usize = 6;

/// More turns in all possible worlds together, for one command, are not followed either.
const TURNS: usize = 1_000;

/// At least and at most so many microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Between(pub u64, pub u64);

impl Between {
    pub fn exactly(span: u64) -> Self {
        Self(span, span)
    }

    fn after(self, Self(least, most): Self) -> Self {
        Self(self.0.saturating_sub(most), self.1.saturating_sub(least))
    }
}

/// Something that will happen to a node. A timer of a node is under way from it to itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnderWay {
    pub from: u32,
    pub to: u32,
    /// The life of the recipient that it is for.
    pub life: u32,
    pub when: When,
    pub what: What,
}

/// When it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    In(Between),
    /// It was due, has waited for a paused server, and comes now.
    Overdue,
    /// Some time after its link is released: it was sent while that was held.
    OnceReleased,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Write(Write),
    Request(Request),
    Answer(Answer),
    /// The master tells a server of a new one.
    NewServer(u32),
    /// A client's time to ask again, in this of its operations.
    Alarm(u64),
    /// The end of a client's patience with this of its operations.
    Limit(u64),
    /// What a command waits for.
    TimeIsUp,
}

/// What comes first at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Overdue,
    Message,
    Timer,
    TimeIsUp,
}

impl UnderWay {
    pub fn timer(node: u32, span: u64, what: What) -> Self {
        Self { from: node, to: node, life: 0, when: When::In(Between::exactly(span)), what }
    }

    fn rank(&self) -> Rank {
        match (self.when, &self.what) {
            (When::Overdue, _) => Rank::Overdue,
            (_, What::Write(_) | What::Request(_) | What::Answer(_) | What::NewServer(_)) => Rank::Message,
            (_, What::Alarm(_) | What::Limit(_)) => Rank::Timer,
            (_, What::TimeIsUp) => Rank::TimeIsUp,
        }
    }

    fn is_on(&self, link: (u32, u32)) -> bool {
        (self.from, self.to) == link
    }

    /// Has it come to its end, on a link that is held?
    fn has_come(&self) -> bool {
        matches!(self.when, When::Overdue | When::In(Between(_, 0)))
    }
}

/// Something that may happen next, by its index, and when.
struct Turn {
    index: usize,
    rank: Rank,
    when: Between,
}

/// Links.
impl World {
    pub fn is_cut_either_way(&self, one: u32, other: u32) -> bool {
        self.is_cut(&(one, other)) || self.is_cut(&(other, one))
    }

    /// By a pair, or by a partition.
    pub fn is_cut(&self, link: &(u32, u32)) -> bool {
        self.cut.contains(link) || self.apart.as_ref().is_some_and(|apart| apart.contains(link))
    }

    pub fn is_held_either_way(&self, one: u32, other: u32) -> bool {
        self.held.contains(&(one, other)) || self.held.contains(&(other, one))
    }

    /// What is under way or held on a link that is cut is lost, and what it brought to a paused server.
    pub fn cut(&mut self, link: (u32, u32)) {
        self.cut.insert(link);
        self.lose_all_on(link);
    }

    pub fn lose_all_on(&mut self, link: (u32, u32)) {
        let stays = |message: &UnderWay| !message.is_on(link);
        self.under_way.retain(stays);
        self.held_up.remove(&link);
        if let Some(server) = self.servers.get_mut(&link.1).filter(|server| server.paused) {
            Rc::make_mut(server).waiting.retain(stays);
        }
    }

    pub fn cut_both_ways(&mut self, one: u32, other: u32) {
        self.cut((one, other));
        self.cut((other, one));
    }

    pub fn mend(&mut self, link: (u32, u32)) {
        self.cut.remove(&link);
        self.apart.iter_mut().for_each(|apart| {
            apart.remove(&link);
        });
    }

    pub fn mend_both_ways(&mut self, one: u32, other: u32) {
        self.mend((one, other));
        self.mend((other, one));
    }

    /// What was under way and has come meanwhile arrives at once, what was sent since goes on its way.
    pub fn release(&mut self, link: (u32, u32)) {
        self.held.remove(&link);
        let goes_on = |message: &UnderWay| message.is_on(link) && message.has_come();
        let (come, others): (Vec<_>, Vec<_>) = self.under_way.drain(..).partition(goes_on);
        let was_sent_since = |message: &UnderWay| message.is_on(link) && message.when == When::OnceReleased;
        let (sent_since, others) = others.into_iter().partition(was_sent_since);
        self.under_way = others;
        self.under_way.extend(come.into_iter().map(|message| UnderWay { when: When::In(Between(0, 0)), ..message }));
        sent_since.into_iter().for_each(|message| self.enter_link(message));
    }

    /// Nodes in the order in which links are named: servers before clients.
    pub fn links_in_order(&self, links: &BTreeSet<(u32, u32)>) -> Vec<(u32, u32)> {
        let place = |node: u32| (self.clients.contains_key(&node), node);
        let mut links: Vec<_> = links.iter().copied().collect();
        links.sort_by_key(|&(from, to)| (place(from), place(to)));
        links
    }

    pub fn delay(&self, link: (u32, u32)) -> Between {
        self.delays.get(&link).copied().unwrap_or(Between::exactly(DEFAULT_DELAY_US))
    }

    /// A message is for the life that its recipient has now; the dead are sent nothing.
    pub fn send(&mut self, from: u32, to: u32, what: What) {
        self.note_sending(from, to, &what);
        let life = match self.servers.get(&to) {
            Some(recipient) if recipient.alive => recipient.life,
            Some(_) => return,
            None => 0,
        };
        if !self.is_cut(&(from, to)) {
            self.enter_link(UnderWay { from, to, life, when: When::OnceReleased, what });
        }
    }

    /// Messages of a link stay in order. How long one holds up others that is for a life that is over is free.
    fn enter_link(&mut self, mut message: UnderWay) {
        let link = (message.from, message.to);
        if self.held.contains(&link) {
            // What is asked again while it waits is answered but once.
            if !self.under_way.contains(&message) {
                self.under_way.push(message);
            }
            return;
        }
        if self.lossy.contains(&link) {
            return;
        }
        let Between(soonest, latest) = self.delay(link);
        let mut when = Between(soonest, latest.max(self.held_up.get(&link).copied().unwrap_or(0)));
        for earlier in self.under_way.iter().filter(|earlier| earlier.is_on(link)) {
            if let When::In(Between(soonest, latest)) = earlier.when {
                let soonest = if earlier.life == message.life { soonest } else { 0 };
                when = Between(when.0.max(soonest), when.1.max(latest));
            }
        }
        message.when = When::In(when);
        self.under_way.push(message);
    }
}

/// Time.
impl World {
    /// Lets things happen in all these worlds until something holds: every way in which they may.
    pub fn until(worlds: Vec<Self>, holds: impl Fn(&Self) -> bool) -> Vec<Self> {
        let mut there = BTreeSet::new();
        let mut open = BTreeSet::from_iter(worlds);
        let mut turns = 0;
        while let Some(world) = open.pop_first() {
            let worlds = if world.lost || holds(&world) { vec![world] } else { world.begin_what_waits() };
            for world in worlds {
                if world.lost || holds(&world) {
                    there.insert(world);
                } else {
                    open.extend(world.happen());
                }
            }
            turns += 1;
            if there.len() + open.len() > WORLDS || turns > TURNS {
                let mut world = there.pop_first().or_else(|| open.pop_first()).expect("there are many");
                world.lost = true;
                return vec![world];
            }
        }
        there.into_iter().collect()
    }

    /// Lets time pass, to its last instant included.
    pub fn pass(mut worlds: Vec<Self>, span: u64) -> Vec<Self> {
        let nobody = u32::MAX;
        let end = UnderWay::timer(nobody, span, What::TimeIsUp);
        worlds.iter_mut().for_each(|world| world.under_way.push(end.clone()));
        Self::until(worlds, |world| !world.under_way.iter().any(|due| due.what == What::TimeIsUp))
    }

    /// Is nothing left that may happen at this instant?
    pub fn is_settled(&self) -> bool {
        let is_due = |due: &UnderWay| matches!(due.when, When::Overdue | When::In(Between(0, _)));
        !self.under_way.iter().any(is_due) && self.clients.values().all(Client::is_settled)
    }

    /// The next turn: each that may be it.
    fn happen(self) -> Vec<Self> {
        let turns = self.turns();
        assert!(!turns.is_empty(), "nobody waits for what never comes");
        match turns.as_slice() {
            [only] => self.take_turn(only),
            several => several.iter().flat_map(|turn| self.clone().take_turn(turn)).collect(),
        }
    }

    fn turns(&self) -> Vec<Turn> {
        let turn = |(index, due): (usize, &UnderWay)| {
            let when = match due.when {
                When::In(when) => when,
                When::Overdue => Between(0, 0),
                When::OnceReleased => return None,
            };
            let is_turn = !matches!(due.what, What::Write(_)) && !self.is_held_back(due);
            is_turn.then(|| Turn { index, rank: due.rank(), when })
        };
        let all: Vec<_> = self.under_way.iter().enumerate().filter_map(turn).collect();
        let may_be_next = |turn: &Turn| {
            all.iter().filter(|other| other.index != turn.index).all(|other| {
                let link = (self.under_way[turn.index].from, self.under_way[turn.index].to);
                let is_behind = turn.rank == Rank::Message && self.under_way[other.index].is_on(link);
                let is_before = (turn.rank, turn.index) < (other.rank, other.index);
                (turn.when.0 < other.when.1 || (turn.when.0 == other.when.1 && is_before)) && (is_before || !is_behind)
            })
        };
        let last = all.iter().map(|turn| turn.when.1).min().unwrap_or(0);
        all.iter()
            .filter(|turn| may_be_next(turn))
            .map(|turn| Turn { when: Between(turn.when.0, last), ..*turn })
            .collect()
    }

    /// On a link that is held, what arrives waits; if its recipient is paused, it waits there.
    fn is_held_back(&self, due: &UnderWay) -> bool {
        let is_paused = self.servers.get(&due.to).is_some_and(|server| server.paused && server.life == due.life);
        self.held.contains(&(due.from, due.to)) && (due.when == When::Overdue || !is_paused)
    }

    /// Writes that may have arrived before the turn have, or have not.
    fn take_turn(mut self, turn: &Turn) -> Vec<Self> {
        let elapsed = turn.when;
        self.held_up.values_mut().for_each(|span| *span = span.saturating_sub(elapsed.0));
        self.held_up.retain(|_, span| *span > 0);
        let all = std::mem::take(&mut self.under_way);
        let mut uncertain = 0;
        let mut worlds = vec![self];
        let mut taken = None;
        for (index, due) in all.into_iter().enumerate() {
            let is_first = (due.rank(), index) < (turn.rank, turn.index);
            match due.when {
                _ if index == turn.index => taken = Some(due),
                When::In(when) if matches!(due.what, What::Write(_)) && !worlds[0].is_held_back(&due) => {
                    let arrival = Arrival::of(when, elapsed, is_first);
                    uncertain += usize::from(matches!(arrival, Arrival::Perhaps(_)));
                    worlds = follow(arrival, &due, worlds);
                }
                When::In(when) => {
                    stay(&mut worlds, UnderWay { when: When::In(when.after(elapsed)), ..due });
                }
                When::Overdue if matches!(due.what, What::Write(_)) && is_first && !worlds[0].is_held_back(&due) => {
                    worlds.iter_mut().for_each(|world| world.arrive(due.clone()));
                }
                When::Overdue | When::OnceReleased => stay(&mut worlds, due),
            }
            if uncertain > UNCERTAIN_ARRIVALS {
                worlds.iter_mut().for_each(|world| world.lost = true);
                worlds.truncate(1);
                return worlds;
            }
        }
        let taken = taken.expect("a turn is under way");
        for world in &mut worlds {
            world.arrive(taken.clone());
            world.tell_bereaved();
        }
        worlds.into_iter().flat_map(Self::follow_conditions).collect()
    }

    /// A message is lost with the life that it was for, and waits for a server that is paused.
    fn arrive(&mut self, due: UnderWay) {
        if let Some(server) = self.servers.get(&due.to) {
            if !server.alive || server.life != due.life {
                return;
            }
            if server.paused {
                self.server(due.to).waiting.push(due);
                return;
            }
        }
        let UnderWay { from, to, what, .. } = due;
        match what {
            What::Write(write) => self.server(to).merge(&write),
            What::Request(request) => self.take_request(to, from, request),
            What::Answer(answer) => self.take_answer(to, answer),
            What::NewServer(new) => {
                self.server(to).others.insert(new);
            }
            What::Alarm(number) => self.ask_again(to, number),
            What::Limit(number) => self.give_up(to, number),
            What::TimeIsUp => {}
        }
    }
}

/// Does a write arrive before a turn?
#[derive(Clone, Copy, Debug)]
enum Arrival {
    Before,
    After(Between),
    /// Either; and when it arrives if not before.
    Perhaps(Between),
}

impl Arrival {
    /// At the same instant the write comes first or second.
    fn of(when: Between, elapsed: Between, is_first: bool) -> Self {
        let Between(soonest, latest) = when;
        let Between(least, most) = elapsed;
        let rest = Between(soonest.saturating_sub(most).max(u64::from(is_first)), latest.saturating_sub(least));
        if latest < least || (latest == least && is_first) {
            Self::Before
        } else if soonest > most || (soonest == most && !is_first) {
            Self::After(when.after(elapsed))
        } else {
            Self::Perhaps(rest)
        }
    }
}

/// It is under way as yet.
fn stay(worlds: &mut [World], due: UnderWay) {
    let Some((last, others)) = worlds.split_last_mut() else { return };
    others.iter_mut().for_each(|world| world.under_way.push(due.clone()));
    last.under_way.push(due);
}

fn follow(arrival: Arrival, due: &UnderWay, mut worlds: Vec<World>) -> Vec<World> {
    let later = |when| UnderWay { when: When::In(when), ..due.clone() };
    match arrival {
        Arrival::Before => worlds.iter_mut().for_each(|world| world.arrive(due.clone())),
        Arrival::After(when) => stay(&mut worlds, later(when)),
        Arrival::Perhaps(when) => {
            let mut arrived = worlds.clone();
            arrived.iter_mut().for_each(|world| world.arrive(due.clone()));
            stay(&mut worlds, later(when));
            worlds.extend(arrived);
        }
    }
    worlds
}
