//! What can only be wrong with a script in view of what its servers run.
//!
//! Under a protocol that comes with splitbrain it is known whether anybody leads, and which types messages have. A script
//! for several must be right under each of them. A program of the user's may have a leader, and any types.

use crate::experiment::commands::{self, Function};
use crate::protocol::{Agreement, PROTOCOLS, Protocol};
use crate::script::{Invocation, Mistake, nearest};

/// The mistakes of a script. A protocol that the user has `chosen` wins over the script's.
#[must_use]
pub fn check(invocations: &[Invocation<Function>], chosen: Option<&'static Protocol>) -> Vec<Mistake> {
    // A fault may stand before the servers that it is for.
    let any_type = invocations.iter().any(commands::chooses_own_program);
    let mut protocols = vec![chosen.unwrap_or(&PROTOCOLS[0])];
    let mut mistakes = Vec::new();
    for invocation in invocations {
        let listed = commands::protocols_in(invocation);
        if !listed.is_empty() {
            protocols = chosen.map_or(listed, |chosen| vec![chosen]);
        } else if commands::chooses_own_program(invocation) {
            protocols.clear();
        }
        for protocol in &protocols {
            mistakes.extend(check_parts(invocation, protocol));
            mistakes.extend(check_types(invocation, protocol).filter(|_| !any_type));
        }
    }
    mistakes
}

/// What is wrong with a command where the script is for these protocols.
pub(super) fn check_command(invocation: &Invocation<Function>, protocols: &[&'static Protocol]) -> Option<Mistake> {
    let check = |protocol: &&Protocol| check_parts(invocation, protocol).or_else(|| check_types(invocation, protocol));
    protocols.iter().find_map(check)
}

/// The protocols that a script says it is for, in its order; servers run the first one. Empty: it says none.
#[must_use]
pub fn listed_protocols(invocations: &[Invocation<Function>]) -> Vec<&'static Protocol> {
    invocations.iter().flat_map(commands::protocols_in).collect()
}

/// The first command that chooses a program of the user's, which is a process wherever it runs.
pub fn own_program(invocations: &[Invocation<Function>]) -> Option<&Invocation<Function>> {
    let mut invocations = invocations.iter().flat_map(Invocation::and_held);
    invocations.find(|invocation| commands::chooses_own_program(invocation))
}

/// Is it about a leader where nobody leads?
fn check_parts(invocation: &Invocation<Function>, protocol: &Protocol) -> Option<Mistake> {
    if protocol.agreement == Agreement::Consensus {
        return None;
    }
    let name = protocol.name;
    let role = invocation.all_roles().find(|role| role.needs_a_leader());
    let command = invocation.and_held().find(|invocation| commands::needs_a_leader(invocation));
    let choice = invocation.and_held().any(commands::needs_consensus);
    let message = match (role, command) {
        (Some(role), _) => format!("nobody is `{}` under {name}", role.word()),
        (None, Some(command)) => match command.command.name {
            "expect" => format!("nobody leads under {name}: `leader` is nothing to expect"),
            _ => format!("`{}` has no meaning under {name}", command.typed_name),
        },
        (None, None) if choice => format!("`reads` and `prevote` have no meaning under {name}"),
        (None, None) => return None,
    };
    let leading = PROTOCOLS.iter().filter(|protocol| protocol.agreement == Agreement::Consensus);
    let leading: Vec<_> = leading.map(|protocol| format!("`protocol {}`", protocol.name)).collect();
    let also = role.map_or("", |_| "; all, majority, minority and random are always there");
    let mistake = Mistake::new(message, invocation.place)
        .label(format!("this is {name}, where nobody leads"))
        .help(format!("choose {}{also}", leading.join(" or ")));
    Some(mistake)
}

/// Is it about messages of a type that no node sends?
fn check_types(invocation: &Invocation<Function>, protocol: &Protocol) -> Option<Mistake> {
    let known = || protocol.all_message_types();
    let unknown = invocation.all_message_types().find(|typed| known().all(|known| known != *typed))?;
    let near = nearest(unknown, known()).map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
    let listed: Vec<_> = known().collect();
    let mistake = Mistake::new(format!("nobody sends `{unknown}` under {}", protocol.name), invocation.place)
        .label("not a type of its messages")
        .help(format!("{near}the types are {}", listed.join(", ")));
    Some(mistake)
}
