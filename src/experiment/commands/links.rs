//! Links, of which nobody is told: cut and mended, for all messages.

use std::collections::BTreeSet;

use super::{Entry, Function, parameter};
use crate::base::{NodeKind, NodeName};
use crate::cluster::{Cluster, Stop};
use crate::experiment::casting::players_of;
use crate::experiment::run::Experiment;
use crate::network::{DirectedLink, both_ways, have_link};
use crate::script::{ByHand, Console, Given, Invocation, Links, Parameter, ParameterKind, Phase, Shape, Shown};
use crate::wire::printed::{self, Broken};

const LINKS: Parameter = parameter("LINKS", ParameterKind::Links);

/// Does something to each direction that an invocation names, by its `links`; warns if there is none, or if all were in
/// that state already.
pub(super) fn change(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    links: &Links,
    change: Change<'_, impl FnOnce(&mut Cluster, &[DirectedLink]) -> Result<usize, Stop>>,
) -> Result<(), Stop> {
    let cast = experiment.cast(invocation, |_, _| true)?;
    let of_role = |role| cast.get(&role).cloned().unwrap_or_default();
    if let Some(console) = &invocation.console {
        warn_of_dead_server(experiment, console.name)?;
    }
    let directed = links.directed(&experiment.cluster.names(), of_role);
    if directed.is_empty() {
        return experiment.refuse("there is no such link: nothing is done");
    }
    let changed = (change.act)(&mut experiment.cluster, &directed)?;
    let state = change.otherwise;
    match links.single() {
        _ if changed > 0 => Ok(()),
        Some((one, other)) => {
            experiment.refuse(&format!("the link between {} and {} is {state}", one.in_words(), other.in_words()))
        }
        None => experiment.refuse(&format!("every link that is named is {state}")),
    }
}

/// Links of a dead server are changed all the same, which does not bring it back.
fn warn_of_dead_server(experiment: &mut Experiment, server: NodeName) -> Result<(), Stop> {
    if experiment.cluster.is_alive(server) {
        return Ok(());
    }
    let who = server.in_words();
    experiment.warn(&format!("{who} is dead, and only its links are changed; `restart {server}` brings it back"))
}

/// What is done to links.
pub(super) struct Change<'a, F> {
    /// What they are where it changes nothing.
    pub otherwise: &'a str,
    /// It; tells on how many it changes anything.
    pub act: F,
}

/// `cut A [->] B`
pub(super) static CUT: Entry = Entry {
    name: "cut",
    aliases: &["failLink"],
    parameters: &[LINKS],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["failLink", "cut"],
        shape: Shape::Link,
        example: "s1: failLink(1, 3)",
        summary: "Cuts the link to another server, both ways: by its id or its port.",
        by_hand: ByHand::Cut,
    }],
    summary: "Cuts links: messages on them are lost, those in flight and those held too.",
    details: "Both ways between two nodes; with `->` from the first to the second only. An end may be several nodes with \
              commas between them, or `*` for all that have joined. Nobody is told: a client goes on asking a server that \
              it is cut from, until its operation's limit.",
    example: "cut 0 -> 1",
    scripts: &["network/a-one-way-cut-lets-the-other-way-pass"],
    run: Function(|experiment, invocation| {
        let order = experiment.order(invocation);
        let act = |cluster: &mut Cluster, links: &[DirectedLink]| cluster.cut(links, order);
        change(experiment, invocation, invocation.links(0), Change { otherwise: "already cut", act })
    }),
};

/// `mend A [->] B`
pub(super) static MEND: Entry = Entry {
    name: "mend",
    aliases: &["fixLink"],
    parameters: &[LINKS],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["fixLink", "mend"],
        shape: Shape::Link,
        example: "s1: fixLink(1, 3)",
        summary: "Mends the link to another server, both ways.",
        by_hand: ByHand::Mend,
    }],
    summary: "Lifts the cut of links, also one by a partition.",
    details: "Links are named as with `cut`. What was lost stays lost.",
    example: "mend 0 1",
    scripts: &["network/a-one-way-cut-lets-the-other-way-pass"],
    run: Function(|experiment, invocation| {
        let act = |cluster: &mut Cluster, links: &[DirectedLink]| {
            Ok(links.iter().filter(|ends| cluster.switch().mend(**ends)).count())
        };
        change(experiment, invocation, invocation.links(0), Change { otherwise: "not cut", act })
    }),
};

