//! The runs under way, and how they end when the runner is interrupted.
//!
//! A run leads a process group that it is alone in: a terminal's signals reach the runner only, which asks each run to
//! leave. A run ends its own nodes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// The runs under way. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster(Arc<Mutex<Runs>>);

#[derive(Debug, Default)]
struct Runs {
    /// Processes that are not waited for yet, so that their ids are still theirs.
    alive: BTreeSet<Pid>,
    stage: Stage,
}

/// How far the end has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Running,
    /// They are asked to leave.
    Leaving,
    /// They are ended.
    Ended,
}

impl Roster {
    /// A run was started.
    pub(super) fn enter(&self, process: Pid) {
        let mut runs = self.runs();
        runs.alive.insert(process);
        // The end may have come between the start and the line above.
        runs.stage.apply(process);
    }

    /// A run has ended, and is waited for next.
    pub(super) fn remove(&self, process: Pid) {
        self.runs().alive.remove(&process);
    }

    /// Asks every run to leave, those that are started later too.
    pub(super) fn ask_to_leave(&self) {
        self.reach(Stage::Leaving);
    }

    /// Ends every run that is still there.
    pub(super) fn end(&self) {
        self.reach(Stage::Ended);
    }

    /// Shall nothing more be started?
    pub(super) fn is_leaving(&self) -> bool {
        self.runs().stage != Stage::Running
    }

    fn reach(&self, stage: Stage) {
        let mut runs = self.runs();
        runs.stage = stage;
        runs.alive.iter().for_each(|&process| stage.apply(process));
    }

    fn runs(&self) -> MutexGuard<'_, Runs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stage {
    fn apply(self, process: Pid) {
        // It may have died by itself.
        match self {
            Self::Running => {}
            Self::Leaving => drop(kill(process, Signal::SIGTERM)),
            Self::Ended => drop(killpg(process, Signal::SIGKILL)),
        }
    }
}
