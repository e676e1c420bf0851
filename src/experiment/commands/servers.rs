//! Servers: how they start, how they die, and what they hold.

use super::{Entry, Function, parameter};
use crate::base::{NodeKind, NodeName};
use crate::cluster::{Armed, Cluster, CrashPoint, Stop};
use crate::experiment::holdings::Holding;
use crate::experiment::run::Experiment;
use crate::script::{
    Argument, ByHand, Choice, Console, Given, Invocation, Parameter, ParameterKind, Phase, Shape, Shown, Side,
};
use crate::wire::control::Control;
use crate::wire::printed;

/// `joinServer ID`
pub(super) static JOIN_SERVER: Entry = Entry {
    name: "joinServer",
    aliases: &[],
    parameters: &[parameter("ID", ParameterKind::NewServer)],
    phase: Phase::Step,
    consoles: &[],
    summary: "Starts a server and links it to all others.",
    details: "A server that is dead is started again with what is on its disk, and the cuts of its own links are lifted; \
              `restart` leaves them.",
    example: "joinServer 1",
    scripts: &[],
    run: Function(join_server),
};

fn join_server(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let server = invocation.node(0);
    if experiment.cluster.is_alive(server) {
        return experiment.refuse(&format!("{} is already there", server.in_words()));
    }
    experiment.cluster.switch().mend_all_of(server);
    let is_new = experiment.roster.add_server(server);
    if is_new && experiment.cluster.join_apart(server)? {
        experiment.warn(&format!("{server} joins during a partition, and is alone"))?;
    }
    experiment.start(server)?;
    if is_new { tell_members(experiment, server) } else { Ok(()) }
}

/// Tells the other servers that there is a new one.
fn tell_members(experiment: &mut Experiment, new: NodeName) -> Result<(), Stop> {
    let servers = experiment.roster.servers();
    let members = Control::Members { servers: servers.clone() };
    for server in servers {
        if server != new && experiment.cluster.is_alive(server) {
            experiment.cluster.control(server, &members)?;
        }
    }
    Ok(())
}

/// `killServer ID`
pub(super) static KILL_SERVER: Entry = Entry {
    name: "killServer",
    aliases: &["kill", "failProcess"],
    parameters: &[parameter("SERVERS", ParameterKind::Targets(Some(NodeKind::Server)))],
    phase: Phase::Step,
    consoles: &[
        Console {
            of: NodeKind::Server,
            names: &["failProcess", "kill", "killServer"],
            shape: Shape::Own,
            example: "s1: failProcess",
            summary: "Crashes this server at once.",
            by_hand: ByHand::Fail,
        },
        Console {
            of: NodeKind::Server,
            names: &["e"],
            shape: Shape::Own,
            example: "s1: e",
            summary: "Leaves.",
            by_hand: ByHand::Leave,
        },
    ],
    summary: "Kills a server at once; it is dead when the next command begins.",
    details: "What it had sent is still delivered, and what it had written is still there when it is started again; `crash` \
              takes what it had not synced. Under gossip its clients do not have it until they are joined or connected again; \
              under consensus they have all servers, and go on to another one.",
    example: "killServer 1",
    scripts: &["process/a-kill-keeps-and-a-crash-keeps-what-was-synced"],
    run: Function(kill_server),
};

fn kill_server(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    for server in experiment.targets(invocation, 0, Cluster::is_alive)? {
        if experiment.cluster.is_alive(server) {
            experiment.cluster.kill(server)?;
            experiment.mourn()?;
        } else {
            experiment.refuse(&format!("{} is already dead", server.in_words()))?;
        }
    }
    Ok(())
}

/// `crash SERVERS [after N outputs|when sends TYPE to B [before|after]]`
pub(super) static CRASH: Entry = Entry {
    name: "crash",
    aliases: &[],
    parameters: &[
        parameter("SERVERS", ParameterKind::Targets(Some(NodeKind::Server))),
        Parameter { name: "POINT", kind: ParameterKind::Choice(CRASH_POINTS), given: Given::Perhaps },
    ],
    phase: Phase::Step,
    consoles: &[],
    summary: "Kills a server as a loss of power does: what it has not synced is lost.",
    details: "With `after N outputs` it happens later, when the server has put out so many more lines: messages, timers, \
              appends, syncs. They have happened; what follows them in the same step has not, and with 0 nothing of its next \
              step has. With `when sends TYPE to B` it happens at the next such message (B may be `*`), which is the last \
              that the server sends; with `before` it is not sent. A crash waits for the server's next life if there is none \
              now, and one that never comes is a warning. docs/faults.md says which output is which.",
    example: "crash 1 after 3 outputs",
    scripts: &[
        "process/a-kill-keeps-and-a-crash-keeps-what-was-synced",
        "process/a-crash-between-append-and-sync",
        "process/a-crash-at-a-message-before-and-after-it",
    ],
    run: Function(crash),
};

static CRASH_POINTS: &[Choice] = &[
    Choice { word: "after", parameter: Some(parameter("N", ParameterKind::Count("outputs"))) },
    Choice { word: "when", parameter: Some(parameter("MESSAGE", ParameterKind::SendingPoint)) },
];

fn crash(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let point = invocation.optional_choice(1).map(|(_, argument)| point_of(argument));
    let line = invocation.place.line;
    for server in experiment.targets(invocation, 0, Cluster::is_alive)? {
        if let Some(point) = &point {
            let replaced = experiment.cluster.crash_later(server, Armed { point: point.clone(), line });
            replaced.map_or(Ok(()), |idle| experiment.warn_of_idle(idle))?;
        } else if experiment.cluster.is_alive(server) {
            experiment.cluster.crash(server)?;
            experiment.mourn()?;
        } else {
            experiment.refuse(&format!("{} is already dead", server.in_words()))?;
        }
    }
    Ok(())
}

