//! Which servers a cluster by hand has, and where they listen.
//!
//! Without a file they are on this machine, one port after the other. A file has a line for each:
//!
//! ```text
//! cluster lab            # the cluster's name; `main` if it is left out
//! server 1 10.0.0.1:8001
//! server 2 10.0.0.2:8001
//! server 3 lab-3:8001    # a name will do, too
//! ```

use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::path::Path;

use crate::base::identity::parse_number;
use crate::base::{NodeName, limits};
use crate::node::DEFAULT_CLUSTER;
use crate::tcp::introduction::numbers;

/// The servers of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its name: nodes of another one are refused.
    pub name: String,
    /// Where each server listens.
    pub addresses: BTreeMap<NodeName, SocketAddr>,
}

/// What is wrong with a cluster, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoCluster(String);

/// The longest name of a cluster, in bytes.
const NAME_BYTES: usize = 64;

impl Cluster {
    /// Servers 1 to `servers` on this machine, server i at the port `base` + i.
    ///
    /// # Errors
    /// There are none, too many, or no port is left for one.
    pub fn on_this_machine(servers: u32, base: u16) -> Result<Self, NoCluster> {
        if !(1..=limits::CLUSTER_SERVERS).contains(&servers) {
            let most = limits::CLUSTER_SERVERS;
            return Err(NoCluster(format!("a cluster has from 1 to {most} servers, and not {servers}")));
        }
        let address = |number: u32| {
            let port = u16::try_from(u32::from(base) + number).map_err(|_| {
                NoCluster(format!(
                    "server {number} would listen at port {}: there is none above 65535",
                    u32::from(base) + number
                ))
            })?;
            Ok((NodeName::server(number), SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
        };
        Ok(Self { name: DEFAULT_CLUSTER.to_owned(), addresses: (1..=servers).map(address).collect::<Result<_, _>>()? })
    }

    /// The cluster that a file describes.
    ///
    /// # Errors
    /// It cannot be read, or a line of it is wrong.
    pub fn in_file(path: &Path) -> Result<Self, NoCluster> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| NoCluster(format!("could not read the cluster's file {shown}: {error}")))?;
        Self::parse(&text, &shown)
    }

    fn parse(text: &str, place: &impl Display) -> Result<Self, NoCluster> {
        let mut name = None;
        let mut addresses = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let wrong = |what: &str| {
                NoCluster(format!("{place}:{number}: {what}; a line is `server 1 127.0.0.1:8001` or `cluster NAME`"))
            };
            let words: Vec<_> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                ["cluster", new] => {
                    let is_short = (1..=NAME_BYTES).contains(&new.len());
                    if name.replace((*new).to_owned()).is_some() || !is_short {
                        return Err(wrong(&format!("a cluster has one name, of at most {NAME_BYTES} bytes")));
                    }
                }
                ["server", id, address] => {
                    let id = parse_number(id).ok_or_else(|| wrong(&format!("`{id}` is no server's number")))?;
                    let address = resolve(address).map_err(|why| wrong(&why))?;
                    if addresses.values().any(|known| *known == address) {
                        return Err(wrong(&format!("another server listens at {address}")));
                    }
                    if addresses.insert(NodeName::server(id), address).is_some() {
                        return Err(wrong(&format!("server {id} is there already")));
                    }
                }
                _ => return Err(wrong(&format!("`{}` is neither a server nor a name", line.trim()))),
            }
        }
        if addresses.is_empty() || addresses.len() > limits::CLUSTER_SERVERS as usize {
            let most = limits::CLUSTER_SERVERS;
            let count = addresses.len();
            return Err(NoCluster(format!(
                "{place}: a cluster has from 1 to {most} servers, and not {count}; a line is `server 1 127.0.0.1:8001`"
            )));
        }
        Ok(Self { name: name.unwrap_or_else(|| DEFAULT_CLUSTER.to_owned()), addresses })
    }

    /// Its servers, in ascending order.
    pub fn servers(&self) -> impl Iterator<Item = NodeName> {
        self.addresses.keys().copied()
    }

    /// How many of them are a majority.
    #[must_use]
    pub fn majority(&self) -> usize {
        self.addresses.len() / 2 + 1
    }

    /// Where a server listens.
    ///
    /// # Errors
    /// It is none of them.
    pub fn address_of(&self, server: NodeName) -> Result<SocketAddr, NoCluster> {
        self.addresses.get(&server).copied().ok_or_else(|| {
            let known: Vec<_> = self.servers().collect();
            NoCluster(format!("{} is none of the cluster's, which are {}", server.in_words(), numbers(&known)))
        })
    }
}

fn resolve(address: &str) -> Result<SocketAddr, String> {
    let found = address.to_socket_addrs().map_err(|error| format!("`{address}` is no address: {error}"))?;
    let found = found.into_iter().min_by_key(|address| matches!(address.ip(), IpAddr::V6(_)));
    found.filter(|address| address.port() != 0).ok_or_else(|| format!("`{address}` is no address that can be reached"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Cluster, String> {
        Cluster::parse(text, &"lab").map_err(|error| error.to_string())
    }

    #[test]
    fn servers_are_on_loopback_unless_a_file_says_otherwise() {
        let cluster = Cluster::on_this_machine(3, 8000).unwrap();
        let shown: Vec<_> = cluster.addresses.iter().map(|(name, address)| format!("{name} {address}")).collect();
        assert_eq!(shown, ["s1 127.0.0.1:8001", "s2 127.0.0.1:8002", "s3 127.0.0.1:8003"]);
        assert_eq!((cluster.name.as_str(), cluster.majority()), ("main", 2));
        let cluster = parse("# three\ncluster lab\nserver 7 127.0.0.1:9000 # here\n\nserver 2 [::1]:9001").unwrap();
        assert_eq!(cluster.name, "lab");
        assert_eq!(cluster.servers().collect::<Vec<_>>(), [2, 7].map(NodeName::server));
        assert_eq!(cluster.address_of(NodeName::server(2)).unwrap().to_string(), "[::1]:9001");
        assert_eq!(
            cluster.address_of(NodeName::server(3)).unwrap_err().to_string(),
            "server 3 is none of the cluster's, which are 2, 7"
        );
    }

    #[test]
    fn a_wrong_line_is_told_with_its_place() {
        let cases = [
            ("server 1", "lab:1: `server 1` is neither a server nor a name"),
            ("\nserver x 127.0.0.1:1", "lab:2: `x` is no server's number"),
            ("server 1 127.0.0.1", "lab:1: `127.0.0.1` is no address"),
            ("server 1 127.0.0.1:0", "lab:1: `127.0.0.1:0` is no address that can be reached"),
            ("server 1 127.0.0.1:1\nserver 1 127.0.0.1:2", "lab:2: server 1 is there already"),
            ("server 1 127.0.0.1:1\nserver 2 127.0.0.1:1", "lab:2: another server listens at 127.0.0.1:1"),
            ("cluster a\ncluster b", "lab:2: a cluster has one name"),
            ("# nothing", "lab: a cluster has from 1 to 100 servers, and not 0"),
        ];
        for (text, expected) in cases {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        let error = Cluster::on_this_machine(3, 65_533).unwrap_err().to_string();
        assert_eq!(error, "server 3 would listen at port 65536: there is none above 65535");
        assert!(Cluster::on_this_machine(0, 8000).is_err());
    }
}
