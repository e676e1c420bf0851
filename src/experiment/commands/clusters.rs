//! A whole cluster at once.

use super::{Entry, Function, protocols_in};
use crate::base::{NodeName, limits};
use crate::cluster::Stop;
use crate::experiment::run::Experiment;
use crate::protocol::Protocol;
use crate::script::{Between, Given, Invocation, Parameter, ParameterKind, Phase};
use crate::wire::control::{PreVote, Reads, Variant};

/// Where among the parameters of [`CLUSTER`] the protocols stand.
pub(super) const PROTOCOLS_AT: usize = 2;

/// `cluster servers=N [clients=M] [protocol=NAME,...] [seed=NUMBER] [reads=READS] [prevote=PREVOTE]`
pub(super) static CLUSTER: Entry = Entry {
    name: "cluster",
    aliases: &[],
    parameters: &[
        Parameter {
            name: "N",
            kind: ParameterKind::NewServers(limits::CLUSTER_SERVERS),
            given: Given::Named("servers"),
        },
        Parameter {
            name: "M",
            kind: ParameterKind::NewClients(limits::CLUSTER_CLIENTS),
            given: Given::MayBeNamed("clients"),
        },
        Parameter {
            name: "NAME",
            kind: ParameterKind::Ranked(Protocol::names, Between::Commas),
            given: Given::MayBeNamed("protocol"),
        },
        Parameter { name: "NUMBER", kind: ParameterKind::Seed, given: Given::MayBeNamed("seed") },
        Parameter { name: "READS", kind: ParameterKind::OneOf(Reads::names), given: Given::MayBeNamed("reads") },
        Parameter { name: "PREVOTE", kind: ParameterKind::OneOf(PreVote::names), given: Given::MayBeNamed("prevote") },
    ],
    phase: Phase::Founding,
    consoles: &[],
    summary: "Starts servers s1, s2, … and clients c1, c2, … at once, all servers linked to all.",
    details: "Client i is joined to server i, and where there are fewer servers, from s1 on again. A number is then the \
              server or the client that a command asks for, and a server where it may be either; s1 and c1 are always \
              clear. `joinServer` and `joinClient` add more. `protocol` and `seed` are the settings of these names. \
              Under consensus `reads=index` answers gets from the store, without a block for each, once a majority has \
              confirmed the leader; without it a get is a block like a put. Under raft `prevote=off` lets a server raise its \
              term without asking first whether it would be elected; multi-paxos has no such vote, and passes over it.",
    example: "cluster servers=5 clients=2 seed=7",
    scripts: &[],
    run: Function(cluster),
};

fn cluster(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    experiment.set_protocols(&protocols_in(invocation));
    if let Some(seed) = invocation.optional_number(3) {
        experiment.set_seed(seed);
    }
    let reads = invocation.optional_text(4).and_then(Reads::named);
    let prevote = invocation.optional_text(5).and_then(PreVote::named);
    experiment.variant = Variant { reads: reads.unwrap_or_default(), prevote: prevote.unwrap_or_default() };
    experiment.begin()?;
    let servers = numbered(invocation.optional_number(0), NodeName::server);
    // All are known before the first one starts, so that its first order names them all.
    for &server in &servers {
        experiment.roster.add_server(server);
    }
    for &server in &servers {
        experiment.start(server)?;
    }
    let clients = numbered(invocation.optional_number(1), NodeName::client);
    for (client, &server) in clients.into_iter().zip(servers.iter().cycle()) {
        experiment.start(client)?;
        experiment.join(client, server)?;
    }
    Ok(())
}

/// The nodes from 1 to `count`.
fn numbered(count: Option<u64>, name: impl Fn(u32) -> NodeName) -> Vec<NodeName> {
    let count = u32::try_from(count.unwrap_or(0)).expect("the parser holds the number within its limits");
    (1..=count).map(name).collect()
}

/// Does a command choose something that only protocols with consensus have?
pub fn needs_consensus(invocation: &Invocation<Function>) -> bool {
    invocation.command.name == CLUSTER.name && (4..=5).any(|place| invocation.optional_text(place).is_some())
}
