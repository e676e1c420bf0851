//! `stabilize`: the master's part.
//!
//! Under gossip the live servers of each connected component, but for those that are paused, are handed their places in the
//! component's breadth-first tree from its smallest id, along which they gather and spread; and again, until the digests
//! that they report agree, or the limit is over. What was under way between servers before may change a store later, so it
//! arrives before the end. Under consensus servers make their chains equal by themselves, and the master only waits.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::base::{NodeName, Span, Time, limits};
use crate::cluster::{Cluster, Stop};
use crate::experiment::run::Experiment;
use crate::protocol::Agreement;
use crate::wire::ServerRole;
use crate::wire::control::{Control, Stabilize};

/// The least time between the beginnings of two rounds.
const ROUND: Span = Span::milliseconds(50);

/// Carries `stabilize` out.
pub fn stabilize(experiment: &mut Experiment) -> Result<(), Stop> {
    match experiment.agreement() {
        Agreement::Eventual => make_equal(experiment),
        Agreement::Consensus => wait_for_one_chain(experiment),
    }
}

/// Under consensus the servers make their chains equal by themselves: this only waits until every component with a
/// majority of the members has one chain, and nothing waits to be decided there.
fn wait_for_one_chain(experiment: &mut Experiment) -> Result<(), Stop> {
    let limit = limits::stabilize_limit(experiment.largest_delay());
    let deadline = experiment.cluster.now() + limit;
    let majority = experiment.members().len() / 2 + 1;
    let servers = experiment.roster.servers();
    loop {
        let mut components = components(&mut experiment.cluster, &servers);
        components.retain(|component| component.voters(&experiment.cluster).count() >= majority);
        let is_over = |cluster: &Cluster| {
            !components.is_empty() && components.iter().all(|component| component.is_settled(cluster))
        };
        if is_over(&experiment.cluster) {
            return experiment.settle();
        }
        if experiment.cluster.now() >= deadline {
            let difference = match components.is_empty() {
                true => describe_minorities(&servers, &experiment.cluster),
                false => describe_unsettled(&components, &experiment.cluster),
            };
            return experiment.find(&format!("stabilize did not converge within {limit}: {difference}"));
        }
        let until = deadline.min(experiment.cluster.now() + ROUND);
        while !is_over(&experiment.cluster) && experiment.advance(until)? {}
        if !is_over(&experiment.cluster) {
            experiment.cluster.move_time(until)?;
        }
    }
}

/// Why there is no majority.
fn describe_minorities(servers: &[NodeName], cluster: &Cluster) -> String {
    let learners = servers.iter().filter(|server| is_learner(**server, cluster)).map(ToString::to_string);
    let learners: Vec<_> = learners.collect();
    let sentence = "no servers that are connected are a majority".to_owned();
    match &*learners {
        [] => sentence,
        [learner] => format!("{sentence}; {learner} is a learner since it lost its disk, and does not count"),
        _ => format!("{sentence}; {} are learners since they lost their disks, and do not count", learners.join(", ")),
    }
}

fn is_learner(server: NodeName, cluster: &Cluster) -> bool {
    cluster.told_by(server).role == Some(ServerRole::Learner)
}

/// Which servers differ, or have something left to decide.
fn describe_unsettled(components: &[Component], cluster: &Cluster) -> String {
    let difference = describe_difference(components, cluster);
    if !difference.is_empty() {
        return difference;
    }
    let servers = components.iter().flat_map(|component| &component.servers).map(|place| place.server);
    let waiting = servers.filter(|server| cluster.told_by(*server).queued != Some(0));
    let waiting: Vec<_> = waiting.map(|server| server.to_string()).collect();
    format!("something waits to be decided at {}", waiting.join(", "))
}

