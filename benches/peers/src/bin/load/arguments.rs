//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::system::System;

/// Puts load on a replicated store and measures it; benches/etcd.sh starts the servers.
#[derive(Parser)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Measures once and prints one line of JSON.
    Run(Run),
    /// Prints lines of `run` as Markdown.
    Table {
        /// The file with the lines.
        file: PathBuf,
    },
    /// Prints how many times a second this disk makes a small write durable.
    Disk {
        /// A folder on the disk.
        folder: PathBuf,
    },
    /// Prints free ports of 127.0.0.1, one a line.
    Ports {
        /// How many.
        count: usize,
    },
}

/// One measurement.
#[derive(Args)]
pub struct Run {
    /// Who is measured.
    #[arg(long)]
    pub system: System,
    /// The name of its row in the table; the others are compared with the row `etcd`.
    #[arg(long)]
    pub name: String,
    /// The number of the round; rows are compared within a round.
    #[arg(long, default_value_t = 1)]
    pub round: u32,
    /// What every client does.
    #[arg(long)]
    pub workload: Workload,
    /// How many clients there are; each waits for its answer before it goes on.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub clients: u32,
    /// How long operations are counted.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// How long the clients work before that.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub warm_up_seconds: u64,
    /// At most how many connections the clients of etcd share. One of ours has its own to each server.
    #[arg(long, default_value_t = 1, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=4096))]
    pub connections: usize,
    /// Which servers the clients of etcd talk to. Those of ours ask the leader.
    #[arg(long, default_value = "leader")]
    pub to: Destination,
    /// The addresses of the servers for clients.
    #[arg(long, required = true, value_delimiter = ',')]
    pub servers: Vec<SocketAddr>,
    /// The servers' process ids, whose use of the machine is measured.
    #[arg(long, required = true, value_delimiter = ',')]
    pub processes: Vec<u32>,
}

/// What every client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// Writes its keys in turn.
    Put,
    /// Reads its keys in turn; every answer is checked.
    Get,
}

/// Which servers clients talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Destination {
    /// The leader.
    Leader,
    /// All servers, connection by connection.
    Servers,
}
