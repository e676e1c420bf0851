//! What is claimed across all servers and all time, from what they hold, keep and say.
//!
//! A state is looked at three times: when a server is in it, when its records are durable, and when others can see it.
//! What a majority of disks has accepted under one ballot is *chosen*: that is found from the disks alone, and all that is
//! decided or answered is held against it.
//!
//! Blocks that a server copies because others have decided them stand in its log beside those that it has accepted; what is
//! claimed of a ballot is therefore not claimed of blocks that are chosen.

mod ballots;
mod breach;
mod chosen;
mod state;

pub use breach::{Breach, Claim, claim};
pub use state::{Part, State};

use std::any::Any;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::base::NodeName;
use crate::machine::Payload;
use crate::protocol::multi_paxos::messages::{HeartbeatOk, PaxosMessage};
use crate::protocol::multi_paxos::tests::host::name;
use crate::protocol::multi_paxos::{Ballot, Server};
use crate::wire::Response;
use ballots::Ballots;
use chosen::{Chosen, Expected};

/// What is known of one server.
#[derive(Debug, Default)]
struct Watched {
    life: u32,
    /// What it holds.
    now: Rc<State>,
    /// What its disk holds.
    durable: Rc<State>,
    /// Has it ever lost its disk?
    is_learner: bool,
    /// How much of what it has decided was held against the chosen chain.
    verified: usize,
}

/// The watch over a run.
#[derive(Debug)]
pub struct Watch {
    servers: Vec<Watched>,
    ballots: Ballots,
    chosen: Chosen,
    answered: BTreeSet<(NodeName, u64)>,
}

impl Watch {
    /// Over so many servers that were never started.
    pub fn new(servers: usize) -> Self {
        Self {
            servers: (0..servers).map(|_| Watched::default()).collect(),
            ballots: Ballots::default(),
            chosen: Chosen::default(),
            answered: BTreeSet::new(),
        }
    }

    /// How many blocks are chosen.
    pub fn chosen(&self) -> usize {
        self.chosen.length()
    }

    /// Was a client answered?
    pub fn is_answered(&self, client: NodeName, sequence: u64) -> bool {
        self.answered.contains(&(client, sequence))
    }

    /// How many requests were answered.
    pub fn answered(&self) -> usize {
        self.answered.len()
    }

    /// What a server holds.
    pub fn now(&self, index: usize) -> &Rc<State> {
        &self.servers[index].now
    }

    /// Has a server lost its disk?
    pub fn is_learner(&self, index: usize) -> bool {
        self.servers[index].is_learner
    }

    /// Have fewer than half of all servers lost their disks?
    pub fn has_majority(&self) -> bool {
        self.servers.iter().filter(|server| !server.is_learner).count() > self.servers.len() / 2
    }

    /// A server has begun another life with all its records, or with some that were not synced; `is_wiped` without any.
    pub fn recover(
        &mut self,
        index: usize,
        server: &Server,
        life: u32,
        is_exact: bool,
        is_wiped: bool,
    ) -> Result<(), Breach> {
        let watched = &mut self.servers[index];
        let (now, _) = State::after(&State::default(), server);
        watched.is_learner |= is_wiped;
        if is_wiped {
            watched.durable = Rc::default();
        }
        let durable = &watched.durable;
        claim(Claim::Learner, watched.is_learner == server.is_learner(), || {
            format!("{} is a learner: {}, and says {}", name(index), watched.is_learner, server.is_learner())
        })?;
        claim(Claim::PromiseKept, now.promised >= durable.promised, || {
            format!("{} finds {:?} promised, and had promised {:?}", name(index), now.promised, durable.promised)
        })?;
        claim(Claim::Recorded, !is_exact || !now.is_kept_otherwise_than(durable), || {
            format!("{} finds {now:?} on a disk that had {durable:?}", name(index))
        })?;
        watched.life = life;
        watched.now = Rc::new(now);
        watched.verified = 0;
        let now = Rc::clone(&watched.now);
        self.sync(index, &now)
    }