/// The master's own way: the servers are handed their places in trees.
fn make_equal(experiment: &mut Experiment) -> Result<(), Stop> {
    let limit = limits::stabilize_limit(experiment.largest_delay());
    let deadline = experiment.cluster.now() + limit;
    let servers = experiment.roster.servers();
    let last_arrival = experiment.cluster.last_arrival_between_servers().unwrap_or_default();
    loop {
        // A server may crash while time passes: then its component is another one.
        let components = components(&mut experiment.cluster, &servers);
        let agree = |cluster: &Cluster| components.iter().all(|component| component.agrees(cluster));
        let is_over = |cluster: &Cluster| !cluster.has_events_until(last_arrival) && agree(cluster);
        if is_over(&experiment.cluster) {
            return end_round(experiment, &components);
        }
        if experiment.cluster.now() >= deadline {
            let difference = if agree(&experiment.cluster) {
                "what was under way between servers has not arrived".to_owned()
            } else {
                describe_difference(&components, &experiment.cluster)
            };
            experiment.find(&format!("stabilize did not converge within {limit}: {difference}"))?;
            return end_round(experiment, &components);
        }
        let until = if agree(&experiment.cluster) {
            last_arrival
        } else {
            begin_round(experiment, &components)?;
            experiment.cluster.now() + time_of_a_round(experiment, &components)
        };
        wait_until(is_over, experiment, until.min(deadline))?;
    }
}

/// Stores can agree before the last piece has arrived, or has left a server with a slow disk. A server that gets its
/// child's piece later would pass on its whole store, with the writes that it took since; so every server is told that
/// it stands alone now.
fn end_round(experiment: &mut Experiment, components: &[Component]) -> Result<(), Stop> {
    experiment.settle()?;
    let cluster = &experiment.cluster;
    if cluster.last_arrival_between_servers().is_none() && !cluster.is_send_between_servers_held_back() {
        return Ok(());
    }
    experiment.stabilize_rounds += 1;
    let alone = Stabilize { round: experiment.stabilize_rounds, parent: None, children: Vec::new() };
    for place in components.iter().flat_map(|component| &component.servers) {
        give(experiment, place.server, alone.clone())?;
    }
    Ok(())
}

fn begin_round(experiment: &mut Experiment, components: &[Component]) -> Result<(), Stop> {
    experiment.stabilize_rounds += 1;
    let round = experiment.stabilize_rounds;
    components.iter().try_for_each(|component| component.begin_round(round, experiment))
}

/// Up and down the deepest tree that there can be.
fn time_of_a_round(experiment: &Experiment, components: &[Component]) -> Span {
    let depth = components.iter().map(|component| component.servers.len() as u64).max().unwrap_or(0);
    ROUND.max(experiment.largest_delay().times(2 * depth))
}

/// Lets time pass until something holds, or until `until`; or, if nothing is due until then, only for [`ROUND`].
fn wait_until(holds: impl Fn(&Cluster) -> bool, experiment: &mut Experiment, until: Time) -> Result<(), Stop> {
    let earliest = experiment.cluster.now() + ROUND;
    while !holds(&experiment.cluster) {
        if !experiment.advance(until)? {
            let now = experiment.cluster.now();
            return experiment.wait(until.min(earliest).max(now) - now);
        }
    }
    Ok(())
}

/// A connected component of live servers, as a tree.
#[derive(Debug, PartialEq, Eq)]
struct Component {
    /// In breadth-first order from the smallest id; each with its parent and its children.
    servers: Vec<Place>,
}

/// A server's place in the tree.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    server: NodeName,
    parent: Option<NodeName>,
    children: Vec<NodeName>,
}

impl Component {
    /// A server alone agrees with itself; a server that reports no digest agrees with nobody.
    fn agrees(&self, cluster: &Cluster) -> bool {
        let mut digests = self.servers.iter().map(|place| cluster.digest(place.server));
        let first = digests.next().flatten();
        self.servers.len() == 1 || (first.is_some() && digests.all(|digest| digest == first))
    }

    /// Those that count.
    fn voters(&self, cluster: &Cluster) -> impl Iterator<Item = NodeName> {
        self.servers.iter().map(|place| place.server).filter(|server| !is_learner(*server, cluster))
    }

    /// Does it agree, with nothing left to decide?
    fn is_settled(&self, cluster: &Cluster) -> bool {
        let is_done = |place: &Place| cluster.told_by(place.server).queued == Some(0);
        self.agrees(cluster) && self.servers.iter().all(is_done)
    }

