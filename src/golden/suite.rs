//! All scripts that are meant: several at once, told in their order.
//!
//! Each thread takes the next script that nobody has taken. The thread that called tells what became of them, and looks
//! now and then whether the runner is interrupted: then every run is asked to leave, and ended if it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

use crate::base::{Environment, Verdict};
use crate::cluster::Interruption;
use crate::golden::case::Case;
use crate::golden::discovery::{Extent, Selection, Unusable, discover};
use crate::golden::judging::Judge;
use crate::golden::mode::Mode;
use crate::golden::outcome::{Outcome, Status};
use crate::golden::process::Runs;
use crate::golden::report::Reports;
use crate::golden::roster::Roster;
use crate::golden::unreferenced::unreferenced;
use crate::golden::wall::{GLANCE, Stopwatch, WallTime};

/// What is tested, and how.
#[derive(Clone, Debug)]
pub struct Suite {
    /// Which scripts.
    pub selection: Selection,
    /// The program that is `master`.
    pub program: PathBuf,
    /// How many scripts are run at once.
    pub jobs: NonZeroUsize,
    /// How often each is run.
    pub repeat: NonZeroU32,
    /// Are goldens compared, or written?
    pub mode: Mode,
}

/// What became of all scripts.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many scripts there were to run.
    pub scripts: usize,
    /// How many cases these are: a script for several protocols is one for each.
    pub cases: usize,
    /// What became of those that were run.
    pub counts: BTreeMap<Status, usize>,
    /// Goldens that no script makes; looked for if all scripts were run.
    pub unreferenced: Vec<PathBuf>,
    /// How long it took.
    pub wall: WallTime,
    /// Was it carried out whole?
    pub course: Course,
}

/// Was a suite carried out whole?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Course {
    /// Every script was run.
    #[default]
    Whole,
    /// The runner was interrupted.
    Interrupted,
}

impl Summary {
    /// What the runner's exit code says: of several verdicts the greatest.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.course {
            Course::Interrupted => Verdict::Interrupted,
            Course::Whole => {
                let orphans = if self.unreferenced.is_empty() { Verdict::Passed } else { Verdict::Failed };
                self.counts.keys().map(|status| status.verdict()).fold(orphans, Verdict::max)
            }
        }
    }
}

/// Runs all scripts that are meant, and tells what became of them.
///
/// # Errors
/// Nothing was run, or what became of them cannot be told.
pub fn test(suite: &Suite, interruption: &Interruption, reports: &mut Reports) -> Result<Verdict, Unusable> {
    let found = discover(&suite.selection)?;
    let temporary = tempfile::Builder::new().prefix("splitbrain-test-").tempdir();
    let temporary = temporary.map_err(Environment::while_trying(|| {
        format!("make a folder for snapshots in {}", std::env::temp_dir().display())
    }))?;
    interruption.take_along(temporary.path());
    let stopwatch = Stopwatch::start();
    reports.begin(&found.cases)?;
    let runs = Runs { program: suite.program.clone(), roster: Roster::default() };
    let scripts: BTreeSet<_> = found.cases.iter().map(|case| &case.script).collect();
    let mut summary = Summary { scripts: scripts.len(), cases: found.cases.len(), ..Summary::default() };
    run_all(suite, &found.cases, &runs, temporary.path(), |told| {
        let mut teller = Teller { runs: &runs, interruption, reports, summary: &mut summary };
        teller.tell(told)
    })?;
    if interruption.happened() {
        summary.course = Course::Interrupted;
    } else if found.extent == Extent::Full {
        summary.unreferenced = unreferenced(&suite.selection, &found.goldens)?;
    }
    summary.wall = stopwatch.elapsed();
    reports.end(&summary)?;
    Ok(summary.verdict())
}

/// What a thread tells: the position of a script, and what became of it.
type Told = (usize, Outcome);

/// Runs scripts in threads of their own, while this one tells of them.
fn run_all(
    suite: &Suite,
    cases: &[Case],
    runs: &Runs,
    temporary: &Path,
    tell: impl FnOnce(&Receiver<Told>) -> Result<(), Environment>,
) -> Result<(), Environment> {
    let judge = Judge { selection: &suite.selection, runs, mode: suite.mode, repeat: suite.repeat, temporary };
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..suite.jobs.get().min(cases.len()) {
            let (next, sender) = (&next, sender.clone());
            scope.spawn(move || work(&judge, cases, next, &sender));
        }
        drop(sender);
        tell(&receiver)
    })
}

/// Judges one script after the other until there is none, or nothing more shall be started.
fn work(judge: &Judge<'_>, cases: &[Case], next: &AtomicUsize, sender: &Sender<Told>) {
    while !judge.runs.roster.is_leaving() {
        let position = next.fetch_add(1, Ordering::Relaxed);
        let Some(case) = cases.get(position) else { return };
        let outcome = judge.judge(case, position);
        // Nobody listens any more when telling has failed.
        if sender.send((position, outcome)).is_err() {
            return;
        }
    }
}

/// Tells what became of scripts, in their order.
struct Teller<'a> {
    runs: &'a Runs,
    interruption: &'a Interruption,
    reports: &'a mut Reports,
    summary: &'a mut Summary,
}

impl Teller<'_> {
    fn tell(&mut self, told: &Receiver<Told>) -> Result<(), Environment> {
        let result = self.tell_in_order(told);
        if result.is_err() {
            self.runs.roster.ask_to_leave();
        }
        result
    }

    fn tell_in_order(&mut self, told: &Receiver<Told>) -> Result<(), Environment> {
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        let mut leaving: Option<Stopwatch> = None;
        loop {
            match told.recv_timeout(GLANCE) {
                // What an interrupted run says of its script is nothing.
                Ok(_) if self.interruption.happened() => {}
                Ok((position, outcome)) => {
                    self.reports.finished(&outcome);
                    waiting.insert(position, outcome);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            while let Some(outcome) = waiting.remove(&next) {
                next += 1;
                *self.summary.counts.entry(outcome.status).or_default() += 1;
                self.reports.outcome(&outcome)?;
            }
            match leaving {
                None if self.interruption.happened() => {
                    self.runs.roster.ask_to_leave();
                    leaving = Some(Stopwatch::start());
                }
                Some(since) if since.is_over_leaving() => self.runs.roster.end(),
                None | Some(_) => {}
            }
        }
    }
}
