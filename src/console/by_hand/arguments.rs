//! What is said on the command line about the cluster: the same for servers and clients.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;

use crate::base::identity::parse_number;
use crate::base::{NodeKind, NodeName, Span};
use crate::protocol::Protocol;
use crate::tcp::cluster::{Cluster, NoCluster};

/// What servers by hand run if nobody says otherwise.
const PROTOCOL: &str = "multi-paxos";
/// Which numbers clients by hand may have.
const CLIENTS: RangeInclusive<u32> = 1..=999;

/// The number of a server as it is typed: `1`, or as it is called elsewhere, `s1`.
///
/// # Errors
/// It is neither: what would be right.
pub fn server_number(text: &str) -> Result<u32, String> {
    number_of(NodeKind::Server, text).ok_or_else(|| "a server is named by its number, as in `server 1`".to_owned())
}

/// The number of a client as it is typed: `1`, or as it is called elsewhere, `c1`.
///
/// # Errors
/// It is neither, or no client has it: what would be right.
pub fn client_number(text: &str) -> Result<u32, String> {
    let number = number_of(NodeKind::Client, text).filter(|number| CLIENTS.contains(number));
    number.ok_or_else(|| {
        format!("a client is named by a number from {} to {}, as in `client 1`", CLIENTS.start(), CLIENTS.end())
    })
}

fn number_of(kind: NodeKind, text: &str) -> Option<u32> {
    match text.parse::<NodeName>() {
        Ok(node) if node.kind == kind => Some(node.number),
        Ok(_) | Err(_) => parse_number(text),
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_named_by_its_number_or_by_its_name() {
        assert_eq!((server_number("1"), server_number("s12")), (Ok(1), Ok(12)));
        assert_eq!((client_number("999"), client_number("c1")), (Ok(999), Ok(1)));
        for wrong in ["", "c1", "S1", "01", "-1", "one", "4294967296"] {
            assert!(server_number(wrong).is_err(), "{wrong}");
        }
        for wrong in ["s1", "0", "1000", "c0", "1.0"] {
            assert!(client_number(wrong).is_err(), "{wrong}");
        }
    }
}