    /// A server has taken a step.
    pub fn observe(&mut self, index: usize, server: &Server) -> Result<(), Breach> {
        let before = Rc::clone(&self.servers[index].now);
        let (now, same) = State::after(&before, server);
        if now == *before {
            return Ok(());
        }
        let of = name(index);
        claim(Claim::DecidedStays, same >= before.decided && now.decided >= before.decided, || {
            format!("{of} had decided {}, keeps {same} and decides {}", before.decided, now.decided)
        })?;
        claim(Claim::DecidedStays, now.decided <= now.blocks.len(), || format!("{of} decides what it has not"))?;
        claim(Claim::PromiseKept, now.promised >= before.promised && now.accepted >= before.accepted, || {
            format!(
                "{of} goes back from {:?} {:?} to {:?} {:?}",
                before.promised, before.accepted, now.promised, now.accepted
            )
        })?;
        let accepts = now.accepted != before.accepted || (same < now.blocks.len() && now.decided < now.blocks.len());
        claim(Claim::PromiseKept, !accepts || now.accepted == now.promised, || {
            format!("{of} accepts under {:?}, and has promised {:?}", now.accepted, now.promised)
        })?;
        let takes_part = accepts || now.promised != before.promised || now.part != Part::Follower;
        claim(Claim::Learner, !(self.servers[index].is_learner && takes_part), || format!("{of} takes part: {now:?}"))?;
        self.observe_log(index, &now, same)?;
        self.servers[index].now = Rc::new(now);
        Ok(())
    }

    /// A server's log is as it was up to a place, and behind that as it is now.
    pub fn observe_log(&mut self, index: usize, now: &State, same: usize) -> Result<(), Breach> {
        for (place, block) in now.blocks.iter().enumerate().skip(same) {
            let is_twice = now.blocks[..place].iter().any(|other| other.request == block.request);
            claim(Claim::OneRequest, !is_twice, || format!("{} holds {:?} twice", name(index), block.request))?;
        }
        if let Part::Leading(ballot) = now.part {
            claim(Claim::OneLeader, ballot.server == name(index), || format!("{} leads {ballot}", name(index)))?;
            let by = (index, self.servers[index].life);
            self.ballots.lead(ballot, by, &now.blocks, self.servers.len())?;
            let lacks = self.chosen.blocks.iter().enumerate().find(|(place, (block, chosen_under))| {
                *chosen_under < ballot && now.blocks.get(*place).is_none_or(|own| own != block)
            });
            claim(Claim::ChosenStays, lacks.is_none(), || format!("the leader of {ballot} lacks {lacks:?}"))?;
        } else if let Some(led) = now.accepted.and_then(|ballot| self.ballots.led(ballot)) {
            for (place, block) in now.blocks.iter().enumerate().skip(same.min(now.decided)) {
                let is_leaders = led.blocks.get(place).is_some_and(|leaders| leaders == block);
                claim(Claim::OneBlock, is_leaders || self.chosen.is_at(place, block), || {
                    format!("{} has under {:?} at {place} {block:?}", name(index), now.accepted)
                })?;
            }
        }
        Ok(())
    }

    /// A server has flushed, and gives its disk so many records: what it held before is what it held at its last flush.
    pub fn flush(&self, index: usize, before: &State, records: usize) -> Result<(), Breach> {
        let is_silent = records == 0 && self.now(index).is_kept_otherwise_than(before);
        claim(Claim::Recorded, !is_silent, || format!("{} changes without a record", name(index)))
    }

    /// A state of a server is on its disk.
    pub fn sync(&mut self, index: usize, state: &Rc<State>) -> Result<(), Breach> {
        self.servers[index].durable = Rc::clone(state);
        let (Some(ballot), false) = (state.accepted, self.servers[index].is_learner) else { return Ok(()) };
        let length = self.ballots.keep(ballot, index, &state.blocks);
        let Some(led) = self.ballots.led(ballot) else { return Ok(()) };
        for (place, block) in led.blocks[..length].iter().enumerate() {
            if place < self.chosen.length() {
                claim(Claim::ChosenStays, self.chosen.is_at(place, block), || {
                    format!("at {place} {ballot} chooses {block:?} and {:?} is chosen", self.chosen.blocks[place])
                })?;
                continue;
            }
            for (above, other) in self.ballots.above(ballot) {
                claim(Claim::ChosenStays, other.blocks.get(place).is_some_and(|found| found == block), || {
                    format!("at {place} {ballot} chooses {block:?}, and {above} has {:?}", other.blocks.get(place))
                })?;
            }
            self.chosen.push(Rc::clone(block), ballot);
        }
        Ok(())
    }

