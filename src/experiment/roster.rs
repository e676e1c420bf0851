//! Who has joined, and which client has which servers: what the script knows of the cluster, beside the cluster itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::NodeName;

/// Servers that ever joined, and clients with their servers.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    servers: BTreeSet<NodeName>,
    attached: BTreeMap<NodeName, BTreeSet<NodeName>>,
}

impl Roster {
    /// Adds a server. Is it new?
    pub fn add_server(&mut self, server: NodeName) -> bool {
        self.servers.insert(server)
    }

    /// All servers that ever joined, in ascending order.
    #[must_use]
    pub fn servers(&self) -> Vec<NodeName> {
        self.servers.iter().copied().collect()
    }

    /// The servers of a client, in ascending order.
    #[must_use]
    pub fn servers_of(&self, client: NodeName) -> Vec<NodeName> {
        self.attached.get(&client).map(|servers| servers.iter().copied().collect()).unwrap_or_default()
    }

    /// The clients that have a server, in ascending order.
    #[must_use]
    pub fn clients_of(&self, server: NodeName) -> Vec<NodeName> {
        let has_it = |(client, servers): (&NodeName, &BTreeSet<NodeName>)| servers.contains(&server).then_some(*client);
        self.attached.iter().filter_map(has_it).collect()
    }

    /// Does the client have this server?
    #[must_use]
    pub fn is_attached(&self, client: NodeName, server: NodeName) -> bool {
        self.attached.get(&client).is_some_and(|servers| servers.contains(&server))
    }

    /// Gives a client a server.
    pub fn attach(&mut self, client: NodeName, server: NodeName) {
        self.attached.entry(client).or_default().insert(server);
    }

    /// Takes a server from a client.
    pub fn detach(&mut self, client: NodeName, server: NodeName) {
        if let Some(servers) = self.attached.get_mut(&client) {
            servers.remove(&server);
        }
    }

    /// Gives a client this server instead of all that it had.
    pub fn attach_only(&mut self, client: NodeName, server: NodeName) {
        self.attached.insert(client, BTreeSet::from([server]));
    }
}
