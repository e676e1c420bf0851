//! A command as a line that was put together from parts of a script in another notation, and where each part stands there.
//!
//! What reads lines reads it as any other line, and what it finds wrong is shown where it stands in the script.
//!
//! Deliberately missing: what the parts are.

use std::ops::Range;

use crate::script::invocation::Place;

/// A line, and the place of each of its parts in the script.
///
/// Invariants:
/// 1. There is at least one part once anything asks for a place; parts stand in the order of the line and do not overlap.
/// 2. A part that is [`Reads::AsItStands`] has the same bytes in the script, at its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Composed {
    text: String,
    parts: Vec<Part>,
}

/// How a part of the line reads in the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Byte for byte.
    AsItStands,
    /// Otherwise, over so many columns: with escapes, over several lines, or as something that a line says in its own way.
    Otherwise(usize),
}

#[derive(Clone, Debug)]
struct Part {
    range: Range<usize>,
    place: Place,
    reads: Reads,
}

impl Composed {
    /// Adds a word, with a blank before it if it is not the first one.
    pub(super) fn push(&mut self, text: &str, place: Place, reads: Reads) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.glue(text, place, reads);
    }

    /// Adds a part without a blank before it.
    pub(super) fn glue(&mut self, text: &str, place: Place, reads: Reads) {
        let start = self.text.len();
        self.text.push_str(text);
        self.parts.push(Part { range: start..self.text.len(), place, reads });
    }

    /// Adds another line without a blank before it.
    pub(super) fn append(&mut self, other: Self) {
        let by = self.text.len();
        self.text.push_str(&other.text);
        let moved = |part: Part| Part { range: part.range.start + by..part.range.end + by, ..part };
        self.parts.extend(other.parts.into_iter().map(moved));
    }

    /// The line.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line of the script on which it begins.
    pub(super) fn number(&self) -> usize {
        self.parts.first().map_or(1, |part| part.place.line)
    }

    /// Where the bytes `range` of the line stand in the script: as far as that is one line of it.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        let begins = self.parts.partition_point(|part| part.range.start <= range.start).saturating_sub(1);
        let first = &self.parts[begins];
        // Between two parts stands a blank that the script does not have.
        let first = match self.parts.get(begins + 1) {
            Some(next) if range.start >= first.range.end && next.range.start < range.end => next,
            _ => first,
        };
        let start = first.position(&self.text, range.start.max(first.range.start));
        if range.is_empty() {
            return Place { end: start.start, ..start };
        }
        let ends = self.parts.partition_point(|part| part.range.start < range.end).saturating_sub(1);
        let last = &self.parts[ends];
        let end = match last.place.line == start.line {
            true => last.end_position(range.end),
            false => first.place.end,
        };
        Place { end: end.max(start.start), ..start }
    }
}

impl Part {
    /// The place that begins at the byte `at` of the line `text`, and ends with this part.
    fn position(&self, text: &str, at: usize) -> Place {
        let place = self.place;
        let at = at.min(self.range.end);
        match self.reads {
            Reads::AsItStands => {
                let before = &text[self.range.start..at];
                let column = place.column + before.chars().count();
                Place { column, start: place.start + before.len(), ..place }
            }
            Reads::Otherwise(_) if at < self.range.end => place,
            Reads::Otherwise(columns) => Place { start: place.end, column: place.column + columns, ..place },
        }
    }

    /// The byte of the script's line before which what ends at the byte `at` of the line ends.
    fn end_position(&self, at: usize) -> usize {
        match self.reads {
            Reads::AsItStands => self.place.start + at.min(self.range.end) - self.range.start,
            Reads::Otherwise(_) => self.place.end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `- put: [c1, "\x62", é]` as a line.
    fn example() -> Composed {
        let source = r#"- put: [c1, "\x62", é]"#;
        let place = |text: &str| {
            let start = source.find(text).unwrap();
            Place::within(7, source, start..start + text.len())
        };
        let mut composed = Composed::default();
        composed.push("put", place("put"), Reads::AsItStands);
        composed.push("c1", place("c1"), Reads::AsItStands);
        composed.push("b", place(r#""\x62""#), Reads::Otherwise(6));
        composed.push("é", place("é"), Reads::AsItStands);
        composed
    }

    #[test]
    fn what_is_wrong_in_the_line_is_shown_where_it_stands_in_the_script() {
        let composed = example();
        assert_eq!((composed.text(), composed.number()), ("put c1 b é", 7));
        let place = |range| {
            let Place { line, column, start, end } = composed.place(range);
            (line, column, start, end)
        };
        assert_eq!(place(4..6), (7, 9, 8, 10), "c1");
        assert_eq!(place(5..6), (7, 10, 9, 10), "the 1 of c1");
        assert_eq!(place(7..8), (7, 13, 12, 18), "what has an escape, as a whole");
        assert_eq!(place(9..11), (7, 21, 20, 22), "a letter of two bytes");
        assert_eq!(place(4..11), (7, 9, 8, 22), "several words");
        assert_eq!(place(11..11), (7, 22, 22, 22), "behind the last word");
        assert_eq!(place(6..7), (7, 11, 10, 10), "a blank that the script does not have");
    }
}
