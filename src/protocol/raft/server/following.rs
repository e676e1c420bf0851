//! The followers' part: what a leader sends, and what others have committed. Source: section 5.3.

use std::rc::Rc;

use crate::base::{NodeName, Time};
use crate::machine::{Outputs, Violation};
use crate::protocol::raft::messages::{
    Append, AppendOk, AppendRefused, Commit, Entries, Entry, Heartbeat, HeartbeatOk, Position, Pull, RaftMessage,
};
use crate::protocol::raft::role::Role;
use crate::protocol::raft::server::{Server, broken, tell};

impl Server {
    pub(super) fn take_append(
        &mut self,
        now: Time,
        from: NodeName,
        append: &Append,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let Append { term, previous, ref entries, commit } = *append;
        let counts = !self.is_learner;
        if term == self.term {
            self.hear_leader(now, from, outputs)?;
            if self.log.holds(previous) {
                self.take_behind(from, previous.index, entries, outputs)?;
                let index = previous.index + entries.len() as u64;
                let before = if self.compared.term == term { self.compared.index } else { 0 };
                self.compared = Position { index: index.max(before), term };
                // What stands behind that here is not the leader's.
                self.log.commit_to(commit.min(index).max(self.log.commit()), |_, _| {});
                let before = self.acceptance.filter(|(leader, before)| (*leader, before.term) == (from, term));
                let index = before.map_or(index, |(_, before)| before.index.max(index));
                self.acceptance = Some((from, AppendOk { term, index, counts }));
                return Ok(());
            }
        }
        let hint = self.log.last_in_common_with(previous);
        let refusal = AppendRefused { term: self.term, index: previous.index, hint, counts };
        tell(from, RaftMessage::AppendRefused(refusal), outputs);
        Ok(())
    }

    /// Takes entries that stand behind the first `skip` in a log of which this one has these.
    fn take_behind(
        &mut self,
        from: NodeName,
        skip: u64,
        entries: &[Entry],
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let (skip, new) = self.log.unknown(skip, entries);
        if new.is_empty() {
            return Ok(());
        }
        if skip < self.log.commit() {
            let commit = self.log.commit();
            return Err(Violation(format!("{from} brings another entry {} than is committed, of {commit}", skip + 1)));
        }
        self.log.replace_after(skip, new).map_err(|bad| broken(from, &bad))?;
        self.keep_entries(skip, new, outputs);
        Ok(())
    }

    /// Tells the leader what was taken since the last flush.
    pub(super) fn acknowledge(&mut self, outputs: &mut Outputs) {
        if let Some((leader, acceptance)) = self.acceptance.take() {
            tell(leader, RaftMessage::AppendOk(acceptance), outputs);
        }
    }

    pub(super) fn take_heartbeat(
        &mut self,
        now: Time,
        from: NodeName,
        heartbeat: Heartbeat,
        outputs: &mut Outputs,
    ) -> Result<(), Violation> {
        let Heartbeat { term, commit, sequence } = heartbeat;
        if term == self.term {
            self.hear_leader(now, from, outputs)?;
            self.commit_as_told(from, commit, outputs);
            if now >= self.forwarded_at + self.timeout {
                self.forward_what_waits(now, outputs);
            }
        }
        let answer = HeartbeatOk { term: self.term, sequence, counts: !self.is_learner };
        tell(from, RaftMessage::HeartbeatOk(answer), outputs);
        Ok(())
    }

    pub(super) fn take_commit(&mut self, from: NodeName, commit: Commit, outputs: &mut Outputs) {
        // It comes with an append shortly before it, which was heard; a lost one is made up for by a heartbeat.
        if commit.term == self.term && self.leader == Some(from) {
            self.commit_as_told(from, commit.index, outputs);
        }
    }

    /// As far as the leader of this term knows, this server has so many entries of its log, and they are committed. If its
    /// disk was lost since, it has them no more, or has taken others from a leader whose term is over.
    fn commit_as_told(&mut self, from: NodeName, index: u64, outputs: &mut Outputs) {
        let is_compared = self.compared.term == self.term && index <= self.compared.index;
        if index <= self.log.length() && (is_compared || !self.is_learner) {
            self.log.commit_to(index, |_, _| {});
        } else {
            let counts = !self.is_learner;
            let refusal = AppendRefused { term: self.term, index, hint: self.log.last(), counts };
            tell(from, RaftMessage::AppendRefused(refusal), outputs);
        }
    }

    /// Somebody leads in this term.
    fn hear_leader(&mut self, now: Time, from: NodeName, outputs: &mut Outputs) -> Result<(), Violation> {
        if matches!(self.role, Role::Leader(_)) || self.leader.is_some_and(|leader| leader != from) {
            let other = self.leader.unwrap_or(self.name);
            return Err(Violation(format!("{from} leads in term {}, and {other} does", self.term)));
        }
        let is_new = self.leader.is_none();
        self.heard_at = now;
        self.follow_in(self.term, Some(from), outputs);
        self.await_election(outputs);
        if is_new {
            self.forward_what_waits(now, outputs);
        }
        Ok(())
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
        self.take_behind(from, previous.index, entries, outputs)?;
        self.log.commit_to(end, |_, _| {});
        if more {
            tell(from, RaftMessage::Pull(Pull { index: end }), outputs);
        }
        Ok(())
    }
}
