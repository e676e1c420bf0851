//! How fast links are: delays and rates.

use super::links::{Change, change};
use super::messages::{MESSAGES, put};
use super::{Entry, Function, parameter};
use crate::base::Span;
use crate::cluster::Cluster;
use crate::network::{Delay, DirectedLink, Distribution, Fault, Ordered, Selection};
use crate::script::{Choice, Given, Invocation, Parameter, ParameterKind, Phase};

static DISTRIBUTIONS: &[Choice] = &[
    Choice { word: "uniform", parameter: None },
    Choice { word: "normal", parameter: None },
    Choice { word: "exponential", parameter: None },
];

/// `delay [next [N]] [TYPE] A [->] B DELAY [jitter JITTER [dist DISTRIBUTION]]`
pub(super) static DELAY: Entry = Entry {
    name: "delay",
    aliases: &[],
    parameters: &[
        MESSAGES,
        parameter("DELAY", ParameterKind::Duration),
        Parameter { name: "JITTER", kind: ParameterKind::Duration, given: Given::After("jitter") },
        Parameter {
            name: "DISTRIBUTION",
            kind: ParameterKind::Choice(DISTRIBUTIONS),
            given: Given::With { keyword: "dist", needs: "jitter" },
        },
    ],
    phase: Phase::Step,
    consoles: &[],
    summary: "Messages on links take so long from now on; without it, 1ms.",
    details: "Messages are named as with `drop`. With jitter, each message draws its delay, never less than nothing: \
              uniform, and if nothing is said, evenly from DELAY - JITTER to DELAY + JITTER; normal, as a bell around DELAY \
              with JITTER as its standard deviation, at most six of them away; exponential, DELAY and something with the \
              mean JITTER, at most 16 times that. Messages of one link stay in order. What is in flight already is not \
              delayed further.",
    example: "delay 0 1 50ms jitter 10ms dist normal",
    scripts: &[
        "network/delay-slows-every-message-of-a-link",
        "network/jitter-is-drawn-and-keeps-the-order",
        "network/delays-are-drawn-as-a-bell-or-with-a-tail",
    ],
    run: Function(|experiment, invocation| {
        put(experiment, invocation, "as it was", Fault::Delay(delay_of_entry(invocation)))
    }),
};

/// The delay that a command sets, if it is one that sets a delay.
#[must_use]
pub fn delay_of(invocation: &Invocation<Function>) -> Option<Delay> {
    std::ptr::eq(invocation.command, &raw const DELAY).then(|| delay_of_entry(invocation))
}

fn delay_of_entry(invocation: &Invocation<Function>) -> Delay {
    let distribution = match invocation.optional_choice(3) {
        None | Some(("uniform", _)) => Distribution::Uniform,
        Some(("normal", _)) => Distribution::Normal,
        Some(("exponential", _)) => Distribution::Exponential,
        Some((word, _)) => unreachable!("the table knows no distribution `{word}`"),
    };
    let jitter = invocation.optional_duration(2).unwrap_or(Span(0));
    Delay { base: invocation.duration(1), jitter, distribution }
}

/// `rate A [->] B RATE`
pub(super) static RATE: Entry = Entry {
    name: "rate",
    aliases: &[],
    parameters: &[parameter("LINKS", ParameterKind::Links), parameter("RATE", ParameterKind::Rate)],
    phase: Phase::Step,
    consoles: &[],
    summary: "Links carry so many bits a second from now on: messages leave one after the other; `off` ends it.",
    details: "Links are named as with `cut`. A message takes the time of its body as JSON text, behind those before it, and \
              then its delay.",
    example: "rate 0 -> 1 64kbit",
    scripts: &["network/a-rate-lets-messages-leave-one-after-the-other"],
    run: Function(|experiment, invocation| {
        let (order, fault) = (experiment.order(invocation), Fault::Rate(invocation.number(1)));
        let ordered = Ordered { order, selection: Selection::everything(), fault };
        let act = |cluster: &mut Cluster, links: &[DirectedLink]| cluster.put(links, &ordered);
        change(experiment, invocation, invocation.links(0), Change { otherwise: "without a rate", act })
    }),
};
