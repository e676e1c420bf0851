//! What can only be wrong with a script in view of what its servers run.

use crate::cluster::ServerProgram;
use crate::experiment::commands::{self, Function};
use crate::protocol::{Agreement, PROTOCOLS, Protocol};
use crate::script::{Invocation, Mistake};

/// The mistakes of a script. A protocol that the user has `chosen` wins over the script's.
#[must_use]
pub fn check(invocations: &[Invocation<Function>], chosen: Option<&'static Protocol>) -> Vec<Mistake> {
    let mut program = ServerProgram::Protocol(chosen.unwrap_or(&PROTOCOLS[0]));
    let mut mistakes = Vec::new();
    for invocation in invocations {
        match commands::program_of(invocation) {
            Some(ServerProgram::Protocol(named)) => program = ServerProgram::Protocol(chosen.unwrap_or(named)),
            Some(own) => program = own,
            None => {}
        }
        mistakes.extend(check_roles(invocation, &program));
    }
    mistakes
}

/// Is there a role in this command that nobody plays where servers run `program`?
pub(super) fn check_roles(invocation: &Invocation<Function>, program: &ServerProgram) -> Option<Mistake> {
    let (who, has_a_leader) = match program {
        ServerProgram::Protocol(protocol) => (protocol.name, protocol.agreement == Agreement::Consensus),
        ServerProgram::Command(_) => ("a program of your own", false),
    };
    let role = invocation.all_roles().find(|role| role.needs_a_leader() && !has_a_leader)?;
    let mistake = Mistake::new(format!("nobody is `{}` under {who}", role.word()), invocation.place)
        .label(format!("{who} tells of no leader"))
        .help("a protocol with a leader is chosen with `protocol NAME`; all, majority, minority and random are always there");
    Some(mistake)
}
