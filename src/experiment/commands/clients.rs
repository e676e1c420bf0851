//! Clients: join, put, get.

use super::{Entry, Function, parameter};
use crate::cluster::{Quoted, Stop};
use crate::experiment::run::Experiment;
use crate::script::{Invocation, ParameterKind, Phase};
use crate::store::{Operation, Value};
use crate::wire::control::InvokeOk;
use crate::wire::{Completion, ErrorBody, ErrorCode};

/// `joinClient CLIENT SERVER`
pub(super) static JOIN_CLIENT: Entry = Entry {
    name: "joinClient",
    aliases: &[],
    parameters: &[parameter("CLIENT", ParameterKind::NewClient), parameter("SERVER", ParameterKind::Server)],
    phase: Phase::Step,
    console: None,
    summary: "Starts a client of one server, or moves a client there.",
    details: "A client that moves has no other server afterwards; its session goes on. If the server is dead, only the \
              cut of the link is lifted, with a warning.",
    example: "joinClient 3 0",
    run: Function(join_client),
};

fn join_client(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let (client, server) = (invocation.node(0), invocation.node(1));
    if !experiment.cluster.is_alive(client) {
        experiment.start(client)?;
    }
    let was_cut = experiment.cluster.switch().mend(client, server);
    if !experiment.cluster.is_alive(server) {
        return experiment.warn(&format!("{} is dead: {} is not joined to it", server.in_words(), client.in_words()));
    }
    if !was_cut && experiment.roster.servers_of(client) == [server] {
        return experiment.warn(&format!("{} is already joined to {}", client.in_words(), server.in_words()));
    }
    experiment.roster.attach_only(client, server);
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
    phase: Phase::Step,
    console: None,
    summary: "Lets a client map a key to a value; the next command begins when one server has taken it.",
    details: "Prints nothing. A put without a server, and one that is not answered in time, is a warning: nothing is \
              lost silently.",
    example: "put 2 color blue",
    run: Function(put),
};

fn put(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let operation = Operation::Put { key: Value::text(invocation.text(1)), value: Value::text(invocation.text(2)) };
    match invoke(experiment, invocation, operation)? {
        Completion::Ok(_) => experiment.answer("success"),
        Completion::Error(ErrorBody { code, text, .. }) => {
            experiment.answer(&code.word())?;
            let fate =
                if code == ErrorCode::TIMEOUT { "it may or may not have been taken" } else { "it was not taken" };
            // The text may be a foreign server's.
            let (command, text) = (Quoted::new(invocation.canonical().as_bytes()), Quoted::new(text.as_bytes()));
            experiment.warn(&format!("{command}: {text}; {fate}"))
        }
    }
}

/// `get CLIENT KEY`
pub(super) static GET: Entry = Entry {
    name: "get",
    aliases: &[],
    parameters: &[parameter("CLIENT", ParameterKind::Client), parameter("KEY", ParameterKind::Key)],
    phase: Phase::Step,
    console: None,
    summary: "Lets a client ask what a key maps to, and prints `key:value`.",
    details: "Or `key:ERR_KEY`: no value. `key:ERR_DEP`: the server has not seen what the client wrote or read before. \
              `key:ERR_NO_SERVER`: the client has no server. `key:ERR_TIMEOUT`: no answer in time.",
    example: "get 2 color",
    run: Function(get),
};

fn get(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let key = Value::text(invocation.text(1));
    let answer = match invoke(experiment, invocation, Operation::Get { key: key.clone() })? {
        Completion::Ok(InvokeOk { value: Some(value), .. }) => value.to_string(),
        Completion::Ok(InvokeOk { value: None, .. }) => ErrorCode::KEY_DOES_NOT_EXIST.word(),
        Completion::Error(ErrorBody { code, .. }) => code.word(),
    };
    experiment.print(&format!("{key}:{answer}"))
}

fn invoke(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    operation: Operation,
) -> Result<Completion, Stop> {
    experiment.invoke(invocation.node(0), operation)
}
