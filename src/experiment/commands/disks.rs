//! Disks: the faults that a server's disk can have.

use super::{Entry, Function, parameter};
use crate::base::{NodeKind, Span};
use crate::cluster::{Cluster, Stop};
use crate::experiment::run::Experiment;
use crate::script::{Argument, Choice, Invocation, ParameterKind, Phase};
use crate::trace::DiskFault;

/// `disk S FAULT`
pub(super) static DISK: Entry = Entry {
    name: "disk",
    aliases: &[],
    parameters: &[
        parameter("SERVERS", ParameterKind::Targets(Some(NodeKind::Server))),
        parameter("FAULT", ParameterKind::Choice(FAULTS)),
    ],
    phase: Phase::Step,
    consoles: &[],
    summary: "Gives a server's disk a fault, or lifts those that it has.",
    details: "lie: syncs are not done, and what they should have saved is lost at the next crash. torn: at the next crash \
              the last append that was not synced is there by half. flip: a bit of the byte at this offset of the file \
              `log` is flipped. full: appends fail, and the server ends. slow: each sync takes so long; what the server \
              says after it waits. wipe: everything on it is gone, for a dead server only; under consensus it is a learner from \
              then on, which copies what is decided and never again votes, counts or leads. heal: lifts lie, torn, full \
              and slow; they last over restarts until then, torn until the next crash. docs/faults.md says more.",
    example: "disk 1 slow 50ms",
    scripts: &[
        "disk/a-lie-loses-what-was-acknowledged",
        "disk/a-torn-append-is-cut-off",
        "disk/a-flip-before-the-last-frame-is-refused",
        "disk/a-full-disk-ends-a-server",
        "disk/a-slow-disk-delays-answers-and-not-what-is-sent-early",
        "disk/a-wiped-server-begins-with-nothing",
        "consensus/a-server-that-lost-its-disk-only-learns",
        "disk/heal-lifts-every-fault-that-lasts",
    ],
    run: Function(order),
};

static FAULTS: &[Choice] = &[
    Choice { word: "lie", parameter: None },
    Choice { word: "torn", parameter: None },
    Choice { word: "flip", parameter: Some(parameter("OFFSET", ParameterKind::Number)) },
    Choice { word: "full", parameter: None },
    Choice { word: "slow", parameter: Some(parameter("TIME", ParameterKind::Duration)) },
    Choice { word: "wipe", parameter: None },
    Choice { word: "heal", parameter: None },
];

/// The fault that an invocation of `disk` orders.
fn fault_of(invocation: &Invocation<Function>) -> DiskFault {
    match invocation.choice(1) {
        ("lie", _) => DiskFault::Lie,
        ("torn", _) => DiskFault::Torn,
        ("flip", &Argument::Number(offset)) => DiskFault::Flip { offset },
        ("full", _) => DiskFault::Full,
        ("slow", &Argument::Duration(by)) => DiskFault::Slow { by },
        ("wipe", _) => DiskFault::Wipe,
        ("heal", _) => DiskFault::Heal,
        (word, argument) => unreachable!("the table knows no fault `{word}` with {argument:?}"),
    }
}

/// How long each sync takes because of this invocation, if it is one that slows a disk.
pub fn slowness_of(invocation: &Invocation<Function>) -> Option<Span> {
    if invocation.command.name != DISK.name {
        return None;
    }
    match fault_of(invocation) {
        DiskFault::Slow { by } => Some(by),
        DiskFault::Lie
        | DiskFault::Torn
        | DiskFault::Flip { .. }
        | DiskFault::Full
        | DiskFault::Wipe
        | DiskFault::Heal => None,
    }
}

fn order(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let fault = fault_of(invocation);
    let may = |cluster: &Cluster, server| fault != DiskFault::Wipe || !cluster.is_alive(server);
    for server in experiment.targets(invocation, 0, may)? {
        if fault == DiskFault::Wipe && experiment.cluster.is_alive(server) {
            experiment.refuse(&format!("{} is alive; `kill` or `crash` it first", server.in_words()))?;
            continue;
        }
        let idle = experiment.cluster.disk_fault(server, fault, invocation.place.line)?;
        idle.into_iter().try_for_each(|idle| experiment.warn_of_idle(idle))?;
    }
    Ok(())
}
