//! A bar on standard error that says how far the runner is. It is drawn on a terminal only.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::golden::outcome::Outcome;

/// What the bar says.
const TEMPLATE: &str = "{bar:30} {pos}/{len} cases{msg}";

/// A bar, from the beginning to the end of a suite.
pub(super) struct Bar {
    bar: ProgressBar,
    /// How many cases are not well.
    troubled: usize,
}

impl Default for Bar {
    fn default() -> Self {
        Self { bar: ProgressBar::hidden(), troubled: 0 }
    }
}

impl Bar {
    pub(super) fn begin(&mut self, cases: usize) {
        // It hides itself where standard error is no terminal.
        let target = ProgressDrawTarget::stderr();
        self.bar = ProgressBar::with_draw_target(Some(cases as u64), target);
        self.bar.set_style(ProgressStyle::with_template(TEMPLATE).expect("the template is right"));
    }

    pub(super) fn finished(&mut self, outcome: &Outcome) {
        if !outcome.status.is_well() {
            self.troubled += 1;
            self.bar.set_message(format!(", {} not passed", self.troubled));
        }
        self.bar.inc(1);
    }

    pub(super) fn end(&mut self) {
        self.bar.finish_and_clear();
    }

    /// Does something while no bar is drawn: what it prints may go to the same terminal.
    pub(super) fn suspended<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}
