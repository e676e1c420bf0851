//! The text of a script, and its lines.
//!
//! A source is UTF-8 and at most [`limits::SCRIPT_BYTES`] long. Its lines are numbered from 1 and come without their
//! ends (LF or CRLF) and without a byte order mark.
//!
//! Deliberately missing: reading the file, and the check of characters that only concern a line (`lines` does that).

use std::ops::Range;

use crate::base::limits;
use crate::script::composed::Composed;
use crate::script::consoles::Console;
use crate::script::invocation::Place;
use crate::script::mistake::{Mistake, Mistakes, Tally};
use crate::script::notation::Notation;
use crate::script::table::Command;
use crate::script::yaml::hint_in_yaml;

/// A script's text and where it came from.
#[derive(Clone, Debug)]
pub struct Source {
    /// A path, or `standard input`.
    pub name: String,
    /// How it is written: as its text looks, unless the user says otherwise.
    pub notation: Notation,
    text: String,
}

impl Source {
    /// The script that these bytes are.
    ///
    /// # Errors
    /// If it is too long, or not UTF-8: then the first such byte of each line is reported.
    pub fn from_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Mistakes> {
        let name = name.into();
        if bytes.len() > limits::SCRIPT_BYTES {
            return Err(too_long(name, &bytes));
        }
        match String::from_utf8(bytes) {
            Ok(mut text) => {
                if text.starts_with(BYTE_ORDER_MARK) {
                    text.drain(..BYTE_ORDER_MARK.len_utf8());
                }
                let notation = Notation::of_file(&name, &text);
                Ok(Self { name, notation, text })
            }
            Err(error) => Err(not_utf8(name, error.as_bytes())),
        }
    }

    /// A source without lines, to which a prompt adds those that are typed.
    #[must_use]
    pub fn empty(name: impl Into<String>) -> Self {
        Self { name: name.into(), notation: Notation::Lines, text: String::new() }
    }

    /// Adds a line at the end; it is given without its end.
    pub fn push_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The whole text.
    #[must_use]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.text
            .split_terminator('\n')
            .zip(1..)
            .map(|(text, number)| Line::of_script(number, text.strip_suffix('\r').unwrap_or(text)))
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// One command of a script as a line.
#[derive(Clone, Copy, Debug)]
pub struct Line<'t> {
    /// The line of the script that it begins on, from 1.
    pub number: usize,
    /// Without its end.
    pub text: &'t str,
    writing: Writing<'t>,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
enum Writing<'t> {
    /// In a script.
    Script,
    /// In a script in another notation, out of which it was put together.
    Composed(&'t Composed),
    /// At the console of a node by hand.
    ByHand,
}

/// What makes a node one that a line may name, in words.
#[derive(Debug)]
pub(super) struct Belonging {
    /// `no server 7 …`
    pub(super) is: &'static str,
    /// `no server …`
    pub(super) none_is: &'static str,
    /// `the only server … is s1`
    pub(super) one: &'static str,
    /// `the servers … are s1, s2`
    pub(super) several: &'static str,
}

/// In a script nodes come and go.
const JOINED: Belonging = Belonging {
    is: "has joined",
    none_is: "has joined before this line",
    one: "that has joined",
    several: "that have joined",
};
/// By hand they are given.
const IN_THE_CLUSTER: Belonging = Belonging {
    is: "is in the cluster",
    none_is: "is in the cluster",
    one: "in the cluster",
    several: "in the cluster",
};

impl<'t> Line<'t> {
    /// The line of a script that has this number, from 1; `text` is without its end.
    pub(super) fn of_script(number: usize, text: &'t str) -> Self {
        Self { number, text, writing: Writing::Script }
    }

    /// The line of a console by hand that has this number, from 1; `text` is without its end.
    pub(super) fn by_hand(number: usize, text: &'t str) -> Self {
        Self { number, text, writing: Writing::ByHand }
    }

