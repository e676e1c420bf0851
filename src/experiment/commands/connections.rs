//! Connections, as clients know them: between two servers, or between a client and a server.

use super::{Entry, Function, parameter};
use crate::base::NodeName;
use crate::cluster::Stop;
use crate::experiment::run::Experiment;
use crate::network::both_ways;
use crate::protocol::Agreement;
use crate::script::{Invocation, Parameter, ParameterKind, Phase};

const ENDS: [Parameter; 2] = [parameter("A", ParameterKind::LinkEnd), parameter("B", ParameterKind::LinkEnd)];

/// `breakConnection A B`
pub(super) static BREAK_CONNECTION: Entry = Entry {
    name: "breakConnection",
    aliases: &[],
    parameters: &ENDS,
    phase: Phase::Step,
    consoles: &[],
    summary: "Breaks a connection between two servers, or between a client and a server.",
    details: "Messages on the link are lost. A client is told that the server is its own no longer; servers are told \
              nothing. Under consensus a client has all servers: it goes on with the others, and has none only when all \
              of its connections are broken.",
    example: "breakConnection 0 1",
    scripts: &["cs380d/partition", "consensus/a-client-has-all-servers-but-those-it-is-broken-off-from"],
    run: Function(break_connection),
};

fn break_connection(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let link = Link::of(invocation);
    let has_dead_server = warn_of_dead_server(experiment, &link)?;
    let (one, other) = link.ends;
    let was_open = !experiment.cluster.switch().is_cut(one, other);
    let order = experiment.order(invocation);
    experiment.cluster.cut(&both_ways(one, other), order)?;
    let was_connected = match link.client {
        Some(client) => experiment.servers_of(client).contains(&link.server),
        None => was_open,
    };
    if let Some(client) = link.client.filter(|_| was_connected) {
        experiment.take_server_of(client, link.server)?;
        experiment.cluster.switch().note_effect(order);
    }
    if was_connected || has_dead_server {
        Ok(())
    } else {
        // That it did nothing need not be told twice.
        experiment.cluster.switch().note_effect(order);
        let (one, other) = link.in_words();
        experiment.refuse(&format!("{one} and {other} are not connected"))
    }
}

/// `createConnection A B`
pub(super) static CREATE_CONNECTION: Entry = Entry {
    name: "createConnection",
    aliases: &[],
    parameters: &ENDS,
    phase: Phase::Step,
    consoles: &[],
    summary: "Creates or restores a connection between two servers, or between a client and a server.",
    details: "A client of gossip may have several servers, and picks one for each operation; under consensus it has all but \
              those whose connection is broken. If a server is dead, only the cut of the link is lifted, with a warning.",
    example: "createConnection 0 1",
    scripts: &["cs380d/partition"],
    run: Function(create_connection),
};

fn create_connection(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let link = Link::of(invocation);
    let was_cut = experiment.cluster.switch().mend_both_ways(link.ends.0, link.ends.1);
    let has_dead_server = warn_of_dead_server(experiment, &link)?;
    // Under gossip nobody is joined to the dead.
    if has_dead_server && experiment.agreement() == Agreement::Eventual {
        return Ok(());
    }
    let was_connected = match link.client {
        Some(client) => experiment.servers_of(client).contains(&link.server),
        None => true,
    };
    if let Some(client) = link.client.filter(|_| !was_connected) {
        experiment.add_server_of(client, link.server)?;
    }
    if has_dead_server {
        Ok(())
    } else if was_connected && !was_cut {
        let (one, other) = link.in_words();
        experiment.refuse(&format!("{one} and {other} are already connected"))
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
