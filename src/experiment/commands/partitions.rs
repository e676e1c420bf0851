//! Partitions: servers in groups that do not hear each other.

use super::{Entry, Function, parameter};
use crate::base::NodeName;
use crate::cluster::Stop;
use crate::experiment::casting::players_of;
use crate::experiment::run::Experiment;
use crate::network::{Division, Order};
use crate::script::{Grouping, Invocation, ParameterKind, Phase, Target};

const HALVES: &str = "halves";
const ONE: &str = "one";
const BRIDGE: &str = "bridge";
const RING: &str = "majorities-ring";

/// `partition NODES | NODES ...`, or `halves`, `one`, `bridge`, `majorities-ring`
pub(super) static PARTITION: Entry = Entry {
    name: "partition",
    aliases: &[],
    parameters: &[parameter("GROUPS", ParameterKind::Groups(&[HALVES, ONE, BRIDGE, RING]))],
    phase: Phase::Step,
    consoles: &[],
    summary: "Cuts all links between servers of different groups, and mends those within them.",
    details: "Groups stand between `|`. Servers that are not named are alone, with a warning; clients keep their links, \
              unless they are named: under consensus they reach all sides, so name them too, `partition s1 c1 | s2 s3 c2`. \
              halves: the first half of the servers and the rest. one: a server that is drawn, and \
              the rest. bridge: two halves, and one server that hears both. majorities-ring: each server hears a majority, \
              and no two the same. It is in force until `heal` or the next one: a server that joins meanwhile is alone.",
    example: "partition 0 | 1",
    scripts: &[
        "network/a-partition-has-groups-and-heal-joins-them",
        "network/a-partition-into-halves",
        "network/a-partition-of-one-is-drawn",
        "network/a-partition-with-a-bridge",
        "network/a-partition-into-a-ring-of-majorities",
    ],
    run: Function(|experiment, invocation| {
        let order = experiment.order(invocation);
        let servers: Vec<_> = experiment.cluster.names().into_iter().filter(|node| node.is_server()).collect();
        if servers.is_empty() {
            return experiment.refuse("there is no server: nothing is done");
        }
        let division = match invocation.grouping(0) {
            Grouping::Named(groups) => into_groups(experiment, invocation, groups)?,
            Grouping::Shape(HALVES) => Division::halves(&servers),
            Grouping::Shape(ONE) => Division::one(&servers, order.draw()),
            Grouping::Shape(BRIDGE) => Division::bridge(&servers),
            Grouping::Shape(RING) => Division::majorities_ring(&servers),
            Grouping::Shape(word) => unreachable!("the table knows no partition `{word}`"),
        };
        part(experiment, &division, order)
    }),
};

fn part(experiment: &mut Experiment, division: &Division, order: Order) -> Result<(), Stop> {
    experiment.cluster.partition(division, order)?;
    if division.cuts.is_empty() {
        // That it did nothing need not be told twice.
        experiment.cluster.switch().note_effect(order);
        return experiment.refuse("no link is cut: there is nobody to part");
    }
    Ok(())
}

fn into_groups(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    groups: &[Vec<Target>],
) -> Result<Division, Stop> {
    let cast = experiment.cast(invocation, |_, _| true)?;
    let members = |group: &Vec<Target>| group.iter().flat_map(|member| players_of(member, &cast)).collect();
    let groups: Vec<Vec<NodeName>> = groups.iter().map(members).collect();
    let names = experiment.cluster.names();
    let is_named = |node: &NodeName| groups.iter().any(|group| group.contains(node));
    let unnamed: Vec<_> = names.iter().filter(|node| node.is_server() && !is_named(node)).collect();
    if !unnamed.is_empty() {
        let unnamed: Vec<_> = unnamed.into_iter().map(ToString::to_string).collect();
        experiment.warn(&format!(
            "{} in no group, and so alone: {}",
            if unnamed.len() == 1 { "a server is" } else { "servers are" },
            unnamed.join(", ")
        ))?;
    }
    Ok(Division::into_groups(&groups, &names))
}
