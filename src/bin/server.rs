//! `server`: a server on standard input and output, for any host of the node protocol.

use std::process::ExitCode;

use clap::Parser;
use splitbrain::node;
use splitbrain::protocol::{PROTOCOLS, Protocol};

/// A server that speaks the node protocol on standard input and output, as `master` starts it.
#[derive(Parser)]
#[command(name = "server", version)]
struct Arguments {
    /// What it runs.
    #[arg(long, default_value = PROTOCOLS[0].name, value_parser = Protocol::names())]
    protocol: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let protocol = Protocol::named(&arguments.protocol).expect("the argument parser offers only names of protocols");
    node::stdio::conclude(node::stdio::serve(node::server(protocol)))
}
