//! Snapshots: what servers hold, as a text that people review.
//!
//! ```text
//! s1, s2: chain of 2 blocks
//!   1 put color blue (c1, request 1)
//!   2 get color (c2, request 1)
//! s1, s2: store of 1 key
//!   color: blue
//! s3: dead
//! ```
//!
//! Servers that hold the same are said once. Keys, values and operations stand in canonical form, keys in byte order.
//! Hashes are left out: a chain is verified instead, and a change of its order would change each of them.

use std::collections::BTreeMap;

use crate::base::NodeName;
use crate::cluster::Stop;
use crate::experiment::holdings::{Holding, counted, groups, names};
use crate::experiment::run::Experiment;
use crate::ledger::BlockRecord;
use crate::store::Value;
use crate::wire::printed;

/// A part of what a server holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Its blockchain.
    Chain,
    /// Its store.
    Store,
}

impl Part {
    /// Both, in the order in which a snapshot shows them.
    pub(super) const EVERY: [Self; 2] = [Self::Chain, Self::Store];
    /// The words that stand for them.
    pub(super) const WORDS: [&'static str; 2] = ["chain", "store"];

    /// The word that stands for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Chain => Self::WORDS[0],
            Self::Store => Self::WORDS[1],
        }
    }
}

/// These parts of these servers, line by line. A chain that is broken is found.
///
/// # Errors
/// A server broke the protocol, or died.
pub(super) fn snapshot_of(
    experiment: &mut Experiment,
    servers: &[NodeName],
    parts: impl IntoIterator<Item = Part>,
) -> Result<String, Stop> {
    let mut text = Text::default();
    for part in parts {
        match part {
            Part::Chain => {
                let mut chains = Vec::new();
                for &server in servers {
                    chains.push((server, experiment.chain_of(server)?));
                }
                for (servers, chain) in text.add(part, chains, |blocks| describe_chain(blocks)) {
                    experiment.find_flaw(servers[0], &chain)?;
                }
            }
            Part::Store => {
                let mut stores = Vec::new();
                for &server in servers {
                    stores.push((server, experiment.store_of(server)?));
                }
                text.add(part, stores, |store| describe_store(store));
            }
        }
    }
    Ok(text.end())
}

/// A snapshot under way.
#[derive(Debug, Default)]
struct Text {
    lines: Vec<String>,
    /// Of whom nothing can be seen, and why.
    absent: BTreeMap<NodeName, &'static str>,
}

impl Text {
    /// Adds what servers hold of a part. Returns what there is to see, with those that hold it.
    fn add<T: PartialEq>(
        &mut self,
        part: Part,
        holdings: Vec<(NodeName, Holding<T>)>,
        describe: impl Fn(&T) -> (String, Vec<String>),
    ) -> Vec<(Vec<NodeName>, T)> {
        let mut shown = Vec::new();
        for (servers, holding) in groups(holdings) {
            match holding {
                Holding::Shown(held) => {
                    let (what, within) = describe(&held);
                    self.lines.push(format!("{}: {what}", names(&servers)));
                    self.lines.extend(within.into_iter().map(|line| format!("  {line}")));
                    shown.push((servers, held));
                }
                Holding::NotShown => self.lines.push(format!("{}: no {} is shown", names(&servers), part.word())),
                Holding::Paused => self.absent.extend(servers.into_iter().map(|server| (server, "paused"))),
                Holding::Dead => self.absent.extend(servers.into_iter().map(|server| (server, "dead"))),
            }
        }
        shown
    }

    /// All of it. What a program of the user's says stays on its line.
    fn end(mut self) -> String {
        let absent = groups(self.absent.into_iter().collect());
        self.lines.extend(absent.into_iter().map(|(servers, why)| format!("{}: {why}", names(&servers))));
        self.lines.iter().map(|line| format!("{}\n", printed::on_one_line(line))).collect()
    }
}

fn describe_chain(blocks: &[BlockRecord]) -> (String, Vec<String>) {
    if blocks.is_empty() {
        return ("empty chain".to_owned(), Vec::new());
    }
    (format!("chain of {}", counted(blocks.len(), "block")), blocks.iter().map(block_in_words).collect())
}

/// `1 put color blue (c1, request 1)`
pub(super) fn block_in_words(BlockRecord { height, operation, client, request, .. }: &BlockRecord) -> String {
    format!("{height} {operation} ({client}, request {request})")
}

fn describe_store(store: &[(String, Value)]) -> (String, Vec<String>) {
    if store.is_empty() {
        return ("empty store".to_owned(), Vec::new());
    }
    let pairs = store.iter().map(|(key, value)| format!("{key}: {}", value.canonical()));
    (format!("store of {}", counted(store.len(), "key")), pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::holdings::Store;

    const fn s(number: u32) -> NodeName {
        NodeName::server(number)
    }

    #[test]
    fn servers_that_hold_the_same_are_said_once_and_the_absent_last() {
        let store = |value: &str| Holding::Shown(vec![("a b".to_owned(), Value::text(value))]);
        let stores = vec![
            (s(1), Holding::Dead),
            (s(2), store("x\u{85}y")),
            (s(3), Holding::Paused),
            (s(4), store("1")),
            (s(5), store("x\u{85}y")),
            (s(6), Holding::NotShown),
            (s(7), Holding::Shown(Vec::new())),
            (s(8), Holding::Dead),
        ];
        let mut text = Text::default();
        text.add(Part::Store, stores, |store: &Store| describe_store(store));
        text.add(Part::Chain, vec![(s(1), Holding::Dead), (s(2), Holding::Shown(Vec::new()))], |blocks: &Vec<_>| {
            describe_chain(blocks)
        });
        let expected = "s2, s5: store of 1 key\n  a b: \"x\\u{85}y\"\ns4: store of 1 key\n  a b: 1\n\
                        s6: no store is shown\ns7: empty store\ns2: empty chain\ns1, s8: dead\ns3: paused\n";
        assert_eq!(text.end(), expected);
    }
}
