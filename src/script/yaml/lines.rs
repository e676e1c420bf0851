//! The text of a YAML script by its lines: from the parser's spans to places.

use std::cell::Cell;
use std::ops::Range;

use granit_parser::{ScalarStyle, Span};

use crate::script::composed::Reads;
use crate::script::invocation::Place;
use crate::script::yaml::tree::{Comment, Text};

/// A text, and where its lines begin.
pub(super) struct SourceLines<'t> {
    text: &'t str,
    /// The byte at which each line begins.
    starts: Vec<usize>,
    /// The byte behind the last character that is no blank.
    end: usize,
    /// The last place that was asked for. Columns are counted from there: from the beginning of a long line, each of its many
    /// nodes would cost as much as the line.
    last: Cell<Known>,
}

/// A byte of a line and its column.
#[derive(Clone, Copy, Default)]
struct Known {
    line: usize,
    byte: usize,
    column: usize,
}

impl<'t> SourceLines<'t> {
    /// The lines of `text`.
    pub(super) fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Self { text, starts, end: text.trim_end().len(), last: Cell::default() }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The place that begins with a span and reaches to its end, or to the end of the line.
    pub(super) fn place(&self, span: &Span) -> Place {
        let start = self.byte(span.start.byte_offset());
        let end = self.byte(span.end.byte_offset());
        let line = self.starts.partition_point(|&begin| begin <= start) - 1;
        let begin = self.starts[line];
        let text = self.line(line);
        let start = (start - begin).min(text.len());
        let end = (end.max(begin) - begin).clamp(start, text.len());
        let end = start + text[start..end].trim_end().len();
        self.within(line, start..end)
    }

    /// The place of these bytes of the line with this index.
    fn within(&self, line: usize, range: Range<usize>) -> Place {
        let text = self.line(line);
        let from =
            Some(self.last.get()).filter(|known| known.line == line).unwrap_or(Known { line, byte: 0, column: 0 });
        let characters = |bytes: Range<usize>| text[bytes].chars().count();
        let column = match range.start >= from.byte {
            true => from.column + characters(from.byte..range.start),
            false => from.column - characters(range.start..from.byte),
        };
        self.last.set(Known { line, byte: range.start, column });
        Place { line: line + 1, column: column + 1, start: range.start, end: range.end }
    }

    /// The first tab on the line of a place, up to it.
    pub(super) fn tab_at(&self, place: Place) -> Place {
        let upto = &self.line(place.line - 1)[..place.start];
        upto.find('\t').map_or(place, |at| self.within(place.line - 1, at..at + 1))
    }

    /// Does the line of a place begin with `-` and something at once behind it?
    pub(super) fn is_glued_dash(&self, place: Place) -> bool {
        let line = self.line(place.line - 1).trim_start();
        line.strip_prefix('-').is_some_and(|behind| behind.starts_with(|letter: char| letter.is_alphabetic()))
    }

    /// What is written at a place.
    pub(super) fn written(&self, place: Place) -> &'t str {
        &self.line(place.line - 1)[place.range()]
    }

    /// Does something stand before a span on its line?
    pub(super) fn has_something_before(&self, span: &Span) -> bool {
        let place = self.place(span);
        !self.line(place.line - 1)[..place.start].trim().is_empty()
    }

    /// Comments, in the order in which they stand, and blank lines between them, each with the number of its line.
    pub(super) fn remarks<'c>(&self, comments: &'c [Comment]) -> impl Iterator<Item = (usize, Option<&'c Comment>)> {
        let blank = (0..self.starts.len().saturating_sub(1)).filter(|&index| self.line(index).trim().is_empty());
        let mut remarks: Vec<_> = comments.iter().map(|comment| (comment.line, Some(comment))).collect();
        remarks.extend(blank.map(|index| (index + 1, None)));
        remarks.sort_by_key(|(line, _)| *line);
        remarks.into_iter()
    }

    /// A scalar that says `text`, with the place of what stands between its quotes if that is the text byte for byte.
    pub(super) fn text_of(&self, text: &str, style: ScalarStyle, span: &Span) -> Text {
        let place = self.place(span);
        let quote = match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
            _ => 0,
        };
        let inner = place.start + quote..place.start + quote + text.len();
        let line = self.line(place.line - 1);
        if line.get(inner.clone()) == Some(text) {
            let place = self.within(place.line - 1, inner);
            return Text { text: text.to_owned(), reads: Reads::AsItStands, place };
        }
        let columns = self.written(place).chars().count();
        Text { text: text.to_owned(), reads: Reads::Otherwise(columns), place }
    }

    /// The line with this index, without its end.
    fn line(&self, index: usize) -> &'t str {
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = &self.text[self.starts[index]..end];
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// A byte of the text that begins a character. What is missing at the end is missing behind the last character, and not on
    /// a line that there is not.
    fn byte(&self, offset: Option<usize>) -> usize {
        let at = offset.unwrap_or(self.end).min(self.end);
        (0..=at).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }
}
