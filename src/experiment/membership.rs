//! Who the servers of a run are, for protocols where that is fixed from the start.
//!
//! Members are all ids that a script ever joins as servers: one that joins later is a member that is down until then,
//! of which a warning tells where that is a majority.
//!
//! Source: DESIGN section 6.

use std::collections::BTreeSet;

use crate::base::NodeName;
use crate::cluster::Stop;
use crate::experiment::commands::Function;
use crate::experiment::run::Experiment;
use crate::protocol::Agreement;
use crate::script::{Argument, Invocation, ParameterKind, Phase};

/// The servers that the commands known so far join.
#[derive(Debug, Default)]
pub(super) struct Membership {
    members: BTreeSet<NodeName>,
    /// Was it looked at whether a majority has joined?
    is_looked_at: bool,
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
    /// Warns, when time is first to pass, of a majority that joins only later: it is down until then.
    pub(super) fn warn_of_absent_majority(&mut self, invocation: &Invocation<Function>) -> Result<(), Stop> {
        let lets_time_pass = invocation.and_held().any(|invocation| match invocation.command.phase {
            Phase::Operation | Phase::Passage | Phase::BlockEnd => true,
            Phase::Setting | Phase::Founding | Phase::Step | Phase::Block | Phase::End => false,
        });
        if !lets_time_pass || std::mem::replace(&mut self.membership.is_looked_at, true) {
            return Ok(());
        }
        let joined = self.roster.servers();
        let members = self.members();
        if self.agreement() == Agreement::Eventual || joined.len() * 2 > members.len() {
            return Ok(());
        }
        let later: Vec<_> = members.iter().filter(|member| !joined.contains(member)).map(ToString::to_string).collect();
        let (later, count) = (later.join(", "), members.len());
        self.warn(&format!(
            "of {count} members these join only later: {later}; nothing is decided before a majority is there"
        ))
    }

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
