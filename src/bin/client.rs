//! `client`: a client session on standard input and output, for any host of the node protocol.

use std::process::ExitCode;

use clap::Parser;
use splitbrain::node;
use splitbrain::protocol::Protocol;

/// A client session that speaks the node protocol on standard input and output, as `master` starts it.
#[derive(Parser)]
#[command(name = "client", version)]
struct Arguments {
    /// The protocol of its servers.
    #[arg(long, value_parser = Protocol::names(), default_value = "gossip")]
    protocol: String,
}

fn main() -> ExitCode {
    let Arguments { protocol } = Arguments::parse();
    let protocol = Protocol::named(&protocol).expect("the argument parser offers only names of protocols");
    node::stdio::conclude(node::stdio::serve(node::client(protocol.agreement), None))
}
