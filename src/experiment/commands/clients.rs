//! Clients: join, put, get.

use super::{Entry, Function, parameter};
use crate::base::{NodeKind, NodeName};
use crate::cluster::{Quoted, Stop};
use crate::experiment::operations::Ticket;
use crate::experiment::run::Experiment;
use crate::protocol::Agreement;
use crate::script::{ByHand, Console, Invocation, ParameterKind, Phase, Shape};
use crate::store::{Operation, Value};
use crate::wire::control::InvokeOk;
use crate::wire::{Completion, ErrorBody, ErrorCode, printed};

/// `joinClient CLIENT SERVER`
pub(super) static JOIN_CLIENT: Entry = Entry {
    name: "joinClient",
    aliases: &["reconnect"],
    parameters: &[parameter("CLIENT", ParameterKind::NewClient), parameter("SERVER", ParameterKind::Server)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Client,
        names: &["reconnect", "joinClient"],
        shape: Shape::Own,
        example: "c1: reconnect s2",
        summary: "Asks the server that is named first from now on, and the others when it does not answer.",
        by_hand: ByHand::Attach,
    }],
    summary: "Starts a client of one server, or moves a client there.",
    details: "Its session goes on. Under gossip a client that moves has no other server afterwards; if the server is dead, \
              only the cut of the link is lifted, with a warning. Under consensus a client has all servers, and this one is \
              the one that it asks first.",
    example: "joinClient 3 0",
    scripts: &["consensus/a-client-that-joins-a-dead-server-goes-on-to-the-others"],
    run: Function(join_client),
};

fn join_client(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let (client, server) = (invocation.node(0), invocation.node(1));
    if !experiment.cluster.is_alive(client) {
        experiment.start(client)?;
    }
    let was_cut = experiment.cluster.switch().mend_both_ways(client, server);
    if !experiment.cluster.is_alive(server) {
        return join_dead_server(experiment, client, server);
    }
    if !was_cut && experiment.roster.servers_of(client) == [server] {
        return experiment.refuse(&format!("{} is already joined to {}", client.in_words(), server.in_words()));
    }
    experiment.join(client, server)
}

fn join_dead_server(experiment: &mut Experiment, client: NodeName, server: NodeName) -> Result<(), Stop> {
    let (who, whom) = (client.in_words(), server.in_words());
    match experiment.agreement() {
        Agreement::Eventual => experiment.refuse(&format!("{whom} is dead: {who} is not joined to it")),
        Agreement::Consensus => {
            experiment.warn(&format!("{whom} is dead: {who} goes on to the others when it does not answer"))?;
            experiment.join(client, server)
        }
    }
}

/// `leave CLIENT`
pub(super) static LEAVE: Entry = Entry {
    name: "leave",
    aliases: &[],
    parameters: &[parameter("CLIENT", ParameterKind::Client)],
    phase: Phase::Step,
    consoles: &[Console {
        of: NodeKind::Client,
        names: &["e", "leave"],
        shape: Shape::Own,
        example: "c1: e",
        summary: "Leaves.",
        by_hand: ByHand::Leave,
    }],
    summary: "Lets a client leave: it has no server any more.",
    details: "Until it is joined again; its session goes on then.",
    example: "leave 2",
    scripts: &[],
    run: Function(leave),
};

fn leave(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let client = invocation.node(0);
    if experiment.servers_of(client).is_empty() {
        return experiment.refuse(&format!("{} has no server that it could leave", client.in_words()));
    }
    let joined = experiment.roster.servers_of(client);
    joined.into_iter().for_each(|server| experiment.roster.detach(client, server));
    experiment.tell_servers(client)
}

