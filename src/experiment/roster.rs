//! Who has joined, and which client is joined to which servers: what the script knows of the cluster, beside the cluster itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::NodeName;

/// Servers that ever joined, clients with the servers that they are joined to, and the connections that are broken.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    servers: BTreeSet<NodeName>,
    attached: BTreeMap<NodeName, BTreeSet<NodeName>>,
    /// Of clients that have all members: a client, and the member that was taken from it.
    broken: BTreeSet<(NodeName, NodeName)>,
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

    /// The servers that a client is joined to, in ascending order.
    #[must_use]
    pub fn servers_of(&self, client: NodeName) -> Vec<NodeName> {
        self.attached.get(&client).map(|servers| servers.iter().copied().collect()).unwrap_or_default()
    }

    /// The clients that are joined to a server, in ascending order.
    #[must_use]
    pub fn clients_of(&self, server: NodeName) -> Vec<NodeName> {
        let has_it = |(client, servers): (&NodeName, &BTreeSet<NodeName>)| servers.contains(&server).then_some(*client);
        self.attached.iter().filter_map(has_it).collect()
    }

    /// Is the connection of this client to a member broken?
    #[must_use]
    pub fn is_broken(&self, client: NodeName, server: NodeName) -> bool {
        self.broken.contains(&(client, server))
    }

    /// All connections of clients to members that are broken.
    #[must_use]
    pub fn broken(&self) -> Vec<(NodeName, NodeName)> {
        self.broken.iter().copied().collect()
    }

    /// Takes a member from a client that has all of them.
    pub fn break_off(&mut self, client: NodeName, server: NodeName) {
        self.broken.insert((client, server));
    }

    /// Gives it back.
    pub fn restore(&mut self, client: NodeName, server: NodeName) {
        self.broken.remove(&(client, server));
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
