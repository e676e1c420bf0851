//! What a run is made of: protocol, seed, programs, and its end.

use super::clusters::{self, CLUSTER};
use super::{Entry, Function, parameter};
use crate::cluster::ServerProgram;
use crate::protocol::{PROTOCOLS, Protocol};
use crate::script::{Between, Invocation, ParameterKind, Phase};

/// `protocol NAME...`
pub(super) static PROTOCOL: Entry = Entry {
    name: "protocol",
    aliases: &[],
    parameters: &[parameter("NAME", ParameterKind::Ranked(Protocol::names, Between::Blanks))],
    phase: Phase::Setting,
    consoles: &[],
    summary: "Says which protocols the script is for, of those that come with splitbrain; servers run the first one.",
    details: "Without it, gossip. A script for several protocols must make sense under each of them, and `master test` runs \
              it with each, and holds each against a golden of its own. --protocol on the command line wins over it, and \
              may be any protocol.",
    example: "protocol raft multi-paxos",
    scripts: &[],
    run: Function(|experiment, invocation| {
        experiment.set_protocols(&protocols_in(invocation));
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
    consoles: &[],
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
    consoles: &[],
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

/// Do servers run a program of the user's from this command on?
pub fn chooses_own_program(invocation: &Invocation<Function>) -> bool {
    invocation.command.name == RUN.name
}

/// The protocols that a command lists, the first one first; none if it is not about them.
pub fn protocols_in(invocation: &Invocation<Function>) -> Vec<&'static Protocol> {
    let name = invocation.command.name;
    let names = if name == PROTOCOL.name {
        invocation.optional_words(0)
    } else if name == CLUSTER.name {
        invocation.optional_words(clusters::PROTOCOLS_AT)
    } else {
        None
    };
    let named = |name: &&str| Protocol::named(name).expect("the parser offers only names of protocols");
    names.unwrap_or_default().iter().map(named).collect()
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
    consoles: &[],
    summary: "Ends the script; what follows is not read.",
    details: "",
    example: "exit",
    scripts: &[],
    run: Function(|_experiment, _invocation| Ok(())),
};
