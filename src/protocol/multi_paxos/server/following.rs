//! The followers' part: what a leader sends, what others have decided.

use std::rc::Rc;

use crate::base::NodeName;
use crate::machine::{Outputs, Violation};
use crate::protocol::multi_paxos::acceptor::Taken;
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::multi_paxos::leader::{Adopting, Role};
use crate::protocol::multi_paxos::messages::{Accept, Accepted, Blocks, Decide, PaxosMessage, Pull};
use crate::protocol::multi_paxos::server::{Server, broken, tell};
use crate::protocol::replicated::part_at;

impl Server {
    pub(super) fn take_accept(
        &mut self,
        from: NodeName,
        accept: &Accept,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        if self.is_learner || self.acceptor.promised != Some(accept.ballot) || accept.ballot.server == self.name {
            return Ok(());
        }
        let ballot = accept.ballot;
        match self.acceptor.accept(accept, outputs).map_err(|flaw| broken(from, &flaw))? {
            Taken::Nothing => {}
            Taken::Staged(skip) => tell(from, PaxosMessage::Pull(Pull { ballot: Some(ballot), skip }), outputs),
            Taken::Accepted => {
                let length = accept.skip + accept.blocks.len() as u64;
                let before = self.acceptance.filter(|(leader, accepted)| (*leader, accepted.ballot) == (from, ballot));
                let length = before.map_or(length, |(_, accepted)| accepted.length.max(length));
                self.acceptance = Some((from, Accepted { ballot, length }));
            }
        }
        Ok(())
    }

    /// Tells the leader what was accepted since the last flush.
    pub(super) fn acknowledge(&mut self, outputs: &mut Outputs) {
        if let Some((leader, accepted)) = self.acceptance.take() {
            tell(leader, PaxosMessage::Accepted(accepted), outputs);
        }
    }

    pub(super) fn take_decide(&mut self, decide: Decide) {
        if self.acceptor.accepted == Some(decide.ballot) {
            let length = decide.length.min(self.acceptor.log.accepted());
            self.acceptor.log.decide(length, |_, _| {});
        }
    }

    pub(super) fn answer_pull(&mut self, from: NodeName, pull: Pull, outputs: &mut Outputs) {
        let Pull { ballot, skip } = pull;
        if matches!(&self.role, Role::Leading(leading) if Some(leading.ballot) == ballot) {
            self.hand_over_from(from, skip, outputs);
            return;
        }
        if ballot.is_some() && (ballot != self.acceptor.promised || self.is_learner) {
            return;
        }
        let log = &self.acceptor.log;
        let end = if ballot.is_some() { log.accepted() } else { log.decided() };
        let (blocks, more) = log.piece(skip, end);
        tell(from, PaxosMessage::Blocks(Rc::new(Blocks { ballot, skip, blocks, more })), outputs);
    }

    pub(super) fn take_blocks(
        &mut self,
        from: NodeName,
        blocks: &Blocks,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        match blocks.ballot {
            Some(ballot) => self.adopt(from, ballot, blocks, outputs),
            None => self.copy(from, blocks, outputs),
        }
    }

    /// Takes a piece of the log that is adopted.
    fn adopt(
        &mut self,
        from: NodeName,
        ballot: Ballot,
        piece: &Blocks,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let Role::Preparing(preparing) = &mut self.role else { return Ok(()) };
        let Some(adopting) = preparing.adopting.as_mut().filter(|adopting| adopting.from == from) else {
            return Ok(());
        };
        let next = adopting.skip + adopting.blocks.len() as u64;
        if preparing.ballot != ballot || piece.skip != next {
            return Ok(());
        }
        let own = self.acceptor.log.hash_at(adopting.skip);
        let last = adopting.blocks.last().map_or(own, |last| Some(last.hash));
        if piece.blocks.first().is_some_and(|first| first.previous != last) {
            // Its sender's log has changed since the piece before.
            return self.give_up_adopting(from, outputs);
        }
        adopting.blocks.extend_from_slice(&piece.blocks);
        if piece.more {
            let pull = Pull { ballot: Some(ballot), skip: next + piece.blocks.len() as u64 };
            tell(from, PaxosMessage::Pull(pull), outputs);
            return Ok(());
        }
        let Some(Adopting { extent, skip, blocks, .. }) = preparing.adopting.take() else { return Ok(()) };
        // Meanwhile more of its own may have been decided.
        let decided = self.acceptor.log.decided().max(skip);
        let (_, new) = part_at(decided, skip, &blocks);
        self.lead((from, extent), decided, new, outputs)
    }

    /// Takes a piece of what another server has decided.
    fn copy(&mut self, from: NodeName, piece: &Blocks, outputs: &mut Outputs) -> Result<(), Violation> {
        let end = piece.skip + piece.blocks.len() as u64;
        if piece.skip > self.acceptor.log.decided() || end <= self.acceptor.log.decided() {
            return Ok(());
        }
        if !matches!(self.role, Role::Follower) {
            // A leader's log holds whatever is decided, and is not to be changed under its followers.
            return Ok(());
        }
        if !self.acceptor.copy(piece.skip, &piece.blocks, outputs).map_err(|flaw| broken(from, &flaw))? {
            return Ok(());
        }
        self.acceptor.log.decide(end, |_, _| {});
        if piece.more {
            tell(from, PaxosMessage::Pull(Pull { ballot: None, skip: end }), outputs);
        }
        Ok(())
    }

    /// Asks for what others have decided, if nobody brings it.
    pub(super) fn catch_up(&mut self, outputs: &mut Outputs) {
        let decided = self.acceptor.log.decided();
        if !matches!(self.role, Role::Follower) || decided > self.decided_before {
            return;
        }
        let most = self.heard.iter().max_by_key(|(name, heard)| (heard.decided, std::cmp::Reverse(**name)));
        if let Some((&from, heard)) = most
            && heard.decided > decided
        {
            tell(from, PaxosMessage::Pull(Pull { ballot: None, skip: decided }), outputs);
        }
    }
}
