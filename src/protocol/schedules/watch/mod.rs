//! What is claimed across all servers and all time, from what they hold, keep and say.
//!
//! A state is looked at three times: when a server is in it, when its records are durable, and when others can see it.
//! What a majority of disks has kept under one number is *chosen*: that is found from the disks alone, and all that is
//! decided or answered is held against it.

mod answers;
mod breach;
mod chosen;
mod leaders;
mod state;

pub use breach::{Breach, Claim, claim};
pub use state::{Part, State};

use std::rc::Rc;

use crate::base::NodeName;
use crate::machine::Payload;
use crate::protocol::schedules::host::name;
use crate::protocol::schedules::subject::{Change, Entry, Subject, message_in};
use crate::wire::control::Reads;
use answers::Answers;
use chosen::Chosen;
use leaders::Leaders;

/// What is known of one server.
#[derive(Debug, Default)]
struct Watched<S: Subject> {
    life: u32,
    /// What it holds.
    now: Rc<State<S>>,
    /// What its disk holds.
    durable: Rc<State<S>>,
    /// What it held since, in its order.
    unsynced: Vec<Rc<State<S>>>,
    /// Has it ever lost its disk?
    is_learner: bool,
    /// How much of what it has decided was held against the chosen log.
    verified: usize,
}

/// The watch over a run.
#[derive(Debug)]
pub struct Watch<S: Subject> {
    servers: Vec<Watched<S>>,
    /// All leaders there were.
    pub leaders: Leaders<S>,
    /// What was chosen.
    pub chosen: Chosen<S>,
    /// What clients were told.
    pub answers: Answers,
}

/// A life that begins.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// How many there were before.
    pub number: u32,
    /// Was nothing there that was not synced?
    pub is_exact: bool,
    /// Was nothing there at all?
    pub is_wiped: bool,
}

impl<S: Subject> Watch<S> {
    /// Over so many servers that were never started, and answer gets in this way.
    pub fn new(servers: usize, reads: Reads) -> Self {
        Self {
            servers: (0..servers).map(|_| Watched::default()).collect(),
            leaders: Leaders::new(servers),
            chosen: Chosen::new(),
            answers: Answers::new(reads),
        }
    }

    /// What a server holds.
    pub fn now(&self, index: usize) -> &Rc<State<S>> {
        &self.servers[index].now
    }

    /// What a server's disk holds.
    pub fn durable(&self, index: usize) -> &State<S> {
        &self.servers[index].durable
    }

    /// Has a server lost its disk?
    pub fn is_learner(&self, index: usize) -> bool {
        self.servers[index].is_learner
    }

    /// Have fewer than half of all servers lost their disks?
    pub fn has_majority(&self) -> bool {
        self.servers.iter().filter(|server| !server.is_learner).count() > self.servers.len() / 2
    }

    /// A server has begun another life.
    pub fn recover(&mut self, index: usize, server: &S::Server, life: Life) -> Result<(), Breach> {
        let watched = &mut self.servers[index];
        let now = S::look(server);
        watched.is_learner |= life.is_wiped;
        if life.is_wiped {
            watched.durable = Rc::default();
        }
        let durable = &watched.durable;
        let says = S::is_learner(server);
        claim(Claim::Learner, watched.is_learner == says, || {
            format!("{} is a learner: {}, and says {says}", name(index), watched.is_learner)
        })?;
        S::check_vow(name(index), &durable.vow, &now.vow)?;
        claim(Claim::Recorded, !life.is_exact || !now.is_kept_otherwise_than(durable), || {
            format!("{} finds {now:?} on a disk that had {durable:?}", name(index))
        })?;
        watched.life = life.number;
        watched.now = Rc::new(now);
        watched.verified = 0;
        let now = Rc::clone(&watched.now);
        self.recover_unsynced(index, &now)?;
        self.sync(index, &now)
    }

    /// Records survive in their order. So what is found of a log has been on the disk under every number up to the one that
    /// is found, with which the server held it, though no sync told of it.
    fn recover_unsynced(&mut self, index: usize, found: &State<S>) -> Result<(), Breach> {
        for state in std::mem::take(&mut self.servers[index].unsynced) {
            if S::keeps_under(&state) <= S::keeps_under(found) {
                let log = state.log[..found.same_as(&state)].to_vec();
                self.sync(index, &Rc::new(State { log, ..State::clone(&state) }))?;
            }
        }
        Ok(())
    }

    /// A server has taken a step.
    pub fn observe(&mut self, index: usize, server: &S::Server) -> Result<(), Breach> {
        let before = Rc::clone(&self.servers[index].now);
        let now = S::look(server);
        if now == *before {
            return Ok(());
        }
        let same = now.same_as(&before);
        let of = name(index);
        claim(Claim::DecidedStays, same >= before.decided && now.decided >= before.decided, || {
            format!("{of} had decided {}, keeps {same} and decides {}", before.decided, now.decided)
        })?;
        claim(Claim::DecidedStays, now.decided <= now.log.len(), || format!("{of} decides what it has not"))?;
        S::check_vow(of, &before.vow, &now.vow)?;
        let is_learner = self.is_learner(index);
        S::check_step(&Change { of, before: &before, now: &now, same, is_learner })?;
        claim(Claim::Learner, !(is_learner && now.part != Part::Follower), || format!("{of} wants to lead: {now:?}"))?;
        self.observe_log(index, &now, same)?;
        let watched = &mut self.servers[index];
        watched.now = Rc::new(now);
        watched.unsynced.push(Rc::clone(&watched.now));
        Ok(())
    }

