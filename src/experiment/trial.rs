//! `!`: a command that must fail, and whether it does.
//!
//! It fails if a client is answered with an `ERR_` or not at all, if the command is refused, and if something is found that
//! should not be. While it is tried none of that is a warning or a finding, and nothing is printed: the transcript shows it
//! as answers. What the command only brings about later, or what others do meanwhile, is told as ever.

use crate::base::limits;
use crate::cluster::Stop;
use crate::experiment::block::Said;
use crate::experiment::commands::Function;
use crate::experiment::holdings::counted;
use crate::experiment::judgement::quoted;
use crate::experiment::run::Experiment;
use crate::script::{Invocation, Phase};

/// A command that must fail, under way.
#[derive(Debug)]
pub(super) struct Trial {
    phase: Phase,
    has_failed: bool,
    /// What it said, as far as that is shown.
    said: Vec<String>,
    /// How much it said.
    lines: usize,
}

impl Experiment {
    /// Carries out a command that must fail.
    ///
    /// # Errors
    /// The run cannot go on.
    pub(super) fn expect_failure(&mut self, invocation: &Invocation<Function>) -> Result<(), Stop> {
        let phase = invocation.command.phase;
        self.trial = Some(Trial { phase, has_failed: false, said: Vec::new(), lines: 0 });
        let result = self.act(invocation).and_then(|()| self.mourn());
        let trial = self.trial.take().expect("it was put there");
        result?;
        if trial.has_failed { Ok(()) } else { self.find(&trial.in_words(&invocation.canonical())) }
    }

    /// Is a command tried that must fail?
    pub(super) fn is_trial(&self) -> bool {
        self.trial.is_some()
    }

    /// Is one tried that takes no time, so that what happens now comes of it?
    pub(super) fn is_instant_trial(&self) -> bool {
        self.trial.as_ref().is_some_and(|trial| trial.phase == Phase::Step)
    }

    /// The command under way fails, which may be what it must.
    pub(super) fn note_failure(&mut self) {
        if let Some(trial) = &mut self.trial {
            trial.has_failed = true;
        }
    }

    /// The command under way fails, and must: the transcript shows how.
    pub(super) fn fail_as_it_must(&mut self, text: &str) -> Result<(), Stop> {
        self.note_failure();
        text.lines().try_for_each(|line| self.answer(line))
    }

    /// What a command that must fail says is not printed.
    pub(super) fn say_in_trial(&mut self, said: Said) -> Result<(), Stop> {
        let Some(trial) = &mut self.trial else { return self.say(said) };
        let said = match said {
            Said::Printed(text) | Said::Answered(text) => {
                trial.lines += 1;
                if trial.lines <= limits::STATE_LINES_SHOWN {
                    trial.said.push(text.clone());
                }
                Said::Answered(text)
            }
            Said::Snapshot(..) => unreachable!("no snapshot is tried"),
        };
        self.say(said)
    }
}

impl Trial {
    /// What is found where it has not failed.
    fn in_words(self, command: &str) -> String {
        let command = quoted(command);
        match &*self.said {
            [] => format!("expected `{command}` to fail; it succeeded"),
            [only] => format!("expected `{command}` to fail; it succeeded: {}", quoted(only)),
            several => {
                let said: String = several.iter().map(|line| format!("\n  {}", quoted(line))).collect();
                let more = match self.lines - several.len() {
                    0 => String::new(),
                    more => format!("\n  ... and {} more", counted(more, "line")),
                };
                format!("expected `{command}` to fail; it succeeded:{said}{more}")
            }
        }
    }
}
