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
            mistakes.extend(check_own_program(invocation, &protocols));
            protocols.clear();
        }
        for protocol in &protocols {
            mistakes.extend(check_parts(invocation, protocol, &protocols));
            mistakes.extend(check_types(invocation, protocol).filter(|_| !any_type));
        }
    }
    mistakes
}

/// What is wrong with a command where the script is for these protocols.
pub(super) fn check_command(invocation: &Invocation<Function>, protocols: &[&'static Protocol]) -> Option<Mistake> {
    let check = |protocol: &&Protocol| {
        check_parts(invocation, protocol, protocols).or_else(|| check_types(invocation, protocol))
    };
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

/// A script is run once for each protocol of its list, and a program of the user's would be run each time.
fn check_own_program(run: &Invocation<Function>, listed: &[&Protocol]) -> Option<Mistake> {
    (listed.len() > 1).then(|| {
        Mistake::new("`run` says what servers run, and the script lists several protocols", run.place)
            .label("servers run this program, whichever protocol is chosen")
            .help("name one protocol, that of which commands may be used, or none")
    })
}

/// Is it about a leader where nobody leads? The script is for `listed`.
fn check_parts(invocation: &Invocation<Function>, protocol: &Protocol, listed: &[&Protocol]) -> Option<Mistake> {
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
        (None, None) if choice => format!("neither `reads` nor `prevote` has a meaning under {name}"),
        (None, None) => return None,
    };
    let leading = PROTOCOLS.iter().filter(|protocol| protocol.agreement == Agreement::Consensus);
    let leading: Vec<_> = leading.map(|protocol| format!("`protocol {}`", protocol.name)).collect();
    let also = role.map_or("", |_| "; all, majority, minority and random are always there");
    let choose = format!("choose {}{also}", leading.join(" or "));
    let help = if listed.len() > 1 { format!("take {name} out of the list, or {choose}") } else { choose };
    let mistake =
        Mistake::new(message, invocation.place).label(format!("this is {name}, where nobody leads")).help(help);
    Some(mistake)
}

/// Is it about messages of a type that no node sends?
fn check_types(invocation: &Invocation<Function>, protocol: &Protocol) -> Option<Mistake> {
    let known = || protocol.all_message_types();
    let unknown = invocation.all_message_types().find(|typed| known().all(|known| known != *typed))?;
    let near = nearest(unknown, known()).map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
    let owners = PROTOCOLS.iter().filter(|other| other.all_message_types().any(|known| known == unknown));
    let owners: Vec<_> = owners.map(|owner| owner.name).collect();
    let elsewhere = match owners.is_empty() {
        true => String::new(),
        false => format!("`{unknown}` is a type of {}\n", owners.join(" and ")),
    };
    let listed: Vec<_> = known().collect();
    let mistake = Mistake::new(format!("nobody sends `{unknown}` under {}", protocol.name), invocation.place)
        .label("not a type of its messages")
        .help(format!("{elsewhere}{near}the types are {}", listed.join(", ")));
    Some(mistake)
}
