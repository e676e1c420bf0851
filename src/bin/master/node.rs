//! `master node`: what the master starts.

use std::process::ExitCode;

use splitbrain::node;
use splitbrain::protocol::{Agreement, Protocol};

use crate::arguments::{NodeArguments, Role};

/// Is a node until its input ends.
pub fn be_a_node(arguments: &NodeArguments) -> ExitCode {
    let follow = || node::follow_parent(arguments.parent);
    let result = match &arguments.role {
        Role::Server { protocol } => follow().and_then(|()| {
            let protocol = Protocol::named(protocol).expect("the argument parser offers only names of protocols");
            let storage = node::storage_from_environment()?;
            node::stdio::serve(node::server(protocol), storage)
        }),
        Role::Client { protocol } => follow().and_then(|()| {
            let agreement =
                protocol.as_deref().and_then(Protocol::named).map_or(Agreement::Eventual, |one| one.agreement);
            node::stdio::serve(node::client(agreement), None)
        }),
        // It follows in its own way: it has something to do when the master is gone.
        Role::Guard { words } => match node::guard(arguments.parent, words) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Role::Exec { words } => follow().and_then(|()| Err(node::exec(words))),
    };
    node::stdio::conclude(result)
}
