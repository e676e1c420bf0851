//! `client`: a client of a cluster by hand, in a terminal of its own, or load on one; without an id a session on standard input
//! and output, for any host of the node protocol.

mod load;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use splitbrain::base::{NodeName, Verdict};
use splitbrain::console::by_hand::{self, Attending, ClusterArguments};
use splitbrain::node;
use splitbrain::protocol::PROTOCOLS;
use splitbrain::tcp::client::ClientOptions;
use splitbrain::tcp::links::Tell;
use splitbrain::tcp::recording::Recorder;

/// A client of a replicated key-value store, with a console.
///
/// Start servers first or last, as you like. Keys and values are literals of Python: `put 'alice' {'phone': '111'}`,
/// `get 'alice'`. Type `help` at the console. docs/by-hand.md is a guided tour.
///
/// Without an id it speaks the node protocol on standard input and output, as a host of it expects (docs/node-protocol.md).
#[derive(Parser)]
#[command(name = "client", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Which client this is: each that is running needs an id of its own
    #[arg(value_name = "ID", value_parser = by_hand::client_number)]
    id: Option<u32>,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// Show messages as they come and go
    #[arg(long, requires = "id")]
    debug: bool,
    /// Write down everything that this client is given and puts out; `master replay FILE` carries it out again
    #[arg(long, value_name = "FILE", requires = "id")]
    record: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Puts load on a cluster: how many operations a second, and how long each takes
    Bench(load::BenchArguments),
}

const EXAMPLES: &str = "\
Examples:
  client 1                                   a client of three servers on this machine
  printf 'put \"a\" 1\\nget \"a\"\\n' | client 1   prints `success` and `1`
  client bench --clients 64 --duration 10s   load, and what came of it

Exit codes: 0 it was told to leave, or its input has ended; 1 an operation of a load failed; 2 a mistake on the command line;
3 a server sends it away; 4 its terminal or a file failed; 130 interrupted.";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match (arguments.command, arguments.id) {
        (Some(Command::Bench(bench)), _) => load::put_load(&bench),
        (None, Some(id)) => attend(id, Arguments { command: None, ..arguments }),
        (None, None) if std::io::stdin().is_terminal() => {
            Arguments::command().error(ErrorKind::MissingRequiredArgument, "which client is this? `client 1`").exit()
        }
        (None, None) => {
            let protocol = arguments.cluster.chosen_protocol().unwrap_or(&PROTOCOLS[0]);
            return node::stdio::conclude(node::stdio::serve(node::client(protocol.agreement), None));
        }
    };
    match result {
        Ok(verdict) => ExitCode::from(verdict.exit_code()),
        Err((verdict, why)) => {
            eprintln!("error: {why}");
            ExitCode::from(verdict.exit_code())
        }
    }
}

fn attend(id: u32, arguments: Arguments) -> Result<Verdict, (Verdict, String)> {
    let node = NodeName::client(id);
    let Arguments { cluster: chosen, debug, record, .. } = arguments;
    let cluster = chosen.cluster().map_err(|error| (Verdict::Mistake, error.to_string()))?;
    let servers = cluster.servers().collect();
    let delay = chosen.delay();
    let options = Box::new(move |tell: Tell| {
        Ok(ClientOptions {
            node,
            cluster,
            protocol: chosen.protocol(),
            delay,
            recorder: record.map(|path| Recorder::create(&path, tell.clone())).transpose()?,
            watch: debug.then(|| tell.clone()),
            tell,
        })
    });
    by_hand::attend(Attending { options, node, servers, delay })
        .map_err(|error| (Verdict::Environment, error.to_string()))
}
