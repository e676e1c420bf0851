//! Time: let it pass, or let it pass until stores are equal.

use super::{Entry, Function, parameter};
use crate::experiment::stabilization;
use crate::script::{ParameterKind, Phase};

/// `stabilize`
pub(super) static STABILIZE: Entry = Entry {
    name: "stabilize",
    aliases: &[],
    parameters: &[],
    phase: Phase::Passage,
    consoles: &[],
    summary: "Lets time pass until all servers that are connected hold the same.",
    details: "At most max(5 s, 20 times the largest delay) of virtual time; servers that still differ then fail the run \
              (exit code 1). Under consensus servers make their chains equal by themselves: it waits until all that are connected \
              to a majority hold one chain, and nothing waits there to be decided. The others are left out; where nobody is \
              a majority, it fails.",
    example: "stabilize",
    scripts: &["gossip/stabilize-reaches-everyone-in-a-row", "consensus/a-server-that-was-cut-off-catches-up"],
    run: Function(|experiment, _invocation| stabilization::stabilize(experiment)),
};

/// `wait TIME`
pub(super) static WAIT: Entry = Entry {
    name: "wait",
    aliases: &["sleep"],
    parameters: &[parameter("TIME", ParameterKind::Duration)],
    phase: Phase::Passage,
    consoles: &[],
    summary: "Lets virtual time pass.",
    details: "It costs no more real time than what happens in it.",
    example: "wait 2s",
    scripts: &[],
    run: Function(|experiment, invocation| experiment.wait(invocation.duration(0))),
};
