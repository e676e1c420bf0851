//! Servers driven step by step through schedules of an adversary, and watched across all of them and all time.
//!
//! A schedule is drawn from a seed: it delivers messages in any order, again or not at all, lets timers be due, asks any
//! server anything again, crashes servers between any two outputs, with any part of what they had not synced, takes disks
//! away, slows them, and cuts links. After every step the [claims](watch::Claim) are held. Each schedule ends with heal
//! and progress.
//!
//! `cargo test --lib schedules` runs some thousands. For a longer run, say how many:
//! `SPLITBRAIN_SCHEDULES=100000 cargo test --lib schedules`; `SPLITBRAIN_FIRST_SCHEDULE` is the seed to begin
//! with. A failure prints the seed, the shortened schedule and the claim.

mod action;
mod clients;
mod host;
mod network;
mod plant;
mod progress;
mod run;
mod schedule;
mod watch;
mod world;

use plant::Plant;
use run::{Met, explain, run};
use schedule::Schedule;
use watch::Claim;

/// How many schedules run of each number of servers, unless `SPLITBRAIN_SCHEDULES` says otherwise.
const SCHEDULES: u64 = 1_000;
/// How many actions a schedule has.
const STEPS: usize = 300;

fn number_from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// Runs schedules, and returns what they met together.
fn run_all(servers: usize) -> Met {
    let first = number_from_environment("SPLITBRAIN_FIRST_SCHEDULE", 0);
    let count = number_from_environment("SPLITBRAIN_SCHEDULES", SCHEDULES);
    let mut all = Met::default();
    for seed in first..first + count {
        let schedule = Schedule::draw(seed, servers, STEPS);
        match run(&schedule, Plant::Nothing) {
            Ok(met) => {
                all.chosen += met.chosen;
                all.answered += met.answered;
                all.crashes += met.crashes;
                all.learners += met.learners;
                all.rounds = all.rounds.max(met.rounds);
            }
            Err(breach) => panic!("{}", explain(seed, &schedule, Plant::Nothing, breach.claim)),
        }
    }
    println!("{count} schedules of {servers} servers: {all:?}");
    all
}

/// Claims that hold because nothing happens prove nothing.
fn assert_much_was_met(all: Met) {
    let count =
        usize::try_from(number_from_environment("SPLITBRAIN_SCHEDULES", SCHEDULES)).expect("a number of schedules");
    let is_few = count < 100;
    assert!(is_few || (all.chosen > count && all.answered > count), "little is decided: {all:?}");
    assert!(is_few || (all.crashes as usize > count && all.learners > 0), "little fails: {all:?}");
}

#[test]
fn schedules_of_three_servers_break_no_claim() {
    assert_much_was_met(run_all(3));
}

#[test]
fn schedules_of_five_servers_break_no_claim() {
    assert_much_was_met(run_all(5));
}

/// The claims that a planted bug breaks, in schedules of three and five servers.
fn caught(plant: Plant) -> Vec<Claim> {
    let schedules = (0..200).flat_map(|seed| [3, 5].map(|servers| Schedule::draw(seed, servers, STEPS)));
    let mut claims: Vec<_> = schedules.filter_map(|schedule| run(&schedule, plant).err()).map(|it| it.claim).collect();
    claims.sort_unstable();
    claims.dedup();
    claims
}

/// A check must be able to fail.
#[test]
fn planted_bugs_are_caught_in_schedules() {
    let expected = [
        (Plant::Nothing, None),
        (Plant::SyncsNothing, Some(Claim::PromiseKept)),
        (Plant::SpeaksFirst, Some(Claim::Durable)),
        (Plant::WipedIsNew, Some(Claim::Learner)),
        (Plant::AdoptsNothing, Some(Claim::ChosenStays)),
        (Plant::AcceptsAny, Some(Claim::OneBlock)),
        (Plant::DecidesAny, Some(Claim::DecidedIsChosen)),
    ];
    for (plant, claim) in expected {
        let claims = caught(plant);
        assert!(claim.map_or(claims.is_empty(), |claim| claims.contains(&claim)), "{plant:?}: {claims:?}");
    }
}