    /// A state of a server can be seen by others.
    pub fn show(&mut self, index: usize, state: &State) -> Result<(), Breach> {
        let watched = &mut self.servers[index];
        match state.part {
            Part::Follower => {}
            Part::Preparing(ballot) | Part::Leading(ballot) => {
                self.ballots.try_to_lead(ballot, (index, watched.life))?;
            }
        }
        let decided = state.blocks[..state.decided].iter().enumerate().skip(watched.verified);
        for (place, block) in decided {
            claim(Claim::DecidedIsChosen, self.chosen.is_at(place, block), || {
                format!("{} decides at {place} {block:?}, chosen is {:?}", name(index), self.chosen.blocks.get(place))
            })?;
        }
        watched.verified = watched.verified.max(state.decided);
        Ok(())
    }

    /// A server says something before its sync.
    pub fn hear_early(&self, index: usize, payload: &Payload) -> Result<(), Breach> {
        claim(Claim::Durable, payload.kind() == "accept", || format!("{} hurries to {payload:?}", name(index)))
    }

    /// A server says something.
    pub fn hear(&mut self, index: usize, to: NodeName, payload: &Payload) -> Result<(), Breach> {
        match payload {
            Payload::Response(response) => self.hear_answer(to, response),
            Payload::Peer(message) => {
                let any: &dyn Any = &**message;
                let message = any.downcast_ref().expect("a message of this protocol");
                self.hear_learner(index, message)?;
                self.hear_peer(index, message)
            }
            Payload::Request(_) | Payload::Text(_) => Ok(()),
        }
    }

    fn hear_answer(&mut self, client: NodeName, response: &Response) -> Result<(), Breach> {
        let sequence = response.in_reply_to();
        let expected = self.chosen.expected(client, sequence);
        claim(Claim::Answer, expected == Some(&Expected::of(response)), || {
            format!("{client} is told of request {sequence} {response:?}, right is {expected:?}")
        })?;
        self.answered.insert((client, sequence));
        Ok(())
    }

    fn hear_learner(&self, index: usize, message: &PaxosMessage) -> Result<(), Breach> {
        let counts = match message {
            PaxosMessage::Prepare(_)
            | PaxosMessage::Promise(_)
            | PaxosMessage::Accept(_)
            | PaxosMessage::Accepted(_)
            | PaxosMessage::Decide(_) => true,
            PaxosMessage::HeartbeatOk(HeartbeatOk { counts, .. }) => *counts,
            PaxosMessage::ConfirmOk(_) => true,
            PaxosMessage::Heartbeat(_)
            | PaxosMessage::Pull(_)
            | PaxosMessage::Blocks(_)
            | PaxosMessage::Forward(_)
            | PaxosMessage::ReadIndex(_)
            | PaxosMessage::ReadIndexOk(_)
            | PaxosMessage::Confirm(_) => false,
        };
        claim(Claim::Learner, !(self.is_learner(index) && counts), || format!("{} says {message:?}", name(index)))
    }

    fn hear_peer(&self, index: usize, message: &PaxosMessage) -> Result<(), Breach> {
        let promised = |ballot: Ballot| self.servers[index].durable.promised >= Some(ballot);
        let chosen = self.chosen.length() as u64;
        let holds = match message {
            PaxosMessage::Prepare(prepare) => promised(prepare.ballot),
            PaxosMessage::Promise(promise) => promised(promise.ballot),
            PaxosMessage::Accepted(accepted) => {
                let kept = self.ballots.led(accepted.ballot).map_or(0, |led| led.kept[index] as u64);
                promised(accepted.ballot) && accepted.length <= kept.max(chosen)
            }
            PaxosMessage::Decide(decide) => decide.length <= chosen,
            PaxosMessage::HeartbeatOk(heartbeat) => heartbeat.decided <= chosen,
            PaxosMessage::Heartbeat(_)
            | PaxosMessage::Pull(_)
            | PaxosMessage::Blocks(_)
            | PaxosMessage::Accept(_)
            | PaxosMessage::Forward(_)
            | PaxosMessage::ReadIndex(_)
            | PaxosMessage::Confirm(_) => true,
            PaxosMessage::ConfirmOk(confirm) => promised(confirm.ballot),
            PaxosMessage::ReadIndexOk(answer) => answer.length <= chosen,
        };
        claim(Claim::Durable, holds, || format!("{} says {message:?} too early", name(index)))
    }
}
