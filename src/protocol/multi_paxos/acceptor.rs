//! What one server has promised and accepted: the part of a server that its disk holds.
//!
//! Deliberately missing: what it says to whom.

use std::borrow::Cow;
use std::rc::Rc;

use crate::ledger::{Block, Flaw};
use crate::machine::Outputs;
use crate::protocol::multi_paxos::ballot::Ballot;
use crate::protocol::multi_paxos::messages::{Accept, Extent};
use crate::protocol::multi_paxos::record::Record;
use crate::protocol::replicated::ReplicatedLog;

/// The acceptor.
///
/// Invariants:
/// 1. `accepted` <= `promised`, and neither ever goes back.
/// 2. Everything that it tells others of it is in a record of an earlier step, or of the same one.
#[derive(Debug, Default)]
pub struct Acceptor {
    /// No lower ballot is taken part in.
    pub promised: Option<Ballot>,
    /// The ballot under which the end of the log was accepted.
    pub accepted: Option<Ballot>,
    /// The blocks.
    pub log: ReplicatedLog,
    /// The pieces of a leader's log that have come.
    staged: Option<Staged>,
}

/// A leader's log on its way, behind the first `base` blocks.
#[derive(Debug)]
struct Staged {
    ballot: Ballot,
    base: u64,
    blocks: Vec<Rc<Block>>,
}

/// What came of blocks of a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Nothing: something is missing before them.
    Nothing,
    /// They wait for the piece behind so many blocks.
    Staged(u64),
    /// They are there.
    Accepted,
}

impl Acceptor {
    /// One that has promised and accepted nothing.
    #[must_use]
    pub fn new(log: ReplicatedLog) -> Self {
        Self { log, ..Self::default() }
    }

    /// What it has accepted.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { accepted: self.accepted, length: self.log.accepted(), decided: self.log.decided() }
    }

    /// Promises a ballot that is not below the one that was promised last. Is it?
    pub fn promise(&mut self, ballot: Ballot, outputs: &mut Outputs) -> bool {
        if self.promised > Some(ballot) {
            return false;
        }
        if self.promised < Some(ballot) {
            self.promised = Some(ballot);
            self.staged = None;
            outputs.persist(Record::Promise { ballot }.encode());
        }
        true
    }

    /// Takes blocks of a leader that was promised its ballot.
    ///
    /// # Errors
    /// A block is none.
    pub fn accept(&mut self, accept: &Accept, outputs: &mut Outputs) -> Result<Taken, Flaw> {
        let Accept { ballot, skip, blocks, base, .. } = accept;
        let end = skip + blocks.len() as u64;
        match base {
            Some(base) if self.accepted != Some(*ballot) => self.stage(accept, *base, outputs),
            None if self.accepted != Some(*ballot) => Ok(Taken::Nothing),
            // It has come again: what is there already is the same.
            Some(_) | None if end <= self.log.accepted() => Ok(Taken::Accepted),
            Some(_) | None if *skip > self.log.accepted() => Ok(Taken::Nothing),
            Some(_) | None => {
                let known = usize::try_from(self.log.accepted() - skip).unwrap_or(usize::MAX);
                self.take_over(*ballot, self.log.accepted(), &blocks[known..], outputs)?;
                Ok(Taken::Accepted)
            }
        }
    }

    /// Takes a piece of the log that is taken over behind the first `base` blocks, and with the last piece all of it.
    fn stage(&mut self, piece: &Accept, base: u64, outputs: &mut Outputs) -> Result<Taken, Flaw> {
        let Accept { ballot, skip, ref blocks, more, .. } = *piece;
        let is_its = |staged: &Staged| (staged.ballot, staged.base) == (ballot, base);
        let mut staged = self.staged.take().filter(is_its).unwrap_or(Staged { ballot, base, blocks: Vec::new() });
        let next = base + staged.blocks.len() as u64;
        if skip == base {
            staged.blocks.clear();
        } else if skip != next {
            // It has come again, or the one before it is missing.
            let waits = (skip < next).then_some(Taken::Staged(next));
            self.staged = Some(staged);
            return Ok(waits.unwrap_or(Taken::Nothing));
        }
        staged.blocks.extend_from_slice(blocks);
        if more {
            let next = base + staged.blocks.len() as u64;
            self.staged = Some(staged);
            return Ok(Taken::Staged(next));
        }
        // It may have learned meanwhile that more of its own is decided; the leader's log begins with that.
        let decided = self.log.decided().max(base);
        let known = usize::try_from(decided - base).unwrap_or(usize::MAX).min(staged.blocks.len());
        self.take_over(ballot, decided, &staged.blocks[known..], outputs)?;
        Ok(Taken::Accepted)
    }

    /// Puts blocks behind the first `skip`, under a ballot.
    ///
    /// # Errors
    /// A block is none.
    pub fn take_over(
        &mut self,
        ballot: Ballot,
        skip: u64,
        blocks: &[Rc<Block>],
        outputs: &mut Outputs,
    ) -> Result<(), Flaw> {
        self.keep(Some(ballot), skip, blocks, outputs);
        self.log.replace_after(skip, blocks)?;
        self.accepted = Some(ballot);
        Ok(())
    }

    /// Keeps on the disk that these blocks stand behind the first `skip`.
    pub fn keep(&self, ballot: Option<Ballot>, skip: u64, blocks: &[Rc<Block>], outputs: &mut Outputs) {
        let decided = self.log.decided();
        outputs.persist(Record::Accept { ballot, skip, decided, blocks: Cow::Borrowed(blocks) }.encode());
    }

    /// Takes blocks that others have decided, behind the first `skip`; under whichever ballot they were accepted, they
    /// stand there for good. Whatever else this server had accepted there was never chosen.
    ///
    /// # Errors
    /// A block is none.
    pub fn copy(&mut self, skip: u64, blocks: &[Rc<Block>], outputs: &mut Outputs) -> Result<(), Flaw> {
        let start = self.log.decided();
        if skip > start {
            return Ok(());
        }
        let known = usize::try_from(start - skip).unwrap_or(usize::MAX).min(blocks.len());
        let new = &blocks[known..];
        let same = new.iter().zip(self.log.blocks_after(start)).take_while(|(one, other)| one == other).count();
        if same < new.len() {
            let at = start + same as u64;
            self.keep(None, at, &new[same..], outputs);
            self.log.replace_after(at, &new[same..])?;
        }
        Ok(())
    }

    /// Takes up a record of an earlier life.
    ///
    /// # Errors
    /// It does not fit to those before it.
    pub fn recover(
        &mut self,
        ballot: Option<Ballot>,
        skip: u64,
        decided: u64,
        blocks: &[Rc<Block>],
    ) -> Result<(), String> {
        if skip < self.log.decided() || skip > self.log.accepted() {
            return Err(format!("it begins behind block {skip}, and there are {}", self.log.accepted()));
        }
        self.log.replace_after(skip, blocks).map_err(|flaw| flaw.to_string())?;
        self.accepted = ballot.or(self.accepted);
        self.log.decide(decided.min(self.log.accepted()), |_, _| {});
        Ok(())
    }
}
