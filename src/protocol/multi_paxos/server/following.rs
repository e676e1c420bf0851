//! The followers' part: what a leader sends, what others have decided.

use std::rc::Rc;

use crate::base::{NodeName, limits};
use crate::machine::{Outputs, Violation};
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::multi_paxos::leader::{Adopting, Role};
use crate::protocol::multi_paxos::messages::{Accept, Accepted, Blocks, Decide, PaxosMessage, Pull};
use crate::protocol::multi_paxos::server::{Server, broken, tell};

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
        let is_there = self.acceptor.accept(accept, outputs).map_err(|flaw| broken(from, &flaw))?;
        if is_there {
            let length = accept.skip + accept.blocks.len() as u64;
            tell(from, PaxosMessage::Accepted(Accepted { ballot: accept.ballot, length }), outputs);
        }
        Ok(())
    }

    pub(super) fn take_decide(&mut self, decide: Decide) {
        if self.acceptor.accepted == Some(decide.ballot) {
            let length = decide.length.min(self.acceptor.log.accepted());
            self.acceptor.log.decide(length);
        }
    }

    pub(super) fn answer_pull(&self, from: NodeName, pull: Pull, outputs: &mut Outputs) {
        let Pull { ballot, skip } = pull;
        if ballot.is_some() && (ballot != self.acceptor.promised || self.is_learner) {
            return;
        }
        let blocks = self.acceptor.log.blocks_after(skip);
        let blocks = match ballot {
            Some(_) => blocks,
            None => {
                let decided = self.acceptor.log.decided().saturating_sub(skip);
                &blocks[..usize::try_from(decided).unwrap_or(usize::MAX).min(blocks.len())]
            }
        };
        let (piece, more) = limits::piece(blocks.iter(), |block| block.encoded_bytes());
        let blocks = piece.into_iter().cloned().collect();
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
    pub(super) fn adopt(
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
        adopting.blocks.extend_from_slice(&piece.blocks);
        if piece.more {
            let pull = Pull { ballot: Some(ballot), skip: next + piece.blocks.len() as u64 };
            tell(from, PaxosMessage::Pull(pull), outputs);
            return Ok(());
        }
        let Some(Adopting { extent, skip, mut blocks, .. }) = preparing.adopting.take() else { return Ok(()) };
        // Meanwhile more of its own may have been decided.
        let decided = self.acceptor.log.decided().max(skip);
        let known = usize::try_from(decided - skip).unwrap_or(usize::MAX).min(blocks.len());
        self.lead(extent, decided, blocks.split_off(known), outputs)
    }

    /// Takes a piece of what another server has decided.
    pub(super) fn copy(&mut self, from: NodeName, piece: &Blocks, outputs: &mut Outputs) -> Result<(), Violation> {
        let end = piece.skip + piece.blocks.len() as u64;
        if piece.skip > self.acceptor.log.decided() || end <= self.acceptor.log.decided() {
            return Ok(());
        }
        if !matches!(self.role, Role::Follower) {
            // A leader's log holds whatever is decided, and is not to be changed under its followers.
            return Ok(());
        }
        self.acceptor.copy(piece.skip, &piece.blocks, outputs).map_err(|flaw| broken(from, &flaw))?;
        self.acceptor.log.decide(end);
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
