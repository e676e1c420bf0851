//! What both ends of a connection say of themselves first, and why one may want nothing to do with the other.

use serde::{Deserialize, Serialize};

use crate::base::{NodeName, Span};
use crate::protocol::Protocol;
use crate::tcp::cluster::Cluster;
use crate::tcp::founding::Standing;

/// What every introduction begins with, so that it is known whatever else is in it.
const PRODUCT: &str = "splitbrain";
/// The version of what crosses connections.
const VERSION: u32 = 1;

/// Who speaks what: the beginning of an introduction, the same in every version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speech {
    product: String,
    version: u32,
}

/// The first frame of either end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// What it speaks.
    pub speech: Speech,
    /// Of which cluster it is.
    pub cluster: String,
    /// What the cluster's servers run.
    pub protocol: String,
    /// Who it is.
    pub node: NodeName,
    /// Which servers it takes for the cluster's, in ascending order.
    pub servers: Vec<NodeName>,
    /// How long it delays what it sends.
    pub delay: Span,
    /// Of a client, the number of its session.
    pub session: Option<u64>,
    /// Of a server whose protocol has members, what its disk says.
    pub standing: Option<Standing>,
}

/// Why one end wants nothing to do with the other: a sentence about the other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Objection(pub String);

impl Speech {
    /// What this program speaks.
    #[must_use]
    pub fn ours() -> Self {
        Self { product: PRODUCT.to_owned(), version: VERSION }
    }

    /// Is it understood here?
    ///
    /// # Errors
    /// It is another version, or nothing of ours.
    pub fn check(&self) -> Result<(), Objection> {
        if self.product != PRODUCT {
            return Err(Objection("it does not speak as servers and clients of splitbrain do".to_owned()));
        }
        if self.version != VERSION {
            let text = format!(
                "it speaks version {} of the protocol between nodes, and this is version {VERSION}: take one release of \
                 splitbrain for all",
                self.version
            );
            return Err(Objection(text));
        }
        Ok(())
    }
}

impl Introduction {
    /// What servers and clients say alike; who has a session, or a disk, adds it.
    #[must_use]
    pub fn of(node: NodeName, cluster: &Cluster, protocol: &Protocol, delay: Span) -> Self {
        Self {
            speech: Speech::ours(),
            cluster: cluster.name.clone(),
            protocol: protocol.name.to_owned(),
            node,
            servers: cluster.servers().collect(),
            delay,
            session: None,
            standing: None,
        }
    }

    /// Is `other` one that this end can do with? `self` is a server, or a client that looks at a server.
    ///
    /// # Errors
    /// It is of another cluster, or was started otherwise.
    pub fn check(&self, other: &Self) -> Result<(), Objection> {
        let object = |text: String| Err(Objection(text));
        let Self { cluster, protocol, .. } = other;
        let here = self.node.in_words();
        if self.cluster != *cluster {
            return object(format!("it is of the cluster {cluster:?}, and {here} of {:?}", self.cluster));
        }
        if self.protocol != *protocol {
            // It is shown on a terminal, and may be anything.
            let theirs = protocol.escape_debug();
            return object(format!("it was started with --protocol {theirs}, and {here} with {}", self.protocol));
        }
        if self.servers != other.servers {
            let (theirs, own) = (numbers(&other.servers), numbers(&self.servers));
            return object(format!(
                "it takes servers {theirs} for the cluster's, and {here} takes {own}: give all the same"
            ));
        }
        if other.node == self.node {
            return object(format!("it says that it is {}, and so does {here}", other.node.in_words()));
        }
        match (other.node.is_server(), other.session, &other.standing) {
            (true, None, _) if !other.servers.contains(&other.node) => {
                object(format!("it says that it is {}, which is none of the cluster's", other.node.in_words()))
            }
            (true, None, _) if self.node.is_server() && self.delay != other.delay => object(format!(
                "it delays messages by {}, and {here} by {}: give all the same --delay",
                other.delay, self.delay
            )),
            (true, None, _) | (false, Some(_), None) => Ok(()),
            (true | false, _, _) => object("its introduction contradicts itself".to_owned()),
        }
    }
}

/// `1, 2, 3`
#[must_use]
pub fn numbers(servers: &[NodeName]) -> String {
    let numbers: Vec<_> = servers.iter().map(|server| server.number.to_string()).collect();
    numbers.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(number: u32) -> Introduction {
        Introduction {
            speech: Speech::ours(),
            cluster: "main".to_owned(),
            protocol: "raft".to_owned(),
            node: NodeName::server(number),
            servers: [1, 2, 3].map(NodeName::server).to_vec(),
            delay: Span(0),
            session: None,
            standing: None,
        }
    }

    #[test]
    fn those_that_were_started_alike_have_nothing_against_each_other() {
        let client = Introduction { node: NodeName::client(2), session: Some(7), ..server(2) };
        let own = server(1);
        assert_eq!(own.check(&server(2)), Ok(()));
        assert_eq!(own.check(&client), Ok(()));
        assert_eq!(client.check(&Introduction { delay: Span::seconds(2), ..server(2) }), Ok(()), "it takes that over");
        assert_eq!(own.speech.check(), Ok(()));
    }

    #[test]
    fn what_was_started_otherwise_is_told() {
        let own = server(1);
        let other = server(2);
        let cases = [
            (
                Introduction { cluster: "lab".to_owned(), ..other.clone() },
                "it is of the cluster \"lab\", and server 1 of \"main\"",
            ),
            (
                Introduction { protocol: "multi-paxos".to_owned(), ..other.clone() },
                "it was started with --protocol multi-paxos, and server 1 with raft",
            ),
            (
                Introduction { servers: [1, 2].map(NodeName::server).to_vec(), ..other.clone() },
                "it takes servers 1, 2 for the cluster's, and server 1 takes 1, 2, 3: give all the same",
            ),
            (
                Introduction { delay: Span::seconds(2), ..other.clone() },
                "it delays messages by 2s, and server 1 by 0s: give all the same --delay",
            ),
            (server(1), "it says that it is server 1, and so does server 1"),
            (server(7), "it says that it is server 7, which is none of the cluster's"),
            (Introduction { session: Some(1), ..other.clone() }, "its introduction contradicts itself"),
            (Introduction { node: NodeName::client(1), ..other }, "its introduction contradicts itself"),
        ];
        for (introduction, expected) in cases {
            assert_eq!(own.check(&introduction).unwrap_err().to_string(), expected);
        }
        let newer = Speech { version: 2, ..Speech::ours() };
        assert!(newer.check().unwrap_err().to_string().starts_with("it speaks version 2"));
        let foreign = Speech { product: "etcd".to_owned(), ..Speech::ours() };
        assert!(foreign.check().unwrap_err().to_string().starts_with("it does not speak as"));
    }
}
