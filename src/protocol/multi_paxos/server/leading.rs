//! The leader's part: promises, adoption, proposals, decisions, and what is said again.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::{NodeName, limits};
use crate::ledger::{Block, RequestId};
use crate::machine::{Outputs, Payload, Violation};
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::multi_paxos::leader::{Adopting, Leading, Preparing, Progress, Role};
use crate::protocol::multi_paxos::messages::{Accept, Accepted, Decide, Extent, PaxosMessage, Prepare, Promise, Pull};
use crate::protocol::multi_paxos::server::{Server, broken, respond, tell};
use crate::store::Operation;

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
    pub(super) fn adopt_if_promised(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        let majority = self.majority();
        let (own, name) = (self.acceptor.extent(), self.name);
        let Role::Preparing(preparing) = &mut self.role else { return Ok(()) };
        if preparing.promises.len() < majority || preparing.adopting.is_some() {
            return Ok(());
        }
        let (from, extent) = preparing.best(name);
        if (extent.accepted, extent.length) == (own.accepted, own.length) {
            return self.lead(extent, own.length, Vec::new(), outputs);
        }
        let skip = if extent.accepted == own.accepted { own.length } else { own.decided };
        let pull = Pull { ballot: Some(preparing.ballot), skip };
        preparing.adopting = Some(Adopting { from, extent, skip, blocks: Vec::new() });
        tell(from, PaxosMessage::Pull(pull), outputs);
        Ok(())
    }

    /// Leads with what was adopted: `blocks` behind the first `skip`.
    pub(super) fn lead(
        &mut self,
        adopted: Extent,
        skip: u64,
        blocks: Vec<Block>,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let Role::Preparing(Preparing { ballot, promises, .. }) = std::mem::take(&mut self.role) else {
            return Ok(());
        };
        let skip = skip.max(self.acceptor.log.decided());
        self.acceptor.take_over(ballot, skip, blocks, outputs).map_err(|flaw| broken(self.name, &flaw))?;
        let adopted = (adopted.accepted, self.acceptor.log.accepted());
        self.role = Role::Leading(Leading { ballot, adopted, followers: BTreeMap::new() });
        for (follower, extent) in promises {
            if follower != self.name {
                self.hand_over(follower, extent, outputs);
            }
        }
        for (request, operation) in std::mem::take(&mut self.queue) {
            self.take_operation(request, operation, outputs)?;
        }
        self.decide_what_is_accepted(outputs);
        Ok(())
    }

    /// Lets a server that has promised take the leader's log over.
    pub(super) fn hand_over(&mut self, follower: NodeName, extent: Extent, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        let base = leading.base_for(extent);
        let sent = self.acceptor.log.accepted();
        let progress = Progress { base: Some(base), sent, accepted: 0, accepted_before: 0 };
        leading.followers.insert(follower, progress);
        self.send_log(follower, base, Some(base), outputs);
    }

    /// Sends a follower the log behind the first `skip`, in pieces.
    pub(super) fn send_log(&self, follower: NodeName, skip: u64, base: Option<u64>, outputs: &mut Outputs) {
        let Role::Leading(leading) = &self.role else { return };
        let blocks = self.acceptor.log.blocks_after(skip);
        let (mut skip, mut left) = (skip, blocks);
        loop {
            let (piece, more) = limits::piece(left.iter(), |block| block.encoded_bytes());
            let piece: Vec<_> = piece.into_iter().cloned().collect();
            let count = piece.len();
            let accept = Accept { ballot: leading.ballot, skip, blocks: piece, base, more };
            outputs.send_early(follower, Payload::peer(PaxosMessage::Accept(Rc::new(accept))));
            (skip, left) = (skip + count as u64, &left[count..]);
            if !more {
                return;
            }
        }
    }

    pub(super) fn propose(&mut self, request: RequestId, operation: Operation, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        let skip = self.acceptor.log.accepted();
        let block = self.acceptor.log.propose(request, operation).clone();
        let ballot = leading.ballot;
        let blocks = vec![block];
        self.acceptor.keep(Some(ballot), skip, &blocks, outputs);
        let accept =
            Payload::peer(PaxosMessage::Accept(Rc::new(Accept { ballot, skip, blocks, base: None, more: false })));
        for (&follower, progress) in &mut leading.followers {
            outputs.send_early(follower, accept.clone());
            progress.sent = skip + 1;
        }
        self.decide_what_is_accepted(outputs);
    }

    pub(super) fn take_accepted(&mut self, from: NodeName, accepted: Accepted, outputs: &mut Outputs) {
        let Role::Leading(leading) = &mut self.role else { return };
        if accepted.ballot != leading.ballot {
            return;
        }
        if let Some(progress) = leading.followers.get_mut(&from) {
            progress.base = None;
            progress.accepted = progress.accepted.max(accepted.length);
            self.decide_what_is_accepted(outputs);
        }
    }

    /// Decides what a majority has accepted, answers its clients, and tells the others.
    pub(super) fn decide_what_is_accepted(&mut self, outputs: &mut Outputs) {
        let servers = self.servers();
        let Role::Leading(leading) = &self.role else { return };
        let length = leading.accepted_by_majority(self.acceptor.log.accepted(), servers);
        if length <= self.acceptor.log.decided() {
            return;
        }
        let decide = Decide { ballot: leading.ballot, length };
        for answer in self.acceptor.log.decide(length) {
            respond(&answer, outputs);
        }
        for &follower in leading.followers.keys() {
            tell(follower, PaxosMessage::Decide(decide), outputs);
        }
    }

    /// Says again what seems to have been lost.
    pub(super) fn repeat(&mut self, outputs: &mut Outputs) -> Result<(), Violation> {
        match &mut self.role {
            Role::Follower => self.forward_queue(outputs),
            Role::Preparing(preparing) => {
                let prepare = Prepare { ballot: preparing.ballot };
                for &other in self.others.iter().filter(|other| !preparing.promises.contains_key(other)) {
                    tell(other, PaxosMessage::Prepare(prepare), outputs);
                }
                // Who does not send its log may be gone: another majority will do.
                if let Some(adopting) = preparing.adopting.take() {
                    preparing.promises.remove(&adopting.from);
                    let prepare = PaxosMessage::Prepare(prepare);
                    tell(adopting.from, prepare, outputs);
                    self.adopt_if_promised(outputs)?;
                }
            }
            Role::Leading(leading) => {
                let prepare = Prepare { ballot: leading.ballot };
                let decide = Decide { ballot: leading.ballot, length: self.acceptor.log.decided() };
                let mut behind = Vec::new();
                for &other in &self.others {
                    let Some(progress) = leading.followers.get_mut(&other) else {
                        tell(other, PaxosMessage::Prepare(prepare), outputs);
                        continue;
                    };
                    if progress.accepted < progress.sent && progress.accepted == progress.accepted_before {
                        behind.push((other, progress.base.unwrap_or(progress.accepted), progress.base));
                    } else if self.heard.get(&other).is_some_and(|heard| heard.decided < decide.length) {
                        tell(other, PaxosMessage::Decide(decide), outputs);
                    }
                    progress.accepted_before = progress.accepted;
                }
                for (other, skip, base) in behind {
                    self.send_log(other, skip, base, outputs);
                }
            }
        }
        Ok(())
    }
}
