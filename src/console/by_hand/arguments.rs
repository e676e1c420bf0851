//! What is said on the command line about the cluster: the same for servers and clients.

use std::path::PathBuf;

use clap::Args;

use crate::base::Span;
use crate::protocol::Protocol;
use crate::tcp::cluster::{Cluster, NoCluster};

/// What servers by hand run if nobody says otherwise.
const PROTOCOL: &str = "multi-paxos";

/// Which cluster, and what it runs.
#[derive(Args, Clone, Debug)]
pub struct ClusterArguments {
    /// How many servers the cluster has, on this machine: server i listens at 127.0.0.1, at the port BASE + i
    #[arg(long, value_name = "N", default_value_t = 3, conflicts_with = "cluster")]
    servers: u32,
    /// The port before that of server 1
    #[arg(long, value_name = "BASE", default_value_t = 8000, conflicts_with = "cluster")]
    port: u16,
    /// The servers and where they listen, a line for each: `server 1 10.0.0.1:8001`
    #[arg(long, value_name = "FILE")]
    cluster: Option<PathBuf>,
    /// What the servers run; the same for all [default: multi-paxos; without an id: gossip]
    #[arg(long, value_name = "NAME", value_parser = Protocol::names())]
    protocol: Option<String>,
    /// How long messages wait before they leave, so that people can watch them; timeouts grow with it
    #[arg(long, value_name = "DELAY", default_value = "0s")]
    delay: Span,
}

impl ClusterArguments {
    /// The cluster.
    ///
    /// # Errors
    /// There is none such, or its file is wrong.
    pub fn cluster(&self) -> Result<Cluster, NoCluster> {
        match &self.cluster {
            Some(file) => Cluster::in_file(file),
            None => Cluster::on_this_machine(self.servers, self.port),
        }
    }

    /// What its servers run.
    ///
    /// # Panics
    /// Never: there is that protocol.
    #[must_use]
    pub fn protocol(&self) -> &'static Protocol {
        self.chosen_protocol().unwrap_or_else(|| Protocol::named(PROTOCOL).expect("it is one of ours"))
    }

    /// What they run, if somebody has said so.
    ///
    /// # Panics
    /// Never: the argument parser offers only names of protocols.
    #[must_use]
    pub fn chosen_protocol(&self) -> Option<&'static Protocol> {
        let name = self.protocol.as_deref()?;
        Some(Protocol::named(name).expect("the argument parser offers only names of protocols"))
    }

    /// How long messages wait.
    #[must_use]
    pub fn delay(&self) -> Span {
        self.delay
    }
}
