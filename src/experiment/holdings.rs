//! What servers hold, looked at without changing anything.
//!
//! Deliberately missing: what is said where there is nothing to see.

use crate::base::NodeName;
use crate::cluster::{Cluster, Stop};
use crate::experiment::run::Experiment;
use crate::ledger::BlockRecord;
use crate::store::Value;

/// What there is to see of a part of a server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holding<T> {
    /// This.
    Shown(T),
    /// It shows no such part.
    NotShown,
    /// It is paused, and answers nothing.
    Paused,
    /// It is dead.
    Dead,
}

/// The keys of a store with their values, in the order of the keys' canonical texts.
pub(super) type Store = Vec<(String, Value)>;

impl Experiment {
    /// A part of a server's state. A pause that it is missed by has done something.
    ///
    /// # Errors
    /// The server broke the protocol, or died.
    pub(super) fn holding<T>(
        &mut self,
        server: NodeName,
        inspect: impl FnOnce(&mut Cluster, NodeName) -> Result<Option<T>, Stop>,
    ) -> Result<Holding<T>, Stop> {
        if !self.cluster.is_alive(server) {
            return Ok(Holding::Dead);
        }
        if self.cluster.is_paused(server) {
            self.cluster.note_absence(server);
            return Ok(Holding::Paused);
        }
        Ok(inspect(&mut self.cluster, server)?.map_or(Holding::NotShown, Holding::Shown))
    }

    /// A server's store.
    ///
    /// # Errors
    /// See [`Experiment::holding`].
    pub(super) fn store_of(&mut self, server: NodeName) -> Result<Holding<Store>, Stop> {
        self.holding(server, |cluster, server| {
            let store = cluster.inspect_store(server)?;
            Ok(store.map(|store| {
                let canonical = |(key, value): (Value, Value)| (key.canonical().to_string(), value);
                let mut store: Store = store.into_iter().map(canonical).collect();
                store.sort_by(|(one, _), (other, _)| one.cmp(other));
                store
            }))
        })
    }

    /// A server's blockchain.
    ///
    /// # Errors
    /// See [`Experiment::holding`].
    pub(super) fn chain_of(&mut self, server: NodeName) -> Result<Holding<Vec<BlockRecord>>, Stop> {
        self.holding(server, Cluster::inspect_chain)
    }
}

/// The servers that hold the same, together: each group in the order of its servers, and the groups in that of their first.
pub(super) fn groups<T: PartialEq>(holdings: Vec<(NodeName, T)>) -> Vec<(Vec<NodeName>, T)> {
    let mut groups: Vec<(Vec<NodeName>, T)> = Vec::new();
    for (server, holding) in holdings {
        match groups.iter_mut().find(|(_, known)| *known == holding) {
            Some((servers, _)) => servers.push(server),
            None => groups.push((vec![server], holding)),
        }
    }
    groups
}

/// `s1, s2`
pub(super) fn names(servers: &[NodeName]) -> String {
    servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// `1 key`, `2 keys`
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