    /// A server's log is as it was up to a place, and behind that as it is now.
    pub fn observe_log(&mut self, index: usize, now: &State<S>, same: usize) -> Result<(), Breach> {
        for (place, entry) in now.log.iter().enumerate().skip(same) {
            let Some(block) = entry.block() else { continue };
            let mut earlier = now.log[..place].iter().filter_map(Entry::block);
            let is_twice = earlier.any(|other| other.request == block.request);
            claim(Claim::OneRequest, !is_twice, || format!("{} holds {:?} twice", name(index), block.request))?;
        }
        if let Part::Leading(number) = now.part {
            let by = (index, self.servers[index].life);
            self.leaders.lead(number, by, &now.log)?;
            let lacks = self.chosen.log.iter().enumerate().find(|(place, (entry, chosen_under))| {
                *chosen_under < number && now.log.get(*place).is_none_or(|own| own != entry)
            });
            claim(Claim::ChosenStays, lacks.is_none(), || format!("the leader of {number:?} lacks {lacks:?}"))?;
        }
        S::check_log(self, name(index), now, same)
    }

    /// A server has flushed, and gives its disk so many records: what it held before is what it held at its last flush.
    pub fn flush(&self, index: usize, before: &State<S>, records: usize) -> Result<(), Breach> {
        let is_silent = records == 0 && self.now(index).is_kept_otherwise_than(before);
        claim(Claim::Recorded, !is_silent, || format!("{} changes without a record", name(index)))
    }

    /// A state of a server is on its disk.
    pub fn sync(&mut self, index: usize, state: &Rc<State<S>>) -> Result<(), Breach> {
        let watched = &mut self.servers[index];
        watched.durable = Rc::clone(state);
        if let Some(place) = watched.unsynced.iter().position(|unsynced| Rc::ptr_eq(unsynced, state)) {
            watched.unsynced.drain(..=place);
        }
        let (Some(number), false) = (S::keeps_under(state), self.servers[index].is_learner) else { return Ok(()) };
        let length = self.leaders.keep(number, index, &state.log);
        let Some(led) = self.leaders.led(number) else { return Ok(()) };
        let kept = &led.log[..length];
        if !kept.last().is_some_and(|last| S::chooses(last, number)) {
            return Ok(());
        }
        for (place, entry) in kept.iter().enumerate() {
            if place < self.chosen.length() {
                claim(Claim::ChosenStays, self.chosen.is_at(place, entry), || {
                    format!("at {place} {number:?} chooses {entry:?} and {:?} is chosen", self.chosen.log[place])
                })?;
                continue;
            }
            for (above, other) in self.leaders.above(number) {
                claim(Claim::ChosenStays, other.log.get(place).is_some_and(|found| found == entry), || {
                    format!("at {place} {number:?} chooses {entry:?}, and {above:?} has {:?}", other.log.get(place))
                })?;
            }
            self.chosen.push(entry.clone(), number);
        }
        Ok(())
    }

    /// A state of a server can be seen by others.
    pub fn show(&mut self, index: usize, state: &State<S>) -> Result<(), Breach> {
        let watched = &mut self.servers[index];
        match state.part {
            Part::Follower | Part::Asking => {}
            Part::Trying(number) | Part::Leading(number) => {
                self.leaders.try_to_lead(number, (index, watched.life))?;
            }
        }
        let decided = state.log[..state.decided].iter().enumerate().skip(watched.verified);
        for (place, entry) in decided {
            claim(Claim::DecidedIsChosen, self.chosen.is_at(place, entry), || {
                format!("{} decides at {place} {entry:?}, chosen is {:?}", name(index), self.chosen.log.get(place))
            })?;
        }
        watched.verified = watched.verified.max(state.decided);
        Ok(())
    }

    /// A server says something before its sync.
    pub fn hear_early(&self, index: usize, to: NodeName, payload: &Payload) -> Result<(), Breach> {
        let may_leave = S::EARLY.contains(&payload.kind());
        claim(Claim::Durable, may_leave, || format!("{} hurries to {payload:?}", name(index)))?;
        self.hear_peer(index, to, payload)
    }

    /// A server says something.
    pub fn hear(&mut self, index: usize, to: NodeName, payload: &Payload) -> Result<(), Breach> {
        match payload {
            Payload::Response(answer) => self.answers.hear(&self.chosen, to, &answer.response),
            Payload::Peer(_) => self.hear_peer(index, to, payload),
            Payload::Request(_) | Payload::Text(_) => Ok(()),
        }
    }

    fn hear_peer(&self, index: usize, to: NodeName, payload: &Payload) -> Result<(), Breach> {
        let Some(message) = message_in::<S>(payload) else { return Ok(()) };
        let takes_part = self.is_learner(index) && S::takes_part(message);
        claim(Claim::Learner, !takes_part, || format!("{} says {message:?}", name(index)))?;
        S::check_message(self, index, to, message)
    }
}
