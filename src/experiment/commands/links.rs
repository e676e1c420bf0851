//! Links: connections as clients know them, and faults of the network that nobody is told of.

use super::{Entry, Function, parameter};
use crate::base::{NodeName, Span};
use crate::cluster::Stop;
use crate::experiment::run::Experiment;
use crate::network::Delay;
use crate::script::{Given, Invocation, Parameter, ParameterKind, Phase};

const ENDS: [Parameter; 2] = [parameter("A", ParameterKind::LinkEnd), parameter("B", ParameterKind::LinkEnd)];

/// `breakConnection A B`
pub(super) static BREAK_CONNECTION: Entry = Entry {
    name: "breakConnection",
    aliases: &[],
    parameters: &ENDS,
    phase: Phase::Step,
    summary: "Breaks a connection between two servers, or between a client and a server.",
    details: "Messages on the link are lost. A client is told that the server is its own no longer; servers are told \
              nothing.",
    example: "breakConnection 0 1",
    run: Function(break_connection),
};

fn break_connection(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let link = Link::of(invocation);
    let has_dead_server = warn_of_dead_server(experiment, &link)?;
    let was_open = experiment.cluster.switch().cut(link.ends.0, link.ends.1);
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

    /// Warns that a command found the link as it wanted it.
    fn warn(&self, experiment: &mut Experiment, state: &str) -> Result<(), Stop> {
        let (one, other) = self.in_words();
        experiment.warn(&format!("the link between {one} and {other} is {state}"))
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

/// `cut A B`
pub(super) static CUT: Entry = Entry {
    name: "cut",
    aliases: &["failLink"],
    parameters: &ENDS,
    phase: Phase::Step,
    summary: "Cuts the link between two nodes, both ways: messages on it are lost, those in flight too.",
    details: "Nobody is told: a client goes on asking a server that it is cut from, until its operation's limit.",
    example: "cut 0 1",
    run: Function(|experiment, invocation| {
        let link = Link::of(invocation);
        let was_open = experiment.cluster.switch().cut(link.ends.0, link.ends.1);
        if was_open { Ok(()) } else { link.warn(experiment, "already cut") }
    }),
};

/// `mend A B`
pub(super) static MEND: Entry = Entry {
    name: "mend",
    aliases: &["fixLink"],
    parameters: &ENDS,
    phase: Phase::Step,
    summary: "Lifts the cut of the link between two nodes, both ways.",
    details: "What was lost stays lost.",
    example: "mend 0 1",
    run: Function(|experiment, invocation| {
        let link = Link::of(invocation);
        let was_cut = experiment.cluster.switch().mend(link.ends.0, link.ends.1);
        if was_cut { Ok(()) } else { link.warn(experiment, "not cut") }
    }),
};

/// `delay A B DELAY [jitter JITTER]`
pub(super) static DELAY: Entry = Entry {
    name: "delay",
    aliases: &[],
    parameters: &[
        ENDS[0],
        ENDS[1],
        parameter("DELAY", ParameterKind::Duration),
        Parameter { name: "JITTER", kind: ParameterKind::Duration, given: Given::After("jitter") },
    ],
    phase: Phase::Step,
    summary: "Messages between two nodes take so long from now on, both ways; without it, 1ms.",
    details: "With jitter, each message draws its delay evenly from DELAY - JITTER to DELAY + JITTER, never less than \
              nothing. Messages of one link stay in order. What is in flight already is not delayed further.",
    example: "delay 0 1 50ms jitter 10ms",
    run: Function(|experiment, invocation| {
        let delay = delay_of_entry(invocation);
        let (one, other) = (invocation.node(0), invocation.node(1));
        let seed = experiment.cluster.seed();
        experiment.cluster.switch().set_delay(one, other, delay, seed, &invocation.canonical());
        Ok(())
    }),
};

/// The delay that a command sets, if it is one that sets a delay.
#[must_use]
pub fn delay_of(invocation: &Invocation<Function>) -> Option<Delay> {
    std::ptr::eq(invocation.command, &raw const DELAY).then(|| delay_of_entry(invocation))
}

fn delay_of_entry(invocation: &Invocation<Function>) -> Delay {
    Delay { base: invocation.duration(2), jitter: invocation.optional_duration(3).unwrap_or(Span(0)) }
}
