//! The text of a script, and its lines.
//!
//! A source is UTF-8 and at most [`limits::SCRIPT_BYTES`] long. Its lines are numbered from 1 and come without their
//! ends (LF or CRLF) and without a byte order mark.
//!
//! Deliberately missing: reading the file, and the check of characters that only concern a line (`lines` does that).

use crate::base::limits;
use crate::script::invocation::Place;
use crate::script::mistake::{Mistake, Mistakes, Tally};

/// A script's text and where it came from.
#[derive(Clone, Debug)]
pub struct Source {
    /// A path, or `standard input`.
    pub name: String,
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
                Ok(Self { name, text })
            }
            Err(error) => Err(not_utf8(name, error.as_bytes())),
        }
    }

    /// A source without lines, to which a prompt adds those that are typed.
    #[must_use]
    pub fn empty(name: impl Into<String>) -> Self {
        Self { name: name.into(), text: String::new() }
    }

    /// Adds a line at the end; it is given without its end.
    pub fn push_line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.text
            .split_terminator('\n')
            .zip(1..)
            .map(|(text, number)| Line { number, text: text.strip_suffix('\r').unwrap_or(text) })
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// One line of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// From 1.
    pub number: usize,
    /// Without its end.
    pub text: &'t str,
}

impl Line<'_> {
    /// The place of these bytes of the line.
    pub(super) fn place(&self, range: std::ops::Range<usize>) -> Place {
        Place::within(self.number, self.text, range)
    }
}

/// The mistake of a script that is longer than any may be: it points to the line that reaches beyond.
fn too_long(name: String, bytes: &[u8]) -> Mistakes {
    let kept = &bytes[..limits::SCRIPT_BYTES];
    let number = memchr::memchr_iter(b'\n', kept).count() + 1;
    let shown = bytes.len().min(limits::SCRIPT_BYTES + limits::QUOTED_BYTES);
    let source = Source { name, text: String::from_utf8_lossy(&bytes[..shown]).into_owned() };
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
    tally.into_mistakes(&Source { name, text: String::from_utf8_lossy(bytes).into_owned() })
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
