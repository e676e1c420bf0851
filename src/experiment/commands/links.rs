//! Links: connections as clients know them, and faults of the network that nobody is told of.

use super::{Entry, Function, parameter};
use crate::base::{NodeKind, NodeName, Span};
use crate::cluster::{Cluster, Stop};
use crate::experiment::casting::players_of;
use crate::experiment::run::Experiment;
use crate::network::Delay;
use crate::script::{Choice, Given, Grouping, Invocation, Parameter, ParameterKind, Phase, Target};

const ENDS: [Parameter; 2] = [parameter("A", ParameterKind::LinkEnd), parameter("B", ParameterKind::LinkEnd)];

/// `breakConnection A B`
pub(super) static BREAK_CONNECTION: Entry = Entry {
    name: "breakConnection",
    aliases: &[],
    parameters: &ENDS,
    phase: Phase::Step,
    console: None,
    summary: "Breaks a connection between two servers, or between a client and a server.",
    details: "Messages on the link are lost. A client is told that the server is its own no longer; servers are told \
              nothing.",
    example: "breakConnection 0 1",
    run: Function(break_connection),
};

fn break_connection(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let link = Link::of(invocation);
    let has_dead_server = warn_of_dead_server(experiment, &link)?;
    let (one, other) = link.ends;
    let was_cut = experiment.cluster.switch().is_cut(one, other);
    experiment.cluster.cut(one, other)?;
    experiment.cluster.cut(other, one)?;
    let was_open = !was_cut;
    let was_connected = match link.client {
        Some(client) => experiment.roster.is_attached(client, link.server),
        None => was_open,
    };
    if let Some(client) = link.client.filter(|_| was_connected) {
        experiment.roster.detach(client, link.server);
        experiment.tell_servers(client)?;
    }
    if was_connected || has_dead_server {
        Ok(())
    } else {
        let (one, other) = link.in_words();
        experiment.warn(&format!("{one} and {other} are not connected"))
    }
}

/// `createConnection A B`
pub(super) static CREATE_CONNECTION: Entry = Entry {
    name: "createConnection",
    aliases: &[],
    parameters: &ENDS,
    phase: Phase::Step,
    console: None,
    summary: "Creates or restores a connection between two servers, or between a client and a server.",
    details: "A client may have several servers; it picks one for each operation. If a server is dead, only the cut of \
              the link is lifted, with a warning.",
    example: "createConnection 0 1",
    run: Function(create_connection),
};

fn create_connection(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let link = Link::of(invocation);
    let was_cut = experiment.cluster.switch().mend(link.ends.0, link.ends.1);
    if warn_of_dead_server(experiment, &link)? {
        return Ok(());
    }
    let was_connected = match link.client {
        Some(client) => experiment.roster.is_attached(client, link.server),
        None => true,
    };
    if let Some(client) = link.client.filter(|_| !was_connected) {
        experiment.roster.attach(client, link.server);
        experiment.tell_servers(client)?;
    }
    if was_connected && !was_cut {
        let (one, other) = link.in_words();
        experiment.warn(&format!("{one} and {other} are already connected"))
    } else {
        Ok(())
    }
}

/// A link that a command names: at least one end is a server.
struct Link {
    ends: (NodeName, NodeName),
    client: Option<NodeName>,
    /// The server, if the other end is a client; else one of the two.
    server: NodeName,
}

impl Link {
    fn of(invocation: &Invocation<Function>) -> Self {
        let ends = (invocation.node(0), invocation.node(1));
        let (client, server) = match ends {
            (one, other) if !one.is_server() => (Some(one), other),
            (one, other) if !other.is_server() => (Some(other), one),
            (one, _) => (None, one),
        };
        Self { ends, client, server }
    }

    fn in_words(&self) -> (String, String) {
        (self.ends.0.in_words(), self.ends.1.in_words())
    }

    fn servers(&self) -> impl Iterator<Item = NodeName> {
        [self.ends.0, self.ends.1].into_iter().filter(|node| node.is_server())
    }
}

/// A command on a connection with a dead server changes the link only. Was there one?
fn warn_of_dead_server(experiment: &mut Experiment, link: &Link) -> Result<bool, Stop> {
    let dead = link.servers().find(|&server| !experiment.cluster.is_alive(server));
    if let Some(server) = dead {
        experiment.warn(&format!("{} is dead: only the link is changed", server.in_words()))?;
    }
    Ok(dead.is_some())
}

const LINKS: Parameter = parameter("LINKS", ParameterKind::Links);

