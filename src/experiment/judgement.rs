//! Whether a claim of a script holds now, and the state that decides it.
//!
//! Nothing is changed by looking, and no time passes.
//!
//! Deliberately missing: `get`, which asks a client and so takes time, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{NodeName, limits};
use crate::cluster::{Quoted, Stop, Told};
use crate::experiment::holdings::{Holding, Store, counted, groups, names};
use crate::experiment::run::Experiment;
use crate::experiment::snapshot::block_in_words;
use crate::ledger::BlockRecord;
use crate::store::Value;
use crate::trace::Death;
use crate::wire::{Completion, Digest, ErrorCode, ServerRole};

/// Whether a claim holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Does it? `None` where that cannot be seen: then neither it nor its contrary is as expected.
    pub holds: Option<bool>,
    /// What was found, in a few words.
    pub found: String,
    /// The state that decided, line by line.
    pub state: Vec<String>,
}

impl Judgement {
    /// What was found shows whether it holds.
    pub(super) fn new(holds: bool, found: impl Into<String>) -> Self {
        Self { holds: Some(holds), found: found.into(), state: Vec::new() }
    }

    /// What was found does not show whether it holds.
    pub(super) fn unseen(found: impl Into<String>) -> Self {
        Self { holds: None, found: found.into(), state: Vec::new() }
    }

    /// With this state, of which the first lines are told.
    fn with(mut self, state: Vec<String>, what: &str) -> Self {
        let shown = limits::STATE_LINES_SHOWN;
        let more = state.len().saturating_sub(shown);
        self.state = state.into_iter().take(shown).collect();
        if more > 0 {
            self.state.push(format!("... and {} more", counted(more, what)));
        }
        self
    }
}

/// What a server shows of itself unasked: while that is the same, it holds the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Appearance {
    server: NodeName,
    is_alive: bool,
    is_paused: bool,
    digest: Option<Digest>,
    told: Told,
}

impl Experiment {
    /// What servers look like now; `None` if one of them may change without showing it.
    pub(super) fn appearances(&self) -> Option<Vec<Appearance>> {
        let look = |server: NodeName| {
            let (is_alive, is_paused) = (self.cluster.is_alive(server), self.cluster.is_paused(server));
            let (digest, told) = (self.cluster.digest(server), self.cluster.told_by(server));
            let shows_changes = !is_alive || is_paused || digest.is_some();
            shows_changes.then_some(Appearance { server, is_alive, is_paused, digest, told })
        };
        self.roster.servers().into_iter().map(look).collect()
    }

    /// How many servers lead?
    pub(super) fn judge_leader_count(&self, wanted: u64) -> Judgement {
        let servers = self.roster.servers();
        let leads = |server: &&NodeName| self.cluster.told_by(**server).role == Some(ServerRole::Leader);
        let found = servers.iter().filter(leads).count() as u64;
        Judgement::new(found == wanted, found.to_string()).with(self.parts(), "server")
    }

    /// Does this server lead?
    pub(super) fn judge_leader(&self, wanted: NodeName) -> Judgement {
        let leader = self.cluster.leader();
        let found = leader.map_or_else(|| "none".to_owned(), |leader| leader.to_string());
        Judgement::new(leader == Some(wanted), found).with(self.parts(), "server")
    }

    /// What each server says of its part.
    fn parts(&self) -> Vec<String> {
        let part = |server: NodeName| match self.cluster.told_by(server) {
            _ if !self.cluster.is_alive(server) => format!("{server}: {}", self.death_of(server)),
            Told { role: Some(role), term, .. } => format!("{server}: {role}, term {}", term.unwrap_or(0)),
            Told { role: None, .. } => format!("{server}: tells no part that it plays"),
        };
        self.roster.servers().into_iter().map(part).collect()
    }

    /// Is this server alive?
    pub(super) fn judge_alive(&self, server: NodeName) -> Judgement {
        match self.cluster.is_alive(server) {
            true => Judgement::new(true, format!("{server} is alive")),
            false => Judgement::new(false, format!("{server} is {}", self.death_of(server))),
        }
    }

    /// How a dead server has died.
    fn death_of(&self, server: NodeName) -> String {
        let Some((death, at)) = self.cluster.last_death(server) else { return "dead".to_owned() };
        let how = match death {
            Death::Killed => "was killed",
            Death::Crashed | Death::CrashedAfter { .. } | Death::CrashedWaiting => "crashed",
            Death::Refused => "ended by itself because of its disk",
        };
        format!("dead: it {how} at {at}")
    }

    /// Does this operation have its answer?
    pub(super) fn judge_answered(&self, name: &str) -> Judgement {
        let ended = match self.named.get(name) {
            Some((ticket, _)) => self.operations.answer_so_far(*ticket),
            None => self.heard.get(name),
        };
        match ended {
            Some(Completion::Ok(_)) => Judgement::new(true, "it was answered: success"),
            Some(Completion::Error(error)) => {
                let has_answer = ![ErrorCode::TIMEOUT, ErrorCode::NO_SERVER].contains(&error.code);
                let word = error.code.word();
                Judgement::new(has_answer, if has_answer { format!("it was answered: {word}") } else { word })
            }
            None if self.named.contains_key(name) => Judgement::new(false, "it has not ended"),
            // It stands within a `when`, which has not come.
            None => Judgement::new(false, "it has not begun"),
        }
    }

    /// Do these servers hold equal stores?
    ///
    /// # Errors
    /// A server broke the protocol, or died.
    pub(super) fn judge_stores(&mut self, servers: &[NodeName]) -> Result<Judgement, Stop> {
        let mut stores = Vec::new();
        for &server in servers {
            stores.push((server, self.store_of(server)?));
        }
        Ok(judge_equal(stores, "store", |stores| (differing_keys(stores), "key")))
    }