/// `connect SERVER [BUT...]`
pub(super) static CONNECT: Entry = Entry {
    name: "connect",
    aliases: &[],
    parameters: &[
        parameter("SERVER", ParameterKind::Server),
        Parameter { name: "BUT", kind: ParameterKind::Several(NodeKind::Server), given: Given::Perhaps },
    ],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["reconnect", "c", "connect"],
        shape: Shape::Own,
        example: "s1: reconnect 3",
        summary: "Mends the links to all other servers, but for those that are named.",
        by_hand: ByHand::Connect,
    }],
    summary: "Mends the links of a server to all others, but for those that are named.",
    details: "What is connected already stays so, and so does what is named, as it is.",
    example: "connect 0",
    scripts: &[],
    run: Function(|experiment, invocation| {
        let cast = experiment.cast(invocation, |_, _| true)?;
        let but: BTreeSet<_> =
            invocation.optional_targets(1).iter().flat_map(|target| players_of(target, &cast)).collect();
        let server = invocation.node(0);
        warn_of_dead_server(experiment, server)?;
        for other in experiment.roster.servers() {
            if other != server && !but.contains(&other) {
                experiment.cluster.switch().mend_both_ways(server, other);
            }
        }
        Ok(())
    }),
};

/// `isolate NODE`
pub(super) static ISOLATE: Entry = Entry {
    name: "isolate",
    aliases: &[],
    parameters: &[parameter("NODES", ParameterKind::Targets(None))],
    phase: Phase::Step,
    consoles: &[],
    summary: "Cuts all links of a node, both ways.",
    details: "To those that have joined so far; `heal` lifts it.",
    example: "isolate 1",
    scripts: &["network/network-reset-lifts-delays-too"],
    run: Function(|experiment, invocation| {
        let order = experiment.order(invocation);
        let nodes = experiment.targets(invocation, 0, |_, _| true)?;
        let names = experiment.cluster.names();
        let links_of = |&node: &NodeName| {
            names.iter().filter(move |&&other| have_link(node, other)).flat_map(move |&other| both_ways(node, other))
        };
        let links: BTreeSet<_> = nodes.iter().flat_map(links_of).collect();
        if experiment.cluster.cut(&links.into_iter().collect::<Vec<_>>(), order)? == 0 && !nodes.is_empty() {
            let nodes: Vec<_> = nodes.into_iter().map(NodeName::in_words).collect();
            experiment.refuse(&format!("{} has no link that is open", nodes.join(", ")))?;
        }
        Ok(())
    }),
};

/// `printBrokenLinks NODE`
pub(super) static PRINT_BROKEN_LINKS: Entry = Entry {
    name: "printBrokenLinks",
    aliases: &[],
    parameters: &[parameter("NODE", ParameterKind::Node)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["printBrokenLinks", "print brokenLinks"],
        shape: Shape::Own,
        example: "s1: print brokenLinks",
        summary: "Prints which links of this server are cut, one a line.",
        by_hand: ByHand::Show(Shown::BrokenLinks),
    }],
    summary: "Prints which links of a node are cut, by a cut or a partition, one a line.",
    details: "`s1 s2` is cut both ways, `s1 -> s2` one way.",
    example: "printBrokenLinks 1",
    scripts: &["network/printBrokenLinks-shows-what-is-cut-at-a-node"],
    run: Function(|experiment, invocation| {
        let node = invocation.node(0);
        let others = experiment.cluster.names();
        for other in others.into_iter().filter(|&other| have_link(node, other)) {
            let switch = experiment.cluster.switch();
            let broken = match (switch.is_cut_one_way((node, other)), switch.is_cut_one_way((other, node))) {
                (false, false) => continue,
                (true, true) => Broken::BothWays,
                (true, false) => Broken::There,
                (false, true) => Broken::Back,
            };
            experiment.print(&printed::broken_link(node, other, broken))?;
        }
        Ok(())
    }),
};
