//! The leader's part: promises, adoption, proposals, decisions, and what is said again.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::NodeName;
use crate::ledger::Block;
use crate::machine::{Outputs, Payload, Violation};
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::multi_paxos::leader::{Adopting, Follower, Leading, Preparing, Role};
use crate::protocol::multi_paxos::messages::{Accept, Accepted, Decide, Extent, PaxosMessage, Prepare, Promise, Pull};
use crate::protocol::multi_paxos::server::{Server, broken, tell};
use crate::protocol::replicated::{Confirmations, propose, respond};

impl Server {
    pub(super) fn prepare(&mut self, ballot: Ballot, outputs: &mut Outputs) -> Result<(), Violation> {
        if !self.acceptor.promise(ballot, outputs) {
            return Ok(());
        }
        let promises = BTreeMap::from([(self.name, self.acceptor.extent())]);
        self.role = Role::Preparing(Preparing { ballot, promises, adopting: None });
        self.tell_all(PaxosMessage::Prepare(Prepare { ballot }), outputs);
        self.adopt_if_promised(outputs)
    }

    pub(super) fn take_prepare(&mut self, from: NodeName, ballot: Ballot, outputs: &mut Outputs) {
        if self.is_learner || !self.acceptor.promise(ballot, outputs) {
            return;
        }
        if ballot.server != self.name {
            self.role = Role::Follower;
        }
        self.election.note_leader(ballot);
        let extent = self.acceptor.extent();
        tell(from, PaxosMessage::Promise(Promise { ballot, extent }), outputs);
        self.forward_queue(outputs);
    }

    pub(super) fn take_promise(
        &mut self,
        from: NodeName,
        promise: Promise,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        match &mut self.role {
            Role::Preparing(preparing) if preparing.ballot == promise.ballot => {
                preparing.promises.insert(from, promise.extent);
                self.adopt_if_promised(outputs)
            }
            Role::Leading(leading) if leading.ballot == promise.ballot => {
                if !leading.followers.contains_key(&from) {
                    self.hand_over(from, promise.extent, outputs);
                }
                Ok(())
            }
            Role::Follower | Role::Preparing(_) | Role::Leading(_) => Ok(()),
        }
    }

    /// When a majority has promised, takes over the log of the one that has accepted most.
    fn adopt_if_promised(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        let majority = self.majority();
        let (own, name) = (self.acceptor.extent(), self.name);
        let Role::Preparing(preparing) = &mut self.role else { return Ok(()) };
        if preparing.promises.len() < majority || preparing.adopting.is_some() {
            return Ok(());
        }
        let (from, extent) = preparing.best(name);
        if from == name {
            return self.lead((name, extent), own.length, &[], outputs);
        }
        let skip = if own.is_part_of_one_log_with(&extent) { own.length } else { own.decided };
        let pull = Pull { ballot: Some(preparing.ballot), skip };
        preparing.adopting = Some(Adopting { from, extent, skip, blocks: Vec::new(), come_before: None });
        tell(from, PaxosMessage::Pull(pull), outputs);
        Ok(())
    }

    /// Leads with what was adopted of `from`: `blocks` behind the first `skip`.
    pub(super) fn lead(
        &mut self,
        (from, adopted): (NodeName, Extent),
        skip: u64,
        blocks: &[Rc<Block>],
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let Role::Preparing(Preparing { ballot, promises, .. }) = std::mem::take(&mut self.role) else {
            return Ok(());
        };
        self.acceptor.take_over(ballot, skip, blocks, outputs).map_err(|flaw| broken(from, &flaw))?;
        let announced = self.acceptor.log.accepted();
        let adopted = Extent { length: announced, ..adopted };
        let (followers, confirmations) = (BTreeMap::new(), Confirmations::default());
        self.role = Role::Leading(Leading { ballot, adopted, announced, followers, confirmations });
        for (follower, extent) in promises {
            if follower != self.name {
                self.hand_over(follower, extent, outputs);
            }
        }
        for (request, operation) in self.queue.take() {
            propose(&mut self.acceptor.log, request, || operation, outputs);
        }
        self.ask_for_reads_again(outputs);
        Ok(())
    }

    /// Lets a server that has promised take the leader's log over.
    fn hand_over(&mut self, follower: NodeName, extent: Extent, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        let base = leading.base_for(extent);
        leading.followers.insert(follower, Follower::from(base));
        self.send_piece(follower, outputs);
    }

    /// Goes on with a log that is taken over: the follower has so many blocks.
    pub(super) fn hand_over_from(&mut self, follower: NodeName, reached: u64, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        let Some(Follower { base, progress }) = leading.followers.get_mut(&follower) else { return };
        if base.is_some() && reached <= leading.announced {
            (progress.sent, progress.reached) = (reached, reached);
            self.send_piece(follower, outputs);
        }
    }

