//! What people and graders read of a run: standard output as the commands print it, and warnings.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crate::base::{Environment, Time};
use crate::trace::{Happening, Reader};

/// A stream that several readers may write to. Clones share it.
#[derive(Clone)]
pub struct Sink {
    name: &'static str,
    stream: Rc<RefCell<dyn Write>>,
}

impl Sink {
    /// `name` is what errors call it: "standard output".
    pub fn new(name: &'static str, stream: impl Write + 'static) -> Self {
        Self { name, stream: Rc::new(RefCell::new(stream)) }
    }

    /// Writes one line.
    ///
    /// # Errors
    /// The stream is closed, or full.
    pub fn line(&self, text: impl std::fmt::Display) -> Result<(), Environment> {
        self.attempt(writeln!(self.stream.borrow_mut(), "{text}"))
    }

    /// Lets everything that was written be seen.
    ///
    /// # Errors
    /// The stream is closed, or full.
    pub fn flush(&self) -> Result<(), Environment> {
        self.attempt(self.stream.borrow_mut().flush())
    }

    fn attempt(&self, result: io::Result<()>) -> Result<(), Environment> {
        result.map_err(Environment::while_trying(|| format!("write to {}", self.name)))
    }
}

/// Prints what commands print, and nothing else: what a grader compares.
pub struct PlainOutput {
    sink: Sink,
}

impl PlainOutput {
    /// Prints to `sink`.
    #[must_use]
    pub fn new(sink: Sink) -> Self {
        Self { sink }
    }
}

impl Reader for PlainOutput {
    fn read(&mut self, _at: Time, happening: &Happening<'_>) -> Result<(), Environment> {
        match happening {
            Happening::Printed { text } => self.sink.line(text),
            Happening::Settled | Happening::Stopped { .. } | Happening::End { .. } => self.sink.flush(),
            Happening::Command { .. }
            | Happening::Answered { .. }
            | Happening::Warning { .. }
            | Happening::Finding { .. }
            | Happening::Started { .. }
            | Happening::Died { .. }
            | Happening::DiskFault { .. }
            | Happening::Step { .. }
            | Happening::Delayed { .. }
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
    fn read(&mut self, _at: Time, happening: &Happening<'_>) -> Result<(), Environment> {
        match happening {
            Happening::Warning { line, text } => {
                self.sink.line(format_args!("warning: {}:{line}: {text}", self.script))
            }
            Happening::Finding { line, text } => self.sink.line(format_args!("failed: {}:{line}: {text}", self.script)),
            Happening::Printed { .. }
            | Happening::Command { .. }
            | Happening::Settled
            | Happening::Stopped { .. }
            | Happening::End { .. }
            | Happening::Answered { .. }
            | Happening::Started { .. }
            | Happening::Died { .. }
            | Happening::DiskFault { .. }
            | Happening::Step { .. }
            | Happening::Delayed { .. }
            | Happening::Lost { .. } => Ok(()),
        }
    }
}
