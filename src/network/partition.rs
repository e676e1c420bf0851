//! Partitions: which links each of them cuts. Pure functions over the servers in their order.

use std::collections::BTreeSet;

use crate::base::{Draw, NodeName};
use crate::network::link::{DirectedLink, have_link};

/// What a partition does to links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// The links that it cuts.
    pub cuts: BTreeSet<DirectedLink>,
    /// The links that it mends.
    pub mends: BTreeSet<DirectedLink>,
    /// What came of it, in words: `s1 | s2 s3`.
    pub text: String,
}

impl Division {
    /// Groups of nodes, each cut from the others. Servers among `all` that are in no group are alone; clients in none
    /// keep their links.
    #[must_use]
    pub fn into_groups(groups: &[Vec<NodeName>], all: &[NodeName]) -> Self {
        let groups = filled(groups);
        let group_of = |node: NodeName| groups.iter().position(|group| group.contains(&node));
        let lonely = all.iter().filter(|node| node.is_server() && group_of(**node).is_none());
        let groups: Vec<_> = groups.iter().cloned().chain(lonely.map(|&node| vec![node])).collect();
        let text = groups.iter().map(|group| names(group)).collect::<Vec<_>>().join(" | ");
        let group_of = |node: NodeName| groups.iter().position(|group| group.contains(&node));
        let links = all.iter().flat_map(|&from| all.iter().map(move |&to| (from, to)));
        let (mut cuts, mut mends) = (BTreeSet::new(), BTreeSet::new());
        for (from, to) in links.filter(|&(from, to)| have_link(from, to)) {
            match (group_of(from), group_of(to)) {
                (Some(one), Some(other)) if one == other => mends.insert((from, to)),
                (Some(_), Some(_)) => cuts.insert((from, to)),
                // A client in no group.
                (Some(_), None) | (None, Some(_)) | (None, None) => false,
            };
        }
        Self { cuts, mends, text }
    }

    /// Two halves, the first the smaller one if they are not equal.
    #[must_use]
    pub fn halves(servers: &[NodeName]) -> Self {
        let (first, second) = servers.split_at(servers.len() / 2);
        Self::into_groups(&[first.to_vec(), second.to_vec()], servers)
    }

    /// One server that is drawn, and the rest.
    ///
    /// # Panics
    /// If there is no server.
    #[must_use]
    pub fn one(servers: &[NodeName], draw: Draw) -> Self {
        let drawn = draw.below(servers.len() as u64);
        let chosen = servers[usize::try_from(drawn).expect("less than the number of servers")];
        let rest = servers.iter().copied().filter(|&server| server != chosen).collect();
        Self::into_groups(&[vec![chosen], rest], servers)
    }

    /// Jepsen's bridge: two halves, and the first server of the second half is connected to both.
    #[must_use]
    pub fn bridge(servers: &[NodeName]) -> Self {
        let (first, second) = servers.split_at(servers.len() / 2);
        let bridge = second.first().copied();
        let half = |server: NodeName| first.contains(&server);
        let text = match second.split_first() {
            Some((bridge, rest)) if !first.is_empty() && !rest.is_empty() => {
                format!("{} | {}, {bridge} with both", names(first), names(rest))
            }
            Some(_) | None => names(servers),
        };
        Self::by_hearing(servers, text, |from, to| half(from) == half(to) || Some(from) == bridge || Some(to) == bridge)
    }

    /// Jepsen's ring of majorities: each server hears a majority, and no two the same one. In the ring of all servers,
    /// the middle one of each window of a majority hears that window.
    #[must_use]
    pub fn majorities_ring(servers: &[NodeName]) -> Self {
        let majority = servers.len() / 2 + 1;
        let hears = |listener: usize, speaker: usize| {
            // How far the speaker is from the beginning of the window whose middle the listener is.
            (speaker + servers.len() + majority / 2 - listener) % servers.len() < majority
        };
        let place = |server: NodeName| servers.iter().position(|&other| other == server).expect("one of them");
        let heard_by = |(listener, name): (usize, &NodeName)| {
            let others = (0..servers.len()).filter(|&speaker| speaker != listener && hears(listener, speaker));
            format!("{name} hears {}", names(&others.map(|speaker| servers[speaker]).collect::<Vec<_>>()))
        };
        let text = servers.iter().enumerate().map(heard_by).collect::<Vec<_>>().join(", ");
        Self::by_hearing(servers, text, |from, to| hears(place(to), place(from)))
    }

    fn by_hearing(servers: &[NodeName], text: String, passes: impl Fn(NodeName, NodeName) -> bool) -> Self {
        let links = servers.iter().flat_map(|&from| servers.iter().map(move |&to| (from, to)));
        let (mends, cuts) = links.filter(|(from, to)| from != to).partition(|&(from, to)| passes(from, to));
        Self { cuts, mends, text }
    }
}

