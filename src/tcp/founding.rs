//! How a cluster by hand begins, and how a server finds out that it lost its disk.
//!
//! Each disk has a number, drawn when a server first finds its folder empty. When every configured server has told its
//! number, each writes all of them down: the founding record. From then on they are members. A server whose disk has a
//! number that is not in the record of a founded cluster has lost the disk that it had, or was not there at the beginning:
//! it may have promised what it does not know any more, so it is a learner for good.
//!
//! The record is a function of the numbers, so servers that found at the same time write the same. With `--found` a server
//! does not wait for all, but for a majority; the records of two of them may differ then, and are merged: both name only
//! disks that were there before anybody was a member.
//!
//! Source: DESIGN section 6. Deliberately missing: changes of membership.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::NodeName;
use crate::tcp::cluster::Cluster;

/// The number of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskNumber(pub u64);

/// The founding record: which disk each member began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Founding {
    /// The disks of the members that were there.
    pub disks: BTreeMap<NodeName, DiskNumber>,
}

/// What a server of the cluster says of its disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The disk's number.
    pub disk: DiskNumber,
    /// The founding record on it.
    pub founding: Option<Founding>,
}

/// When a cluster is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// When every configured server is there.
    All,
    /// When a majority is there: `--found`.
    Majority,
}

/// Two servers of one cluster that were founded apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it belongs to another founding of the cluster: {server} began with another disk there")]
pub struct FoundedApart {
    server: String,
}

/// What a server knows of the founding.
#[derive(Debug)]
pub struct Founders {
    name: NodeName,
    standing: Standing,
    quorum: Quorum,
    /// The disks of others that are there, and not founded.
    blank: BTreeMap<NodeName, DiskNumber>,
}

impl Founders {
    /// Of a server whose disk says this.
    #[must_use]
    pub fn new(name: NodeName, standing: Standing, quorum: Quorum) -> Self {
        Self { name, standing, quorum, blank: BTreeMap::new() }
    }

    /// What its own disk says.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Is the server a member that began with its disk? It is not, if it lost the one that it had.
    #[must_use]
    pub fn is_founder(&self) -> bool {
        let founding = self.standing.founding.as_ref();
        founding.is_some_and(|founding| founding.disks.get(&self.name) == Some(&self.standing.disk))
    }

    /// Another server is there. Says whether the founding record has changed: it is to be written down.
    ///
    /// # Errors
    /// The two were founded apart; nothing has changed.
    pub fn hear(&mut self, cluster: &Cluster, from: NodeName, other: &Standing) -> Result<Change, FoundedApart> {
        let theirs = other.founding.as_ref().map(|theirs| theirs.among(cluster));
        match (&mut self.standing.founding, theirs) {
            (Some(own), Some(theirs)) => own.merge(&theirs),
            (Some(_), None) => Ok(Change::None),
            (None, Some(theirs)) => {
                self.standing.founding = Some(theirs);
                Ok(Change::Written)
            }
            (None, None) => {
                self.blank.insert(from, other.disk);
                Ok(self.found(cluster))
            }
        }
    }

    /// Another server is there no longer.
    pub fn lose(&mut self, server: NodeName) {
        self.blank.remove(&server);
    }

    /// Founds the cluster, if those are there that must be.
    pub fn found(&mut self, cluster: &Cluster) -> Change {
        let needed = match self.quorum {
            Quorum::All => cluster.addresses.len(),
            Quorum::Majority => cluster.majority(),
        };
        if self.standing.founding.is_some() || self.blank.len() + 1 < needed {
            return Change::None;
        }
        let mut disks = self.blank.clone();
        disks.insert(self.name, self.standing.disk);
        self.standing.founding = Some(Founding { disks });
        Change::Written
    }

    /// When the cluster is founded.
    #[must_use]
    pub fn quorum(&self) -> Quorum {
        self.quorum
    }

    /// Whom it waits for.
    #[must_use]
    pub fn missing(&self, cluster: &Cluster) -> Vec<NodeName> {
        cluster.servers().filter(|server| *server != self.name && !self.blank.contains_key(server)).collect()
    }
}

/// Did the founding record change?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Change {
    /// It did not.
    None,
    /// It did: it is to be written down, and told.
    Written,
}

impl Founding {
    /// Without what it says of servers that are none of the cluster's: nobody asks for those, and there may be any number.
    fn among(&self, cluster: &Cluster) -> Self {
        let disks = self.disks.iter().filter(|(server, _)| cluster.addresses.contains_key(server));
        Self { disks: disks.map(|(server, disk)| (*server, *disk)).collect() }
    }

