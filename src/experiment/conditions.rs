//! Commands that wait for a message to be sent, `when s1 sends write to s3: cut s1 s3`, or for a death, `when s1 dies:
//! crash s2`.
//!
//! A command comes when the step is over in which the message was sent or the node died, at that instant, and before
//! anything else: the message is under way then.

use std::collections::BTreeMap;

use crate::cluster::{Idle, Stop, WatchId};
use crate::experiment::commands::Function;
use crate::experiment::run::Experiment;
use crate::script::Invocation;
use crate::trace::Happening;

/// The commands that wait, each an invocation of `when`.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    waiting: BTreeMap<WatchId, Invocation<Function>>,
}

impl Conditions {
    /// Lets a command wait.
    pub(super) fn add(&mut self, watch: WatchId, invocation: Invocation<Function>) {
        self.waiting.insert(watch, invocation);
    }

    /// Those that have never come, in the order in which they were ordered.
    pub(super) fn idle(&self) -> Vec<Idle> {
        let idle = |invocation: &Invocation<Function>| {
            let text = format!("`when` did nothing: `{}` was never true", invocation.condition(0));
            Idle { line: invocation.place.line, text: text.into() }
        };
        self.waiting.values().map(idle).collect()
    }
}

impl Experiment {
    /// Carries out the commands whose conditions have come true. Were there any?
    ///
    /// # Errors
    /// The run cannot go on.
    pub(super) fn follow_conditions(&mut self) -> Result<bool, Stop> {
        let mut were_any = false;
        loop {
            let seen = self.cluster.take_seen();
            if seen.is_empty() {
                return Ok(were_any);
            }
            were_any = true;
            for watch in seen {
                let invocation = self.conditions.waiting.remove(&watch).expect("what is watched for waits here");
                self.follow_condition(&invocation)?;
            }
        }
    }

    fn follow_condition(&mut self, invocation: &Invocation<Function>) -> Result<(), Stop> {
        let held = invocation.held();
        let text = format!("{}: {}", invocation.condition(0), held.canonical());
        self.cluster.record(Happening::Followed { text: &text })?;
        let before = self.current.replace((invocation.place.line, invocation.canonical()));
        // What comes of this command is none of the other's.
        let trial = self.trial.take();
        self.act(held)?;
        self.trial = trial;
        self.current = before;
        self.mourn()
    }
}
