//! Messages on links: all, those of one type, or the next few; lost, held, delivered, doubled, overtaking.

use super::links::{Change, change};
use super::{Entry, Function, parameter};
use crate::cluster::{Cluster, Stop};
use crate::experiment::run::Experiment;
use crate::network::{Chance, DirectedLink, Fault, Gate, Ordered, Selection};
use crate::script::{Invocation, Messages, Next, Parameter, ParameterKind, Phase};

pub(super) const MESSAGES: Parameter = parameter("MESSAGES", ParameterKind::Messages(Next::Allowed));
const CHANCE: [Parameter; 2] = [MESSAGES, parameter("PERCENT", ParameterKind::Percent)];

/// Puts a fault in force for the messages that an invocation names first, or lifts it.
pub(super) fn put(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    otherwise: &str,
    fault: Fault,
) -> Result<(), Stop> {
    let Messages { next, kind, links } = invocation.messages(0);
    let selection = Selection { kind: kind.clone(), next: *next };
    let ordered = Ordered { order: experiment.order(invocation), selection, fault };
    let act = |cluster: &mut Cluster, links: &[DirectedLink]| cluster.put(links, &ordered);
    change(experiment, invocation, links, Change { otherwise, act })
}

/// Puts a fault in force for a part of the messages that an invocation names first, or lifts it; `what` is the fault.
fn put_chance(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    what: &str,
    fault: fn(Chance) -> Fault,
) -> Result<(), Stop> {
    let otherwise = match &invocation.messages(0).kind {
        Some(kind) => format!("without {what} for {kind}"),
        None => format!("without {what}"),
    };
    put(experiment, invocation, &otherwise, fault(Chance { millionths: invocation.number(1) }))
}

/// `drop [next [N]] [TYPE] A [->] B`
pub(super) static DROP: Entry = Entry {
    name: "drop",
    aliases: &[],
    parameters: &[MESSAGES],
    phase: Phase::Step,
    consoles: &[],
    summary: "Messages on links are lost: all from now on, those of a type, or the next N.",
    details: "Links are named as with `cut`, and each direction counts for itself; `next` alone is `next 1`. Nothing in \
              flight is lost. Of several filters that are for a message the newest decides, before the faults of the whole \
              link: `drop`, `hold` and `deliver` are one kind of filter, losses, duplicates, reordering and delays each \
              another. `heal` lifts what is left.",
    example: "drop next 2 write 0 -> 1",
    scripts: &["network/drop-loses-the-next-few-of-a-type"],
    run: Function(|experiment, invocation| put(experiment, invocation, "as it was", Fault::Gate(Gate::Drop))),
};

/// `hold [next [N]] [TYPE] A [->] B`
pub(super) static HOLD: Entry = Entry {
    name: "hold",
    aliases: &[],
    parameters: &[MESSAGES],
    phase: Phase::Step,
    consoles: &[],
    summary: "Lets messages on links wait, those in flight too, until `release`.",
    details: "Messages are named as with `drop`; the next N are those that are sent from now on, none in flight. A cut loses \
              what is held.",
    example: "hold 0 -> 1",
    scripts: &["network/what-is-held-is-released-in-order"],
    run: Function(|experiment, invocation| put(experiment, invocation, "already held", Fault::Gate(Gate::Hold))),
};

/// `release [TYPE] A [->] B`
pub(super) static RELEASE: Entry = Entry {
    name: "release",
    aliases: &[],
    parameters: &[parameter("MESSAGES", ParameterKind::Messages(Next::Refused))],
    phase: Phase::Step,
    consoles: &[],
    summary: "Lets messages that `hold` made wait go on, in their order, and holds no more of them.",
    details: "Links are named as with `cut`. What was in flight when it was held arrives at once; what was sent since takes \
              the delay of its link, as if it were sent now. With a type only what is held of that type goes on, unless the \
              whole link is held.",
    example: "release 0 1",
    scripts: &["network/what-is-held-is-released-in-order"],
    run: Function(|experiment, invocation| {
        let Messages { kind, links, .. } = invocation.messages(0);
        let act = |cluster: &mut Cluster, links: &[DirectedLink]| {
            links
                .iter()
                .try_fold(0, |count, &ends| Ok(count + usize::from(cluster.release_link(ends, kind.as_deref())?)))
        };
        // A type that is held as part of all is not released by itself.
        let otherwise = match kind {
            Some(_) => "not held for these messages alone; `release` without a type lets go all",
            None => "not held",
        };
        change(experiment, invocation, links, Change { otherwise, act })
    }),
};

/// `deliver [next [N]] [TYPE] A [->] B`
pub(super) static DELIVER: Entry = Entry {
    name: "deliver",
    aliases: &[],
    parameters: &[MESSAGES],
    phase: Phase::Step,
    consoles: &[],
    summary: "Messages pass where others are held, dropped or lost; those that are held go on first.",
    details: "Messages are named as with `drop`. Of the next N those that are held count first, in their order, then those \
              that are sent. No cut lets any pass. Without `next` it holds until `heal`.",
    example: "deliver next 1 write 0 -> 1",
    scripts: &["network/deliver-lets-messages-pass-a-hold"],
    run: Function(|experiment, invocation| put(experiment, invocation, "as it was", Fault::Gate(Gate::Deliver))),
};

/// `loss [next [N]] [TYPE] A [->] B PERCENT`
pub(super) static LOSS: Entry = Entry {
    name: "loss",
    aliases: &[],
    parameters: &CHANCE,
    phase: Phase::Step,
    consoles: &[],
    summary: "Links lose this part of their messages from now on, drawn for each; 0% ends it.",
    details: "Messages are named as with `drop`. Draws are keyed: a message more on one link changes none on another. 0% \
              with a type ends what is for that type, and for the next N spares them.",
    example: "loss 0 1 5%",
    scripts: &["network/a-link-loses-all-or-nothing-or-a-part"],
    run: Function(|experiment, invocation| put_chance(experiment, invocation, "loss", Fault::Loss)),
};

/// `duplicate [next [N]] [TYPE] A [->] B PERCENT`
pub(super) static DUPLICATE: Entry = Entry {
    name: "duplicate",
    aliases: &[],
    parameters: &CHANCE,
    phase: Phase::Step,
    consoles: &[],
    summary: "This part of the messages on links arrives twice from now on, drawn for each; 0% ends it.",
    details: "Messages are named as with `drop`. The copy is sent right behind the message, with a delay of its own.",
    example: "duplicate 0 -> 1 10%",
    scripts: &["network/duplicates-arrive-twice"],
    run: Function(|experiment, invocation| put_chance(experiment, invocation, "duplicates", Fault::Duplicate)),
};

/// `reorder [next [N]] [TYPE] A [->] B PERCENT`
pub(super) static REORDER: Entry = Entry {
    name: "reorder",
    aliases: &[],
    parameters: &CHANCE,
    phase: Phase::Step,
    consoles: &[],
    summary: "This part of the messages on links arrives at once from now on, drawn for each; 0% ends it.",
    details: "Messages are named as with `drop`. They take no delay, and overtake what is under way; all others stay in \
              their order.",
    example: "reorder 0 1 25%",
    scripts: &["network/reorder-lets-messages-overtake"],
    run: Function(|experiment, invocation| put_chance(experiment, invocation, "reordering", Fault::Reorder)),
};