/// The groups in which there is anybody. Who is in several is in the first of them.
fn filled(groups: &[Vec<NodeName>]) -> Vec<Vec<NodeName>> {
    let mut seen = BTreeSet::new();
    let mut new = |group: &Vec<NodeName>| group.iter().copied().filter(|&node| seen.insert(node)).collect::<Vec<_>>();
    groups.iter().map(&mut new).filter(|group| !group.is_empty()).collect()
}

fn names(nodes: &[NodeName]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u32) -> NodeName = NodeName::server;

    fn servers(count: u32) -> Vec<NodeName> {
        (1..=count).map(S).collect()
    }

    /// Whom a server hears, itself included.
    fn heard(division: &Division, servers: &[NodeName], listener: NodeName) -> BTreeSet<NodeName> {
        servers.iter().copied().filter(|&from| !division.cuts.contains(&(from, listener))).collect()
    }

    fn assert_each_link_once(division: &Division, count: usize) {
        assert!(division.cuts.is_disjoint(&division.mends));
        assert_eq!(division.cuts.len() + division.mends.len(), count * (count - 1));
    }

    #[test]
    fn in_a_ring_of_majorities_each_hears_a_majority_and_no_two_the_same() {
        for count in 3..=9 {
            let servers = servers(count);
            let ring = Division::majorities_ring(&servers);
            assert_each_link_once(&ring, servers.len());
            let majorities: BTreeSet<_> = servers.iter().map(|&server| heard(&ring, &servers, server)).collect();
            assert_eq!(majorities.len(), servers.len(), "of {count} two hear the same: {majorities:?}");
            for (server, majority) in servers.iter().map(|&server| (server, heard(&ring, &servers, server))) {
                assert!(majority.contains(&server) && majority.len() == servers.len() / 2 + 1, "{server} {majority:?}");
            }
        }
        let five = Division::majorities_ring(&servers(5));
        assert_eq!(five.text, "s1 hears s2 s5, s2 hears s1 s3, s3 hears s2 s4, s4 hears s3 s5, s5 hears s1 s4");
        assert!(Division::majorities_ring(&servers(2)).cuts.is_empty());
    }

    #[test]
    fn in_a_ring_of_an_even_number_a_link_may_be_cut_one_way() {
        let four = Division::majorities_ring(&servers(4));
        assert_eq!(four.text, "s1 hears s2 s4, s2 hears s1 s3, s3 hears s2 s4, s4 hears s1 s3");
        let six = Division::majorities_ring(&servers(6));
        assert!(six.text.starts_with("s1 hears s2 s5 s6, s2 hears s1 s3 s6, "), "{}", six.text);
        assert!(six.mends.contains(&(S(5), S(1))) && six.cuts.contains(&(S(1), S(5))));
    }

    #[test]
    fn halves_and_one_have_the_servers_in_their_order() {
        let halves = Division::halves(&servers(5));
        assert_eq!(halves.text, "s1 s2 | s3 s4 s5");
        assert_eq!((halves.cuts.len(), halves.mends.len()), (12, 8));
        assert_eq!(Division::halves(&servers(1)).text, "s1");
        let drawn: BTreeSet<_> =
            (0..50).map(|number| Division::one(&servers(3), Draw::of(1).numbered(number)).text).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), ["s1 | s2 s3", "s2 | s1 s3", "s3 | s1 s2"]);
    }

    #[test]
    fn a_bridge_hears_both_halves_and_they_each_other_only_through_it() {
        let bridge = Division::bridge(&servers(5));
        assert_eq!(bridge.text, "s1 s2 | s4 s5, s3 with both");
        assert_each_link_once(&bridge, 5);
        let expected = [(1, 4), (1, 5), (2, 4), (2, 5), (4, 1), (4, 2), (5, 1), (5, 2)];
        assert_eq!(bridge.cuts, expected.into_iter().map(|(from, to)| (S(from), S(to))).collect());
        let (three, two) = (Division::bridge(&servers(3)), Division::bridge(&servers(2)));
        assert_eq!((three.text.as_str(), three.cuts.len()), ("s1 | s3, s2 with both", 2));
        assert_eq!((two.text.as_str(), two.cuts.len()), ("s1 s2", 0));
    }

    #[test]
    fn who_is_in_no_group_is_alone_if_it_is_a_server_and_in_all_if_it_is_a_client() {
        let (named, unnamed) = (NodeName::client(8), NodeName::client(9));
        let all = [S(1), S(2), S(3), S(4), named, unnamed];
        let groups = [vec![S(1), named], vec![S(2), S(3)]];
        let division = Division::into_groups(&groups, &all);
        assert_eq!(division.text, "s1 c8 | s2 s3 | s4");
        assert!(division.mends.contains(&(named, S(1))) && division.cuts.contains(&(S(2), named)));
        assert!(division.cuts.contains(&(S(4), S(1))) && division.mends.contains(&(S(3), S(2))));
        let touches_unnamed = |&(from, to): &DirectedLink| from == unnamed || to == unnamed;
        assert!(!division.cuts.iter().chain(&division.mends).any(touches_unnamed));
    }
}
