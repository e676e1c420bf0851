//! What is said about the words of a line that do not fit their command.
//!
//! Deliberately missing: the decision that they do not fit.

use std::ops::Range;

use crate::base::{NodeKind, NodeName};
use crate::script::arguments::{ArgumentReader, Id};
use crate::script::excerpt::quoted;
use crate::script::mistake::Mistake;
use crate::script::names::Joined;
use crate::script::nearest::nearest;
use crate::script::table::{Command, Parameter};
use crate::script::words::{Quotes, Word, WordFault};

impl<F> ArgumentReader<'_, F> {
    pub(super) fn report_unknown_id(&mut self, id: &Id, wanted: Option<NodeKind>, word: &Word<'_>) {
        let (line, command, names) = (self.line, self.command, self.names);
        let wanted = wanted.or(id.kind);
        self.tally.add_unknown_id(id.number, || {
            let what = wanted.map_or_else(|| "node".to_owned(), |kind| kind.to_string());
            Mistake::new(format!("no {what} {} has joined", id.number), line.place(word.range.clone()))
                .label("not known here")
                .help(format!("{}\n{}", names.suggest(id.number, wanted), command.hint()))
        });
    }

    pub(super) fn report_misnamed(&mut self, number: u32, typed: NodeKind, joined: &Joined, word: &Word<'_>) {
        let (line, command) = (self.line, self.command);
        self.tally.add(|| {
            let message = format!("{} names a {typed}, and {number} is a {}", quoted(word.text), joined.kind);
            let letter = joined.kind.letter();
            Mistake::new(message, line.place(word.range.clone()))
                .label(format!("the {} is {number} or {letter}{number}", joined.kind))
                .help(command.hint())
                .also(joined.place, format!("{number} joined as a {} here", joined.kind))
        });
    }

    pub(super) fn report_misused(
        &mut self,
        parameter: &Parameter,
        wanted: NodeKind,
        (number, joined): (u32, &Joined),
        word: &Word<'_>,
    ) {
        let (line, command, names) = (self.line, self.command, self.names);
        self.tally.add(|| {
            let is = joined.kind;
            let message =
                format!("{} of `{}` must be a {wanted}, and {number} is a {is}", parameter.shown(), command.name);
            Mistake::new(message, line.place(word.range.clone()))
                .label(format!("a {is}"))
                .help(format!("{}\n{}", names.suggest(number, Some(wanted)), command.hint()))
                .also(joined.place, format!("{number} joined as a {is} here"))
        });
    }

    /// The words for the parameters from `index` on are missing; a fault of the writing explains that itself.
    pub(super) fn report_own_link(&mut self, node: NodeName, word: &Word<'_>) {
        let (line, command) = (self.line, self.command);
        self.tally.add(|| {
            Mistake::new(format!("{node} has no link with itself"), line.place(word.range.clone()))
                .label("the same node again")
                .help(format!("a link has two ends: two servers, or a client and a server\n{}", command.hint()))
        });
    }

    pub(super) fn report_clients_link(&mut self, one: &(NodeName, Range<usize>), other: &(NodeName, Range<usize>)) {
        let (line, command) = (self.line, self.command);
        self.tally.add(|| {
            let both = one.1.start.min(other.1.start)..one.1.end.max(other.1.end);
            Mistake::new(format!("{} and {} are clients, and have no link", one.0, other.0), line.place(both))
                .label("two clients")
                .help(format!("a link has a server at one end at least\n{}", command.hint()))
        });
    }

    pub(super) fn report_missing(&mut self, index: usize) {
        if self.words.fault.is_some() {
            return;
        }
        let (line, command, end) = (self.line, self.command, self.words.end);
        self.tally.add(|| {
            let missing: Vec<_> = command.parameters[index..]
                .iter()
                .filter(|parameter| parameter.keyword().is_none())
                .map(Parameter::called)
                .collect();
            Mistake::new(format!("`{}` lacks {}", command.name, missing.join(" ")), line.place(end..end))
                .label(format!("{} expected here", missing.join(" ")))
                .help(command.hint())
        });
    }

    /// `shown` is what is missing, as usage lines write it.
    pub(super) fn report_missing_after(&mut self, keyword: &Word<'_>, shown: &str) {
        if self.words.fault.is_some() {
            return;
        }
        let (line, command, end) = (self.line, self.command, self.words.end);
        self.tally.add(|| {
            Mistake::new(format!("`{}` must be followed by {shown}", keyword.text), line.place(end..end))
                .label(format!("{shown} expected here"))
                .help(command.hint())
        });
    }

    pub(super) fn report_repeated_keyword(&mut self, keyword: &Word<'_>, first: Range<usize>) {
        let (line, command) = (self.line, self.command);
        self.tally.add(|| {
            Mistake::new(format!("`{}` is given twice", keyword.text), line.place(keyword.range.clone()))
                .label("the second time")
                .help(command.hint())
                .also(line.place(first), "the first time")
        });
    }

    /// `first` is none of the `keywords` that may still come, and with all after it too much.
    pub(super) fn report_surplus(&mut self, first: &Word<'_>, keywords: &[&str]) {
        let mut count = 1;
        while self.words.next(Quotes::Ordinary).is_some() {
            count += 1;
        }
        if self.words.fault.is_some() {
            return;
        }
        let (line, command, end) = (self.line, self.command, self.words.end);
        let quotes = self.words.saw_ordinary_quote;
        if keywords.is_empty() {
            self.tally.add(|| {
                let label = if count == 1 { "1 word too many".to_owned() } else { format!("{count} words too many") };
                Mistake::new(format!("too many words for `{}`", command.name), line.place(first.range.start..end))
                    .label(label)
                    .help(format!("{}{}", quotes_help(command, quotes), command.hint()))
            });
        } else {
            self.tally.add(|| {
                let meant = nearest(first.text, keywords.iter().copied());
                let meant = meant.map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
                let message = format!("{} is not a keyword of `{}`", quoted(first.text), command.name);
                Mistake::new(message, line.place(first.range.clone()))
                    .label(format!("expected {}", keywords.join(" or ")))
                    .help(format!("{meant}{}", command.hint()))
            });
        }
    }

    pub(super) fn report_fault(&mut self, fault: WordFault, range: Range<usize>) {
        let (line, command) = (self.line, self.command);
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
            WordFault::UnknownEscape => {
                ("only \\\" and \\\\ may follow a backslash in quotes", "write \\\\ for a backslash")
            }
        };
        let help = parentheses_help(command, fault);
        self.tally
            .add(|| Mistake::new(message, line.place(range)).label(label).help(format!("{help}{}", command.hint())));
    }
}

/// What to say to those who may have meant a comma or parenthesis as a part of a key or value.
fn parentheses_help<F>(command: &Command<F>, fault: WordFault) -> &'static str {
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
        | WordFault::UnknownEscape => "",
    }
}

fn takes_key_or_value<F>(command: &Command<F>) -> bool {
    command.parameters.iter().any(|parameter| parameter.kind.is_key_or_value())
}

/// What to say to those who put a key or value into quotes.
fn quotes_help<F>(command: &Command<F>, saw_quotes: bool) -> &'static str {
    if saw_quotes && takes_key_or_value(command) {
        "keys and values hold no blanks, and quotes are not special in them\n"
    } else {
        ""
    }
}
