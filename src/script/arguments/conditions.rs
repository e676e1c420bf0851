//! Arguments that say when something happens, and what: conditions, names of operations, commands that others hold.

use crate::script::arguments::ArgumentReader;
use crate::script::excerpt::quoted;
use crate::script::invocation::{Argument, NodeReference};
use crate::script::links::EVERYBODY;
use crate::script::mistake::Mistake;
use crate::script::nearest::nearest;
use crate::script::sending::{DIES, SENDS, Sending, Side, TO};
use crate::script::table::Parameter;
use crate::script::words::{Quotes, Word};

/// What stands between a condition and its command.
const COLON: char = ':';
/// What stands between the name of an operation and its command.
const EQUALS: char = '=';

impl<'r, F> ArgumentReader<'r, F> {
    /// `s1 sends write to s2:`, `s1 dies:`
    pub(super) fn condition(&mut self, parameter: &Parameter, first: &Word<'r>) -> Argument {
        let from = self.one(parameter, first);
        if self.peek().is_some_and(|word| word.text.split(COLON).next() == Some(DIES)) {
            let dies = self.next(Quotes::Ordinary).expect("it was looked at");
            let ends = self.cut_at(COLON, &dies).is_some();
            return from.filter(|_| ends).map_or(Argument::Absent, Argument::Death);
        }
        let sends = match self.next(Quotes::Ordinary) {
            Some(word) if word.text == SENDS => word,
            Some(word) => {
                self.refuse(&word, "stands in the wrong place", &format!("expected `{SENDS}` or `{DIES}`"));
                self.skip_rest();
                return Argument::Absent;
            }
            None => {
                self.report_missing_after(first, SENDS);
                return Argument::Absent;
            }
        };
        let (kind, to) = match self.kind_and_recipient(parameter, &sends, Some(COLON)) {
            Some(read) => read,
            None => return Argument::Absent,
        };
        if let (Some(from), Some(to)) = (&from, &to) {
            self.check_ends(from.name, to.name, first);
        }
        match from {
            Some(from) => Argument::Sending(Sending { from: Some(from), kind, to, side: None }),
            None => Argument::Absent,
        }
    }

    /// `sends write to s2 after`, of which `first` is `sends`.
    pub(super) fn sending_point(&mut self, parameter: &Parameter, first: &Word<'r>) -> Argument {
        if first.text != SENDS {
            self.refuse(first, "stands in the wrong place", &format!("expected `{SENDS}`"));
            self.skip_rest();
            return Argument::Absent;
        }
        let Some((kind, to)) = self.kind_and_recipient(parameter, first, None) else { return Argument::Absent };
        let side = self.peek().and_then(|word| Side::of(word.text));
        if side.is_some() {
            self.next(Quotes::Ordinary);
        }
        Argument::Sending(Sending { from: None, kind, to, side })
    }

    /// The type of a message and whom it is for, behind `sends`; with `end` behind them if there must be one.
    fn kind_and_recipient(
        &mut self,
        parameter: &Parameter,
        sends: &Word<'r>,
        end: Option<char>,
    ) -> Option<(String, Option<NodeReference>)> {
        let Some(kind) = self.next(Quotes::Ordinary) else {
            self.report_missing_after(sends, "TYPE to B");
            return None;
        };
        let to = self.expect(TO, &kind)?;
        let Some(mut recipient) = self.next(Quotes::Ordinary) else {
            self.report_missing_after(&to, "B");
            return None;
        };
        if let Some(end) = end {
            recipient = self.cut_at(end, &recipient)?;
        }
        if recipient.text == EVERYBODY {
            return Some((kind.text.to_owned(), None));
        }
        let recipient = self.one(parameter, &recipient)?;
        Some((kind.text.to_owned(), Some(recipient)))
    }

    /// One node that joined on an earlier line.
    fn one(&mut self, parameter: &Parameter, word: &Word<'_>) -> Option<NodeReference> {
        match self.joined(parameter, None, word) {
            Argument::Node(reference) => Some(reference),
            // What is wrong with it was reported.
            _ => None,
        }
    }

    /// The next word, which must be this one.
    fn expect(&mut self, wanted: &str, before: &Word<'_>) -> Option<Word<'r>> {
        match self.next(Quotes::Ordinary) {
            Some(word) if word.text == wanted => Some(word),
            Some(word) => {
                self.refuse(&word, "stands in the wrong place", &format!("expected `{wanted}`"));
                self.skip_rest();
                None
            }
            None => {
                self.report_missing_after(before, wanted);
                None
            }
        }
    }

    /// What of `word` stands before `end`, which may also be the beginning of the next word. What follows `end` is read
    /// next.
    fn cut_at(&mut self, end: char, word: &Word<'r>) -> Option<Word<'r>> {
        if let Some(length) = word.text.find(end) {
            let start = word.range.start;
            self.words.go_back_to(start + length + end.len_utf8());
            return Some(Word { text: &word.text[..length], range: start..start + length, unquoted: None });
        }
        match self.next(Quotes::Ordinary) {
            Some(behind) if behind.text.starts_with(end) => {
                self.words.go_back_to(behind.range.start + end.len_utf8());
                Some(word.clone())
            }
            Some(behind) => {
                self.refuse(&behind, "stands in the wrong place", &format!("expected `{end}`"));
                self.skip_rest();
                None
            }
            None => {
                self.report_missing_after(word, &end.to_string());
                None
            }
        }
    }

    /// `a =`, of which the name is new.
    pub(super) fn new_operation(&mut self, first: &Word<'r>) -> Argument {
        let Some(name) = self.cut_at(EQUALS, first) else { return Argument::Absent };
        let is_name = name.text.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && name.text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if !is_name {
            self.refuse(&name, "is not a name for an operation", "expected a letter, then letters, digits, _ or -");
            return Argument::Absent;
        }
        if let Some(first) = self.operations.begun(name.text) {
            let (line, command) = (self.line, self.command);
            let console = self.console;
            self.tally.add(|| {
                Mistake::new(format!("{} names two operations", quoted(name.text)), line.place(name.range.clone()))
                    .label("the second one")
                    .help(command.hint_at(console))
                    .also(first, "the first one")
            });
        }
        Argument::Text(name.text.to_owned())
    }

    /// Was an operation of this name begun? If none was, that is reported.
    pub(super) fn has_begun(&mut self, word: &Word<'_>) -> bool {
        let (line, command, operations) = (self.line, self.command, self.operations);
        let console = self.console;
        let has_begun = operations.begun(word.text).is_some();
        if !has_begun {
            self.tally.add(|| {
                let near = nearest(word.text, operations.names());
                let help = near.map_or_else(
                    || "`async NAME = put C KEY VALUE` begins one".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                Mistake::new(format!("no operation {} was begun", quoted(word.text)), line.place(word.range.clone()))
                    .label("not known here")
                    .help(format!("{help}\n{}", command.hint_at(console)))
            });
        }
        has_begun
    }

    /// The name of an operation that was begun, and that nothing has waited for.
    pub(super) fn operation(&mut self, word: &Word<'_>) -> Argument {
        if self.has_begun(word)
            && let Some(first) = self.operations.awaited(word.text)
        {
            let line = self.line;
            self.tally.add(|| {
                Mistake::new(format!("{} was waited for already", quoted(word.text)), line.place(word.range.clone()))
                    .label("the second time")
                    .help("an operation has one answer, which is told once")
                    .also(first, "the first time")
            });
        }
        Argument::Text(word.text.to_owned())
    }
}
