//! What is said about the words of a line that do not fit their command.
//!
//! Deliberately missing: the decision that they do not fit.

use std::ops::Range;

use crate::base::{NodeKind, NodeName};
use crate::script::arguments::{ArgumentReader, literals};
use crate::script::excerpt::quoted;
use crate::script::mistake::Mistake;
use crate::script::names::{Id, Joined};
use crate::script::nearest::nearest;
use crate::script::table::{Command, Given, Parameter, ParameterKind};
use crate::script::words::{Quotes, Word, WordFault};
use crate::store::literal::Flaw;

impl<F> ArgumentReader<'_, F> {
    pub(super) fn report_unknown_id(&mut self, id: Id, wanted: Option<NodeKind>, word: &Word<'_>) {
        let (line, command, names) = (self.line, self.command, self.names);
        let console = self.console;
        let sought = names.kind_sought(id, wanted);
        self.tally.add_unknown_id((id, wanted), || {
            let what = sought.map_or_else(|| "node".to_owned(), |kind| kind.to_string());
            let belonging = line.belonging();
            let suggestion = names.suggest(id.number, sought, belonging);
            Mistake::new(format!("no {what} {} {}", id.number, belonging.is), line.place(word.range.clone()))
                .label("not known here")
                .help(format!("{suggestion}\n{}", line.hint_at(command, console)))
        });
    }

    pub(super) fn report_misnamed(&mut self, typed: NodeKind, joined: &Joined, word: &Word<'_>) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        let number = joined.number;
        self.tally.add(|| {
            let message = format!("{} names a {typed}, and {number} is a {}", quoted(word.text), joined.kind);
            let letter = joined.kind.letter();
            Mistake::new(message, line.place(word.range.clone()))
                .label(format!("the {} is {number} or {letter}{number}", joined.kind))
                .help(line.hint_at(command, console))
                .also(joined.place, format!("{number} joined as a {} here", joined.kind))
        });
    }

    pub(super) fn report_misused(&mut self, parameter: &Parameter, wanted: NodeKind, joined: &Joined, word: &Word<'_>) {
        let (line, command, names) = (self.line, self.command, self.names);
        let console = self.console;
        self.tally.add(|| {
            let (is, number) = (joined.kind, joined.number);
            let node = names.text(joined.name());
            let message = format!("{} of `{}` must be a {wanted}, and {node} is a {is}", parameter.shown(), self.typed);
            let suggestion = names.suggest(number, Some(wanted), line.belonging());
            Mistake::new(message, line.place(word.range.clone()))
                .label(format!("a {is}"))
                .help(format!("{suggestion}\n{}", line.hint_at(command, console)))
                .also(joined.place, format!("{node} joined as a {is} here"))
        });
    }

    pub(super) fn report_own_link(&mut self, node: NodeName, word: &Word<'_>) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            Mistake::new(format!("{node} has no link with itself"), line.place(word.range.clone()))
                .label("the same node again")
                .help(format!(
                    "a link has two ends: two servers, or a client and a server\n{}",
                    line.hint_at(command, console)
                ))
        });
    }

    pub(super) fn report_clients_link(&mut self, one: &(NodeName, Range<usize>), other: &(NodeName, Range<usize>)) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            let both = one.1.start.min(other.1.start)..one.1.end.max(other.1.end);
            Mistake::new(format!("{} and {} are clients, and have no link", one.0, other.0), line.place(both))
                .label("two clients")
                .help(format!("a link has a server at one end at least\n{}", line.hint_at(command, console)))
        });
    }

    /// The words for the parameters from `index` on are missing; a fault of the writing explains that itself.
    pub(super) fn report_missing(&mut self, index: usize) {
        if self.words.fault.is_some() {
            return;
        }
        let (line, command, end) = (self.line, self.command, self.words.end);
        let console = self.console;
        self.tally.add(|| {
            let missing: Vec<_> = command.parameters[index..]
                .iter()
                .filter(|parameter| matches!(parameter.given, Given::Always | Given::Named(_)))
                .map(Parameter::called)
                .collect();
            Mistake::new(format!("`{}` lacks {}", self.typed, missing.join(" ")), line.place(end..end))
                .label(format!("{} expected here", missing.join(" ")))
                .help(line.hint_at(command, console))
        });
    }

    /// `shown` is what is missing, as usage lines write it.
    pub(super) fn report_missing_after(&mut self, keyword: &Word<'_>, shown: &str) {
        if self.words.fault.is_some() {
            return;
        }
        let (line, command, end) = (self.line, self.command, self.words.end);
        let console = self.console;
        self.tally.add(|| {
            Mistake::new(format!("`{}` must be followed by {shown}", keyword.text), line.place(end..end))
                .label(format!("{shown} expected here"))
                .help(line.hint_at(command, console))
        });
    }

    pub(super) fn report_repeated_keyword(&mut self, keyword: &Word<'_>, first: Range<usize>) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            Mistake::new(format!("`{}` is given twice", keyword.text), line.place(keyword.range.clone()))
                .label("the second time")
                .help(line.hint_at(command, console))
                .also(line.place(first), "the first time")
        });
    }

    /// A parameter is there that says nothing without another one, and that one is not.
    pub(super) fn report_missing_company(&mut self) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        for (parameter, key) in command.parameters.iter().zip(&self.keys) {
            let (Given::With { keyword, needs }, Some(range)) = (parameter.given, key) else { continue };
            let company = command.parameters.iter().position(|other| other.keyword() == Some(needs));
            if company.is_some_and(|company| self.keys[company].is_none()) {
                self.tally.add(|| {
                    Mistake::new(format!("`{keyword}` says nothing without `{needs}`"), line.place(range.clone()))
                        .label(format!("`{needs}` is missing"))
                        .help(line.hint_at(command, console))
                });
            }
        }
    }

    /// A command that holds another one stands in parentheses.
    pub(super) fn report_held_in_parentheses(&mut self) {
        let (line, command, end) = (self.line, self.command, self.words.end);
        let console = self.console;
        self.tally.add(|| {
            Mistake::new(format!("`{}` is written without parentheses", self.typed), line.place(end..end))
                .label("the command that it holds may have some")
                .help(line.hint_at(command, console))
        });
    }

    /// `key` is what stands before the `=` of `word`, or all of it.
    pub(super) fn report_unknown_key(&mut self, word: &Word<'_>, key: &str) {
        let left: Vec<_> = self.not_given().filter_map(Parameter::key).collect();
        let (line, command) = (self.line, self.command);
        let console = self.console;
        let start = word.range.start;
        let shown: Vec<_> = self.not_given().filter(|left| left.key().is_some()).map(Parameter::called).collect();
        let label = if shown.is_empty() { "too much".to_owned() } else { format!("expected {}", shown.join(" or ")) };
        self.tally.add(|| {
            let meant = nearest(key, left.iter().copied());
            let meant = meant.map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
            let (message, range) = if key.is_empty() {
                (format!("a key is missing before {}", quoted(word.text)), word.range.clone())
            } else if key.len() == word.text.len() {
                (format!("{} has no key, such as `{}=`", quoted(key), an_example_of_a_key(command)), word.range.clone())
            } else {
                (format!("`{}` takes no {}", self.typed, quoted(key)), start..start + key.len())
            };
            Mistake::new(message, line.place(range))
                .label(label)
                .help(format!("{meant}{}", line.hint_at(command, console)))
        });
    }

    /// There is nothing behind the key `word`, or not even an `=`.
    pub(super) fn report_missing_value(&mut self, word: &Word<'_>, parameter: &Parameter) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            let key = word.text.trim_end_matches('=');
            let message = format!("`{key}` must be followed by = and its value, without blanks");
            Mistake::new(message, line.place(word.range.clone()))
                .label(format!("expected {}", parameter.called()))
                .help(line.hint_at(command, console))
        });
    }

    /// Named parameters that may not be left out, and were.
    pub(super) fn report_missing_named(&mut self) {
        if self.words.fault.is_some() {
            return;
        }
        let is_missing = |parameter: &&Parameter| matches!(parameter.given, Given::Named(_));
        let missing: Vec<_> = self.not_given().filter(is_missing).map(Parameter::called).collect();
        if missing.is_empty() {
            return;
        }
        let (line, command, end) = (self.line, self.command, self.words.end);
        let console = self.console;
        self.tally.add(|| {
            Mistake::new(format!("`{}` lacks {}", self.typed, missing.join(" ")), line.place(end..end))
                .label(format!("{} expected here", missing.join(" ")))
                .help(line.hint_at(command, console))
        });
    }

    /// `first` is none of the `keywords` that may still come, and with all after it too much.
    pub(super) fn report_surplus(&mut self, first: &Word<'_>, keywords: &[String]) {
        let mut count = 1;
        while self.words.next(Quotes::Ordinary).is_some() {
            count += 1;
        }
        if self.words.fault.is_some() {
            return;
        }
        let (line, command, end) = (self.line, self.command, self.words.end);
        let console = self.console;
        let quotes = self.words.saw_ordinary_quote;
        if keywords.is_empty() {
            self.tally.add(|| {
                let label = if count == 1 { "1 word too many".to_owned() } else { format!("{count} words too many") };
                Mistake::new(format!("too many words for `{}`", self.typed), line.place(first.range.start..end))
                    .label(label)
                    .help(format!("{}{}", quotes_help(command, quotes), line.hint_at(command, console)))
            });
        } else {
            self.tally.add(|| {
                let meant = nearest(first.text, keywords.iter().map(String::as_str));
                let meant = meant.map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
                let message = format!("{} is not a keyword of `{}`", quoted(first.text), self.typed);
                Mistake::new(message, line.place(first.range.clone()))
                    .label(format!("expected {}", keywords.join(" or ")))
                    .help(format!("{meant}{}{}", quotes_help(command, quotes), line.hint_at(command, console)))
            });
        }
    }

    /// What stands in place of a literal is none.
    fn report_flaw(&mut self, flaw: &Flaw, range: Range<usize>) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            Mistake::new(flaw.to_string(), line.place(range)).label(literals::what_would_be_right(flaw)).help(format!(
                "{}\n{}",
                literals::AT_CONSOLES,
                line.hint_at(command, console)
            ))
        });
    }

    /// A name stands where a literal should.
    pub(super) fn report_name(&mut self, word: &Word<'_>) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            let message = format!("{} is a name, and no literal of Python", quoted(word.text));
            Mistake::new(message, line.place(word.range.clone()))
                .label(literals::in_place_of_name(word.text))
                .help(format!("{}\n{}", literals::AT_CONSOLES, line.hint_at(command, console)))
        });
    }

    pub(super) fn report_fault(&mut self, fault: &WordFault, range: Range<usize>) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        let (message, label) = match fault {
            WordFault::BlankBeforeParenthesis => {
                ("a parenthesis must follow the name at once", "no blank before this one")
            }
            WordFault::MissingParenthesis => ("the closing parenthesis is missing", "`)` expected here"),
            WordFault::SurplusAfterParenthesis => {
                ("only a comment, after a blank, may follow the closing parenthesis", "too much")
            }
            WordFault::MissingWord => ("a word is missing between the parentheses", "a word is expected before this"),
            WordFault::MissingComma => {
                ("a comma is missing between the parentheses", "a comma is expected before this")
            }
            WordFault::MissingQuote => ("the closing quote is missing", "the text begins here"),
            WordFault::MissingBlank => ("a blank must follow the closing quote", "this touches the text"),
            WordFault::Literal(flaw) => return self.report_flaw(flaw, range),
            WordFault::UnknownEscape => {
                ("only \\\" and \\\\ may follow a backslash in quotes", "write \\\\ for a backslash")
            }
        };
        let help = if console.is_none() { parentheses_help(command, fault) } else { "" };
        self.tally.add(|| {
            Mistake::new(message, line.place(range))
                .label(label)
                .help(format!("{help}{}", line.hint_at(command, console)))
        });
    }
}

