//! What people and graders read of a run: standard output as the commands print it, and warnings.

use crate::base::Environment;
use crate::trace::{Happening, Moment, Reader, Sink};

/// Where snapshots are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshots {
    /// Among what commands print.
    Printed,
    /// Elsewhere: somebody else keeps them.
    Apart,
}

/// Prints what commands print, and nothing else: what a grader compares.
pub struct PlainOutput {
    sink: Sink,
    snapshots: Snapshots,
}

impl PlainOutput {
    /// Prints to `sink`.
    #[must_use]
    pub fn new(sink: Sink, snapshots: Snapshots) -> Self {
        Self { sink, snapshots }
    }
}

impl Reader for PlainOutput {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        match happening {
            Happening::Printed { text } => self.sink.line(text),
            Happening::Snapshot { text, .. } => match self.snapshots {
                Snapshots::Printed => self.sink.bytes(text.as_bytes()),
                Snapshots::Apart => Ok(()),
            },
            Happening::Settled | Happening::Stopped { .. } | Happening::End { .. } => self.sink.flush(),
            Happening::Begun { .. }
            | Happening::Command { .. }
            | Happening::Answered { .. }
            | Happening::Warning { .. }
            | Happening::Finding { .. }
            | Happening::Started { .. }
            | Happening::Died { .. }
            | Happening::DiskFault { .. }
            | Happening::ClockFault { .. }
            | Happening::Shifted { .. }
            | Happening::Paused { .. }
            | Happening::Resumed { .. }
            | Happening::Waits { .. }
            | Happening::Cast { .. }
            | Happening::Followed { .. }
            | Happening::Step { .. }
            | Happening::Invoked { .. }
            | Happening::Completed { .. }
            | Happening::Late { .. }
            | Happening::Delayed { .. }
            | Happening::Held { .. }
            | Happening::Released { .. }
            | Happening::Duplicated { .. }
            | Happening::Reordered { .. }
            | Happening::LetThrough { .. }
            | Happening::Partitioned { .. }
            | Happening::Lost { .. } => Ok(()),
        }
    }
}

/// Tells people what they should know: on standard error, with the line of the script.
pub struct Warnings {
    sink: Sink,
    script: String,
}

impl Warnings {
    /// Prints to `sink`; `script` is the script's name.
    #[must_use]
    pub fn new(sink: Sink, script: &str) -> Self {
        Self { sink, script: script.to_owned() }
    }
}

impl Reader for Warnings {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        match happening {
            Happening::Warning { line, text, words: "" } => {
                self.sink.line(format_args!("warning: {}:{line}: {text}", self.script))
            }
            Happening::Warning { line, text, words } => {
                self.sink.line(format_args!("warning: {}:{line}: {text}: {words}", self.script))
            }
            Happening::Finding { line, text } => self.sink.line(format_args!("failed: {}:{line}: {text}", self.script)),
            Happening::Begun { .. }
            | Happening::Printed { .. }
            | Happening::Snapshot { .. }
            | Happening::Command { .. }
            | Happening::Settled
            | Happening::Stopped { .. }
            | Happening::End { .. }
            | Happening::Answered { .. }
            | Happening::Started { .. }
            | Happening::Died { .. }
            | Happening::DiskFault { .. }
            | Happening::ClockFault { .. }
            | Happening::Shifted { .. }
            | Happening::Paused { .. }
            | Happening::Resumed { .. }
            | Happening::Waits { .. }
            | Happening::Cast { .. }
            | Happening::Followed { .. }
            | Happening::Step { .. }
            | Happening::Invoked { .. }
            | Happening::Completed { .. }
            | Happening::Late { .. }
            | Happening::Delayed { .. }
            | Happening::Held { .. }
            | Happening::Released { .. }
            | Happening::Duplicated { .. }
            | Happening::Reordered { .. }
            | Happening::LetThrough { .. }
            | Happening::Partitioned { .. }
            | Happening::Lost { .. } => Ok(()),
        }
    }
}
