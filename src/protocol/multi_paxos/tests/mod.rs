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
mod histories;
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
use watch::{Breach, Claim};

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

/// How a claim is broken: a check must be able to fail.
enum Way {
    /// In some schedule by servers with this bug.
    Plant(Plant),
    /// By a history that no server makes up.
    History(fn() -> Result<(), Breach>),
}

/// Every claim has one.
fn way_to_break(claim: Claim) -> Way {
    match claim {
        Claim::Sound => Way::Plant(Plant::MisreadsBlocks),
        Claim::PromiseKept => Way::Plant(Plant::SyncsNothing),
        Claim::Recorded => Way::Plant(Plant::ForgetsAccepts),
        Claim::DecidedStays => Way::History(histories::a_server_forgets_what_it_decided),
        Claim::OneLeader => Way::History(histories::two_servers_lead_one_ballot),
        Claim::OneBlock => Way::Plant(Plant::AcceptsAny),
        Claim::OneRequest => Way::History(histories::a_log_holds_a_request_twice),
        Claim::ChosenStays => Way::Plant(Plant::AdoptsNothing),
        Claim::DecidedIsChosen => Way::Plant(Plant::DecidesAny),
        Claim::Durable => Way::Plant(Plant::SpeaksFirst),
        Claim::Answer => Way::Plant(Plant::AnswersAlwaysWell),
        Claim::Learner => Way::Plant(Plant::WipedIsNew),
        Claim::Progress => Way::Plant(Plant::AsksForNothing),
    }
}

/// What is found wrong in schedules of three and five servers with a bug.
fn breaches(plant: Plant) -> impl Iterator<Item = Breach> {
    let schedules = (0..200).flat_map(|seed| [3, 5].map(|servers| Schedule::draw(seed, servers, STEPS)));
    schedules.filter_map(move |schedule| run(&schedule, plant).err())
}

#[test]
fn every_claim_can_be_broken() {
    for claim in Claim::ALL {
        let is_broken = match way_to_break(claim) {
            Way::Plant(plant) => breaches(plant).any(|breach| breach.claim == claim),
            Way::History(history) => history().is_err_and(|breach| breach.claim == claim),
        };
        assert!(is_broken, "{claim:?} is never broken");
    }
}

#[test]
fn without_a_bug_the_same_schedules_break_no_claim() {
    assert_eq!(breaches(Plant::Nothing).next(), None);
}
