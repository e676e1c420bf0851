//! Concurrency: operations that nobody waits for at once, lines that start at one instant, and commands that wait for a
//! message.

use super::clients::{begin, tell};
use super::{Entry, Function, parameter};
use crate::cluster::Stop;
use crate::experiment::run::Experiment;
use crate::script::{Condition, Held, Invocation, ParameterKind, Phase};

/// `async NAME = COMMAND`
pub(super) static ASYNC: Entry = Entry {
    name: "async",
    aliases: &[],
    parameters: &[
        parameter("NAME", ParameterKind::NewOperation),
        parameter("COMMAND", ParameterKind::Command(Held::Operation)),
    ],
    phase: Phase::Step,
    consoles: &[],
    summary: "Gives a client an operation and does not wait for it; `await` does.",
    details: "A client does one operation at a time, in the order in which it gets them. At the end of the script every \
              operation is waited for; the answer of a get that nobody awaited is not printed, with a warning.",
    example: "async a = put 2 x 1",
    scripts: &["concurrency/operations-of-several-clients-overlap"],
    run: Function(|experiment, invocation| {
        let ticket = begin(experiment, invocation.held())?;
        experiment.named.insert(invocation.text(0).to_owned(), (ticket, invocation.held().clone()));
        Ok(())
    }),
};

/// `await NAME`
pub(super) static AWAIT: Entry = Entry {
    name: "await",
    aliases: &[],
    parameters: &[parameter("NAME", ParameterKind::Operation)],
    phase: Phase::Passage,
    consoles: &[],
    summary: "Waits for an operation that `async` began, and prints its answer.",
    details: "At once if it has ended already.",
    example: "await a",
    scripts: &["concurrency/operations-of-several-clients-overlap"],
    run: Function(wait_for),
};

fn wait_for(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let name = invocation.text(0);
    match experiment.named.remove(name) {
        Some((ticket, operation)) => {
            let completion = experiment.answer_to(ticket)?;
            experiment.heard.insert(name.to_owned(), completion.clone());
            tell(experiment, &operation, &completion)
        }
        // It stands within a `when`, which has not come.
        None => experiment.refuse(&format!("`{name}` has not begun: there is nothing to wait for")),
    }
}

/// `par`
pub(super) static PAR: Entry = Entry {
    name: "par",
    aliases: &[],
    parameters: &[],
    phase: Phase::Block,
    consoles: &[],
    summary: "The lines up to `end` start at one instant.",
    details: "In their order. `end` waits until all of them have ended; what they print comes in the order of the script. \
              Operations of clients may stand there, and commands that take no time.",
    example: "par",
    scripts: &["concurrency/par-starts-its-lines-at-one-instant-and-tells-them-in-order"],
    run: Function(|experiment, _invocation| {
        experiment.begin_block();
        Ok(())
    }),
};

/// `end`
pub(super) static END: Entry = Entry {
    name: "end",
    aliases: &[],
    parameters: &[],
    phase: Phase::BlockEnd,
    consoles: &[],
    summary: "Ends the lines that `par` begins, and waits for them.",
    details: "",
    example: "end",
    scripts: &["concurrency/par-starts-its-lines-at-one-instant-and-tells-them-in-order"],
    run: Function(|experiment, _invocation| experiment.end_block()),
};

/// `when A sends TYPE to B: COMMAND`, `when A dies: COMMAND`
pub(super) static WHEN: Entry = Entry {
    name: "when",
    aliases: &[],
    parameters: &[
        parameter("CONDITION", ParameterKind::Condition),
        parameter("COMMAND", ParameterKind::Command(Held::Instant)),
    ],
    phase: Phase::Step,
    consoles: &[],
    summary: "Carries out a command once, when a node next sends such a message, or next dies.",
    details: "When the step is over in which it does, at that instant and before anything else happens: the message is under \
              way then. B may be `*` for anybody; a node dies by whatever ends it. The command is one that takes no time; `async` begins an operation, and \
              another `when` waits for the next message. To stop a server between two outputs, `crash S when sends TYPE \
              to B`. A condition that never comes true is a warning.",
    example: "when 0 sends write to 1: cut 0 1",
    scripts: &["process/a-command-comes-at-a-message-that-is-under-way", "process/a-command-comes-when-a-server-dies"],
    run: Function(|experiment, invocation| {
        let watch = match invocation.condition(0) {
            Condition::Sends(sending) => {
                let from = sending.from.as_ref().expect("a condition of its own names the sender").name;
                experiment.cluster.watch(from, &sending.kind, sending.recipient())
            }
            Condition::Dies(node) => experiment.cluster.watch_death(node.name),
        };
        experiment.conditions.add(watch, invocation.clone());
        Ok(())
    }),
};
