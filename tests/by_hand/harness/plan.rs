//! How the nodes of a cluster are started.

#[derive(Clone, Debug)]
pub struct Plan {
    pub protocol: &'static str,
    pub servers: u32,
    pub addresses: Addresses,
    /// The same for all servers and clients.
    pub arguments: &'static [&'static str],
}

/// How nodes know who the servers are, and where they listen.
#[derive(Clone, Debug)]
pub enum Addresses {
    /// By a file, of a cluster with this name.
    File { name: &'static str },
    /// By the port before that of server 1. There are three servers, for nobody says otherwise.
    Port,
}

impl Plan {
    /// Three servers, in a file of the cluster `lab`.
    pub fn of(protocol: &'static str) -> Self {
        Self { protocol, servers: 3, addresses: Addresses::File { name: "lab" }, arguments: &[] }
    }

    /// Three servers, with ports in a row; such a cluster is called `main`.
    pub fn by_port(protocol: &'static str) -> Self {
        Self { addresses: Addresses::Port, ..Self::of(protocol) }
    }
}
