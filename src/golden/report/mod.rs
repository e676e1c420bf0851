//! What became of scripts, told: to people, to programs, and to CI systems.

mod human;
mod json;
mod junit;
mod progress;
mod workflow;

use crate::base::Environment;
use crate::golden::case::Case;
use crate::golden::outcome::Outcome;
use crate::golden::suite::Summary;

pub use human::Human;
pub use json::Json;
pub use junit::Junit;
pub use workflow::WorkflowCommands;

use progress::Bar;

/// Whoever is told what became of scripts: in the order of their paths.
pub trait Report {
    /// These scripts will be run.
    ///
    /// # Errors
    /// It cannot be told.
    fn begin(&mut self, _cases: &[Case]) -> Result<(), Environment> {
        Ok(())
    }

    /// This became of a script.
    ///
    /// # Errors
    /// It cannot be told.
    fn outcome(&mut self, outcome: &Outcome) -> Result<(), Environment>;

    /// This became of all.
    ///
    /// # Errors
    /// It cannot be told.
    fn end(&mut self, summary: &Summary) -> Result<(), Environment>;
}

/// Several reports, and a bar on standard error if that is a terminal.
pub struct Reports {
    reports: Vec<Box<dyn Report>>,
    bar: Bar,
}

impl Reports {
    /// These reports, told in this order.
    #[must_use]
    pub fn new(reports: Vec<Box<dyn Report>>) -> Self {
        Self { reports, bar: Bar::default() }
    }

    pub(super) fn begin(&mut self, cases: &[Case]) -> Result<(), Environment> {
        self.bar.begin(cases.len());
        self.each(|report| report.begin(cases))
    }

    /// A script has come to its end, in whatever order.
    pub(super) fn finished(&mut self, outcome: &Outcome) {
        self.bar.finished(outcome);
    }

    pub(super) fn outcome(&mut self, outcome: &Outcome) -> Result<(), Environment> {
        self.each(|report| report.outcome(outcome))
    }

    pub(super) fn end(&mut self, summary: &Summary) -> Result<(), Environment> {
        self.bar.end();
        self.each(|report| report.end(summary))
    }

    fn each(
        &mut self,
        mut tell: impl FnMut(&mut Box<dyn Report>) -> Result<(), Environment>,
    ) -> Result<(), Environment> {
        let Self { reports, bar } = self;
        bar.suspended(|| reports.iter_mut().try_for_each(&mut tell))
    }
}
