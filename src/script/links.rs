//! Which links a command is about: two nodes, two sets of nodes, or all; both ways or one.
//!
//! ```text
//! 0 1          both ways between 0 and 1
//! 0 -> 1       from 0 to 1 only
//! 0,1 -> 2     from 0 and from 1 to 2
//! 0 *          between 0 and everybody else
//! leader -> *  from whoever leads to everybody else
//! ```
//!
//! Deliberately missing: who everybody is, and who leads (known only when a script runs).

use std::collections::BTreeSet;
use std::fmt;

use crate::base::NodeName;
use crate::script::targets::{Role, Target, in_a_list};

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
    Nodes(Vec<Target>),
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
    /// The directed links, each once, in ascending order; `all` are the nodes that have joined, and `of_role` says who
    /// plays a part. A node has no link with itself, and two clients have none.
    #[must_use]
    pub fn directed(&self, all: &[NodeName], of_role: impl Fn(Role) -> Vec<NodeName>) -> Vec<(NodeName, NodeName)> {
        let mut links = BTreeSet::new();
        for from in self.from.names(all, &of_role) {
            for to in self.to.names(all, &of_role) {
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

    /// The parts that its ends name.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.from.roles().chain(self.to.roles())
    }

    /// The two ends, if each is one node.
    #[must_use]
    pub fn single(&self) -> Option<(NodeName, NodeName)> {
        match (&self.from, &self.to) {
            (End::Nodes(from), End::Nodes(to)) => match (from.as_slice(), to.as_slice()) {
                ([Target::Node(from)], [Target::Node(to)]) => Some((from.name, to.name)),
                _ => None,
            },
            (End::All, _) | (_, End::All) => None,
        }
    }
}

impl End {
    fn names(&self, all: &[NodeName], of_role: impl Fn(Role) -> Vec<NodeName>) -> Vec<NodeName> {
        let names_of = |target: &Target| match target {
            Target::Node(reference) => vec![reference.name],
            Target::Role(role) => of_role(*role),
        };
        match self {
            Self::All => all.to_vec(),
            Self::Nodes(targets) => targets.iter().flat_map(names_of).collect(),
        }
    }

    /// The parts that it names.
    fn roles(&self) -> impl Iterator<Item = Role> {
        let targets = match self {
            Self::All => [].as_slice(),
            Self::Nodes(targets) => targets,
        };
        targets.iter().filter_map(Target::role)
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
            Self::Nodes(targets) => formatter.write_str(&in_a_list(targets)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::invocation::{NodeReference, Numbering};

    const S: fn(u32) -> NodeName = NodeName::server;
    const C: fn(u32) -> NodeName = NodeName::client;

    fn end(names: &[NodeName]) -> End {
        let reference = |name: &NodeName| {
            Target::Node(NodeReference { name: *name, typed: name.to_string(), numbering: Numbering::Common })
        };
        End::Nodes(names.iter().map(reference).collect())
    }

    #[test]
    fn directed_links_are_each_there_once_and_none_is_of_a_node_with_itself_or_of_two_clients() {
        let all = [S(0), S(1), C(2), C(3)];
        let links = |from, to, ways| Links { from, to, ways }.directed(&all, |_| vec![S(1), S(0)]);
        assert_eq!(links(end(&[S(0)]), end(&[S(1)]), Ways::One), [(S(0), S(1))]);
        assert_eq!(links(end(&[S(0)]), end(&[S(1)]), Ways::Both), [(S(0), S(1)), (S(1), S(0))]);
        let star = links(end(&[S(0)]), End::All, Ways::One);
        assert_eq!(star, [(S(0), S(1)), (S(0), C(2)), (S(0), C(3))]);
        assert_eq!(links(End::All, End::All, Ways::Both).len(), 2 + 2 * 4);
        assert_eq!(links(end(&[C(2)]), end(&[C(3), S(1)]), Ways::Both), [(S(1), C(2)), (C(2), S(1))]);
        assert_eq!(links(end(&[S(0), S(1)]), end(&[S(1), S(0)]), Ways::Both).len(), 2);
        let leaders = End::Nodes(vec![Target::Role(Role::Leader)]);
        assert_eq!(links(leaders, end(&[C(2)]), Ways::One), [(S(0), C(2)), (S(1), C(2))]);
    }

    #[test]
    fn the_text_is_the_scripts() {
        let text = |from, to, ways| Links { from, to, ways }.to_string();
        assert_eq!(text(end(&[S(0), S(1)]), end(&[C(7)]), Ways::One), "0,1 -> 7");
        assert_eq!(text(End::All, end(&[S(1)]), Ways::Both), "* 1");
    }
}
