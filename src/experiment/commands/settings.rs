//! What a run is made of: protocol, seed, programs, and its end.

use super::{Entry, Function, parameter};
use crate::cluster::ServerProgram;
use crate::protocol::{PROTOCOLS, Protocol};
use crate::script::{Invocation, ParameterKind, Phase};

/// `protocol NAME`
pub(super) static PROTOCOL: Entry = Entry {
    name: "protocol",
    aliases: &[],
    parameters: &[parameter("NAME", ParameterKind::OneOf(Protocol::names))],
    phase: Phase::Setting,
    console: None,
    summary: "Chooses what servers run: one of the protocols that come with splitbrain.",
    details: "Without it, gossip. --protocol on the command line wins over it.",
    example: "protocol gossip",
    scripts: &[],
    run: Function(|experiment, invocation| {
        let protocol = Protocol::named(invocation.text(0)).expect("the parser offers only names of protocols");
        experiment.set_protocol(protocol);
        Ok(())
    }),
};

/// The protocols, a line each, where a command is told which one by name and nothing else.
pub fn protocols_for(command: &Entry) -> String {
    if command.name != PROTOCOL.name {
        return String::new();
    }
    let width = Protocol::names().into_iter().map(str::len).max().unwrap_or(0);
    PROTOCOLS.iter().map(|protocol| format!("  {:width$}  {}\n", protocol.name, protocol.summary)).collect()
}

/// `seed NUMBER`
pub(super) static SEED: Entry = Entry {
    name: "seed",
    aliases: &[],
    parameters: &[parameter("NUMBER", ParameterKind::Seed)],
    phase: Phase::Setting,
    console: None,
    summary: "Chooses the seed of everything that is drawn: losses, delays, `random`, which server a client asks.",
    details: "Without it, 1. The same script with the same seed gives the same bytes. --seed on the command line wins over it.",
    example: "seed 7",
    scripts: &[],
    run: Function(|experiment, invocation| {
        experiment.set_seed(invocation.number(0));
        Ok(())
    }),
};

/// `run "COMMAND"`
pub(super) static RUN: Entry = Entry {
    name: "run",
    aliases: &[],
    parameters: &[parameter("COMMAND", ParameterKind::CommandLine)],
    phase: Phase::Step,
    console: None,
    summary: "Servers that are started from here on run a program of your own.",
    details: "The program speaks the node protocol on its standard input and output (docs/node-protocol.md), and accepts \
              lockstep. The text is split into words as a shell splits them; no shell is started.",
    example: "run \"python3 examples/register.py\"",
    scripts: &[],
    run: Function(|experiment, invocation| {
        experiment.server_program = ServerProgram::Command(words_of(invocation));
        Ok(())
    }),
};

/// What servers run from this command on, if it says that.
pub fn program_of(invocation: &Invocation<Function>) -> Option<ServerProgram> {
    let name = invocation.command.name;
    let protocol = if name == PROTOCOL.name {
        invocation.optional_text(0)
    } else if name == super::clusters::CLUSTER.name {
        invocation.optional_text(2)
    } else {
        None
    };
    match protocol.and_then(Protocol::named) {
        Some(protocol) => Some(ServerProgram::Protocol(protocol)),
        None if name == RUN.name => Some(ServerProgram::Command(words_of(invocation))),
        None => None,
    }
}

fn words_of(invocation: &Invocation<Function>) -> Vec<String> {
    shlex::split(invocation.text(0)).expect("the parser has split it before")
}

/// `exit`
pub(super) static EXIT: Entry = Entry {
    name: "exit",
    aliases: &["done"],
    parameters: &[],
    phase: Phase::End,
    console: None,
    summary: "Ends the script; what follows is not read.",
    details: "",
    example: "exit",
    scripts: &[],
    run: Function(|_experiment, _invocation| Ok(())),
};
