//! One schedule carried out, and a failing one shortened.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::protocol::multi_paxos::tests::action::Action;
use crate::protocol::multi_paxos::tests::plant::Plant;
use crate::protocol::multi_paxos::tests::progress::make_progress;
use crate::protocol::multi_paxos::tests::schedule::Schedule;
use crate::protocol::multi_paxos::tests::watch::{Breach, Claim};
use crate::protocol::multi_paxos::tests::world::World;

/// What a run met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Blocks that were chosen while things failed.
    pub chosen: usize,
    /// Requests that were answered while things failed.
    pub answered: usize,
    /// Lives that ended.
    pub crashes: u32,
    /// Servers that lost their disks.
    pub learners: usize,
    /// Fair rounds until all were one.
    pub rounds: usize,
}

/// Carries a schedule out. A panic of a server is a breach like any other.
///
/// # Errors
/// A claim does not hold.
pub fn run(schedule: &Schedule, plant: Plant) -> Result<Met, Breach> {
    guarded(|| act(&mut World::new(schedule, plant)?, schedule))
}

fn guarded<T>(body: impl FnOnce() -> Result<T, Breach>) -> Result<T, Breach> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let found = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
        Err(Breach { claim: Claim::Sound, found })
    })
}

fn act(world: &mut World, schedule: &Schedule) -> Result<Met, Breach> {
    for &action in &schedule.actions {
        world.act(action)?;
    }
    let (chosen, answered) = (world.watch.chosen(), world.watch.answered());
    let rounds = make_progress(world)?;
    Ok(Met {
        chosen,
        answered,
        crashes: world.hosts.iter().map(|host| host.life).sum(),
        learners: (0..schedule.servers).filter(|&server| world.watch.is_learner(server)).count(),
        rounds,
    })
}

/// Drops actions for as long as the same claim still does not hold: ever smaller groups, until no single one can go.
pub fn shorten(schedule: &Schedule, plant: Plant, claim: Claim) -> Schedule {
    let fails = |actions: &[Action]| {
        let shorter = Schedule { actions: actions.to_vec(), ..*schedule };
        run(&shorter, plant).is_err_and(|breach| breach.claim == claim)
    };
    let mut kept = schedule.actions.clone();
    let mut group = kept.len();
    while group > 0 {
        let (mut start, mut has_dropped) = (0, false);
        while start < kept.len() {
            let mut shorter = kept.clone();
            shorter.drain(start..(start + group).min(kept.len()));
            if fails(&shorter) {
                kept = shorter;
                has_dropped = true;
            } else {
                start += group;
            }
        }
        if !has_dropped || group > 1 {
            group /= 2;
        }
    }
    Schedule { actions: kept, ..*schedule }
}

/// What happens in a failing schedule, line by line, and how it fails.
pub fn explain(seed: u64, schedule: &Schedule, plant: Plant, claim: Claim) -> String {
    let shortest = shorten(schedule, plant, claim);
    let mut told = Vec::new();
    let outcome = guarded(|| {
        let mut world = World::new(&shortest, plant)?;
        world.tell();
        let outcome = guarded(|| act(&mut world, &shortest));
        told = world.told();
        outcome
    });
    let breach = outcome.err().map_or_else(|| "it holds the second time".to_owned(), |breach| breach.to_string());
    format!(
        "seed {seed} of {} servers, shortened to {} actions:\n{}\n{breach}",
        schedule.servers,
        shortest.actions.len(),
        told.join("\n"),
    )
}
