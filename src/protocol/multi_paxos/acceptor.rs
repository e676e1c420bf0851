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
use crate::protocol::replicated::{ReplicatedLog, part_at};

/// The acceptor.
///
/// Invariants:
/// 1. `accepted` <= `promised`, and neither ever goes back.
/// 2. Everything that it tells others of it is in a record of an earlier step, or of the same one.
/// 3. Unless blocks were copied, the log is a part of that of the leader of `accepted`: of two such logs one begins the
///    other.
#[derive(Debug, Default)]
pub struct Acceptor {
    /// No lower ballot is taken part in.
    pub promised: Option<Ballot>,
    /// The ballot under which the end of the log was accepted.
    pub accepted: Option<Ballot>,
    /// Have blocks been copied since the log of that ballot's leader was taken over?
    has_copied: bool,
    /// The blocks.
    pub log: ReplicatedLog,
    /// Up to which height it has ever copied what others have decided, maybe under a greater ballot than it has promised or
    /// promises next: the leader of that may lack it.
    copied: u64,
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
        let Self { accepted, has_copied, log, .. } = self;
        Extent { accepted: *accepted, length: log.accepted(), decided: log.decided(), has_copied: *has_copied }
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
        let Accept { ballot, skip, ref blocks, base, .. } = *accept;
        if self.accepted != Some(ballot) {
            return base.map_or(Ok(Taken::Nothing), |base| self.stage(accept, base, outputs));
        }
        let length = self.log.accepted();
        let (known, new) = part_at(length, skip, blocks);
        if skip > length || !self.is_continued_by(skip, known, new) {
            return Ok(Taken::Nothing);
        }
        if !new.is_empty() {
            self.take_over(ballot, length, new, outputs)?;
        }
        Ok(Taken::Accepted)
    }

    /// Does a leader's log go on from what this server has copied? It has `known` behind the first `skip` blocks, and `new`
    /// behind that. A leader that does not is none any more; elsewhere its blocks are held against the chain.
    fn is_continued_by(&self, skip: u64, known: &[Rc<Block>], new: &[Rc<Block>]) -> bool {
        if self.copied == 0 || (self.copied < skip && skip <= self.log.accepted()) {
            return true;
        }
        skip <= self.log.accepted() && self.is_linked(skip, known, new)
    }

    /// Do `known` stand behind the first `skip` blocks here, and does the first of `new` point to the last of them?
    fn is_linked(&self, skip: u64, known: &[Rc<Block>], new: &[Rc<Block>]) -> bool {
        let last = self.log.hash_at(skip + known.len() as u64);
        self.log.blocks_after(skip).starts_with(known) && new.first().is_none_or(|first| first.previous == last)
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
        let (known, new) = part_at(decided, base, &staged.blocks);
        if !self.is_continued_by(base, known, new) {
            return Ok(Taken::Nothing);
        }
        self.take_over(ballot, decided, new, outputs)?;
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
        self.note_ballot(Some(ballot));
        Ok(())
    }

    /// The log was changed under a ballot, or, if it is none, by copying.
    fn note_ballot(&mut self, ballot: Option<Ballot>) {
        match ballot {
            None => self.has_copied = true,
            Some(_) if ballot == self.accepted => {}
            Some(_) => (self.accepted, self.has_copied) = (ballot, false),
        }
    }

    /// Keeps on the disk that these blocks stand behind the first `skip`.
    pub fn keep(&self, ballot: Option<Ballot>, skip: u64, blocks: &[Rc<Block>], outputs: &mut Outputs) {
        let decided = self.log.decided();
        outputs.persist(Record::Accept { ballot, skip, decided, blocks: Cow::Borrowed(blocks) }.encode());
    }

    /// Takes blocks that others have decided, behind the first `skip`; under whichever ballot they were accepted, they
    /// stand there for good. Whatever else this server had accepted there was never chosen. Did they fit? Not if a disk has
    /// lost what its server had said.
    ///
    /// # Errors
    /// A block is none.
    pub fn copy(&mut self, skip: u64, blocks: &[Rc<Block>], outputs: &mut Outputs) -> Result<bool, Flaw> {
        let start = self.log.decided();
        if skip > start {
            return Ok(false);
        }
        let (known, new) = part_at(start, skip, blocks);
        if !self.is_linked(skip, known, new) {
            return Ok(false);
        }
        let same = new.iter().zip(self.log.blocks_after(start)).take_while(|(one, other)| one == other).count();
        if same < new.len() {
            let at = start + same as u64;
            self.keep(None, at, &new[same..], outputs);
            self.log.replace_after(at, &new[same..])?;
            self.note_ballot(None);
        }
        self.copied = start + new.len() as u64;
        Ok(true)
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
        for (height, block) in (skip + 1..).zip(blocks) {
            block.check_nonce_is_least(height).map_err(|flaw| flaw.to_string())?;
        }
        if ballot.is_none() {
            self.copied = self.log.accepted();
        }
        self.note_ballot(ballot);
        self.log.decide(decided.min(self.log.accepted()), |_, _| {});
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeName;
    use crate::ledger::{Proof, RequestId};
    use crate::store::Operation;

    /// A chain of puts of these values.
    fn chain(values: &[&str]) -> Vec<Rc<Block>> {
        let mut log = ReplicatedLog::new(Proof::Hashes);
        for (sequence, value) in (1..).zip(values) {
            let request = RequestId { client: NodeName::client(1), session: 0, sequence };
            log.propose(request, || Operation::Put { key: "a".into(), value: (*value).into() });
        }
        log.blocks_after(0).to_vec()
    }

    /// Of two leaders that do not hear each other, the older one goes on to send.
    #[test]
    fn who_has_copied_what_a_greater_ballot_decided_takes_nothing_behind_it_from_a_leader_without_it() {
        let mut outputs = Outputs::default();
        let mut acceptor = Acceptor::new(ReplicatedLog::new(Proof::Hashes));
        let ballot = Ballot { number: 1, server: NodeName::server(5) };
        assert!(acceptor.promise(ballot, &mut outputs));
        let older = chain(&["old", "old", "new"]);
        let piece = |skip: usize, end: usize, base| Accept {
            ballot,
            skip: skip as u64,
            blocks: older[skip..end].to_vec(),
            base,
            more: false,
        };
        assert_eq!(acceptor.accept(&piece(0, 1, Some(0)), &mut outputs), Ok(Taken::Accepted));
        let decided = chain(&["decided", "decided"]);
        assert_eq!(acceptor.copy(0, &decided, &mut outputs), Ok(true));
        for (skip, end) in [(2, 3), (1, 3), (1, 2), (0, 1)] {
            assert_eq!(acceptor.accept(&piece(skip, end, None), &mut outputs), Ok(Taken::Nothing), "{skip} to {end}");
        }
        assert_eq!(acceptor.log.blocks_after(0), decided);
    }

    /// A server may promise an old ballot late, when those that decided have long promised a greater one.
    #[test]
    fn who_promises_after_it_has_copied_may_promise_a_leader_that_lacks_it() {
        let mut outputs = Outputs::default();
        let mut acceptor = Acceptor::new(ReplicatedLog::new(Proof::Hashes));
        let ballot = Ballot { number: 1, server: NodeName::server(5) };
        let decided = chain(&["decided", "decided"]);
        assert_eq!(acceptor.copy(0, &decided, &mut outputs), Ok(true));
        acceptor.log.decide(2, |_, _| {});
        assert!(acceptor.promise(ballot, &mut outputs));
        let blocks = chain(&["old", "old", "new"]).split_off(2);
        let accept = Accept { ballot, skip: 2, blocks, base: Some(2), more: false };
        assert_eq!(acceptor.accept(&accept, &mut outputs), Ok(Taken::Nothing));
        assert_eq!(acceptor.log.blocks_after(0), decided);
    }

    /// The leader had nothing when it took over, and what it proposes then stands elsewhere already.
    #[test]
    fn a_hand_over_that_ends_before_what_was_copied_says_nothing_of_what_follows() {
        let mut outputs = Outputs::default();
        let mut acceptor = Acceptor::new(ReplicatedLog::new(Proof::Hashes));
        let ballot = Ballot { number: 1, server: NodeName::server(5) };
        assert!(acceptor.promise(ballot, &mut outputs));
        let decided = chain(&["decided"]);
        assert_eq!(acceptor.copy(0, &decided, &mut outputs), Ok(true));
        acceptor.log.decide(1, |_, _| {});
        let accept =
            |blocks: &[Rc<Block>], base| Accept { ballot, skip: 0, blocks: blocks.to_vec(), base, more: false };
        assert_eq!(acceptor.accept(&accept(&[], Some(0)), &mut outputs), Ok(Taken::Accepted));
        let older = chain(&["old", "old"]);
        assert_eq!(acceptor.accept(&accept(&older, None), &mut outputs), Ok(Taken::Nothing));
        assert_eq!(acceptor.log.blocks_after(0), decided);
    }
}
