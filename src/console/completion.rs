//! Completion of the names of commands, where a line is typed at a terminal.

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

/// Completes these names, as long as nothing else stands on the line.
pub(super) struct CommandNames(pub(super) Vec<&'static str>);

impl Completer for CommandNames {
    type Candidate = Pair;

    fn complete(&self, line: &str, position: usize, _context: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = &line[..position];
        let pair = |name: &&str| Pair { display: (*name).to_owned(), replacement: (*name).to_owned() };
        let names = self.0.iter().filter(|name| name.starts_with(typed)).map(pair);
        Ok((0, names.collect()))
    }
}

impl Helper for CommandNames {}
impl Highlighter for CommandNames {}
impl Validator for CommandNames {}
impl Hinter for CommandNames {
    type Hint = String;
}
