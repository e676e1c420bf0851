//! Who plays which part when a command comes: `majority`, `random`, `all`.
//!
//! A draw puts the servers in an order, by the command's canonical text and how often it came before. The majority are
//! the first of them, the minority those that are left, so that both can stand in one command; a random server is the
//! first. A server's place in the order does not depend on who else is there, so a server more moves no other.
//!
//! Who leads is what servers say of themselves; of several the one with the greatest term.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{Draw, NodeName};
use crate::cluster::{Cluster, Stop};
use crate::experiment::commands::Function;
use crate::experiment::run::Experiment;
use crate::script::{Invocation, Role, Target};
use crate::trace::Happening;

/// Who plays which part in one command.
pub(super) type Cast = BTreeMap<Role, Vec<NodeName>>;

/// How often commands that draw servers came, by their canonical text.
#[derive(Debug, Default)]
pub(super) struct Castings {
    came: BTreeMap<String, u64>,
}

impl Castings {
    /// The key of a command's draw.
    fn draw(&mut self, seed: u64, command: String) -> Draw {
        let draw = Draw::of(seed).named("cast").named(&command);
        let came = self.came.entry(command).or_default();
        *came += 1;
        draw.numbered(*came)
    }
}

impl Experiment {
    /// Who plays the parts that a command names, of the servers that `may` play one. The transcript says who it is.
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub(super) fn cast(
        &mut self,
        invocation: &Invocation<Function>,
        may: impl Fn(&Cluster, NodeName) -> bool,
    ) -> Result<Cast, Stop> {
        let roles: BTreeSet<_> = invocation.roles().collect();
        if roles.is_empty() {
            return Ok(Cast::new());
        }
        let draw = self.castings.draw(self.cluster.seed(), invocation.canonical());
        let servers = self.roster.servers();
        let mut order: Vec<_> =
            servers.iter().map(|&server| (draw.named(&server.to_string()).below(u64::MAX), server)).collect();
        order.sort_unstable();
        let order: Vec<_> = order.into_iter().map(|(_, server)| server).collect();
        let mut cast = Cast::new();
        for role in roles {
            let leader = self.cluster.leader();
            let mut players = players(role, (&order, leader), |server| may(&self.cluster, server));
            players.sort_unstable();
            let wanted = how_many(role, order.len());
            if players.is_empty() {
                self.refuse(&nobody_plays(role, leader))?;
            } else {
                self.cluster.record(Happening::Cast { role: role.word(), servers: &players })?;
                if players.len() < wanted {
                    let (word, found) = (role.word(), players.len());
                    self.warn(&format!("`{word}` is {wanted} servers, and only {found} can be taken here"))?;
                }
            }
            cast.insert(role, players);
        }
        Ok(cast)
    }

    /// The nodes that argument `index` of a command names, each once; of the parts in it, those who `may`.
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub(super) fn targets(
        &mut self,
        invocation: &Invocation<Function>,
        index: usize,
        may: impl Fn(&Cluster, NodeName) -> bool,
    ) -> Result<Vec<NodeName>, Stop> {
        let cast = self.cast(invocation, may)?;
        let mut nodes = Vec::new();
        for target in invocation.targets(index) {
            let named = players_of(target, &cast);
            nodes.extend(named.into_iter().filter(|node| !nodes.contains(node)).collect::<Vec<_>>());
        }
        Ok(nodes)
    }
}

/// What is said where nobody plays a part.
fn nobody_plays(role: Role, leader: Option<NodeName>) -> String {
    let word = role.word();
    if role.needs_a_leader() && leader.is_none() {
        format!("`{word}` names no server: nobody leads now; `wait 1s` or an operation first lets one be elected")
    } else {
        format!("`{word}` names no server here")
    }
}

/// The nodes that a target is.
pub(super) fn players_of(target: &Target, cast: &Cast) -> Vec<NodeName> {
    match target {
        Target::Node(reference) => vec![reference.name],
        Target::Role(role) => cast.get(role).cloned().unwrap_or_default(),
    }
}

/// How many of so many servers play a part, if all can.
fn how_many(role: Role, servers: usize) -> usize {
    let majority = servers / 2 + 1;
    match role {
        Role::Majority => majority,
        Role::Minority => servers.saturating_sub(majority),
        Role::Random => 1,
        // As many as there are.
        Role::All | Role::Leader | Role::Followers => 0,
    }
}

/// Of all servers in their drawn order, those who play this part.
fn players(
    role: Role,
    (order, leader): (&[NodeName], Option<NodeName>),
    may: impl Fn(NodeName) -> bool,
) -> Vec<NodeName> {
    let count = how_many(role, order.len());
    let can = |server: &&NodeName| may(**server);
    match role {
        Role::All => order.iter().filter(can).copied().collect(),
        Role::Majority => order.iter().filter(can).take(count).copied().collect(),
        Role::Minority => order.iter().rev().filter(can).take(count).copied().collect(),
        Role::Random => order.iter().find(can).copied().into_iter().collect(),
        Role::Leader => leader.into_iter().filter(|leader| may(*leader)).collect(),
        Role::Followers if leader.is_none() => Vec::new(),
        Role::Followers => order.iter().filter(|server| Some(**server) != leader && may(**server)).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_majority_and_the_minority_are_all_and_have_nobody_in_common() {
        for count in 1..=9 {
            let order: Vec<_> = (1..=count).map(NodeName::server).collect();
            let of = |role| players(role, (&order, None), |_| true);
            let (majority, minority) = (of(Role::Majority), of(Role::Minority));
            assert!(majority.len() * 2 > order.len() && (majority.len() - 1) * 2 <= order.len());
            assert_eq!(majority.len() + minority.len(), order.len());
            assert!(minority.iter().all(|server| !majority.contains(server)));
            assert_eq!((of(Role::Random).len(), of(Role::All).len()), (1, order.len()));
        }
    }

    #[test]
    fn only_those_who_may_play_a_part_do() {
        let order: Vec<_> = (1..=5).map(NodeName::server).collect();
        let alive = |server: NodeName| server.number != 1 && server.number != 5;
        let of =
            |role| players(role, (&order, None), alive).into_iter().map(|server| server.number).collect::<Vec<_>>();
        assert_eq!(of(Role::Majority), [2, 3, 4]);
        assert_eq!(of(Role::Minority), [4, 3]);
        assert_eq!(of(Role::Random), [2]);
    }
}