/// `put CLIENT KEY VALUE`
pub(super) static PUT: Entry = Entry {
    name: "put",
    aliases: &[],
    parameters: &[
        parameter("CLIENT", ParameterKind::Client),
        parameter("KEY", ParameterKind::Key),
        parameter("VALUE", ParameterKind::Value),
    ],
    phase: Phase::Operation,
    consoles: &[Console {
        of: NodeKind::Client,
        names: &["put", "Operation put"],
        shape: Shape::Own,
        example: "c1: put 'color' {'name': 'blue'}",
        summary: "Maps a key to a value, and prints `success` when that is decided.",
        by_hand: ByHand::Operation,
    }],
    summary: "Lets a client map a key to a value, and waits for the answer.",
    details: "Under gossip it is answered when one server has taken it, under consensus when it is decided. Prints nothing; \
              at a console `success`. A put without a server, and one that is not answered in time, is a warning: nothing is \
              lost silently.",
    example: "put 2 color blue",
    scripts: &["gossip/put-goes-to-the-neighbours-at-once", "consensus/every-operation-is-a-block-of-one-chain"],
    run: Function(carry_out),
};

/// `get CLIENT KEY`
pub(super) static GET: Entry = Entry {
    name: "get",
    aliases: &[],
    parameters: &[parameter("CLIENT", ParameterKind::Client), parameter("KEY", ParameterKind::Key)],
    phase: Phase::Operation,
    consoles: &[Console {
        of: NodeKind::Client,
        names: &["get", "Operation get"],
        shape: Shape::Own,
        example: "c1: get 'color'",
        summary: "Prints what a key maps to, or KEY_DOES_NOT_EXIST.",
        by_hand: ByHand::Operation,
    }],
    summary: "Lets a client ask what a key maps to, and prints `key:value`.",
    details: "Under consensus it is decided like a put, and answered as of its place in the chain, unless the cluster has \
              reads=index. Instead of a value it \
              prints `key:ERR_KEY`: no value. `key:ERR_DEP`: the server has not seen what the client wrote or read before. \
              `key:ERR_NO_SERVER`: the client has no server. `key:ERR_TIMEOUT`: no answer in time.",
    example: "get 2 color",
    scripts: &["gossip/read-your-writes", "consensus/every-operation-is-a-block-of-one-chain"],
    run: Function(carry_out),
};

/// `cas CLIENT KEY FROM TO`
pub(super) static CAS: Entry = Entry {
    name: "cas",
    aliases: &[],
    parameters: &[
        parameter("CLIENT", ParameterKind::Client),
        parameter("KEY", ParameterKind::Key),
        parameter("FROM", ParameterKind::Value),
        parameter("TO", ParameterKind::Value),
    ],
    phase: Phase::Operation,
    consoles: &[Console {
        of: NodeKind::Client,
        names: &["cas", "Operation cas"],
        shape: Shape::Own,
        example: "c1: cas 'color' 'blue' 'green'",
        summary: "Maps a key to TO if it maps to FROM now.",
        by_hand: ByHand::Operation,
    }],
    summary: "Lets a client map a key to a value if it maps to another one now.",
    details: "It needs consensus, and is decided like a put. Prints nothing; where the key has another value, or none, it is \
              a warning. In a transcript `ERR_PRECONDITION` is another value, and `ERR_KEY` none; at a console \
              `PRECONDITION_FAILED` and `KEY_DOES_NOT_EXIST`.",
    example: "cas 2 color blue green",
    scripts: &["consensus/cas-is-decided-at-its-place"],
    run: Function(carry_out),
};

/// Lets a client carry out an operation, and waits for it.
fn carry_out(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let ticket = begin(experiment, invocation)?;
    let completion = experiment.answer_to(ticket)?;
    tell(experiment, invocation, &completion)
}

