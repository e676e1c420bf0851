//! What the line editor asks us: to complete the names of commands, and what stands behind the line.

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};

/// Completes names of commands, as long as nothing else stands on the line.
pub(super) struct CommandNames {
    names: Vec<&'static str>,
    when_shown: Box<dyn Fn() + Send>,
}

impl CommandNames {
    /// Completes these.
    pub(super) fn new(names: Vec<&'static str>) -> Self {
        Self { names, when_shown: Box::new(|| {}) }
    }

    /// Calls this whenever the line is about to be shown: the editor has the terminal then.
    pub(super) fn when_shown(self, when_shown: impl Fn() + Send + 'static) -> Self {
        Self { when_shown: Box::new(when_shown), ..self }
    }
}

impl Completer for CommandNames {
    type Candidate = Pair;

    fn complete(&self, line: &str, position: usize, _context: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = &line[..position];
        let pair = |name: &&str| Pair { display: (*name).to_owned(), replacement: (*name).to_owned() };
        let names = self.names.iter().filter(|name| name.starts_with(typed)).map(pair);
        Ok((0, names.collect()))
    }
}

impl Helper for CommandNames {}
impl Highlighter for CommandNames {}
impl Validator for CommandNames {}
impl Hinter for CommandNames {
    type Hint = String;

    /// Nothing stands behind the line. The editor asks before it shows it, and there is no other place to learn that.
    fn hint(&self, _line: &str, _position: usize, _context: &Context<'_>) -> Option<String> {
        (self.when_shown)();
        None
    }
}
