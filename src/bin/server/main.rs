//! `server`: a server of a cluster by hand, in a terminal of its own; without an id one on standard input and output, for any
//! host of the node protocol.

mod stdio;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};
use splitbrain::base::{Environment, NodeName, Verdict};
use splitbrain::console::by_hand::{self, ClusterArguments, Serving};
use splitbrain::tcp::founding::Quorum;
use splitbrain::tcp::links::Tell;
use splitbrain::tcp::recording::Recorder;
use splitbrain::tcp::server::ServerOptions;
use splitbrain::wire::control::{PreVote, Reads, Variant};

/// A server of a replicated key-value store, with a console.
///
/// `server 1`, `server 2`, `server 3` and `client 1`, each in a terminal of its own, are a cluster. Type `help` at the
/// console. docs/by-hand.md is a guided tour.
///
/// Without an id it speaks the node protocol on standard input and output, as a host of it expects (docs/node-protocol.md).
#[derive(Parser)]
#[command(name = "server", version, after_help = EXAMPLES)]
struct Arguments {
    /// Which server this is
    #[arg(value_name = "ID", value_parser = by_hand::server_number)]
    id: Option<u32>,
    #[command(flatten)]
    cluster: ClusterArguments,
    /// The folder for this server's data [default: data/server-ID; without an id the one in SPLITBRAIN_DATA, or none]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How a get is answered: as a block, from its place in the chain; or from the store, once a majority has confirmed the
    /// leader
    #[arg(long, value_name = "WAY", value_parser = Reads::names(), default_value = "chain")]
    reads: String,
    /// Under raft, whether a server asks if it would be elected before it raises its term
    #[arg(long, value_name = "ON", value_parser = PreVote::names(), default_value = "on")]
    prevote: String,
    /// Found the cluster when a majority is there; without it, when all are. Only for a cluster that never ran: who is not
    /// there then will only learn, for good
    #[arg(long, requires = "id")]
    found: bool,
    /// Show messages as they come and go
    #[arg(long, requires = "id")]
    debug: bool,
    /// Write down everything that this server is given and puts out; `master replay FILE` carries it out again
    #[arg(long, value_name = "FILE", requires = "id")]
    record: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  server 1                                   one of three servers on this machine, at port 8001
  server 2 --servers 5 --protocol raft       one of five, with Raft
  server 1 --cluster lab.txt --delay 2s      one of those in a file, slow enough to watch

Exit codes: 0 it was told to leave; 2 a mistake on the command line; 3 it cannot go on with what another server sent; 4 its
disk, its port or its terminal failed; 130 interrupted.";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.id {
        Some(id) => serve(id, arguments),
        None if std::io::stdin().is_terminal() => {
            Arguments::command().error(ErrorKind::MissingRequiredArgument, "which server is this? `server 1`").exit()
        }
        None => return stdio::serve(arguments.cluster.chosen_protocol(), arguments.data),
    };
    match result {
        Ok(verdict) => ExitCode::from(verdict.exit_code()),
        Err((verdict, why)) => {
            eprintln!("error: {why}");
            ExitCode::from(verdict.exit_code())
        }
    }
}

fn serve(id: u32, arguments: Arguments) -> Result<Verdict, (Verdict, String)> {
    let node = NodeName::server(id);
    let cluster = arguments.cluster.cluster().map_err(|error| (Verdict::Mistake, error.to_string()))?;
    cluster.address_of(node).map_err(|error| (Verdict::Mistake, error.to_string()))?;
    let servers = cluster.addresses.iter().map(|(server, address)| (*server, address.port())).collect();
    let options = Box::new(move |tell: Tell| {
        let Arguments { cluster: chosen, data, reads, prevote, found, debug, record, .. } = arguments;
        let known = "the argument parser offers only names that are known";
        let variant =
            Variant { reads: Reads::named(&reads).expect(known), prevote: PreVote::named(&prevote).expect(known) };
        Ok(ServerOptions {
            node,
            cluster,
            protocol: chosen.protocol(),
            variant,
            folder: data.unwrap_or_else(|| PathBuf::from(format!("data/server-{id}"))),
            delay: chosen.delay(),
            quorum: if found { Quorum::Majority } else { Quorum::All },
            recorder: record.map(|path| Recorder::create(&path, tell.clone())).transpose()?,
            watch: debug.then(|| tell.clone()),
            tell,
        })
    });
    by_hand::serve(Serving { options, node, servers })
        .map_err(|error: Environment| (Verdict::Environment, error.to_string()))
}
