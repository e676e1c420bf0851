//! Who the servers of a run are, for protocols where that is fixed from the start.
//!
//! Members are all ids that a script ever joins as servers: one that joins later is a member that is down until then.
//!
//! Source: DESIGN section 6.

use std::collections::BTreeSet;

use crate::base::NodeName;
use crate::experiment::commands::Function;
use crate::experiment::run::Experiment;
use crate::protocol::Agreement;
use crate::script::{Argument, Invocation, ParameterKind};

/// The servers that the commands known so far join.
#[derive(Debug, Default)]
pub(super) struct Membership {
    members: BTreeSet<NodeName>,
}

impl Membership {
    /// Learns from a command which servers it joins.
    pub(super) fn learn(&mut self, invocation: &Invocation<Function>) {
        for (parameter, argument) in invocation.command.parameters.iter().zip(&invocation.arguments) {
            match (parameter.kind, argument) {
                (ParameterKind::NewServer, Argument::Node(reference)) => {
                    self.members.insert(reference.name);
                }
                (ParameterKind::NewServers(_), Argument::Number(count)) => {
                    let count = u32::try_from(*count).unwrap_or(u32::MAX);
                    self.members.extend((1..=count).map(NodeName::server));
                }
                _ => {}
            }
        }
    }
}

impl Experiment {
    /// What the servers that are started now come to terms by.
    pub(super) fn agreement(&self) -> Agreement {
        self.server_program.agreement()
    }

    /// The servers that a node is told of when it is started.
    pub(super) fn members(&self) -> Vec<NodeName> {
        match self.agreement() {
            Agreement::Eventual => self.roster.servers(),
            Agreement::Consensus => self.membership.members.iter().copied().collect(),
        }
    }
}
