//! Lines of a golden, and how they are shown: nothing in them moves a cursor, and nothing in them is invisible.

/// What stands for a blank at the end of a line.
const TRAILING_BLANK: char = '·';
/// How many characters of a line are shown.
const WIDTH: usize = 300;

/// The lines of a text, each with its line break.
pub(super) fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A line as it is shown, without its line break.
pub(super) fn visible(line: &str) -> String {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let text = line.trim_end_matches(' ');
    let mut shown = String::new();
    let mut letters = text.chars().chain(std::iter::repeat_n(TRAILING_BLANK, line.len() - text.len()));
    for letter in letters.by_ref().take(WIDTH) {
        if is_harmless(letter) {
            shown.push(letter);
        } else {
            shown.extend(letter.escape_default());
        }
    }
    match letters.count() {
        0 => shown,
        more => format!("{shown}… {more} more characters"),
    }
}

/// Text of several lines as it is shown.
pub(super) fn visible_text(text: &str) -> Vec<String> {
    lines(text).into_iter().map(visible).collect()
}

/// Does a terminal just draw it? Control characters, and those that turn the direction of a text, are escaped.
fn is_harmless(letter: char) -> bool {
    let turns =
        matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !letter.is_control() && !turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(visible("a b\n"), "a b");
        assert_eq!(visible("a  \n"), "a··");
        assert_eq!(visible("a\r\n"), "a\\r");
        assert_eq!(visible("\x1b[2J\ta\u{202e}é"), "\\u{1b}[2J\\ta\\u{202e}é");
        assert_eq!(visible(&"x".repeat(302)), format!("{}… 2 more characters", "x".repeat(300)));
    }
}
