//! The leader's part: bringing its log to the others, committing, and looking whether it is still heard. Source: sections
//! 5.3 and 5.4; Ongaro 2014, section 6.2.

use std::rc::Rc;

use crate::base::{NodeName, Span};
use crate::machine::{Outputs, Payload};
use crate::protocol::raft::messages::{
    Append, AppendOk, AppendRefused, Commit, Entry, Heartbeat, HeartbeatOk, RaftMessage,
};
use crate::protocol::raft::progress::Follower;
use crate::protocol::raft::role::{Leading, Role};
use crate::protocol::raft::server::{ELECTION, HEARTBEAT, HEARTBEATS, Server, tell};
use crate::protocol::replicated::{Confirmations, respond};

impl Server {
    /// Leads from now on, with a no-op as the first entry of its term: what was accepted before is committed with it.
    pub(super) fn lead(&mut self, outputs: &mut Outputs) {
        let announced = self.log.length();
        let followers = self.others.iter().map(|&other| (other, Follower::unknown(announced))).collect();
        self.role = Role::Leader(Leading {
            announced,
            committed_elsewhere: self.log.commit(),
            followers,
            transfer: None,
            confirmations: Confirmations::default(),
            heartbeats_left: HEARTBEATS,
        });
        self.leader = Some(self.name);
        self.log.begin_term(self.term);
        self.propose_what_waits(outputs);
        outputs.cancel_timer(ELECTION);
        self.set_heartbeat(outputs);
        self.announce(outputs);
        for other in self.others.clone() {
            self.send_piece(other, outputs);
        }
        self.ask_for_reads_again(outputs);
    }

    fn set_heartbeat(&self, outputs: &mut Outputs) {
        outputs.set_timer(HEARTBEAT, Span(self.timeout.0 / u64::from(HEARTBEATS)));
    }

    /// Keeps what was added to the log since the last flush, and sends it to those that have all before it.
    pub(super) fn announce(&mut self, outputs: &mut Outputs) {
        while let Role::Leader(leading) = &self.role
            && leading.announced < self.log.length()
        {
            let skip = leading.announced;
            let (entries, _) = self.log.piece(skip, self.log.length());
            self.keep_entries(skip, &entries, outputs);
            self.send_new(skip, entries, outputs);
        }
    }

    /// Sends entries that are kept since now.
    fn send_new(&mut self, skip: u64, entries: Vec<Entry>, outputs: &mut Outputs) {
        let Role::Leader(leading) = &mut self.role else { return };
        leading.announced = skip + entries.len() as u64;
        let (previous, commit) = (self.log.position(skip), leading.committed_elsewhere);
        let append = Append { term: self.term, previous, entries, commit };
        let payload = Payload::peer(RaftMessage::Append(Rc::new(append)));
        for (&name, follower) in &mut leading.followers {
            if follower.takes_more() && follower.progress.sent == skip {
                outputs.send_early(name, payload.clone());
                follower.progress.sent = leading.announced;
                follower.told = follower.told.max(commit);
            }
        }
    }

    /// Sends a follower the next piece of what was announced.
    fn send_piece(&mut self, name: NodeName, outputs: &mut Outputs) {
        let Role::Leader(leading) = &mut self.role else { return };
        let Some(follower) = leading.followers.get_mut(&name) else { return };
        let skip = follower.progress.sent;
        let (entries, _) = self.log.piece(skip, leading.announced);
        follower.progress.sent += entries.len() as u64;
        let (previous, commit) = (self.log.position(skip), leading.committed_elsewhere);
        follower.told = follower.told.max(commit.min(follower.progress.sent));
        let append = Append { term: self.term, previous, entries, commit };
        outputs.send_early(name, Payload::peer(RaftMessage::Append(Rc::new(append))));
    }

    pub(super) fn take_append_ok(&mut self, from: NodeName, answer: AppendOk, outputs: &mut Outputs) {
        let Some((follower, announced)) = self.follower_in(from, answer.term) else { return };
        follower.hear(answer.counts);
        follower.reach(answer.index);
        if follower.progress.sent < announced && follower.progress.is_idle() {
            self.send_piece(from, outputs);
        }
    }