    /// Sends a follower the next piece of what was announced.
    fn send_piece(&mut self, follower: NodeName, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        let Some(&mut Follower { base, ref mut progress }) = leading.followers.get_mut(&follower) else { return };
        let skip = progress.sent;
        let (blocks, more) = self.acceptor.log.piece(skip, leading.announced);
        progress.sent += blocks.len() as u64;
        let accept = Accept { ballot: leading.ballot, skip, blocks, base, more: more && base.is_some() };
        outputs.send_early(follower, Payload::peer(PaxosMessage::Accept(Rc::new(accept))));
    }

    /// Keeps what was proposed since the last flush, and sends it to those that have all before it.
    pub(super) fn announce(&mut self, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        let ballot = leading.ballot;
        let mut skip = leading.announced;
        let new = self.acceptor.log.blocks_after(skip);
        if new.is_empty() {
            return;
        }
        self.acceptor.keep(Some(ballot), skip, new, outputs);
        leading.announced = self.acceptor.log.accepted();
        while skip < leading.announced {
            let (blocks, _) = self.acceptor.log.piece(skip, leading.announced);
            let end = skip + blocks.len() as u64;
            let accept = Rc::new(Accept { ballot, skip, blocks, base: None, more: false });
            let payload = Payload::peer(PaxosMessage::Accept(accept));
            for (&name, follower) in &mut leading.followers {
                if follower.progress.sent == skip {
                    outputs.send_early(name, payload.clone());
                    follower.progress.sent = end;
                }
            }
            skip = end;
        }
    }

    pub(super) fn take_accepted(&mut self, from: NodeName, accepted: Accepted, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        if accepted.ballot != leading.ballot {
            return;
        }
        let Some(follower) = leading.followers.get_mut(&from) else { return };
        follower.progress.reached = follower.accepted().max(accepted.length);
        follower.base = None;
        if follower.progress.sent < leading.announced && follower.progress.is_idle() {
            self.send_piece(from, outputs);
        }
    }

    /// Decides what a majority has accepted, answers its clients, and tells the others.
    pub(super) fn decide_what_is_accepted(&mut self, outputs: &mut Outputs) {
        let servers = self.servers();
        let Role::Leading(leading) = &self.role else { return };
        let length = leading.accepted_by_majority(servers);
        if length <= self.acceptor.log.decided() {
            return;
        }
        self.acceptor.log.decide(length, |request, outcome| respond(request, outcome, outputs));
        let decide = Payload::peer(PaxosMessage::Decide(Decide { ballot: leading.ballot, length }));
        for &follower in leading.followers.keys() {
            outputs.send(follower, decide.clone());
        }
    }

    /// Asks the server whose log is being adopted for its promise anew, and adopts another one meanwhile, if a majority has
    /// promised without it.
    pub(super) fn give_up_adopting(&mut self, from: NodeName, outputs: &mut Outputs) -> Result<(), Violation> {
        let Role::Preparing(preparing) = &mut self.role else { return Ok(()) };
        preparing.adopting = None;
        preparing.promises.remove(&from);
        tell(from, PaxosMessage::Prepare(Prepare { ballot: preparing.ballot }), outputs);
        self.adopt_if_promised(outputs)
    }

    /// Says again what seems to have been lost.
    pub(super) fn repeat(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        match &self.role {
            Role::Follower => self.forward_queue(outputs),
            Role::Preparing(_) => self.repeat_prepare(outputs)?,
            Role::Leading(_) => {
                self.repeat_to_followers(outputs);
                self.ask_for_confirmation(outputs);
            }
        }
        Ok(())
    }

    fn repeat_prepare(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        let Role::Preparing(preparing) = &mut self.role else { return Ok(()) };
        let prepare = Prepare { ballot: preparing.ballot };
        for &other in self.others.iter().filter(|other| !preparing.promises.contains_key(other)) {
            tell(other, PaxosMessage::Prepare(prepare), outputs);
        }
        let Some(adopting) = &mut preparing.adopting else { return Ok(()) };
        let come = adopting.blocks.len();
        if adopting.come_before.replace(come) != Some(come) {
            return Ok(());
        }
        // Who sends no more of its log may be gone: another majority will do.
        let from = adopting.from;
        self.give_up_adopting(from, outputs)
    }

    fn repeat_to_followers(&mut self, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        let prepare = Prepare { ballot: leading.ballot };
        let decide = Decide { ballot: leading.ballot, length: self.acceptor.log.decided() };
        let mut behind = Vec::new();
        for &other in &self.others {
            let Some(follower) = leading.followers.get_mut(&other) else {
                tell(other, PaxosMessage::Prepare(prepare), outputs);
                continue;
            };
            let is_stuck = follower.is_stuck();
            let Follower { base, progress } = follower;
            if is_stuck {
                progress.sent = base.unwrap_or(progress.reached);
                progress.reached = progress.sent;
                behind.push(other);
            } else if self.heard.get(&other).is_some_and(|heard| heard.decided < decide.length) {
                tell(other, PaxosMessage::Decide(decide), outputs);
            }
            progress.end_round();
        }
        for other in behind {
            self.send_piece(other, outputs);
        }
    }
}
