//! The words of one line: `name a b` and `name(a, b)`, comments, and texts in quotes.
//!
//! Words are pulled one after the other, because only the parameter that a word is for says whether quotes are special
//! in it. The first thing that is wrong with the writing itself is kept as the line's fault, and reading goes on, so
//! that the words after it are checked as well.
//!
//! Deliberately missing: what the words mean.

use std::ops::Range;

use crate::store::Value;
use crate::store::literal::{self, Flaw, Misread};

/// The name at the beginning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head<'l> {
    /// The name as typed.
    pub(super) name: &'l str,
    /// Its bytes within the line.
    pub(super) range: Range<usize>,
}

impl<'l> Head<'l> {
    /// The name that a line begins with; none if it is blank or a comment.
    pub(super) fn of(line: &'l str) -> Option<Self> {
        Self::behind(line, 0)
    }

    /// The name that stands first in a line behind the byte `at`.
    pub(super) fn behind(line: &'l str, at: usize) -> Option<Self> {
        let start = line.len() - line[at..].trim_start_matches(BLANKS).len();
        let rest = &line[start..];
        if rest.is_empty() || begins_comment(rest) {
            return None;
        }
        // This one needs no blank behind it.
        if rest.starts_with(MUST_FAIL) {
            return Some(Self { name: &rest[..MUST_FAIL.len()], range: start..start + MUST_FAIL.len() });
        }
        // A parenthesis at the very beginning has no name before it, and is read as part of the name.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = rest[first..].find([' ', '\t', '(']).map_or(rest.len(), |at| first + at);
        Some(Self { name: &rest[..length], range: start..start + length })
    }
}

/// One word after the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word<'l> {
    /// As it stands, quotes included.
    pub(super) text: &'l str,
    /// Its bytes within the line.
    pub(super) range: Range<usize>,
    /// What stands between its quotes, escapes resolved, if quotes were special and it has them.
    pub(super) unquoted: Option<String>,
}

/// What a double quote at the beginning of a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// A character as any other.
    Ordinary,
    /// The beginning of a text that ends with another one.
    Special,
}

/// What can be wrong with the writing of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WordFault {
    /// `put (2, a, 1)`
    BlankBeforeParenthesis,
    /// `put(2, a, 1`
    MissingParenthesis,
    /// `put(2, a, 1) 4`
    SurplusAfterParenthesis,
    /// `put(2, , 1)`
    MissingWord,
    /// `put(2 a, 1)`
    MissingComma,
    /// `run "a`
    MissingQuote,
    /// `run "a"b`
    MissingBlank,
    /// `run "\a"`
    UnknownEscape,
    /// What stands in place of a literal is none.
    Literal(Flaw),
}

/// The words after the name, one at a time.
#[derive(Clone, Debug)]
pub(super) struct Words<'l> {
    line: &'l str,
    at: usize,
    form: Form,
    /// Where the last word, or the name, ends.
    pub(super) end: usize,
    /// A word that is not a text in quotes began with a quote.
    pub(super) saw_ordinary_quote: bool,
    /// The first thing that is wrong with the writing, and where.
    pub(super) fault: Option<(WordFault, Range<usize>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Blanks separate.
    Plain,
    /// Within the parentheses: commas separate. Before the first word, or after a word without comma.
    List,
    /// The same, after a comma.
    ListAfterComma,
    /// After the closing parenthesis, or where it should have been.
    Closed,
}

impl<'l> Words<'l> {
    /// Passes what lies before the byte `at`, if that is the second word of a name.
    pub(super) fn pass_name(&mut self, at: usize) {
        if self.at < at {
            self.next(Quotes::Ordinary);
        }
    }

    /// The words after the name `head`; `parenthesis` says what one after a blank means.
    pub(super) fn after(line: &'l str, head: &Head<'_>, parenthesis: SeparateParenthesis) -> Self {
        let end = head.range.end;
        let mut words = Self { line, at: end, form: Form::Plain, end, saw_ordinary_quote: false, fault: None };
        let at_once = words.rest().starts_with('(');
        words.skip_blanks();
        if words.rest().starts_with('(') && (at_once || parenthesis == SeparateParenthesis::Fault) {
            if !at_once {
                words.note(WordFault::BlankBeforeParenthesis, words.at..words.at + 1);
            }
            words.at += 1;
            words.form = Form::List;
        }
        words
    }