    /// A follower's log parts from this one before what it was sent.
    pub(super) fn take_refusal(&mut self, from: NodeName, answer: AppendRefused, outputs: &mut Outputs) {
        let AppendRefused { term, index, hint, counts } = answer;
        let common = self.log.last_in_common_with(hint);
        let Some((follower, _)) = self.follower_in(from, term) else { return };
        follower.hear(counts);
        // Of several appends behind a gap only the first is looked at. An entry that the follower had is not there any more
        // where its disk was lost; what it had does not count then. After a refusal of long ago it has it again at once.
        if follower.probed_at.is_none_or(|probed| probed == index) {
            let at = common.index.min(index.saturating_sub(1));
            follower.progress.reached = follower.progress.reached.min(at);
            follower.probe(at);
            self.send_piece(from, outputs);
        }
    }

    pub(super) fn take_heartbeat_ok(&mut self, from: NodeName, answer: HeartbeatOk, outputs: &mut Outputs) {
        let Some((follower, _)) = self.follower_in(from, answer.term) else { return };
        follower.hear(answer.counts);
        let counts = follower.counts;
        if follower.take_repeat() {
            self.send_piece(from, outputs);
        }
        if let Role::Leader(leading) = &mut self.role
            && counts
        {
            leading.confirmations.hear(from, answer.sequence);
        }
    }

    /// A follower that has answered in this term, if this server leads in it; and how much was announced.
    fn follower_in(&mut self, name: NodeName, term: u64) -> Option<(&mut Follower, u64)> {
        let Role::Leader(leading) = &mut self.role else { return None };
        let follower = leading.followers.get_mut(&name).filter(|_| term == self.term)?;
        Some((follower, leading.announced))
    }

    /// Commits what a majority has, if the last of it is of this term (section 5.4.2; the same for a majority without this
    /// server), answers its clients, and tells the others.
    pub(super) fn commit_what_is_held(&mut self, outputs: &mut Outputs) {
        let servers = self.servers();
        let Role::Leader(leading) = &mut self.role else { return };
        let held = if self.log.commit() < leading.announced { leading.held_by_majority(servers) } else { 0 };
        if held > self.log.commit() && self.log.position(held).term == self.term {
            self.log.commit_to(held, |request, outcome| respond(request, outcome, outputs));
        }
        let commit = self.log.commit();
        if leading.committed_elsewhere < commit {
            let held = leading.held_elsewhere(servers);
            if held > leading.committed_elsewhere && self.log.position(held).term == self.term {
                leading.committed_elsewhere = held;
            }
        }
        for (&name, follower) in &mut leading.followers {
            let index = commit.min(follower.progress.reached);
            if index > follower.told {
                follower.told = index;
                let last = self.log.position(index);
                tell(name, RaftMessage::Commit(Commit { term: self.term, last }), outputs);
            }
        }
    }

    /// Says again that it leads.
    pub(super) fn beat(&mut self, outputs: &mut Outputs) {
        let majority = self.majority();
        let Role::Leader(leading) = &mut self.role else { return };
        leading.followers.values_mut().for_each(Follower::end_round);
        leading.heartbeats_left -= 1;
        let is_over = leading.heartbeats_left == 0;
        if is_over {
            leading.heartbeats_left = HEARTBEATS;
            if leading.take_heard() < majority {
                self.leader = None;
                return self.step_down(outputs);
            }
        }
        self.send_heartbeats(outputs);
        self.set_heartbeat(outputs);
        if is_over {
            self.repeat_to_the_unheard(outputs);
        }
        self.wait_for_transfer(outputs);
    }

    /// Whose answers are lost may yet hear it.
    fn repeat_to_the_unheard(&mut self, outputs: &mut Outputs) {
        for other in self.others.clone() {
            if self.follower_in(other, self.term).is_some_and(|(follower, _)| follower.take_repeat()) {
                self.send_piece(other, outputs);
            }
        }
    }

    /// Says to all that it leads.
    pub(super) fn send_heartbeats(&self, outputs: &mut Outputs) {
        let Role::Leader(leading) = &self.role else { return };
        let (commit, sequence) = (self.log.position(self.log.commit()), leading.confirmations.sequence());
        for (&name, follower) in &leading.followers {
            let matched = self.log.position(follower.progress.reached);
            let heartbeat = Heartbeat { term: self.term, commit, matched, sequence };
            tell(name, RaftMessage::Heartbeat(heartbeat), outputs);
        }
    }
}
