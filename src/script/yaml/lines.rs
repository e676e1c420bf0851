//! The text of a YAML script by its lines: from the parser's spans to places.

use granit_parser::{ScalarStyle, Span};

use crate::script::composed::Reads;
use crate::script::invocation::Place;
use crate::script::yaml::tree::Text;

/// A text, and where its lines begin.
pub(super) struct SourceLines<'t> {
    text: &'t str,
    /// The byte at which each line begins.
    starts: Vec<usize>,
}

impl<'t> SourceLines<'t> {
    /// The lines of `text`.
    pub(super) fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Self { text, starts }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    /// The place that begins with a span and reaches to its end, or to the end of the line.
    pub(super) fn place(&self, span: &Span) -> Place {
        let start = self.byte(span.start.byte_offset());
        let end = self.byte(span.end.byte_offset());
        self.place_of(start, end)
    }

    /// The place of these bytes of the text, as far as they stand on one line.
    pub(super) fn place_of(&self, start: usize, end: usize) -> Place {
        let line = self.starts.partition_point(|&begin| begin <= start) - 1;
        let begin = self.starts[line];
        let text = self.line(line);
        let start = (start - begin).min(text.len());
        let end = (end.max(begin) - begin).clamp(start, text.len());
        let end = start + text[start..end].trim_end().len();
        Place::within(line + 1, text, start..end)
    }

    /// Does something stand before a span on its line?
    pub(super) fn has_something_before(&self, span: &Span) -> bool {
        let place = self.place(span);
        !self.line(place.line - 1)[..place.start].trim().is_empty()
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
            let place = Place::within(place.line, line, inner);
            return Text { text: text.to_owned(), reads: Reads::AsItStands, place };
        }
        let columns = line[place.range()].chars().count();
        Text { text: text.to_owned(), reads: Reads::Otherwise(columns), place }
    }

    /// The line with this index, without its end.
    fn line(&self, index: usize) -> &'t str {
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = &self.text[self.starts[index]..end];
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// A byte of the text that begins a character.
    fn byte(&self, offset: Option<usize>) -> usize {
        let at = offset.unwrap_or(self.text.len()).min(self.text.len());
        (0..=at).rev().find(|&at| self.text.is_char_boundary(at)).unwrap_or(0)
    }
}
