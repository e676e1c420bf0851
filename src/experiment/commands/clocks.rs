//! Clocks: nodes whose own time is not the run's.

use super::{Entry, Function, parameter};
use crate::base::ClockRate;
use crate::cluster::Stop;
use crate::experiment::run::Experiment;
use crate::script::{Argument, Choice, Invocation, ParameterKind, Phase};
use crate::trace::ClockFault;

/// `clock NODE CHANGE`
pub(super) static CLOCK: Entry = Entry {
    name: "clock",
    aliases: &[],
    parameters: &[
        parameter("NODES", ParameterKind::Targets(None)),
        parameter("CHANGE", ParameterKind::Choice(CHANGES)),
    ],
    phase: Phase::Step,
    consoles: &[],
    summary: "Lets a node's clock run fast or slow, or jump.",
    details: "The node's time and its timers go by its own clock from now on, also in its later lives; everything else, and \
              the times of transcripts, by a true one. rate: how fast, from 0.001 to 1000; with 1 it runs right, and keeps \
              what it has gained or lost. jump: +5s is ahead, and timers whose time has passed come at once; -200ms is back, \
              not beyond 0, and timers come later. A change that no step and no timer shows is a warning.",
    example: "clock 1 rate 1.5",
    scripts: &[
        "process/a-fast-clock-asks-again-sooner-and-gives-up-sooner",
        "process/a-clock-jumps-ahead-and-back-again",
    ],
    run: Function(order),
};

static CHANGES: &[Choice] = &[
    Choice { word: "rate", parameter: Some(parameter("FACTOR", ParameterKind::Factor)) },
    Choice { word: "jump", parameter: Some(parameter("OFFSET", ParameterKind::Offset)) },
];

/// What an invocation of `clock` orders.
fn fault_of(invocation: &Invocation<Function>) -> ClockFault {
    match invocation.choice(1) {
        ("rate", &Argument::Number(millionths)) => ClockFault::Rate { rate: ClockRate(millionths) },
        ("jump", &Argument::Offset(offset)) => ClockFault::Jump { offset },
        (word, argument) => unreachable!("the table knows no change `{word}` with {argument:?}"),
    }
}

fn order(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    for node in experiment.targets(invocation, 0, |_, _| true)? {
        let idle = experiment.cluster.clock_fault(node, fault_of(invocation), invocation.place.line)?;
        idle.into_iter().try_for_each(|idle| experiment.warn_of_idle(idle))?;
    }
    Ok(())
}
