//! The systems that can be measured: the only place that knows them all. Another one is a file beside [`crate::etcd`] and
//! [`crate::ours`], and a variant in each of the two enums here.

use std::net::SocketAddr;

use clap::ValueEnum;

use crate::arguments::Destination;
use crate::{etcd, ours};

/// Why a measurement cannot be had.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A replicated store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// etcd, by gRPC.
    Etcd,
    /// splitbrain's servers by hand, with Multi-Paxos.
    OursMultiPaxos,
    /// The same with Raft.
    OursRaft,
}

/// How clients are to be connected.
pub struct Connecting<'a> {
    /// How many clients.
    pub clients: usize,
    /// At most how many connections they share, where they share any.
    pub connections: usize,
    /// To whom those connections go.
    pub to: Destination,
    /// The servers' addresses.
    pub servers: &'a [SocketAddr],
}

/// One client.
pub enum Client {
    /// Of etcd.
    Etcd(Box<etcd::Client>),
    /// Of splitbrain.
    Ours(ours::Client),
}

impl System {
    /// Connects all clients; within a [`LocalSet`](tokio::task::LocalSet).
    pub async fn connect(self, connecting: &Connecting<'_>) -> Result<Vec<Client>, Failure> {
        match self {
            System::Etcd => {
                let clients = etcd::connect(connecting).await?;
                Ok(clients.into_iter().map(|client| Client::Etcd(Box::new(client))).collect())
            }
            System::OursMultiPaxos => connect_ours(connecting, "multi-paxos"),
            System::OursRaft => connect_ours(connecting, "raft"),
        }
    }
}

fn connect_ours(connecting: &Connecting<'_>, protocol: &str) -> Result<Vec<Client>, Failure> {
    Ok(ours::connect(connecting, protocol)?.into_iter().map(Client::Ours).collect())
}

impl Client {
    /// Writes; returns when the write is durable at a majority.
    pub async fn put(&mut self, key: &str, value: &str) -> Result<(), Failure> {
        match self {
            Client::Etcd(client) => client.put(key, value).await,
            Client::Ours(client) => client.put(key, value).await,
        }
    }

    /// Reads, linearizable; nothing for a key that was never written.
    pub async fn get(&mut self, key: &str) -> Result<Option<String>, Failure> {
        match self {
            Client::Etcd(client) => client.get(key).await,
            Client::Ours(client) => client.get(key).await,
        }
    }
}
