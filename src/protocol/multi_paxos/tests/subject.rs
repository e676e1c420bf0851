//! What is watched of Multi-Paxos servers.
//!
//! Blocks that a server copies because others have decided them stand in its log beside those that it has accepted; what is
//! claimed of a ballot is therefore not claimed of blocks that are chosen.

use std::rc::Rc;

use crate::base::{NodeName, Span};
use crate::ledger::{Block, Proof};
use crate::machine::Setup;
use crate::protocol::multi_paxos::leader::Role;
use crate::protocol::multi_paxos::messages::{HeartbeatOk, PaxosMessage};
use crate::protocol::multi_paxos::tests::bug::Bug;
use crate::protocol::multi_paxos::{Ballot, Server};
use crate::protocol::schedules::{
    Breach, Change, Claim, Entry, Event, Given, Part, State, Subject, Watch, claim, name,
};
use crate::wire::control::PreVote;

/// Multi-Paxos.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MultiPaxos;

/// What a server has promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vow {
    /// What it has promised.
    pub promised: Option<Ballot>,
    /// Under which ballot it accepted the end of its log.
    pub accepted: Option<Ballot>,
}

impl Entry for Rc<Block> {
    fn block(&self) -> Option<&Rc<Block>> {
        Some(self)
    }
}

impl Subject for MultiPaxos {
    type Server = Server;
    type Number = Ballot;
    type Vow = Vow;
    type Entry = Rc<Block>;
    type Bug = Bug;

    const PREVOTES: &'static [PreVote] = &[PreVote::On];
    const ROUND: Span = Span::milliseconds(300);
    const EARLY: &'static [&'static str] = &["accept"];

    fn server(setup: &Setup) -> Server {
        Server::new(setup, Proof::Hashes)
    }

    fn look(server: &Server) -> State<Self> {
        let acceptor = server.acceptor();
        let part = match server.role() {
            Role::Follower => Part::Follower,
            Role::Preparing(preparing) => Part::Trying(preparing.ballot),
            Role::Leading(leading) => Part::Leading(leading.ballot),
        };
        State {
            vow: Vow { promised: acceptor.promised, accepted: acceptor.accepted },
            decided: usize::try_from(acceptor.log.decided()).expect("a few blocks"),
            log: acceptor.log.blocks_after(0).to_vec(),
            part,
        }
    }

    fn is_learner(server: &Server) -> bool {
        server.is_learner()
    }

    fn keeps_under(state: &State<Self>) -> Option<Ballot> {
        state.vow.accepted
    }

    fn chooses(_: &Rc<Block>, _: Ballot) -> bool {
        true
    }

    fn check_vow(of: NodeName, before: &Vow, now: &Vow) -> Result<(), Breach> {
        claim(Claim::PromiseKept, now.promised >= before.promised, || {
            format!("{of} goes back from the promise of {:?} to {:?}", before.promised, now.promised)
        })
    }

    fn check_step(step: &Change<'_, Self>) -> Result<(), Breach> {
        let Change { of, before, now, same, is_learner } = *step;
        let (had, has) = (before.vow, now.vow);
        claim(Claim::PromiseKept, has.accepted >= had.accepted, || {
            format!("{of} goes back from {:?} to {:?}", had.accepted, has.accepted)
        })?;
        let accepts = has.accepted != had.accepted || (same < now.log.len() && now.decided < now.log.len());
        claim(Claim::PromiseKept, !accepts || has.accepted == has.promised, || {
            format!("{of} accepts under {:?}, and has promised {:?}", has.accepted, has.promised)
        })?;
        let takes_part = accepts || has.promised != had.promised;
        claim(Claim::Learner, !(is_learner && takes_part), || format!("{of} takes part: {now:?}"))
    }

    fn check_log(watch: &Watch<Self>, of: NodeName, now: &State<Self>, same: usize) -> Result<(), Breach> {
        if let Part::Leading(ballot) = now.part {
            return claim(Claim::OneLeader, ballot.server == of, || format!("{of} leads {ballot}"));
        }
        let Some(led) = now.vow.accepted.and_then(|ballot| watch.leaders.led(ballot)) else { return Ok(()) };
        for (place, block) in now.log.iter().enumerate().skip(same.min(now.decided)) {
            let is_leaders = led.log.get(place).is_some_and(|leaders| leaders == block);
            claim(Claim::OneBlock, is_leaders || watch.chosen.is_at(place, block), || {
                format!("{of} has under {:?} at {place} {block:?}", now.vow.accepted)
            })?;
        }
        Ok(())
    }

    fn takes_part(message: &PaxosMessage) -> bool {
        match message {
            PaxosMessage::Prepare(_)
            | PaxosMessage::Promise(_)
            | PaxosMessage::Accept(_)
            | PaxosMessage::Accepted(_)
            | PaxosMessage::Decide(_)
            | PaxosMessage::ConfirmOk(_) => true,
            PaxosMessage::HeartbeatOk(HeartbeatOk { counts, .. }) => *counts,
            PaxosMessage::Heartbeat(_)
            | PaxosMessage::Pull(_)
            | PaxosMessage::Blocks(_)
            | PaxosMessage::Forward(_)
            | PaxosMessage::ReadIndex(_)
            | PaxosMessage::ReadIndexOk(_)
            | PaxosMessage::Confirm(_) => false,
        }
    }

    fn check_message(watch: &Watch<Self>, from: usize, _: NodeName, message: &PaxosMessage) -> Result<(), Breach> {
        let promised = |ballot: Ballot| watch.durable(from).vow.promised >= Some(ballot);
        let chosen = watch.chosen.length() as u64;
        let holds = match message {
            PaxosMessage::Prepare(prepare) => promised(prepare.ballot),
            PaxosMessage::Promise(promise) => promised(promise.ballot),
            PaxosMessage::Accepted(accepted) => {
                let kept = watch.leaders.led(accepted.ballot).map_or(0, |led| led.kept[from] as u64);
                promised(accepted.ballot) && accepted.length <= kept.max(chosen)
            }
            PaxosMessage::Decide(decide) => decide.length <= chosen,
            PaxosMessage::HeartbeatOk(heartbeat) => heartbeat.decided <= chosen,
            PaxosMessage::ConfirmOk(confirm) => promised(confirm.ballot),
            PaxosMessage::ReadIndexOk(answer) => answer.length <= chosen,
            PaxosMessage::Heartbeat(_)
            | PaxosMessage::Pull(_)
            | PaxosMessage::Blocks(_)
            | PaxosMessage::Accept(_)
            | PaxosMessage::Forward(_)
            | PaxosMessage::ReadIndex(_)
            | PaxosMessage::Confirm(_) => true,
        };
        claim(Claim::Durable, holds, || format!("{} says {message:?} too early", name(from)))
    }

    fn change(bug: Bug, event: Event, mut given: Given<'_, Self>) -> Event {
        bug.change(event, &mut given)
    }

    fn loses(bug: Bug, record: &[u8]) -> bool {
        bug.loses(record)
    }
}
