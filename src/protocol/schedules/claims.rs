//! What the tests of a protocol do with schedules: many runs of right servers, and of servers with bugs.

use std::collections::BTreeMap;

use crate::protocol::schedules::plant::Plant;
use crate::protocol::schedules::run::{Met, explain, run};
use crate::protocol::schedules::schedule::Schedule;
use crate::protocol::schedules::subject::Subject;
use crate::protocol::schedules::watch::{Breach, Claim};

/// How many schedules run of each number of servers, unless `SPLITBRAIN_SCHEDULES` says otherwise.
const SCHEDULES: u64 = 1_000;
/// With a planted bug at most so many run of each number of servers, until it breaks its claim.
const SCHEDULES_WITH_A_BUG: u64 = 2_000;
/// How many actions a schedule has.
const STEPS: usize = 300;

/// How a claim is broken: a check must be able to fail.
#[derive(Debug)]
pub enum Way<B: 'static> {
    /// In some schedule by servers with each of these bugs.
    Plants(&'static [Plant<B>]),
    /// By a history that no server makes up: its own invariants hold it back before.
    History(fn() -> Result<(), Breach>),
    /// Not at all: it says nothing about this protocol.
    Never,
}

fn number_from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// Runs schedules of so many servers, which are to break no claim.
///
/// # Panics
/// If one does, or if little happens: claims that hold because nothing happens prove nothing.
pub fn assert_nothing_breaks<S: Subject>(servers: usize) {
    let first = number_from_environment("SPLITBRAIN_FIRST_SCHEDULE", 0);
    let count = number_from_environment("SPLITBRAIN_SCHEDULES", SCHEDULES);
    let mut all = Met::default();
    for seed in first..first + count {
        let schedule = Schedule::draw::<S>(seed, servers, STEPS);
        match run::<S>(&schedule, Plant::Nothing) {
            Ok(met) => all.add(met),
            Err(breach) => panic!("{}", explain::<S>(seed, &schedule, Plant::Nothing, breach.claim)),
        }
    }
    println!("{count} schedules of {servers} servers: {all:?}");
    let count = usize::try_from(count).expect("a number of schedules");
    if count < 100 {
        return;
    }
    assert!(all.chosen > count && all.answered > count, "little is decided: {all:?}");
    assert!(all.crashes as usize > count && all.learners > 0, "little fails: {all:?}");
    assert!(all.reads > count / 2, "few gets are answered without a block: {all:?}");
}

/// What is found wrong in the same schedules with a bug.
fn breaches<S: Subject>(plant: Plant<S::Bug>) -> impl Iterator<Item = Breach> {
    let seeds = 0..SCHEDULES_WITH_A_BUG;
    let schedules = seeds.flat_map(|seed| [3, 5].map(|servers| Schedule::draw::<S>(seed, servers, STEPS)));
    schedules.filter_map(move |schedule| run::<S>(&schedule, plant).err())
}

/// Each claim is broken in its way, if it has one.
///
/// # Panics
/// If one is not.
pub fn assert_every_claim_can_be_broken<S: Subject>(way: impl Fn(Claim) -> Way<S::Bug>) {
    let mut unbroken = Vec::new();
    for claim in Claim::ALL {
        match way(claim) {
            Way::Plants(plants) => {
                unbroken.extend(plants.iter().filter_map(|&plant| breaks_only_others::<S>(claim, plant)));
            }
            Way::History(history) => {
                let is_broken = history().is_err_and(|breach| breach.claim == claim);
                assert!(is_broken, "{claim:?} is not broken by its history");
            }
            Way::Never => {}
        }
    }
    assert!(unbroken.is_empty(), "{}", unbroken.join("\n"));
}

/// What a bug breaks that does not break this claim.
fn breaks_only_others<S: Subject>(claim: Claim, plant: Plant<S::Bug>) -> Option<String> {
    let mut others = BTreeMap::<Claim, u64>::new();
    for breach in breaches::<S>(plant) {
        if breach.claim == claim {
            return None;
        }
        *others.entry(breach.claim).or_default() += 1;
    }
    Some(format!("{claim:?} is never broken by {plant:?}, which breaks {others:?}"))
}