    /// The next word.
    pub(super) fn next(&mut self, quotes: Quotes) -> Option<Word<'l>> {
        self.next_by(|words| words.take(quotes))
    }

    /// The next word, which is a literal of Python, or a name in place of one: then it has no value. Anything else is a
    /// fault.
    pub(super) fn next_literal(&mut self) -> Option<(Word<'l>, Option<Value>)> {
        self.next_by(Self::take_literal)
    }

    /// What `take` takes where the next word begins.
    fn next_by<T>(&mut self, take: impl Fn(&mut Self) -> T) -> Option<T> {
        match self.form {
            Form::Plain => self.next_plain(take),
            Form::List | Form::ListAfterComma => self.next_listed(take),
            Form::Closed => None,
        }
    }

    /// Do blanks separate the words?
    pub(super) fn are_plain(&self) -> bool {
        self.form == Form::Plain
    }

    /// The byte behind the last word.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Reads again from this byte within the last word on.
    pub(super) fn go_back_to(&mut self, at: usize) {
        self.at = at;
    }

    fn next_plain<T>(&mut self, take: impl Fn(&mut Self) -> T) -> Option<T> {
        self.skip_blanks();
        if self.at_end() { None } else { Some(take(self)) }
    }

    fn next_listed<T>(&mut self, take: impl Fn(&mut Self) -> T) -> Option<T> {
        loop {
            self.skip_blanks();
            if self.at_end() {
                self.note(WordFault::MissingParenthesis, self.end..self.end);
                self.form = Form::Closed;
                return None;
            }
            let here = self.at..self.at + 1;
            if self.rest().starts_with(')') {
                if self.form == Form::ListAfterComma {
                    self.note(WordFault::MissingWord, here);
                }
                self.close();
                return None;
            }
            if !self.rest().starts_with(',') {
                let word = take(self);
                if self.form == Form::Closed {
                    return Some(word);
                }
                self.take_separator();
                return Some(word);
            }
            self.note(WordFault::MissingWord, here);
            self.at += 1;
            self.form = Form::ListAfterComma;
        }
    }

    /// What must stand after a word within parentheses.
    fn take_separator(&mut self) {
        self.form = Form::List;
        self.skip_blanks();
        if self.rest().starts_with(',') {
            self.at += 1;
            self.form = Form::ListAfterComma;
        } else if self.rest().starts_with(')') {
            self.close();
        } else if !self.at_end() {
            let length = self.rest().find([' ', '\t', ',', ')']).unwrap_or(self.rest().len());
            self.note(WordFault::MissingComma, self.at..self.at + length);
        }
    }

    /// Passes the closing parenthesis, after which only a comment may stand.
    fn close(&mut self) {
        self.at += 1;
        self.form = Form::Closed;
        let after = self.at;
        self.skip_blanks();
        let glued = self.at == after && !self.rest().is_empty();
        if glued || !self.at_end() {
            self.note(WordFault::SurplusAfterParenthesis, self.at..self.line.trim_end_matches(BLANKS).len());
        }
    }

    /// The word that begins here.
    fn take(&mut self, quotes: Quotes) -> Word<'l> {
        let start = self.at;
        let opens = self.rest().starts_with('"');
        let unquoted = if opens && quotes == Quotes::Special { Some(self.take_quoted()) } else { None };
        self.saw_ordinary_quote |= opens && unquoted.is_none();
        let glued = self.word_length();
        if unquoted.is_some() && glued > 0 {
            self.note(WordFault::MissingBlank, self.at..self.at + glued);
        }
        self.at += glued;
        self.end = self.at;
        Word { text: &self.line[start..self.at], range: start..self.at, unquoted }
    }

    /// The literal that begins here; its blanks, commas and parentheses are its own.
    fn take_literal(&mut self) -> (Word<'l>, Option<Value>) {
        let start = self.at;
        let value = match literal::read(self.rest()) {
            Ok((literal, length)) => {
                self.at += length;
                let glued = self.word_length();
                if glued > 0 {
                    self.note(WordFault::Literal(Flaw::Behind), self.at..self.at + glued);
                }
                self.at += glued;
                Some(literal.value())
            }
            Err(Misread { flaw: Flaw::Name(_), range }) if range.start == 0 => {
                self.at += self.word_length();
                None
            }
            Err(Misread { flaw, range }) => {
                self.note(WordFault::Literal(flaw), start + range.start..start + range.end);
                self.at = self.line.trim_end_matches(BLANKS).len();
                self.form = Form::Closed;
                None
            }
        };
        self.end = self.at;
        (Word { text: &self.line[start..self.at], range: start..self.at, unquoted: None }, value)
    }

    /// How far the word reaches from here.
    fn word_length(&self) -> usize {
        let rest = self.rest();
        match self.form {
            Form::Plain => rest.find(BLANKS),
            Form::List | Form::ListAfterComma | Form::Closed => rest.find([' ', '\t', ',', ')']),
        }
        .unwrap_or(rest.len())
    }

    /// What stands between the quote here and the next one that is not escaped.
    fn take_quoted(&mut self) -> String {
        let start = self.at;
        let mut text = String::new();
        let mut letters = self.line[start + 1..].char_indices().map(|(at, letter)| (start + 1 + at, letter));
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at = at + 1;
                    return text;
                }
                '\\' => match letters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((after, other)) => self.note(WordFault::UnknownEscape, at..after + other.len_utf8()),
                    None => {}
                },
                other => text.push(other),
            }
        }
        self.at = self.line.len();
        self.note(WordFault::MissingQuote, start..self.line.trim_end_matches(BLANKS).len());
        text
    }

    /// Is there nothing more but a comment? Asked only at the beginning of a word.
    fn at_end(&self) -> bool {
        self.rest().is_empty() || begins_comment(self.rest())
    }

    fn skip_blanks(&mut self) {
        self.at = self.line.len() - self.rest().trim_start_matches(BLANKS).len();
    }

    fn rest(&self) -> &'l str {
        &self.line[self.at..]
    }

    fn note(&mut self, fault: WordFault, range: Range<usize>) {
        self.fault.get_or_insert((fault, range));
    }
}

/// What a parenthesis after the name and a blank means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SeparateParenthesis {
    /// It begins a word: a key or a value may.
    Word,
    /// It should have followed the name at once.
    Fault,
}

/// A command that must fail begins with it.
const MUST_FAIL: &str = "!";
/// What separates words.
const BLANKS: [char; 2] = [' ', '\t'];

/// A comment begins where a word would begin with one of these. (So no word of either form begins with them.)
fn begins_comment(rest: &str) -> bool {
    rest.starts_with('#') || rest.starts_with("//")
}