    /// Do these servers hold equal chains?
    ///
    /// # Errors
    /// See [`Experiment::judge_stores`].
    pub(super) fn judge_chains(&mut self, servers: &[NodeName]) -> Result<Judgement, Stop> {
        let mut chains = Vec::new();
        for &server in servers {
            chains.push((server, self.chain_of(server)?));
        }
        Ok(judge_equal(chains, "chain", |chains| (differing_blocks(chains), "line")))
    }

    /// Are the blocks of one server the first ones of the other?
    ///
    /// # Errors
    /// See [`Experiment::judge_stores`].
    pub(super) fn judge_prefix(&mut self, of: NodeName, whole: NodeName) -> Result<Judgement, Stop> {
        let both = [(of, self.chain_of(of)?), (whole, self.chain_of(whole)?)];
        Ok(match both {
            [(_, Holding::Shown(one)), (_, Holding::Shown(other))] => {
                let lengths = format!("{of} has {}, {whole} has {}", blocks(&one), blocks(&other));
                let holds = other.starts_with(&one);
                let state = if holds { Vec::new() } else { differing_blocks(&[(vec![of], one), (vec![whole], other)]) };
                Judgement::new(holds, lengths).with(state, "line")
            }
            both => {
                let absent = both.into_iter().filter_map(|(server, chain)| Some((server, absence(&chain)?)));
                let absent: Vec<_> = absent.map(|(server, why)| format!("{server} {why}")).collect();
                Judgement::unseen(absent.join(", "))
            }
        })
    }
}

/// Why there is nothing to see of a part.
fn absence<T>(holding: &Holding<T>) -> Option<&'static str> {
    match holding {
        Holding::Shown(_) => None,
        Holding::NotShown => Some("shows none"),
        Holding::Paused => Some("is paused"),
        Holding::Dead => Some("is dead"),
    }
}

/// Do all servers hold the same, and is there something to see of each of them?
fn judge_equal<T: PartialEq>(
    holdings: Vec<(NodeName, Holding<T>)>,
    what: &str,
    describe: impl Fn(&[(Vec<NodeName>, T)]) -> (Vec<String>, &'static str),
) -> Judgement {
    let mut absent = Vec::new();
    let mut shown = Vec::new();
    for (servers, holding) in groups(holdings) {
        match (absence(&holding), holding) {
            (_, Holding::Shown(held)) => shown.push((servers, held)),
            (why, _) => absent.push(format!("{} {}", names(&servers), why.unwrap_or_default())),
        }
    }
    if !absent.is_empty() {
        return Judgement::unseen(absent.join(", "));
    }
    match &*shown {
        [] => Judgement::unseen("no server that lives"),
        [(servers, _)] => Judgement::new(true, format!("one {what} at {}", names(servers))),
        shown => {
            let (state, unit) = describe(shown);
            Judgement::new(false, format!("{} different {what}s", shown.len())).with(state, unit)
        }
    }
}

/// The keys that differ, each with what it maps to at whom.
fn differing_keys(stores: &[(Vec<NodeName>, Store)]) -> Vec<String> {
    let mut by_server = BTreeMap::new();
    for (servers, store) in stores {
        let store: BTreeMap<&str, &Value> = store.iter().map(|(key, value)| (key.as_str(), value)).collect();
        by_server.extend(servers.iter().map(|server| (*server, store.clone())));
    }
    let keys: BTreeSet<&str> = by_server.values().flat_map(|store| store.keys().copied()).collect();
    let mut lines = Vec::new();
    for key in keys {
        let values = groups(by_server.iter().map(|(server, store)| (*server, store.get(key))).collect());
        if values.len() > 1 {
            let in_words = |(servers, value): &(Vec<NodeName>, Option<&&Value>)| {
                let value = value.map_or_else(|| "nothing".to_owned(), |value| quoted(&value.canonical().to_string()));
                format!("{value} at {}", names(servers))
            };
            lines.push(format!("{}: {}", quoted(key), values.iter().map(in_words).collect::<Vec<_>>().join("; ")));
        }
    }
    lines
}

/// How many blocks each chain has, and the first place where they are not the same.
fn differing_blocks(chains: &[(Vec<NodeName>, Vec<BlockRecord>)]) -> Vec<String> {
    let mut lines: Vec<_> =
        chains.iter().map(|(servers, chain)| format!("{}: {}", names(servers), blocks(chain))).collect();
    let longest = chains.iter().map(|(_, chain)| chain.len()).max().unwrap_or(0);
    let differs = |height: &usize| chains.windows(2).any(|two| two[0].1.get(*height) != two[1].1.get(*height));
    if let Some(height) = (0..longest).find(differs) {
        let at_height = chains.iter().map(|(servers, chain)| (servers, chain.get(height)));
        lines.extend(at_height.map(|(servers, block)| match block {
            Some(block) => format!("{} at {}", quoted(&block_in_words(block)), names(servers)),
            None => format!("no block {} at {}", height + 1, names(servers)),
        }));
    }
    lines
}

fn blocks(chain: &[BlockRecord]) -> String {
    counted(chain.len(), "block")
}

/// The beginning of what may be long, or a program's of the user.
pub(super) fn quoted(text: &str) -> String {
    Quoted::new(text.as_bytes()).to_string()
}

/// What was expected, and what was found instead.
pub(super) fn sentence(expected: &str, message: Option<&str>, judgement: &Judgement) -> String {
    let message = message.map_or_else(String::new, |message| format!("{message}: "));
    let state: String = judgement.state.iter().map(|line| format!("\n  {line}")).collect();
    format!("{message}expected {expected}; found {}{state}", judgement.found)
}