/// What to say to those who may have meant a comma or parenthesis as a part of a key or value.
fn parentheses_help<F>(command: &Command<F>, fault: &WordFault) -> &'static str {
    match fault {
        WordFault::SurplusAfterParenthesis | WordFault::MissingWord if takes_key_or_value(command) => {
            "a key or value with a comma or parenthesis in it is written in the form without parentheses\n"
        }
        WordFault::SurplusAfterParenthesis
        | WordFault::MissingWord
        | WordFault::BlankBeforeParenthesis
        | WordFault::MissingParenthesis
        | WordFault::MissingComma
        | WordFault::MissingQuote
        | WordFault::MissingBlank
        | WordFault::UnknownEscape
        | WordFault::Literal(_) => "",
    }
}

/// The first key that a command knows.
fn an_example_of_a_key<F>(command: &Command<F>) -> &'static str {
    command.parameters.iter().find_map(Parameter::key).unwrap_or_default()
}

fn takes_key_or_value<F>(command: &Command<F>) -> bool {
    let takes = |kind: &ParameterKind| kind.is_key_or_value() || matches!(kind, ParameterKind::Expectation);
    command.parameters.iter().any(|parameter| takes(&parameter.kind))
}

/// What to say to those who put a key or value into quotes.
fn quotes_help<F>(command: &Command<F>, saw_quotes: bool) -> &'static str {
    if saw_quotes && takes_key_or_value(command) {
        "keys and values hold no blanks, and quotes are not special in them\n"
    } else {
        ""
    }
}
