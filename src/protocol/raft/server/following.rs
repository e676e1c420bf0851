//! The followers' part: what a leader sends, and what others have committed. Source: section 5.3.

use std::rc::Rc;

use crate::base::{NodeName, Time};
use crate::machine::{Outputs, Violation};
use crate::protocol::raft::messages::{
    Append, AppendOk, AppendRefused, Commit, Entries, Entry, Heartbeat, HeartbeatOk, Position, Pull, RaftMessage,
};
use crate::protocol::raft::role::Role;
use crate::protocol::raft::server::{Server, broken, is_within, tell};

impl Server {
    pub(super) fn take_append(
        &mut self,
        now: Time,
        from: NodeName,
        append: &Append,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let Append { term, previous, ref entries, commit } = *append;
        if term == self.term {
            if !self.hear_leader(now, from, outputs) {
                return Ok(());
            }
            if self.log.holds(previous) {
                if self.take_behind(from, previous.index, entries, outputs)? {
                    self.accept(from, previous.index + entries.len() as u64, commit);
                }
                return Ok(());
            }
        }
        self.refuse(from, previous, outputs);
        Ok(())
    }

    /// Says that an entry does not stand here, or that the term is over.
    fn refuse(&self, to: NodeName, entry: Position, outputs: &mut Outputs) {
        let hint = self.log.last_in_common_with(entry);
        let refusal = AppendRefused { term: self.term, index: entry.index, hint, counts: !self.is_learner };
        tell(to, RaftMessage::AppendRefused(refusal), outputs);
    }

    /// The log up to `index` is that of its leader, for whom so much is committed.
    fn accept(&mut self, leader: NodeName, index: u64, commit: u64) {
        // What stands behind that here is not the leader's.
        self.log.commit_to(commit.min(index).max(self.log.commit()), |_, _| {});
        let (term, counts) = (self.term, !self.is_learner);
        let before = self.acceptance.filter(|(to, before)| (*to, before.term) == (leader, term));
        let index = before.map_or(index, |(_, before)| before.index.max(index));
        self.acceptance = Some((leader, AppendOk { term, index, counts }));
    }

    /// Takes entries that stand behind the first `skip` in a log of which this one has these. Did they fit? Not if a disk has
    /// lost what its server had said: then this server keeps what it knows to be committed.
    ///
    /// # Errors
    /// They are none that a leader can have.
    fn take_behind(
        &mut self,
        from: NodeName,
        skip: u64,
        entries: &[Entry],
        outputs: &mut Outputs,
    ) -> Result<bool, Violation> {
        let (skip, new) = self.log.unknown(skip, entries);
        if new.is_empty() {
            return Ok(true);
        }
        if skip < self.log.commit() || !self.log.is_linked(skip, new) {
            return Ok(false);
        }
        self.log.replace_after(skip, new).map_err(|bad| broken(from, &bad))?;
        self.keep_entries(skip, new, outputs);
        Ok(true)
    }

    /// Tells the leader what was taken since the last flush.
    pub(super) fn acknowledge(&mut self, outputs: &mut Outputs) {
        if let Some((leader, acceptance)) = self.acceptance.take() {
            tell(leader, RaftMessage::AppendOk(acceptance), outputs);
        }
    }

    pub(super) fn take_heartbeat(&mut self, now: Time, from: NodeName, heartbeat: Heartbeat, outputs: &mut Outputs) {
        let Heartbeat { term, commit, matched, sequence } = heartbeat;
        if term == self.term {
            if !self.hear_leader(now, from, outputs) {
                return;
            }
            self.commit_as_told(commit);
            self.object_to(from, matched, outputs);
            if !is_within(self.timeout, self.forwarded_at, now) {
                self.forward_what_waits(now, outputs);
            }
        }
        let answer = HeartbeatOk { term: self.term, sequence, counts: !self.is_learner };
        tell(from, RaftMessage::HeartbeatOk(answer), outputs);
    }

    pub(super) fn take_commit(&mut self, from: NodeName, commit: Commit, outputs: &mut Outputs) {
        // It comes with an append shortly before it, which was heard; a lost one is made up for by a heartbeat.
        if commit.term == self.term && self.leader == Some(from) {
            self.commit_as_told(commit.last);
            self.object_to(from, commit.last, outputs);
        }
    }

    /// Commits what stands up to an entry that is committed, if it stands here.
    fn commit_as_told(&mut self, last: Position) {
        if self.log.holds(last) {
            self.log.commit_to(last.index, |_, _| {});
        }
    }

    /// Says that an entry does not stand here of which the leader knows that it did: the disk was lost since, and what stands
    /// there may be of another leader.
    fn object_to(&self, leader: NodeName, matched: Position, outputs: &mut Outputs) {
        if !self.log.holds(matched) {
            self.refuse(leader, matched, outputs);
        }
    }

    /// Somebody leads in this term. Is it the only one? Two do if a disk has lost a vote: who heard one does not follow the
    /// other.
    fn hear_leader(&mut self, now: Time, from: NodeName, outputs: &mut Outputs) -> bool {
        if matches!(self.role, Role::Leader(_)) || self.leader.is_some_and(|leader| leader != from) {
            return false;
        }
        let is_new = self.leader.is_none();
        self.heard_at = now;
        self.follow_in(self.term, Some(from), outputs);
        self.await_election(outputs);
        if is_new {
            self.forward_what_waits(now, outputs);
        }
        true
    }

    /// Who hears no leader and learns that another server has committed more asks it for that.
    pub(super) fn pull_if_behind(&self, from: NodeName, commit: u64, outputs: &mut Outputs) {
        let own = self.log.commit();
        if self.leader.is_none() && commit > own {
            tell(from, RaftMessage::Pull(Pull { index: own }), outputs);
        }
    }

    pub(super) fn answer_pull(&self, from: NodeName, pull: Pull, outputs: &mut Outputs) {
        if pull.index >= self.log.commit() {
            return;
        }
        let (entries, more) = self.log.piece(pull.index, self.log.commit());
        let entries = Entries { term: self.term, previous: self.log.position(pull.index), entries, more };
        tell(from, RaftMessage::Entries(Rc::new(entries)), outputs);
    }

    /// Takes a piece of what another server has committed. Its term may be over: what is committed stays.
    pub(super) fn take_entries(
        &mut self,
        from: NodeName,
        piece: &Entries,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let Entries { previous, ref entries, more, .. } = *piece;
        let end = previous.index + entries.len() as u64;
        if previous.index > self.log.commit() || !self.log.holds(previous) || end <= self.log.commit() {
            return Ok(());
        }
        if matches!(self.role, Role::Leader(_)) {
            // A leader's log holds whatever is committed, and it commits by counting.
            return Ok(());
        }
        if !self.take_behind(from, previous.index, entries, outputs)? {
            return Ok(());
        }
        self.log.commit_to(end, |_, _| {});
        if more {
            tell(from, RaftMessage::Pull(Pull { index: end }), outputs);
        }
        Ok(())
    }
}
