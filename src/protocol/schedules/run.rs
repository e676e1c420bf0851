//! One schedule carried out, and a failing one shortened.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::protocol::schedules::action::Step;
use crate::protocol::schedules::plant::Plant;
use crate::protocol::schedules::progress::make_progress;
use crate::protocol::schedules::schedule::Schedule;
use crate::protocol::schedules::subject::Subject;
use crate::protocol::schedules::watch::{Breach, Claim, Watch};
use crate::protocol::schedules::world::World;

/// What a run met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Blocks that were chosen while things failed.
    pub chosen: usize,
    /// Requests that were answered while things failed.
    pub answered: usize,
    /// How often gets were answered that made no block.
    pub reads: usize,
    /// Lives that ended.
    pub crashes: u32,
    /// Servers that lost their disks.
    pub learners: usize,
    /// Fair rounds until all were one.
    pub rounds: usize,
}

impl Met {
    /// What several runs met together.
    pub fn add(&mut self, other: Self) {
        self.chosen += other.chosen;
        self.answered += other.answered;
        self.reads += other.reads;
        self.crashes += other.crashes;
        self.learners += other.learners;
        self.rounds = self.rounds.max(other.rounds);
    }
}

/// Carries a schedule out. A panic of a server is a breach like any other.
///
/// # Errors
/// A claim does not hold.
pub fn run<S: Subject>(schedule: &Schedule, plant: Plant<S::Bug>) -> Result<Met, Breach> {
    guarded(|| act(&mut World::<S>::new(schedule, plant)?, schedule))
}

fn guarded<T>(body: impl FnOnce() -> Result<T, Breach>) -> Result<T, Breach> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let found = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default();
        Err(Breach { claim: Claim::Sound, found })
    })
}

fn act<S: Subject>(world: &mut World<S>, schedule: &Schedule) -> Result<Met, Breach> {
    for &step in &schedule.steps {
        world.act(step)?;
    }
    let Watch { chosen, answers, .. } = &world.watch;
    let (chosen, answered, reads) = (chosen.height(), answers.count(), answers.without_block());
    let rounds = make_progress(world)?;
    Ok(Met {
        chosen,
        answered,
        reads,
        crashes: world.hosts.iter().map(|host| host.life).sum(),
        learners: (0..schedule.servers).filter(|&server| world.watch.is_learner(server)).count(),
        rounds,
    })
}

/// Drops actions for as long as the same claim still does not hold: ever smaller groups, until no single one can go.
pub fn shorten<S: Subject>(schedule: &Schedule, plant: Plant<S::Bug>, claim: Claim) -> Schedule {
    let fails = |steps: &[Step]| {
        let shorter = Schedule { steps: steps.to_vec(), ..*schedule };
        run::<S>(&shorter, plant).is_err_and(|breach| breach.claim == claim)
    };
    let mut kept = schedule.steps.clone();
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
    Schedule { steps: kept, ..*schedule }
}

/// What happens in a failing schedule, line by line, and how it fails.
pub fn explain<S: Subject>(seed: u64, schedule: &Schedule, plant: Plant<S::Bug>, claim: Claim) -> String {
    let shortest = shorten::<S>(schedule, plant, claim);
    let mut told = Vec::new();
    let outcome = guarded(|| {
        let mut world = World::<S>::new(&shortest, plant)?;
        world.tell();
        let outcome = guarded(|| act(&mut world, &shortest));
        told = world.told();
        outcome
    });
    let breach = outcome.err().map_or_else(|| "it holds the second time".to_owned(), |breach| breach.to_string());
    format!(
        "seed {seed} of {} servers, {:?}, shortened to {} actions:\n{}\n{breach}",
        schedule.servers,
        schedule.variant,
        shortest.steps.len(),
        told.join("\n"),
    )
}
