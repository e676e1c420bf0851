//! A server on standard input and output.

use std::path::PathBuf;
use std::process::ExitCode;

use splitbrain::node;
use splitbrain::protocol::{PROTOCOLS, Protocol};

/// Serves until standard input ends. Without a folder its records are kept in the one that the environment names, and
/// without that they are not kept.
pub fn serve(protocol: Option<&'static Protocol>, folder: Option<PathBuf>) -> ExitCode {
    let storage = match folder {
        Some(folder) => node::storage_in(&folder, node::DEFAULT_CLUSTER).map(Some),
        None => node::storage_from_environment(),
    };
    let program = node::server(protocol.unwrap_or(&PROTOCOLS[0]));
    node::stdio::conclude(storage.and_then(|storage| node::stdio::serve(program, storage)))
}
