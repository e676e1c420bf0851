//! What the servers of a cluster show of themselves at their consoles.

use std::collections::BTreeMap;

use super::chain::{self, Block};
use super::cluster::Cluster;
use super::waiting::{eventually, wait_for};

impl Cluster {
    /// Waits until a server leads, and says which; of several the one with the greatest ballot or term.
    pub fn leader(&mut self) -> u32 {
        wait_for("a leader", || {
            let alive = self.alive();
            let leads = |number: u32| self.term_if_leading(number).map(|term| (term, number));
            alive.into_iter().filter_map(leads).max().map(|(_, number)| number)
        })
    }

    fn term_if_leading(&mut self, number: u32) -> Option<u64> {
        let lines = self.ask(number, "printRole");
        let words: Vec<_> = lines.first()?.split(' ').collect();
        let ["leader", term, _waiting] = words.as_slice() else { return None };
        term.strip_prefix("term=")?.parse().ok()
    }

    /// Waits until a server's role is this: `learner`.
    pub fn wait_for_role(&mut self, number: u32, role: &str) {
        eventually(&format!("server {number} is a {role}"), || {
            self.ask(number, "printRole").first().is_some_and(|line| line.starts_with(role))
        });
    }

    pub fn depth(&mut self, number: u32) -> u64 {
        let lines = self.ask(number, "print depth");
        lines.first().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("{lines:?} is no depth"))
    }

    /// The keys and values that a server holds.
    pub fn store(&mut self, number: u32) -> Vec<String> {
        self.ask(number, "print kv")
    }

    /// Waits until the chains of all servers that run are equal.
    pub fn equal_chains(&mut self) -> BTreeMap<u32, Vec<Block>> {
        wait_for("equal chains", || {
            let alive = self.alive();
            let depths: Vec<_> = alive.iter().map(|number| self.depth(*number)).collect();
            if depths.iter().any(|depth| *depth != depths[0]) {
                return None;
            }
            let mut chain = |number| (number, chain::read(&self.ask(number, "printBlockchain")));
            let chains: BTreeMap<_, _> = alive.into_iter().map(&mut chain).collect();
            // Those that differ are the checker's; here it is waited for those that only lag.
            let length = chains.values().next().map(Vec::len);
            chains.values().all(|chain| Some(chain.len()) == length).then_some(chains)
        })
    }
}