    fn begin_round(&self, round: u64, experiment: &mut Experiment) -> Result<(), Stop> {
        if self.agrees(&experiment.cluster) {
            return Ok(());
        }
        for Place { server, parent, children } in &self.servers {
            let order = Stabilize { round, parent: *parent, children: children.clone() };
            give(experiment, *server, order)?;
        }
        Ok(())
    }
}

/// Gives a server its place, if it lives. Before the next one gets its own, what the script wants to follow from it comes.
fn give(experiment: &mut Experiment, server: NodeName, order: Stabilize) -> Result<(), Stop> {
    if experiment.cluster.is_alive(server) {
        experiment.cluster.control(server, &Control::Stabilize(order))?;
        experiment.follow_conditions()?;
    }
    Ok(())
}

/// Does this server take steps? A pause that it misses this by has done something.
fn takes_part(cluster: &mut Cluster, server: NodeName) -> bool {
    cluster.note_absence(server);
    cluster.is_alive(server) && !cluster.is_paused(server)
}

/// The components of those among `servers` that live and are not paused; two are neighbours if the link between them is
/// open both ways: neither cut nor held.
fn components(cluster: &mut Cluster, servers: &[NodeName]) -> Vec<Component> {
    let mut unseen: BTreeSet<_> = servers.iter().copied().filter(|&server| takes_part(cluster, server)).collect();
    let mut components = Vec::new();
    while let Some(root) = unseen.pop_first() {
        components.push(component_from(root, &mut unseen, |one, other| cluster.switch().connects(one, other)));
    }
    components
}

fn component_from(
    root: NodeName,
    unseen: &mut BTreeSet<NodeName>,
    mut is_open: impl FnMut(NodeName, NodeName) -> bool,
) -> Component {
    let mut servers = Vec::new();
    let mut queue = VecDeque::from([(root, None)]);
    while let Some((server, parent)) = queue.pop_front() {
        let children: Vec<_> = unseen.iter().copied().filter(|&other| is_open(server, other)).collect();
        for &child in &children {
            unseen.remove(&child);
            queue.push_back((child, Some(server)));
        }
        servers.push(Place { server, parent, children });
    }
    Component { servers }
}

/// Which servers of a component differ: they are listed by what they hold.
fn describe_difference(components: &[Component], cluster: &Cluster) -> String {
    let mut sentences = Vec::new();
    for component in components.iter().filter(|component| !component.agrees(cluster)) {
        let mut groups: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for place in &component.servers {
            groups.entry(cluster.digest(place.server)).or_default().push(place.server.to_string());
        }
        let describe = |(digest, names): (Option<_>, Vec<String>)| match digest {
            Some(_) => names.join(" = "),
            None => format!("{} without a digest", names.join(", ")),
        };
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by(|one, other| one.1.cmp(&other.1));
        sentences.push(groups.into_iter().map(describe).collect::<Vec<_>>().join(" differs from "));
    }
    sentences.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(number: u32) -> NodeName {
        NodeName::server(number)
    }

    #[test]
    fn the_tree_is_breadth_first_from_the_smallest_id() {
        // 1 - 2 - 4, 1 - 3 - 4, 5 alone.
        let links = [(s(1), s(2)), (s(1), s(3)), (s(2), s(4)), (s(3), s(4))];
        let is_open = |one, other| links.contains(&(one, other)) || links.contains(&(other, one));
        let mut unseen = BTreeSet::from([s(2), s(3), s(4), s(5)]);
        let component = component_from(s(1), &mut unseen, is_open);
        let place = |server, parent, children: &[NodeName]| Place { server, parent, children: children.to_vec() };
        assert_eq!(
            component.servers,
            [
                place(s(1), None, &[s(2), s(3)]),
                place(s(2), Some(s(1)), &[s(4)]),
                place(s(3), Some(s(1)), &[]),
                place(s(4), Some(s(2)), &[]),
            ]
        );
        assert_eq!(unseen, BTreeSet::from([s(5)]));
    }
}
