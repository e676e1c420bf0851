//! Handing leadership over. Source: Ongaro 2014, section 3.10.
//!
//! The leader lets requests wait until the other has its whole log, and then lets it begin an election at once, in which
//! also those vote that hear a leader. If that has not come about within three heartbeats, it goes on to lead.

use crate::base::{NodeName, Time};
use crate::machine::Outputs;
use crate::protocol::raft::messages::{RaftMessage, TimeoutNow, Transfer as Question};
use crate::protocol::raft::role::{Role, Transfer};
use crate::protocol::raft::server::{HEARTBEATS, Server, tell};

impl Server {
    /// The user wants this server to lead: the leader is asked, and where it hears none, the others.
    pub(super) fn nominate(&mut self, now: Time, outputs: &mut Outputs) {
        if self.is_learner {
            return;
        }
        match self.leader {
            Some(leader) if leader == self.name => {}
            Some(leader) => {
                // If that one is gone, this server begins when it notices.
                self.nominated_at = Some(now);
                tell(leader, RaftMessage::Transfer(Question { term: self.term }), outputs);
            }
            None => self.campaign(true, outputs),
        }
    }

    pub(super) fn take_transfer(&mut self, from: NodeName, question: Question) {
        if let Role::Leader(leading) = &mut self.role
            && question.term == self.term
            && leading.followers.get(&from).is_some_and(|follower| follower.counts)
            && leading.transfer.is_none_or(|transfer| transfer.to != from)
        {
            leading.transfer = Some(Transfer { to: from, is_told: false, heartbeats_left: HEARTBEATS });
        }
    }

    /// Lets the other begin, once it has everything.
    pub(super) fn begin_transfer(&mut self, outputs: &mut Outputs) {
        let Role::Leader(leading) = &mut self.role else { return };
        let Some(transfer) = &mut leading.transfer else { return };
        let has_all = leading
            .followers
            .get(&transfer.to)
            .is_some_and(|follower| follower.takes_more() && follower.progress.reached == leading.announced);
        if has_all && !std::mem::replace(&mut transfer.is_told, true) {
            tell(transfer.to, RaftMessage::TimeoutNow(TimeoutNow { term: self.term }), outputs);
        }
    }

    pub(super) fn take_timeout_now(&mut self, order: TimeoutNow, outputs: &mut Outputs) {
        if order.term == self.term && !self.is_learner && matches!(self.role, Role::Follower) {
            self.campaign(true, outputs);
        }
    }

    /// Another heartbeat leaves. If the other has not begun in time, this server goes on.
    pub(super) fn wait_for_transfer(&mut self, outputs: &mut Outputs) {
        let Role::Leader(leading) = &mut self.role else { return };
        let Some(transfer) = &mut leading.transfer else { return };
        transfer.heartbeats_left -= 1;
        if transfer.heartbeats_left == 0 {
            leading.transfer = None;
            self.propose_what_waits(outputs);
        }
    }
}