/// The point that stands behind `after` or `when`.
fn point_of(argument: &Argument) -> CrashPoint {
    match argument {
        Argument::Number(outputs) => CrashPoint::After(*outputs),
        Argument::Sending(sending) => CrashPoint::Sends {
            kind: sending.kind.clone(),
            to: sending.recipient(),
            is_sent: sending.side != Some(Side::Before),
        },
        other => unreachable!("the table knows no point of a crash {other:?}"),
    }
}

/// `restart S`
pub(super) static RESTART: Entry = Entry {
    name: "restart",
    aliases: &[],
    parameters: &[parameter("SERVERS", ParameterKind::Targets(Some(NodeKind::Server)))],
    phase: Phase::Step,
    consoles: &[],
    summary: "Starts a dead server again, with what is on its disk.",
    details: "Its links are as they were: a cut stays until it is mended. Under gossip its clients have it again when they \
              are joined or connected again. Under consensus it shows what its disk says is decided, and the rest when it \
              hears of that from a leader.",
    example: "restart 1",
    scripts: &["process/restart-lifts-nothing-and-joinServer-lifts-cuts"],
    run: Function(restart),
};

fn restart(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    for server in experiment.targets(invocation, 0, |cluster, server| !cluster.is_alive(server))? {
        if experiment.cluster.is_alive(server) {
            experiment.refuse(&format!("{} is alive; `kill` or `crash` it first", server.in_words()))?;
        } else {
            experiment.start(server)?;
        }
    }
    Ok(())
}

/// `printStore ID`
pub(super) static PRINT_STORE: Entry = Entry {
    name: "printStore",
    aliases: &["printKVStore"],
    parameters: &[parameter("ID", ParameterKind::Server)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["printKVStore", "printStore", "print kv"],
        shape: Shape::Own,
        example: "s1: printKVStore",
        summary: "Prints this server's store, one `key:value` a line, sorted by key in byte order.",
        by_hand: ByHand::Show(Shown::Store),
    }],
    summary: "Prints a server's store, one `key:value` a line, sorted by key in byte order.",
    details: "A dead server and a paused one print nothing, with a warning.",
    example: "printStore 1",
    scripts: &[],
    run: Function(print_store),
};

fn print_store(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let Some(store) = look_at(experiment, invocation.node(0), "store", Cluster::inspect_store)? else { return Ok(()) };
    let lines = printed::store(store.iter().map(|(key, value)| (key, value)));
    lines.iter().try_for_each(|line| experiment.print(line))
}

/// A part of a server's state; none, with a warning, if the server is dead or paused, or has no such part.
pub(super) fn look_at<T>(
    experiment: &mut Experiment,
    server: NodeName,
    part: &str,
    inspect: impl FnOnce(&mut Cluster, NodeName) -> Result<Option<T>, Stop>,
) -> Result<Option<T>, Stop> {
    let why = match experiment.holding(server, inspect)? {
        Holding::Shown(shown) => return Ok(Some(shown)),
        Holding::NotShown => format!("shows no {part}"),
        Holding::Paused => "is paused, and prints nothing".to_owned(),
        Holding::Dead => "is dead, and prints nothing".to_owned(),
    };
    experiment.refuse(&format!("{} {why}", server.in_words()))?;
    Ok(None)
}

/// `printBlockchain ID`
pub(super) static PRINT_BLOCKCHAIN: Entry = Entry {
    name: "printBlockchain",
    aliases: &[],
    parameters: &[parameter("ID", ParameterKind::Server)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["printBlockchain", "print blockchain", "print bc"],
        shape: Shape::Own,
        example: "s1: print bc",
        summary: "Prints the blocks that are decided, one a line.",
        by_hand: ByHand::Show(Shown::Blockchain),
    }],
    summary: "Prints a server's blockchain, one block a line.",
    details: "HEIGHT OPERATION client=C request=N nonce=K previous=HASH hash=HASH. The chain is verified; a flaw fails the \
              run. Under gossip each server's chain is its own: the writes that won there, in the order applied.",
    example: "printBlockchain 1",
    scripts: &[],
    run: Function(print_blockchain),
};

fn print_blockchain(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let server = invocation.node(0);
    let Some(blocks) = look_at(experiment, server, "blockchain", Cluster::inspect_chain)? else { return Ok(()) };
    blocks.iter().try_for_each(|block| experiment.print(&block.to_string()))?;
    experiment.find_flaw(server, &blocks)
}

/// `printDepth ID`
pub(super) static PRINT_DEPTH: Entry = Entry {
    name: "printDepth",
    aliases: &[],
    parameters: &[parameter("ID", ParameterKind::Server)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["printDepth", "print depth"],
        shape: Shape::Own,
        example: "s1: print depth",
        summary: "Prints how many blocks are decided.",
        by_hand: ByHand::Show(Shown::Depth),
    }],
    summary: "Prints how many blocks a server's blockchain has.",
    details: "Those that are decided.",
    example: "printDepth 1",
    scripts: &["consensus/what-waits-is-shown-in-queue-and-log"],
    run: Function(|experiment, invocation| {
        match look_at(experiment, invocation.node(0), "blockchain", Cluster::inspect_chain)? {
            Some(blocks) => experiment.print(&blocks.len().to_string()),
            None => Ok(()),
        }
    }),
};
