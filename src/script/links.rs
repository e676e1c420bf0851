//! Which links a command is about: two nodes, two sets of nodes, or all; both ways or one.
//!
//! ```text
//! 0 1          both ways between 0 and 1
//! 0 -> 1       from 0 to 1 only
//! 0,1 -> 2     from 0 and from 1 to 2
//! 0 *          between 0 and everybody else
//! ```
//!
//! Deliberately missing: who everybody is (known only when a script runs).

use std::collections::BTreeSet;
use std::fmt;

use crate::base::NodeName;
use crate::script::invocation::NodeReference;

/// The links that a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// One end.
    pub from: End,
    /// The other.
    pub to: End,
    /// Both directions, or only from `from` to `to`.
    pub ways: Ways,
}

/// One end of links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// `*`: every node that has joined.
    All,
    /// These nodes, in the order in which they were typed.
    Nodes(Vec<NodeReference>),
}

/// Which directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ways {
    /// There and back.
    Both,
    /// There only: `->`.
    One,
}

/// What stands between the ends of links in one direction.
pub(super) const ARROW: &str = "->";
/// What stands between groups.
pub(super) const BAR: &str = "|";
/// The end that is everybody.
pub(super) const EVERYBODY: &str = "*";

impl Links {
    /// The directed links, each once, in ascending order; `all` are the nodes that have joined. A node has no link with
    /// itself, and two clients have none.
    #[must_use]
    pub fn directed(&self, all: &[NodeName]) -> Vec<(NodeName, NodeName)> {
        let mut links = BTreeSet::new();
        for from in self.from.names(all) {
            for to in self.to.names(all) {
                if from == to || !(from.is_server() || to.is_server()) {
                    continue;
                }
                links.insert((from, to));
                if self.ways == Ways::Both {
                    links.insert((to, from));
                }
            }
        }
        links.into_iter().collect()
    }

    /// The two ends, if each is one node.
    #[must_use]
    pub fn single(&self) -> Option<(NodeName, NodeName)> {
        match (&self.from, &self.to) {
            (End::Nodes(from), End::Nodes(to)) => match (from.as_slice(), to.as_slice()) {
                ([from], [to]) => Some((from.name, to.name)),
                _ => None,
            },
            (End::All, _) | (_, End::All) => None,
        }
    }
}

impl End {
    fn names(&self, all: &[NodeName]) -> Vec<NodeName> {
        match self {
            Self::All => all.to_vec(),
            Self::Nodes(references) => references.iter().map(|reference| reference.name).collect(),
        }
    }
}

/// As a script writes it, with the one text of each node.
impl fmt::Display for Links {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ways {
            Ways::Both => write!(formatter, "{} {}", self.from, self.to),
            Ways::One => write!(formatter, "{} {ARROW} {}", self.from, self.to),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str(EVERYBODY),
            Self::Nodes(references) => {
                let numbers: Vec<_> = references.iter().map(NodeReference::canonical).collect();
                formatter.write_str(&numbers.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::invocation::Numbering;

    const S: fn(u32) -> NodeName = NodeName::server;
    const C: fn(u32) -> NodeName = NodeName::client;

    fn end(names: &[NodeName]) -> End {
        let reference =
            |name: &NodeName| NodeReference { name: *name, typed: name.to_string(), numbering: Numbering::Common };
        End::Nodes(names.iter().map(reference).collect())
    }

    #[test]
    fn directed_links_are_each_there_once_and_none_is_of_a_node_with_itself_or_of_two_clients() {
        let all = [S(0), S(1), C(2), C(3)];
        let links = |from, to, ways| Links { from, to, ways }.directed(&all);
        assert_eq!(links(end(&[S(0)]), end(&[S(1)]), Ways::One), [(S(0), S(1))]);
        assert_eq!(links(end(&[S(0)]), end(&[S(1)]), Ways::Both), [(S(0), S(1)), (S(1), S(0))]);
        let star = links(end(&[S(0)]), End::All, Ways::One);
        assert_eq!(star, [(S(0), S(1)), (S(0), C(2)), (S(0), C(3))]);
        assert_eq!(links(End::All, End::All, Ways::Both).len(), 2 + 2 * 4);
        assert_eq!(links(end(&[C(2)]), end(&[C(3), S(1)]), Ways::Both), [(S(1), C(2)), (C(2), S(1))]);
        assert_eq!(links(end(&[S(0), S(1)]), end(&[S(1), S(0)]), Ways::Both).len(), 2);
    }

    #[test]
    fn the_text_is_the_scripts() {
        let text = |from, to, ways| Links { from, to, ways }.to_string();
        assert_eq!(text(end(&[S(0), S(1)]), end(&[C(7)]), Ways::One), "0,1 -> 7");
        assert_eq!(text(End::All, end(&[S(1)]), Ways::Both), "* 1");
    }
}
