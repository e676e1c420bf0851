//! `server`: a server on standard input and output, for any host of the node protocol.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use splitbrain::node::{self, Storage};
use splitbrain::protocol::{PROTOCOLS, Protocol};

/// A server that speaks the node protocol on standard input and output, as `master` starts it.
#[derive(Parser)]
#[command(name = "server", version)]
struct Arguments {
    /// What it runs.
    #[arg(long, default_value = PROTOCOLS[0].name, value_parser = Protocol::names())]
    protocol: String,
    /// The folder in which it keeps its records; without it the one that the environment names in SPLITBRAIN_DATA, as
    /// a host of the node protocol does. Without either they are not kept.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The cluster that it is of: a folder of another one is refused.
    #[arg(long, value_name = "NAME", default_value = node::DEFAULT_CLUSTER)]
    cluster: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let protocol = Protocol::named(&arguments.protocol).expect("the argument parser offers only names of protocols");
    let storage = match arguments.data {
        Some(folder) => node::storage_in(&folder, &arguments.cluster).map(Some),
        None => node::storage_from_environment()
            .map(|storage| storage.map(|storage| Storage { cluster: arguments.cluster, ..storage })),
    };
    node::stdio::conclude(storage.and_then(|storage| node::stdio::serve(node::server(protocol), storage)))
}
