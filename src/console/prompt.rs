//! The prompt: the commands of scripts, one by one, from a terminal.
//!
//! A line with a mistake is explained and not carried out. The run ends with `exit`, at end of input, and at ^C.

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor};

use crate::base::{Environment, Verdict};
use crate::cluster::{Quoted, Stop};
use crate::console::completion::CommandNames;
use crate::experiment::{Experiment, Options, TABLE, reference, reference_of};
use crate::script::{LineParser, Mistake, Mistakes, Source};
use crate::trace::{Reader, Sink};

/// What mistakes and warnings call the place where lines come from.
const NAME: &str = "prompt";

/// Reads commands from the terminal and carries them out, until the user leaves; with further readers of the trace.
/// What is typed goes to `script`, as a script that does the same.
///
/// # Errors
/// The terminal cannot be read.
pub fn prompt<R: Reader + 'static>(
    options: Options,
    readers: impl IntoIterator<Item = R>,
    script: Sink,
) -> Result<Verdict, Environment> {
    // Pasted lines are lines: each is carried out at its end, as if it had been typed.
    let config = Config::builder().bracketed_paste(false).build();
    let mut editor: Editor<CommandNames, DefaultHistory> =
        Editor::with_config(config).map_err(|error| terminal_failure(std::io::Error::other(error)))?;
    editor.set_helper(Some(CommandNames::new(TABLE.names().collect())));
    let (out, err) = (options.out.clone(), options.err.clone());
    let mut session = Session {
        experiment: Experiment::new(options, NAME),
        parser: LineParser::new(&TABLE),
        source: Source::empty(NAME),
        lines: 0,
        script,
        out,
        err,
    };
    for reader in readers {
        session.experiment.follow(reader);
    }
    session.out.line(
        "splitbrain: one command a line; `help` lists them, `exit` leaves; with -v each command says what it did.",
    )?;
    session.out.flush()?;
    while !session.parser.ended() {
        let line = match editor.readline(if session.parser.in_block() { "par> " } else { "> " }) {
            Ok(line) => line,
            Err(ReadlineError::Eof) => break,
            Err(ReadlineError::Interrupted) => return session.leave(Verdict::Interrupted),
            Err(error) => return Err(terminal_failure(std::io::Error::other(error))),
        };
        // A line that is not kept in the history is only harder to repeat.
        let _ = editor.add_history_entry(&line);
        if let Err(stop) = session.take(&line) {
            return session.stop(&stop);
        }
    }
    session.leave(Verdict::Passed)
}

fn terminal_failure(source: std::io::Error) -> Environment {
    Environment { attempt: "read from the terminal".to_owned(), source }
}

/// One user's run.
struct Session {
    experiment: Experiment,
    parser: LineParser<'static, crate::experiment::Function>,
    source: Source,
    lines: usize,
    script: Sink,
    out: Sink,
    err: Sink,
}

impl Session {
    fn take(&mut self, line: &str) -> Result<(), Stop> {
        self.source.push_line(line);
        self.lines += 1;
        if let Some(topic) = asks_for_help(line) {
            self.keep_as_comment(line)?;
            return Ok(self.help(topic)?);
        }
        // What a line with a mistake joins is not joined: the parser forgets that line.
        let before = self.parser.clone();
        match self.parser.parse_line(self.lines, line) {
            Ok(None) => Ok(self.keep(line)?),
            Ok(Some(invocation)) => {
                if let Some(mistake) = self.experiment.check(&invocation) {
                    self.parser = before;
                    return self.refuse(line, vec![mistake]);
                }
                self.keep(line)?;
                self.experiment.prepare(std::slice::from_ref(&invocation));
                self.experiment.carry_out(&invocation)
            }
            Err(mistakes) => {
                self.parser = before;
                self.refuse(line, mistakes)
            }
        }
    }

    /// Explains a line that is not carried out.
    fn refuse(&self, line: &str, mistakes: Vec<Mistake>) -> Result<(), Stop> {
        self.keep_as_comment(line)?;
        Ok(self.err.line(Mistakes::gather(&self.source, mistakes).reports())?)
    }

    fn keep(&self, line: impl std::fmt::Display) -> Result<(), Environment> {
        self.script.line(line)?;
        self.script.flush()
    }

    /// What is no command of a script leaves a line in it all the same: those that follow keep their numbers.
    fn keep_as_comment(&self, line: &str) -> Result<(), Environment> {
        self.keep(format_args!("# {}", Quoted::new(line.as_bytes())))
    }

    /// `help`, `help NAME` and `help commands NAME`.
    fn help(&self, topic: &str) -> Result<(), Environment> {
        let name = topic.strip_prefix("commands").map_or(topic, str::trim);
        match reference_of(name) {
            Some(text) => self.out.line(text)?,
            None if name.is_empty() => self.out.line(reference())?,
            None => self.err.line(format_args!("there is no command `{name}`; `help` lists them"))?,
        }
        self.out.flush()
    }

    /// Ends the run; `verdict` is what the user's leaving makes of it.
    fn leave(mut self, verdict: Verdict) -> Result<Verdict, Environment> {
        // What was typed is a script, and lines that start at one instant end there.
        if self.parser.in_block()
            && let Err(stop) = self.take("end")
        {
            return self.stop(&stop);
        }
        match self.experiment.end() {
            Ok(()) => Ok(self.experiment.verdict().max(verdict)),
            Err(stop) => Ok(self.stop(&stop)?.max(verdict)),
        }
    }

    /// Tells everybody that the run cannot go on.
    fn stop(&mut self, stop: &Stop) -> Result<Verdict, Environment> {
        // Whether or not the readers could be told: standard error must be.
        let _ = self.experiment.record_stop(stop);
        self.err.line(self.experiment.explain(stop))?;
        Ok(self.experiment.verdict().max(stop.verdict()))
    }
}

/// What a line that begins with the word `help` asks about.
fn asks_for_help(line: &str) -> Option<&str> {
    let topic = line.trim().strip_prefix("help")?;
    (topic.is_empty() || topic.starts_with([' ', '\t'])).then(|| topic.trim())
}
