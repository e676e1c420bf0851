//! Who leads and can, measured where a reader wants it.
//!
//! It is looked at where time moves on: what is so only within an instant lasts no time. That a server says that it leads is
//! not enough here, for one that was deposed behind a cut says so until it hears of it. Commands that are about a `leader`
//! are another matter: they mean what servers say.

use crate::base::NodeName;
use crate::cluster::lockstep::Cluster;
use crate::cluster::lockstep::life::{Node, Told};
use crate::trace::{Leader, Measure};
use crate::wire::ServerRole;

impl Cluster {
    /// Tells the readers that want it who leads from now on, if that is not who led before.
    pub(super) fn measure_leader(&mut self) {
        if !self.trace.wants_measures() {
            return;
        }
        let leader = self.able_leader();
        if leader != self.leader_measured {
            self.leader_measured = leader;
            self.trace.measure(self.now, Measure::Leads { leader });
        }
    }

    fn able_leader(&self) -> Option<Leader> {
        let leads = |(&server, node): (&NodeName, &Node)| {
            let Told { role, term, .. } = node.told;
            let is_able = role == Some(ServerRole::Leader) && runs(node) && self.reaches_majority(server);
            is_able.then_some((term, server))
        };
        self.nodes.iter().filter_map(leads).max().map(|(term, server)| Leader { server, term })
    }

    /// Are this server and the members that take part and that it is connected with a majority of all members?
    fn reaches_majority(&self, server: NodeName) -> bool {
        let reaches = |member: &&NodeName| {
            **member == server || self.takes_part(**member) && self.switch.is_open(server, **member)
        };
        self.members.iter().filter(reaches).count() * 2 > self.members.len()
    }

    /// Does this member run, and may it be counted for a majority?
    fn takes_part(&self, member: NodeName) -> bool {
        self.nodes.get(&member).is_some_and(|node| runs(node) && node.told.role != Some(ServerRole::Learner))
    }
}

/// Does it take steps?
fn runs(node: &Node) -> bool {
    node.host.is_some() && node.pause.is_none()
}