    /// Is it typed by hand?
    pub(super) fn is_by_hand(&self) -> bool {
        matches!(self.writing, Writing::ByHand)
    }

    /// How it is said of nodes that this line may name them.
    pub(super) fn belonging(&self) -> &'static Belonging {
        match self.writing {
            Writing::Script | Writing::Composed(_) => &JOINED,
            Writing::ByHand => &IN_THE_CLUSTER,
        }
    }

    /// What a script says in another notation, as a line.
    pub(super) fn of_composed(composed: &'t Composed) -> Self {
        Self { number: composed.number(), text: composed.text(), writing: Writing::Composed(composed) }
    }

    /// The same line with another text, whose places are never shown.
    pub(super) fn with_text(self, text: &'t str) -> Self {
        Self { text, writing: Writing::Script, ..self }
    }

    /// The place of these bytes of the line.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        match self.writing {
            Writing::Script | Writing::ByHand => Place::within(self.number, self.text, range),
            Writing::Composed(composed) => composed.place(range),
        }
    }

    /// What every help for a mistake in `command` ends with, where it stands in a script like this line.
    pub(super) fn hint<F>(&self, command: &Command<F>) -> String {
        match self.writing {
            Writing::Script | Writing::ByHand => command.hint(),
            Writing::Composed(_) => hint_in_yaml(command),
        }
    }

    /// The same, where it is typed at a console.
    pub(super) fn hint_at<F>(&self, command: &Command<F>, console: Option<Console>) -> String {
        match (console, self.writing) {
            (None, _) => self.hint(command),
            (Some(console), Writing::ByHand) => command.hint_by_hand(console),
            (Some(console), Writing::Script | Writing::Composed(_)) => command.hint_at(console),
        }
    }
}

/// The mistake of a script that is longer than any may be: it points to the line that reaches beyond.
fn too_long(name: String, bytes: &[u8]) -> Mistakes {
    let kept = &bytes[..limits::SCRIPT_BYTES];
    let number = memchr::memchr_iter(b'\n', kept).count() + 1;
    let shown = bytes.len().min(limits::SCRIPT_BYTES + limits::QUOTED_BYTES);
    let text = String::from_utf8_lossy(&bytes[..shown]).into_owned();
    let source = Source { name, notation: Notation::Lines, text };
    let place = Place { line: number, column: 1, start: 0, end: 0 };
    let message = format!("the script is longer than {} bytes", limits::SCRIPT_BYTES);
    // How long it is nobody knows: it is not read beyond the limit.
    let mistake = Mistake::new(message, place)
        .label("the limit is reached on this line")
        .help(format!("split it into scripts of at most {} bytes", limits::SCRIPT_BYTES));
    Mistakes::gather(&source, vec![mistake])
}

/// The mistakes of a script that is not UTF-8: the first wrong byte of each line.
fn not_utf8(name: String, bytes: &[u8]) -> Mistakes {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut tally = Tally::default();
    for (line, number) in bytes.split(|&byte| byte == b'\n').zip(1..) {
        let Err(error) = std::str::from_utf8(line) else { continue };
        let start = error.valid_up_to();
        tally.add(|| wrong_byte(number, line, start));
    }
    // Reading invalid parts as U+FFFD changes neither the ends of lines nor what stands before the first such part.
    let text = String::from_utf8_lossy(bytes).into_owned();
    tally.into_mistakes(&Source { name, notation: Notation::Lines, text })
}

fn wrong_byte(number: usize, line: &[u8], start: usize) -> Mistake {
    let valid = std::str::from_utf8(&line[..start]).expect("checked up to here");
    let place = Place {
        line: number,
        column: valid.chars().count() + 1,
        start,
        end: start + char::REPLACEMENT_CHARACTER.len_utf8(),
    };
    Mistake::new(format!("the byte 0x{:02X} is not UTF-8", line[start]), place)
        .label("this is no character")
        .help("scripts are text in UTF-8; save the file in that encoding")
}