/// The links that an invocation names, each direction by itself.
fn links_of(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<Vec<(NodeName, NodeName)>, Stop> {
    let cast = experiment.cast(invocation, |_, _| true)?;
    let of_role = |role| cast.get(&role).cloned().unwrap_or_default();
    Ok(invocation.links(0).directed(&experiment.cluster.names(), of_role))
}

/// Does something to each direction that an invocation names; warns if none was otherwise before.
fn change(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    state: &str,
    act: impl Fn(&mut Cluster, NodeName, NodeName) -> Result<bool, Stop>,
) -> Result<(), Stop> {
    let mut changed = 0;
    for (from, to) in links_of(experiment, invocation)? {
        changed += usize::from(act(&mut experiment.cluster, from, to)?);
    }
    match invocation.links(0).single() {
        _ if changed > 0 => Ok(()),
        Some((one, other)) => {
            experiment.warn(&format!("the link between {} and {} is {state}", one.in_words(), other.in_words()))
        }
        None => experiment.warn(&format!("every link that is named is {state}")),
    }
}

/// `cut A [->] B`
pub(super) static CUT: Entry = Entry {
    name: "cut",
    aliases: &["failLink"],
    parameters: &[LINKS],
    phase: Phase::Step,
    console: Some(NodeKind::Server),
    summary: "Cuts links: messages on them are lost, those in flight and those held too.",
    details: "Both ways between two nodes; with `->` from the first to the second only. An end may be several nodes with \
              commas between them, or `*` for all that have joined. Nobody is told: a client goes on asking a server that \
              it is cut from, until its operation's limit.",
    example: "cut 0 -> 1",
    run: Function(|experiment, invocation| {
        change(experiment, invocation, "already cut", |cluster, from, to| cluster.cut(from, to))
    }),
};

/// `mend A [->] B`
pub(super) static MEND: Entry = Entry {
    name: "mend",
    aliases: &["fixLink"],
    parameters: &[LINKS],
    phase: Phase::Step,
    console: Some(NodeKind::Server),
    summary: "Lifts the cut of links.",
    details: "Links are named as with `cut`. What was lost stays lost.",
    example: "mend 0 1",
    run: Function(|experiment, invocation| {
        change(experiment, invocation, "not cut", |cluster, from, to| Ok(cluster.switch().mend_one_way(from, to)))
    }),
};

/// `hold A [->] B`
pub(super) static HOLD: Entry = Entry {
    name: "hold",
    aliases: &[],
    parameters: &[LINKS],
    phase: Phase::Step,
    console: None,
    summary: "Lets messages on links wait, those in flight too, until `release`.",
    details: "Links are named as with `cut`, which loses what is held.",
    example: "hold 0 -> 1",
    run: Function(|experiment, invocation| {
        change(experiment, invocation, "already held", |cluster, from, to| Ok(cluster.switch().hold(from, to)))
    }),
};

/// `release A [->] B`
pub(super) static RELEASE: Entry = Entry {
    name: "release",
    aliases: &[],
    parameters: &[LINKS],
    phase: Phase::Step,
    console: None,
    summary: "Lets messages that `hold` made wait go on, in their order.",
    details: "Links are named as with `cut`. What was in flight when it was held arrives at once; what was sent since takes \
              the delay of its link.",
    example: "release 0 1",
    run: Function(|experiment, invocation| {
        change(experiment, invocation, "not held", |cluster, from, to| cluster.release_link(from, to))
    }),
};

/// `loss A [->] B PERCENT`
pub(super) static LOSS: Entry = Entry {
    name: "loss",
    aliases: &[],
    parameters: &[LINKS, parameter("PERCENT", ParameterKind::Percent)],
    phase: Phase::Step,
    console: None,
    summary: "Links lose this part of their messages from now on, drawn for each; 0% ends it.",
    details: "Links are named as with `cut`. Draws are keyed: a message more on one link changes none on another.",
    example: "loss 0 1 5%",
    run: Function(|experiment, invocation| {
        let seed = experiment.cluster.seed();
        let order = experiment.cluster.switch().order(seed, &invocation.canonical());
        for link in links_of(experiment, invocation)? {
            experiment.cluster.switch().set_loss(link, invocation.number(1), order);
        }
        Ok(())
    }),
};

/// `isolate NODE`
pub(super) static ISOLATE: Entry = Entry {
    name: "isolate",
    aliases: &[],
    parameters: &[parameter("NODE", ParameterKind::Targets(None))],
    phase: Phase::Step,
    console: None,
    summary: "Cuts all links of a node, both ways.",
    details: "To those that have joined so far; `heal` lifts it.",
    example: "isolate 1",
    run: Function(|experiment, invocation| {
        for node in experiment.targets(invocation, 0, |_, _| true)? {
            let names = experiment.cluster.names();
            let mut changed = false;
            for other in names.into_iter().filter(|&other| has_link(node, other)) {
                changed |= experiment.cluster.cut(node, other)?;
                changed |= experiment.cluster.cut(other, node)?;
            }
            if !changed {
                experiment.warn(&format!("{} has no link that is open", node.in_words()))?;
            }
        }
        Ok(())
    }),
};

/// `partition NODES | NODES ...`
pub(super) static PARTITION: Entry = Entry {
    name: "partition",
    aliases: &[],
    parameters: &[parameter("GROUPS", ParameterKind::Groups(&[]))],
    phase: Phase::Step,
    console: None,
    summary: "Cuts all links between servers of different groups, and mends those within them.",
    details: "Groups stand between `|`. Servers that are not named are alone, with a warning. Clients keep their links, \
              unless they are named. A server that joins later is linked to all.",
    example: "partition 0 | 1",
    run: Function(partition),
};

fn partition(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let groups = match invocation.grouping(0) {
        Grouping::Named(groups) => groups,
        Grouping::Shape(_) => &[],
    };
    let cast = experiment.cast(invocation, |_, _| true)?;
    let is_in = |group: &Vec<Target>, node| group.iter().any(|member| players_of(member, &cast).contains(&node));
    let group_of = |node: NodeName| groups.iter().position(|group| is_in(group, node));
    let names = experiment.cluster.names();
    let unnamed: Vec<_> = names.iter().filter(|node| node.is_server() && group_of(**node).is_none()).collect();
    if !unnamed.is_empty() {
        let unnamed: Vec<_> = unnamed.into_iter().map(ToString::to_string).collect();
        experiment.warn(&format!(
            "{} in no group, and so alone: {}",
            if unnamed.len() == 1 { "a server is" } else { "servers are" },
            unnamed.join(", ")
        ))?;
    }
    // A client that is not named is in every group.
    let is_apart = |one: NodeName, other: NodeName| match (group_of(one), group_of(other)) {
        (Some(one), Some(other)) => one != other,
        (None, Some(_)) => one.is_server(),
        (Some(_), None) => other.is_server(),
        (None, None) => one.is_server() && other.is_server(),
    };
    for &from in &names {
        for &to in names.iter().filter(|&&to| has_link(from, to)) {
            if is_apart(from, to) {
                experiment.cluster.cut(from, to)?;
            } else if group_of(from).is_some() && group_of(to).is_some() {
                experiment.cluster.switch().mend_one_way(from, to);
            }
        }
    }
    Ok(())
}

/// A node has no link with itself, and two clients have none.
fn has_link(one: NodeName, other: NodeName) -> bool {
    one != other && (one.is_server() || other.is_server())
}

/// `heal`
pub(super) static HEAL: Entry = Entry {
    name: "heal",
    aliases: &[],
    parameters: &[],
    phase: Phase::Step,
    console: None,
    summary: "Lifts every fault of the network but delays: cuts, holds, losses.",
    details: "What is held goes on. Clients stay with the servers that they have. It always succeeds.",
    example: "heal",
    run: Function(|experiment, _invocation| experiment.cluster.heal().map(|_| ())),
};

static NETWORK_ACTIONS: &[Choice] = &[Choice { word: "reset", parameter: None }];

/// `network reset`
pub(super) static NETWORK: Entry = Entry {
    name: "network",
    aliases: &[],
    parameters: &[parameter("ACTION", ParameterKind::Choice(NETWORK_ACTIONS))],
    phase: Phase::Step,
    console: None,
    summary: "`network reset` lifts every fault of the network, and delays too.",
    details: "What is in flight already arrives when it was to arrive.",
    example: "network reset",
    run: Function(|experiment, _invocation| {
        experiment.cluster.heal()?;
        experiment.cluster.switch().reset_delays();
        Ok(())
    }),
};

/// `delay A [->] B DELAY [jitter JITTER]`
pub(super) static DELAY: Entry = Entry {
    name: "delay",
    aliases: &[],
    parameters: &[
        LINKS,
        parameter("DELAY", ParameterKind::Duration),
        Parameter { name: "JITTER", kind: ParameterKind::Duration, given: Given::After("jitter") },
    ],
    phase: Phase::Step,
    console: None,
    summary: "Messages on links take so long from now on; without it, 1ms.",
    details: "Links are named as with `cut`. With jitter, each message draws its delay evenly from DELAY - JITTER to DELAY + \
              JITTER, never less than nothing. Messages of one link stay in order. What is in flight already is not delayed \
              further.",
    example: "delay 0 1 50ms jitter 10ms",
    run: Function(|experiment, invocation| {
        let delay = delay_of_entry(invocation);
        let seed = experiment.cluster.seed();
        let order = experiment.cluster.switch().order(seed, &invocation.canonical());
        for link in links_of(experiment, invocation)? {
            experiment.cluster.switch().set_delay(link, delay, order);
        }
        Ok(())
    }),
};

/// The delay that a command sets, if it is one that sets a delay.
#[must_use]
pub fn delay_of(invocation: &Invocation<Function>) -> Option<Delay> {
    std::ptr::eq(invocation.command, &raw const DELAY).then(|| delay_of_entry(invocation))
}

fn delay_of_entry(invocation: &Invocation<Function>) -> Delay {
    Delay { base: invocation.duration(1), jitter: invocation.optional_duration(2).unwrap_or(Span(0)) }
}