/// Lets a client begin an operation, which an invocation of a command of [`Phase::Operation`] says.
pub fn begin(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<Ticket, Stop> {
    experiment.give(invocation.node(0), operation_of(invocation))
}

/// What an invocation of such a command asks for, in a script or at a console.
///
/// # Panics
/// If it is of another command: a bug of the caller.
#[must_use]
pub fn operation_of(invocation: &Invocation<Function>) -> Operation {
    let key = invocation.value(1);
    match invocation.command.name {
        name if name == PUT.name => Operation::Put { key, value: invocation.value(2) },
        name if name == GET.name => Operation::Get { key },
        name if name == CAS.name => Operation::Cas { key, from: invocation.value(2), to: invocation.value(3) },
        name => unreachable!("the table knows no operation `{name}`"),
    }
}

/// Tells what an operation was answered.
pub fn tell(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    completion: &Completion,
) -> Result<(), Stop> {
    tell_behind("", experiment, invocation, completion)
}

/// The same among the answers to other operations: one that is not printed stands behind its command.
pub fn tell_in_block(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    completion: &Completion,
) -> Result<(), Stop> {
    tell_behind(&format!("{}: ", invocation.canonical()), experiment, invocation, completion)
}

/// The same at the end of the script, of an operation that nobody awaited: only what the user would miss.
pub fn tell_unawaited(
    experiment: &mut Experiment,
    name: &str,
    invocation: &Invocation<Function>,
    completion: &Completion,
) -> Result<(), Stop> {
    match (operation_of(invocation), completion) {
        (Operation::Get { .. }, _) => experiment.warn(&format!("nobody awaited `{name}`: its answer is not printed")),
        (Operation::Put { .. } | Operation::Cas { .. }, Completion::Ok(_)) => Ok(()),
        (Operation::Put { .. } | Operation::Cas { .. }, Completion::Error(error)) => {
            warn_of_failure(experiment, invocation, error)
        }
    }
}

/// Is an operation answered with an `ERR_`, or is it unknown?
fn has_failed(operation: &Operation, completion: &Completion) -> bool {
    match (operation, completion) {
        (_, Completion::Error(_)) => true,
        (Operation::Get { .. }, Completion::Ok(InvokeOk { value, .. })) => value.is_none(),
        (Operation::Put { .. } | Operation::Cas { .. }, Completion::Ok(_)) => false,
    }
}

fn tell_behind(
    which: &str,
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    completion: &Completion,
) -> Result<(), Stop> {
    if has_failed(&operation_of(invocation), completion) {
        experiment.note_failure();
    }
    if invocation.console.is_some() {
        return tell_at_console(experiment, invocation, completion);
    }
    match (operation_of(invocation), completion) {
        (Operation::Get { key }, Completion::Ok(InvokeOk { value, .. })) => {
            let answer = value.as_ref().map_or_else(|| ErrorCode::KEY_DOES_NOT_EXIST.word(), Value::to_string);
            experiment.print(&format!("{key}:{answer}"))
        }
        (Operation::Get { key }, Completion::Error(ErrorBody { code, .. })) => {
            experiment.print(&format!("{key}:{}", code.word()))
        }
        (Operation::Put { .. } | Operation::Cas { .. }, Completion::Ok(_)) => {
            experiment.answer(&format!("{which}success"))
        }
        (Operation::Put { .. } | Operation::Cas { .. }, Completion::Error(error)) => {
            experiment.answer(&format!("{which}{}", error.code.word()))?;
            warn_of_failure(experiment, invocation, error)
        }
    }
}

/// In the words of the course whose consoles they are: everything is printed, and no key before a value.
fn tell_at_console(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    completion: &Completion,
) -> Result<(), Stop> {
    let operation = operation_of(invocation);
    experiment.print(&printed::answer(&operation, completion))?;
    match (operation, completion) {
        (Operation::Put { .. } | Operation::Cas { .. }, Completion::Error(error)) => {
            warn_of_failure(experiment, invocation, error)
        }
        (Operation::Get { .. }, _) | (Operation::Put { .. } | Operation::Cas { .. }, Completion::Ok(_)) => Ok(()),
    }
}

/// Nothing is lost silently.
fn warn_of_failure(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    ErrorBody { code, text, .. }: &ErrorBody,
) -> Result<(), Stop> {
    // The text may be a foreign server's.
    let (command, text) = (Quoted::new(invocation.canonical().as_bytes()), Quoted::new(text.as_bytes()));
    experiment.warn_of_failure(&format!("{command}: {text}; {}", printed::fate(*code)))
}
