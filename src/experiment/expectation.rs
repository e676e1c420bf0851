//! `expect`: what a script says must hold, now or within some time.
//!
//! A claim is looked at when nothing is left at an instant: what it saw is what the next command finds. With `within` time
//! passes until it holds, one instant after the other; without, none does, but for the answer to a get.
//!
//! Deliberately missing: how each claim is judged.

use crate::base::{NodeName, Span, Time, limits};
use crate::cluster::{Cluster, Stop};
use crate::experiment::casting::players_of;
use crate::experiment::commands::Function;
use crate::experiment::judgement::{Judgement, quoted, sentence};
use crate::experiment::run::Experiment;
use crate::script::{Claim, Expectation, Invocation, Sense};
use crate::store::{Operation, Value};
use crate::wire::control::InvokeOk;
use crate::wire::{Completion, ErrorCode};

/// Expects what an invocation says: a claim, within which time, and what to say first if it does not hold.
///
/// # Errors
/// The run cannot go on.
pub(super) fn expect(
    experiment: &mut Experiment,
    invocation: &Invocation<Function>,
    (within, message): (Option<Span>, Option<&str>),
) -> Result<(), Stop> {
    let Expectation { sense, claim } = invocation.expectation(0);
    let deadline = within.map(|within| experiment.cluster.now() + within);
    let wanted = *sense == Sense::Holds;
    let judgement = match claim {
        Claim::Get { client, key, value } => experiment.await_answer((client.name, key, value), wanted, deadline)?,
        claim => {
            let servers = experiment.servers_of_claim(invocation, claim)?;
            experiment.await_claim((claim, &servers), wanted, deadline)?
        }
    };
    if judgement.holds == Some(wanted) {
        return Ok(());
    }
    let within = within.map_or_else(String::new, |within| format!(" within {within}"));
    let expected = format!("{}{within}", invocation.expectation(0));
    experiment.find(&sentence(&expected, message, &judgement))
}

impl Experiment {
    /// The servers that a claim is about, if it may be about several: those that it names, or all that live.
    fn servers_of_claim(
        &mut self,
        invocation: &Invocation<Function>,
        claim: &Claim,
    ) -> Result<Option<Vec<NodeName>>, Stop> {
        let targets = claim.targets();
        if targets.is_empty() {
            return Ok(None);
        }
        let cast = self.cast(invocation, Cluster::is_alive)?;
        let mut servers: Vec<_> = targets.iter().flat_map(|target| players_of(target, &cast)).collect();
        servers.sort_unstable();
        servers.dedup();
        Ok(Some(servers))
    }

    /// Lets time pass until a claim is as it is wanted, at most until `deadline`.
    fn await_claim(
        &mut self,
        (claim, servers): (&Claim, &Option<Vec<NodeName>>),
        wanted: bool,
        deadline: Option<Time>,
    ) -> Result<Judgement, Stop> {
        let mut before = self.appearances();
        let mut judgement = self.judge(claim, servers.as_deref())?;
        let Some(deadline) = deadline else { return Ok(judgement) };
        while judgement.holds != Some(wanted) && self.cluster.now() < deadline {
            if !self.advance(deadline)? {
                self.cluster.move_time(deadline)?;
            }
            self.settle()?;
            let now = self.appearances();
            let may_differ = now.is_none() || now != before || matches!(claim, Claim::Answered(_));
            if may_differ {
                before = now;
                judgement = self.judge(claim, servers.as_deref())?;
            }
        }
        Ok(judgement)
    }

    /// Does a claim hold now?
    fn judge(&mut self, claim: &Claim, servers: Option<&[NodeName]>) -> Result<Judgement, Stop> {
        match claim {
            Claim::Get { .. } => unreachable!("a get takes time"),
            Claim::LeaderCount(wanted) => Ok(self.judge_leader_count(*wanted)),
            Claim::Leader(server) => Ok(self.judge_leader(server.name)),
            Claim::Alive(server) => Ok(self.judge_alive(server.name)),
            Claim::Answered(name) => Ok(self.judge_answered(name)),
            Claim::Prefix { of, whole } => self.judge_prefix(of.name, whole.name),
            Claim::StoresEqual(_) => {
                let servers = self.those_or_all_present(servers);
                self.judge_stores(&servers)
            }
            Claim::ChainsEqual(_) => {
                let servers = self.those_or_all_present(servers);
                self.judge_chains(&servers)
            }
        }
    }

    /// These servers; if none were named, all that live and are not paused.
    fn those_or_all_present(&mut self, named: Option<&[NodeName]>) -> Vec<NodeName> {
        match named {
            Some(servers) => servers.to_vec(),
            None => {
                let is_there = |server: &NodeName| self.cluster.is_alive(*server) && !self.cluster.is_paused(*server);
                self.roster.servers().into_iter().filter(is_there).collect()
            }
        }
    }

    /// Lets a client ask for a key, and again after a wrong answer as long as there is time: the last time so late that an
    /// answer which takes as long as the one before comes at the deadline.
    fn await_answer(
        &mut self,
        (client, key, value): (NodeName, &str, &str),
        wanted: bool,
        deadline: Option<Time>,
    ) -> Result<Judgement, Stop> {
        let mut wrong = None;
        loop {
            let asked = self.cluster.now();
            let ticket = self.give(client, Operation::Get { key: Value::text(key) })?;
            let completion = match deadline {
                None => Some(self.answer_to(ticket)?),
                Some(deadline) => self.answer_until(ticket, deadline)?,
            };
            let Some(completion) = completion else {
                return Ok(wrong.unwrap_or_else(|| Judgement::unseen("no answer in that time")));
            };
            let found = answer_in_words(&completion);
            let judgement = Judgement::new(found == value, quoted(&found));
            let Some(deadline) = deadline.filter(|_| judgement.holds != Some(wanted)) else { return Ok(judgement) };
            let now = self.cluster.now();
            let latest = asked + (deadline - now);
            let again = latest.min(now + limits::EXPECTED_GET_AGAIN);
            if again <= now {
                return Ok(judgement);
            }
            wrong = Some(judgement);
            self.wait_settled(again)?;
        }
    }

    /// Lets time pass until an instant, and everything that is due then.
    fn wait_settled(&mut self, until: Time) -> Result<(), Stop> {
        let now = self.cluster.now();
        self.wait(until - now)?;
        self.settle()
    }
}

/// What `get` prints behind `KEY:`.
fn answer_in_words(completion: &Completion) -> String {
    match completion {
        Completion::Ok(InvokeOk { value: Some(value), .. }) => value.to_string(),
        Completion::Ok(InvokeOk { value: None, .. }) => ErrorCode::KEY_DOES_NOT_EXIST.word(),
        Completion::Error(error) => error.code.word(),
    }
}
