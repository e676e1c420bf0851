//! Lines that start at one instant: they are kept up to `end`, and then carried out together.

use crate::cluster::Stop;
use crate::experiment::commands::{Function, begin, tell_in_block};
use crate::experiment::operations::Ticket;
use crate::experiment::run::Experiment;
use crate::script::{Invocation, Phase};
use crate::trace::Happening;

/// What a line of a block has come to.
enum Line {
    /// It took no time, and printed this.
    Done(Vec<Said>),
    /// It is an operation of a client.
    Begun(Ticket),
}

/// What a command says on standard output or in the transcript.
pub(super) enum Said {
    /// Printed.
    Printed(String),
    /// Answered.
    Answered(String),
    /// A snapshot, with its line, its name and its text.
    Snapshot(usize, String, String),
}

impl Experiment {
    /// From here on lines are kept.
    pub(super) fn begin_block(&mut self) {
        self.block = Some(Vec::new());
    }

    /// Keeps a line if a block is open. Is it kept?
    pub(super) fn keep_in_block(&mut self, invocation: &Invocation<Function>) -> bool {
        match &mut self.block {
            Some(lines) if invocation.command.phase != Phase::BlockEnd => {
                lines.push(invocation.clone());
                true
            }
            Some(_) | None => false,
        }
    }

    /// Carries out the lines that were kept: all begin at this instant, in their order, and what they print comes in
    /// their order.
    ///
    /// # Errors
    /// The run cannot go on.
    pub(super) fn end_block(&mut self) -> Result<(), Stop> {
        let invocations = self.block.take().unwrap_or_default();
        let end = self.current.clone();
        let mut lines = Vec::new();
        for invocation in &invocations {
            self.enter(invocation)?;
            lines.push(self.begin_line(invocation)?);
            self.follow_conditions()?;
        }
        if let Some((_, text)) = &end {
            self.cluster.record(Happening::Command { text })?;
        }
        for (invocation, line) in invocations.iter().zip(lines) {
            self.current = Some((invocation.place.line, invocation.canonical()));
            match line {
                Line::Done(said) => said.into_iter().try_for_each(|said| self.say(said))?,
                Line::Begun(ticket) => {
                    let completion = self.answer_to(ticket)?;
                    tell_in_block(self, invocation, &completion)?;
                }
            }
        }
        self.current = end;
        Ok(())
    }

    fn begin_line(&mut self, invocation: &Invocation<Function>) -> Result<Line, Stop> {
        if invocation.command.phase == Phase::Operation {
            return begin(self, invocation).map(Line::Begun);
        }
        let before = self.kept_back.replace(Vec::new());
        let result = self.act(invocation);
        let said = std::mem::replace(&mut self.kept_back, before).unwrap_or_default();
        result.map(|()| Line::Done(said))
    }

    /// Says something now, or keeps it back until it is its line's turn.
    pub(super) fn say(&mut self, said: Said) -> Result<(), Stop> {
        if let Some(kept_back) = &mut self.kept_back {
            kept_back.push(said);
            return Ok(());
        }
        match said {
            Said::Printed(text) => self.cluster.record(Happening::Printed { text: &text }),
            Said::Answered(text) => self.cluster.record(Happening::Answered { text: &text }),
            Said::Snapshot(line, name, text) => {
                self.cluster.record(Happening::Snapshot { line, name: &name, text: &text })
            }
        }
    }
}
