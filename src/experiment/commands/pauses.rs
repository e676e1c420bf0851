//! Pauses: servers that live and do nothing.

use super::{Entry, Function, parameter};
use crate::base::NodeKind;
use crate::cluster::{Cluster, Stop};
use crate::experiment::run::Experiment;
use crate::script::{Invocation, ParameterKind, Phase};

/// `pause S`
pub(super) static PAUSE: Entry = Entry {
    name: "pause",
    aliases: &[],
    parameters: &[parameter("SERVERS", ParameterKind::Targets(Some(NodeKind::Server)))],
    phase: Phase::Step,
    consoles: &[],
    summary: "Lets a server take no steps until it is resumed.",
    details: "It is alive and silent: messages, timers and orders that are due for it wait, and come in that order at \
              `resume`. What it has sent arrives, and its disk goes on. `stabilize` leaves it out, and it prints nothing. \
              `kill` and `crash` end it; what waited for it is lost. A pause in which nobody wanted anything of it is a \
              warning.",
    example: "pause 1",
    scripts: &["process/what-a-paused-server-is-sent-waits-until-it-is-resumed"],
    run: Function(pause),
};

fn pause(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let runs = |cluster: &Cluster, server| cluster.is_alive(server) && !cluster.is_paused(server);
    for server in experiment.targets(invocation, 0, runs)? {
        if !experiment.cluster.is_alive(server) {
            experiment.refuse(&format!("{} is dead: it cannot be paused", server.in_words()))?;
        } else if experiment.cluster.is_paused(server) {
            experiment.refuse(&format!("{} is already paused", server.in_words()))?;
        } else {
            experiment.cluster.pause(server, invocation.place.line)?;
        }
    }
    Ok(())
}

/// `resume S`
pub(super) static RESUME: Entry = Entry {
    name: "resume",
    aliases: &[],
    parameters: &[parameter("SERVERS", ParameterKind::Targets(Some(NodeKind::Server)))],
    phase: Phase::Step,
    consoles: &[],
    summary: "Lets a paused server take steps again.",
    details: "What has waited for it comes at this instant, in the order in which it became due; messages whose link was cut \
              since they were sent are lost.",
    example: "resume 1",
    scripts: &["process/what-a-paused-server-is-sent-waits-until-it-is-resumed"],
    run: Function(resume),
};

fn resume(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    for server in experiment.targets(invocation, 0, Cluster::is_paused)? {
        if experiment.cluster.is_paused(server) {
            let idle = experiment.cluster.resume(server)?;
            idle.map_or(Ok(()), |idle| experiment.warn_of_idle(idle))?;
        } else {
            experiment.refuse(&format!("{} is not paused", server.in_words()))?;
        }
    }
    Ok(())
}
