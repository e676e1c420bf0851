//! `client`: a client session on standard input and output, for any host of the node protocol.

use std::process::ExitCode;

use clap::Parser;
use splitbrain::node;

/// A client session that speaks the node protocol on standard input and output, as `master` starts it.
#[derive(Parser)]
#[command(name = "client", version)]
struct Arguments {}

fn main() -> ExitCode {
    let Arguments {} = Arguments::parse();
    node::stdio::conclude(node::stdio::serve(node::client(), None))
}
