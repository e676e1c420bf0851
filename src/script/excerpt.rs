//! The part of a line that is shown with a mistake.
//!
//! A line of at most [`WIDTH`] characters is shown whole; of a longer one, that many around the marked bytes, with `…`
//! where something is left out. The work depends on the width, not on the line.
//!
//! Deliberately missing: the caret, and how tabs and control characters are drawn.

use std::ops::Range;

/// How many characters of a line are shown.
const WIDTH: usize = 120;
/// How many of them stand before the marked ones, if the line is longer.
const BEFORE: usize = 30;
/// What stands for that which is left out.
const ELLIPSIS: &str = "…";
/// How many characters of a word are shown in a message.
const WORD_WIDTH: usize = 40;

/// A part of a line, and the marked bytes in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) marked: Range<usize>,
}

impl Excerpt {
    /// What is shown of `line` when `marked` is marked. Bytes that are not of the line mark its beginning.
    pub(super) fn of(line: &str, marked: Range<usize>) -> Self {
        let marked = if line.get(marked.clone()).is_some() { marked } else { 0..0 };
        let (before, after) = line.split_at(marked.start);
        let least_before = before.chars().rev().take(BEFORE).count();
        let (after_end, after_count) = first_characters(after, WIDTH - least_before);
        let start = last_characters(before, WIDTH - after_count);
        let end = marked.start + after_end;

        let ellipsis = |needed: bool| if needed { ELLIPSIS } else { "" };
        let upto = marked.end.min(end);
        let mut text = ellipsis(start > 0).to_owned();
        text.extend(line[start..marked.start].chars().map(visible));
        let begin = text.len();
        text.extend(line[marked.start..upto].chars().map(visible));
        let marked = begin..text.len();
        text.extend(line[upto..end].chars().map(visible));
        text.push_str(ellipsis(end < line.len()));
        Self { text, marked }
    }
}

/// The drawing shows tabs and most control characters as something harmless, but not those above U+007F.
fn visible(letter: char) -> char {
    if letter.is_control() && !letter.is_ascii() { char::REPLACEMENT_CHARACTER } else { letter }
}

/// A word in backquotes, shortened in the middle of a message.
pub(super) fn quoted(word: &str) -> String {
    let (end, _) = first_characters(word, WORD_WIDTH);
    let more = if end < word.len() { ELLIPSIS } else { "" };
    format!("`{}{more}`", &word[..end])
}

/// Where the first `most` characters of `text` end, and how many there are.
fn first_characters(text: &str, most: usize) -> (usize, usize) {
    text.chars().take(most).fold((0, 0), |(bytes, count), letter| (bytes + letter.len_utf8(), count + 1))
}

/// Where the last `most` characters of `text` begin.
fn last_characters(text: &str, most: usize) -> usize {
    text.len() - text.chars().rev().take(most).map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_shown_whole() {
        let line = "é".repeat(WIDTH);
        for start in 0..=WIDTH {
            let marked = start * 2..WIDTH * 2;
            assert_eq!(Excerpt::of(&line, marked.clone()), Excerpt { text: line.clone(), marked });
        }
    }

    #[test]
    fn a_long_line_is_shortened_around_what_is_marked() {
        for at in [0, 10, 500, 990, 1_000] {
            let line = format!("{}é→{}", "a".repeat(at), "ö".repeat(1_000 - at));
            let excerpt = Excerpt::of(&line, at..at + "é→".len());
            assert_eq!(&excerpt.text[excerpt.marked.clone()], "é→");
            assert!(excerpt.text.chars().count() <= WIDTH + 2, "{at}");
            assert_eq!(excerpt.text.starts_with(ELLIPSIS), at > 118, "{at}");
        }
    }

    #[test]
    fn a_long_marked_part_is_marked_as_far_as_it_is_shown() {
        let line = "x".repeat(100_000);
        let excerpt = Excerpt::of(&line, 50_000..100_000);
        assert_eq!(excerpt.text, format!("…{}…", "x".repeat(WIDTH)));
        assert_eq!(excerpt.marked, ELLIPSIS.len() + BEFORE..ELLIPSIS.len() + WIDTH);
    }

    #[test]
    fn a_long_word_is_shortened() {
        assert_eq!(quoted("put"), "`put`");
        assert_eq!(quoted(&"ü".repeat(50)), format!("`{}…`", "ü".repeat(40)));
    }
}