    fn merge(&mut self, other: &Self) -> Result<Change, FoundedApart> {
        let differs =
            |(server, disk): &(&NodeName, &DiskNumber)| other.disks.get(server).is_some_and(|known| known != *disk);
        if let Some((server, _)) = self.disks.iter().find(differs) {
            return Err(FoundedApart { server: server.in_words() });
        }
        let before = self.disks.len();
        self.disks.extend(&other.disks);
        Ok(if self.disks.len() == before { Change::None } else { Change::Written })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster() -> Cluster {
        Cluster::on_this_machine(3, 8000).unwrap()
    }

    fn server(number: u32, quorum: Quorum) -> Founders {
        let standing = Standing { disk: DiskNumber(u64::from(number) * 10), founding: None };
        Founders::new(NodeName::server(number), standing, quorum)
    }

    fn hear(one: &mut Founders, other: &Founders) -> Change {
        one.hear(&cluster(), other.name, &other.standing).unwrap()
    }

    #[test]
    fn a_cluster_is_founded_when_all_are_there_and_all_write_the_same() {
        let [mut one, mut two, mut three] = [1, 2, 3].map(|number| server(number, Quorum::All));
        assert_eq!(hear(&mut one, &two), Change::None);
        assert_eq!(one.missing(&cluster()), [NodeName::server(3)]);
        assert_eq!(hear(&mut two, &three), Change::None);
        assert_eq!(hear(&mut one, &three), Change::Written);
        // The second has not heard the first while it was not founded.
        assert_eq!(hear(&mut two, &one), Change::Written);
        assert_eq!(hear(&mut three, &two), Change::Written);
        assert_eq!(hear(&mut three, &one), Change::None);
        for founder in [&one, &two, &three] {
            assert!(founder.is_founder());
            assert_eq!(founder.standing.founding, one.standing.founding);
        }
    }

    #[test]
    fn a_record_adds_no_servers_to_a_cluster_and_takes_none_away() {
        let [mut one, two, three] = [1, 2, 3].map(|number| server(number, Quorum::All));
        let _ = (hear(&mut one, &two), hear(&mut one, &three));
        let before = one.standing.clone();
        let strangers = (4..1000).map(|number| (NodeName::server(number), DiskNumber(7))).collect();
        for disks in [strangers, BTreeMap::new()] {
            let other = Standing { disk: DiskNumber(30), founding: Some(Founding { disks }) };
            assert_eq!(one.hear(&cluster(), three.name, &other), Ok(Change::None));
            assert_eq!(one.standing, before);
        }
    }

    #[test]
    fn a_server_that_was_there_and_has_gone_does_not_count() {
        let [mut one, two, three] = [1, 2, 3].map(|number| server(number, Quorum::All));
        assert_eq!(hear(&mut one, &two), Change::None);
        one.lose(NodeName::server(2));
        assert_eq!(hear(&mut one, &three), Change::None);
        assert_eq!(one.missing(&cluster()), [NodeName::server(2)]);
    }

    #[test]
    fn a_server_that_lost_its_disk_is_no_founder() {
        let [mut one, two, three] = [1, 2, 3].map(|number| server(number, Quorum::All));
        let _ = (hear(&mut one, &two), hear(&mut one, &three));
        let mut wiped = server(2, Quorum::Majority);
        wiped.standing.disk = DiskNumber(77);
        assert_eq!(hear(&mut wiped, &one), Change::Written);
        assert!(!wiped.is_founder());
        assert_eq!(hear(&mut one, &wiped), Change::None, "it holds the same record");
    }

    #[test]
    fn a_majority_founds_where_it_is_told_to_and_records_are_merged() {
        let mut one = server(1, Quorum::Majority);
        let mut two = server(2, Quorum::Majority);
        let mut three = server(3, Quorum::Majority);
        assert_eq!(one.found(&cluster()), Change::None, "one is no majority of three");
        let blank_two = server(2, Quorum::Majority);
        assert_eq!(hear(&mut one, &blank_two), Change::Written);
        assert_eq!(hear(&mut three, &blank_two), Change::Written);
        assert_eq!(hear(&mut two, &one), Change::Written);
        assert_eq!(hear(&mut two, &three), Change::Written);
        assert!(one.is_founder() && two.is_founder() && three.is_founder());
        assert_eq!(two.standing.founding.unwrap().disks.len(), 3);
    }

    #[test]
    fn servers_that_were_founded_apart_are_told() {
        let mut one = server(1, Quorum::Majority);
        let mut three = server(3, Quorum::Majority);
        let _ = hear(&mut one, &server(2, Quorum::Majority));
        let mut other_two = server(2, Quorum::Majority);
        other_two.standing.disk = DiskNumber(21);
        let _ = hear(&mut three, &other_two);
        let error = one.hear(&cluster(), three.name, &three.standing).unwrap_err().to_string();
        assert_eq!(error, "it belongs to another founding of the cluster: server 2 began with another disk there");
    }
}
