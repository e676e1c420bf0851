//! What one server has promised and accepted: the part of a server that its disk holds.
//!
//! Deliberately missing: what it says to whom.

use std::borrow::Cow;

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

/// A leader's log on its way.
#[derive(Debug)]
struct Staged {
    ballot: Ballot,
    base: u64,
    blocks: Vec<Block>,
}

impl Acceptor {
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

    /// Takes blocks of a leader that was promised its ballot. Are they there now? Not if something is missing before them
    /// or behind them.
    ///
    /// # Errors
    /// A block is none.
    pub fn accept(&mut self, accept: &Accept, outputs: &mut Outputs) -> Result<bool, Flaw> {
        let Accept { ballot, skip, blocks, base, more } = accept;
        match base {
            Some(base) if self.accepted != Some(*ballot) => {
                let is_its = |staged: &Staged| (staged.ballot, staged.base) == (*ballot, *base);
                let nothing = Staged { ballot: *ballot, base: *base, blocks: Vec::new() };
                let mut staged = self.staged.take().filter(is_its).unwrap_or(nothing);
                if skip == base {
                    staged.blocks.clear();
                } else if staged.base + staged.blocks.len() as u64 != *skip {
                    // A piece is missing before it: the leader begins anew.
                    return Ok(false);
                }
                staged.blocks.extend_from_slice(blocks);
                if *more {
                    self.staged = Some(staged);
                    return Ok(false);
                }
                // It may have learned meanwhile that more of its own is decided; the leader's log begins with that.
                let decided = self.log.decided().max(staged.base);
                let known = usize::try_from(decided - staged.base).unwrap_or(usize::MAX).min(staged.blocks.len());
                self.take_over(*ballot, decided, staged.blocks.split_off(known), outputs)?;
                Ok(true)
            }
            None if self.accepted != Some(*ballot) => Ok(false),
            // It has come again: what is there already is the same.
            Some(_) | None if *skip + blocks.len() as u64 <= self.log.accepted() => Ok(true),
            Some(_) | None if *skip > self.log.accepted() => Ok(false),
            Some(_) | None => {
                let known = usize::try_from(self.log.accepted() - skip).unwrap_or(usize::MAX);
                let new = blocks[known..].to_vec();
                self.take_over(*ballot, self.log.accepted(), new, outputs)?;
                Ok(true)
            }
        }
    }

    /// Puts blocks behind the first `skip`, under a ballot.
    ///
    /// # Errors
    /// A block is none.
    pub fn take_over(
        &mut self,
        ballot: Ballot,
        skip: u64,
        blocks: Vec<Block>,
        outputs: &mut Outputs,
    ) -> Result<(), Flaw> {
        self.keep(Some(ballot), skip, &blocks, outputs);
        self.log.replace_after(skip, blocks)?;
        self.accepted = Some(ballot);
        Ok(())
    }

    /// Keeps on the disk that these blocks stand behind the first `skip`.
    pub fn keep(&self, ballot: Option<Ballot>, skip: u64, blocks: &[Block], outputs: &mut Outputs) {
        let decided = self.log.decided();
        outputs.persist(Record::Accept { ballot, skip, decided, blocks: Cow::Borrowed(blocks) }.encode());
    }

    /// Takes blocks that others have decided, behind the first `skip`; under whichever ballot they were accepted, they
    /// stand there for good. Whatever else this server had accepted there was never chosen.
    ///
    /// # Errors
    /// A block is none.
    pub fn copy(&mut self, skip: u64, blocks: &[Block], outputs: &mut Outputs) -> Result<(), Flaw> {
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
            self.log.replace_after(at, new[same..].to_vec())?;
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
        blocks: Vec<Block>,
    ) -> Result<(), String> {
        if skip < self.log.decided() || skip > self.log.accepted() {
            return Err(format!("it begins behind block {skip}, and there are {}", self.log.accepted()));
        }
        self.log.replace_after(skip, blocks).map_err(|flaw| flaw.to_string())?;
        self.accepted = ballot.or(self.accepted);
        self.log.decide(decided.min(self.log.accepted()));
        Ok(())
    }
}
