//! What there is only under consensus: leaders, and what waits to be decided.

use super::servers::look_at;
use super::{Entry, Function, parameter};
use crate::base::{NodeKind, NodeName};
use crate::cluster::{Cluster, Stop, Told};
use crate::experiment::run::Experiment;
use crate::script::{Argument, ByHand, Console, Invocation, ParameterKind, Phase, Shape, Shown};
use crate::wire::control::Control;
use crate::wire::{ServerRole, printed};

/// `nominate SERVERS`
pub(super) static NOMINATE: Entry = Entry {
    name: "nominate",
    aliases: &[],
    parameters: &[parameter("SERVERS", ParameterKind::Targets(Some(NodeKind::Server)))],
    phase: Phase::Step,
    consoles: &[
        Console {
            of: NodeKind::Server,
            names: &["nominate"],
            shape: Shape::OwnUnlessNamed,
            example: "s1: nominate",
            summary: "Asks this server to lead, or the one that is named.",
            by_hand: ByHand::Nominate,
        },
        Console {
            of: NodeKind::Client,
            names: &["nominate"],
            shape: Shape::Whole,
            example: "c1: nominate 2",
            summary: "Asks a server to lead.",
            by_hand: ByHand::Nominate,
        },
    ],
    summary: "Asks a server to lead.",
    details: "Under multi-paxos it asks for promises, and leads as soon as a majority gives them. Under raft the leader brings it \
              up to date first, and then lets it begin an election; if that does not come about in time, the leader goes on. If \
              the leader is dead or cut off, the server begins when it misses it, one or two election timeouts later. Servers elect a leader by themselves as well; under gossip nobody leads.",
    example: "nominate 1",
    scripts: &[],
    run: Function(|experiment, invocation| {
        for server in experiment.targets(invocation, 0, Cluster::is_alive)? {
            let name = server.in_words();
            if !experiment.cluster.is_alive(server) {
                experiment.refuse(&format!("{name} is dead, and leads nobody"))?;
            } else if experiment.cluster.told_by(server).role == Some(ServerRole::Learner) {
                experiment.refuse(&format!("{name} is a learner since it lost its disk, and never leads"))?;
            } else {
                experiment.cluster.control(server, &Control::Nominate)?;
            }
        }
        Ok(())
    }),
};

/// `printLeader`
pub(super) static PRINT_LEADER: Entry = Entry {
    name: "printLeader",
    aliases: &[],
    parameters: &[],
    phase: Phase::Step,
    consoles: &[],
    summary: "Prints the server that says that it leads, or `none`.",
    details: "Of several that say so, which are apart then, the one with the greatest ballot or term. One that was cut off may \
              not know that it leads no longer.",
    example: "printLeader",
    scripts: &["consensus/a-leader-that-crashes-is-replaced"],
    run: Function(|experiment, _invocation| {
        let leader = experiment.cluster.leader().map_or_else(|| "none".to_owned(), |leader| leader.to_string());
        experiment.print(&leader)
    }),
};

/// Does a command ask or tell who leads?
pub fn needs_a_leader(invocation: &Invocation<Function>) -> bool {
    let asks = |argument: &Argument| matches!(argument, Argument::Expectation(expectation) if expectation.claim.is_about_leaders());
    [NOMINATE.name, PRINT_LEADER.name, PRINT_ROLE.name].contains(&invocation.command.name)
        || invocation.arguments.iter().any(asks)
}

/// `printRole SERVER`
pub(super) static PRINT_ROLE: Entry = Entry {
    name: "printRole",
    aliases: &[],
    parameters: &[parameter("SERVER", ParameterKind::Server)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["printRole"],
        shape: Shape::Own,
        example: "s1: printRole",
        summary: "Prints which part this server plays, in which ballot or term, and how much waits.",
        by_hand: ByHand::Show(Shown::Role),
    }],
    summary: "Prints which part a server says that it plays, in which ballot or term, and how much waits there.",
    details: "leader, candidate (under raft also a server that only asks whether it would be elected, and has not raised its \
              term), follower or learner: a server that began without the disk that it had, and only copies what \
              is decided from then on. What waits is requests, and blocks that are not decided.",
    example: "printRole 1",
    scripts: &["consensus/a-leader-that-crashes-is-replaced", "consensus/a-server-that-lost-its-disk-only-learns"],
    run: Function(print_role),
};

fn print_role(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let server: NodeName = invocation.node(0);
    match experiment.cluster.told_by(server) {
        Told { role: Some(role), term, queued } => {
            let (term, queued) = (term.unwrap_or(0), queued.unwrap_or(0));
            experiment.print(&printed::role(role, term, queued))
        }
        Told { role: None, .. } => {
            let what = if experiment.cluster.is_alive(server) {
                "tells no part that it plays"
            } else {
                "is dead, and plays no part"
            };
            experiment.refuse(&format!("{} {what}", server.in_words()))
        }
    }
}

/// `printLog SERVER`
pub(super) static PRINT_LOG: Entry = Entry {
    name: "printLog",
    aliases: &[],
    parameters: &[parameter("SERVER", ParameterKind::Server)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["printLog"],
        shape: Shape::Own,
        example: "s1: printLog",
        summary: "Prints the blocks that this server has accepted, decided or not, one a line.",
        by_hand: ByHand::Show(Shown::Log),
    }],
    summary: "Prints all blocks that a server has accepted, decided or not, one a line.",
    details: "HEIGHT OPERATION client=C request=N decided, or in place of `decided`: accepted ballot=B, or term=T under \
              raft. What is only accepted may still be replaced by a leader. A no-op makes no block, and is not shown.",
    example: "printLog 1",
    scripts: &["consensus/what-waits-is-shown-in-queue-and-log"],
    run: Function(|experiment, invocation| {
        let log = look_at(experiment, invocation.node(0), "log", Cluster::inspect_log)?;
        log.iter().flatten().try_for_each(|entry| experiment.print(&entry.to_string()))
    }),
};

/// `printQueue SERVER`
pub(super) static PRINT_QUEUE: Entry = Entry {
    name: "printQueue",
    aliases: &[],
    parameters: &[parameter("SERVER", ParameterKind::Server)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["printQueue", "print rq"],
        shape: Shape::Own,
        example: "s1: print rq",
        summary: "Prints the requests that wait at this server to be decided, one a line.",
        by_hand: ByHand::Show(Shown::Queue),
    }],
    summary: "Prints the requests that wait at a server to be decided, one a line.",
    details: "OPERATION client=C request=N: first those that stand in its log, then those that it keeps until it leads, or \
              knows who does. What waits behind another operation of its client is at no server yet. Under gossip nothing \
              waits, and no server shows a queue.",
    example: "printQueue 1",
    scripts: &["consensus/what-waits-is-shown-in-queue-and-log"],
    run: Function(|experiment, invocation| {
        let queue = look_at(experiment, invocation.node(0), "queue", Cluster::inspect_queue)?;
        queue.iter().flatten().try_for_each(|request| experiment.print(&request.to_string()))
    }),
};
