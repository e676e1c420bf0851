//! A line of a golden with holes.

use crate::golden::holes::bindings::Bindings;

/// Behind the last of these in a field a hole may stand.
const SEPARATORS: [char; 2] = [':', '='];
const BLANKS: [char; 2] = [' ', '\t'];
/// What makes a text of a hole.
const ESCAPE: char = '\\';

/// What a line must be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern(Vec<Piece>);

/// A part of a line. A hole is always the end of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Text(String),
    /// Any text without a blank.
    Any,
    /// The text that the name stands for, without a blank.
    Named(String),
}

/// How much a pattern leaves open; where several lines are matched, those that leave least are first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Openness {
    /// Nothing.
    Closed,
    /// What its names stand for.
    Named,
    /// Something.
    Open,
}

impl Pattern {
    /// Reads a line. The error says what is wrong with it, and what would be right.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        for part in parts(unhashed(line)) {
            match read_field(part)? {
                Field::Text(text) => push_text(&mut pieces, &text),
                Field::Hole(before, hole) => {
                    push_text(&mut pieces, before);
                    pieces.push(hole);
                }
            }
        }
        Ok(Self(pieces))
    }

    /// The names that a line gives, if it matches whatever names stand for; a name may have two values in it.
    fn capture<'a>(&'a self, line: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
        let (mut rest, mut values) = (line, Vec::new());
        for piece in &self.0 {
            let field = match piece {
                Piece::Text(text) => {
                    rest = rest.strip_prefix(text.as_str())?;
                    continue;
                }
                Piece::Any | Piece::Named(_) => &rest[..rest.find(BLANKS).unwrap_or(rest.len())],
            };
            if field.is_empty() {
                return None;
            }
            rest = &rest[field.len()..];
            match piece {
                Piece::Named(name) => values.push((name.as_str(), field)),
                Piece::Any | Piece::Text(_) => {}
            }
        }
        rest.is_empty().then_some(values)
    }

    /// Does the line match, whatever names stand for?
    pub(super) fn has_shape_of(&self, line: &str) -> bool {
        self.capture(line).is_some()
    }

    /// Matches a line, and binds the names that stand for nothing so far: those that it has bound. None: it does not match.
    pub(super) fn bind(&self, line: &str, number: usize, bindings: &mut Bindings) -> Option<Vec<String>> {
        let values = self.capture(line)?;
        let first = |name: &str| values.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        let is_same = |(name, value): &(&str, &str)| bindings.value(name).or_else(|| first(name)) == Some(*value);
        if !values.iter().all(is_same) {
            return None;
        }
        let new: Vec<_> = values.into_iter().filter(|(name, _)| bindings.value(name).is_none()).collect();
        let names = new.iter().map(|(name, _)| (*name).to_owned()).collect();
        bindings.bind(new, number);
        Some(names)
    }

    /// The only text that matches, if it has no hole.
    pub(super) fn text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The names in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Named(name) => Some(name.as_str()),
            Piece::Text(_) | Piece::Any => None,
        })
    }

    pub(super) fn openness(&self) -> Openness {
        let of = |piece: &Piece| match piece {
            Piece::Text(_) => Openness::Closed,
            Piece::Named(_) => Openness::Named,
            Piece::Any => Openness::Open,
        };
        self.0.iter().map(of).max().unwrap_or(Openness::Closed)
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(text),
        Some(Piece::Any | Piece::Named(_)) | None => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// The line of a golden with holes that only this line matches.
pub(super) fn escaped(line: &str) -> String {
    let text: String = parts(line).map(escaped_field).collect();
    match text.trim_start_matches(ESCAPE).starts_with('#') {
        true => format!("{ESCAPE}{text}"),
        false => text,
    }
}

/// A line without the escape of its first `#`.
fn unhashed(line: &str) -> &str {
    let is_hash = line.trim_start_matches(ESCAPE).starts_with('#');
    line.strip_prefix(ESCAPE).filter(|_| is_hash).unwrap_or(line)
}

/// The fields of a line, and the blanks between them.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let is_blank = BLANKS.contains(&rest.chars().next()?);
        let end = rest.find(|letter| BLANKS.contains(&letter) != is_blank).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        rest = behind;
        Some(part)
    })
}

/// A field of a line.
#[derive(Debug, PartialEq, Eq)]
enum Field<'a> {
    Text(String),
    /// A hole, and what stands before it.
    Hole(&'a str, Piece),
}

fn read_field(field: &str) -> Result<Field<'_>, String> {
    let (before, behind) = field.split_at(field.rfind(SEPARATORS).map_or(0, |at| at + 1));
    for (before, text) in [("", field), (before, behind)] {
        if let Some(hole) = read_hole(text)? {
            return Ok(Field::Hole(before, hole));
        }
        if is_escaped(text) {
            return Ok(Field::Text(format!("{before}{}", &text[1..])));
        }
    }
    Ok(Field::Text(field.to_owned()))
}

fn read_hole(text: &str) -> Result<Option<Piece>, String> {
    if text == "*" {
        return Ok(Some(Piece::Any));
    }
    let Some(name) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else { return Ok(None) };
    let is_name = name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    match is_name {
        true => Ok(Some(Piece::Named(name.to_owned()))),
        false => Err(format!(
            "`{text}` is no hole, for a name is a small letter and then small letters, digits and `_`; the text `{text}` is \
             written `{ESCAPE}{text}`"
        )),
    }
}

/// Does it look like a hole but for the escapes before it, one or more?
fn is_escaped(text: &str) -> bool {
    let bare = text.trim_start_matches(ESCAPE);
    bare.len() < text.len() && (bare == "*" || bare.starts_with('{') && bare.ends_with('}'))
}

fn escaped_field(field: &str) -> String {
    if read_field(field) == Ok(Field::Text(field.to_owned())) {
        return field.to_owned();
    }
    let looks_like_hole = |text: &str| is_escaped(text) || read_hole(text) != Ok(None);
    let start = if looks_like_hole(field) { 0 } else { field.rfind(SEPARATORS).map_or(0, |at| at + 1) };
    let (before, behind) = field.split_at(start);
    format!("{before}{ESCAPE}{behind}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, line: &str) -> bool {
        Pattern::read(pattern).unwrap().bind(line, 1, &mut Bindings::default()).is_some()
    }

    #[test]
    fn a_hole_is_a_field_or_its_end() {
        assert!(matches("* put 2 a 1", "0.004000 put 2 a 1"));
        assert!(!matches("* put 2 a 1", "put 2 a 1"));
        assert!(!matches("* put", "0 1 put"));
        assert!(matches("  = s1 id:*", "  = s1 id:abc:d"));
        assert!(!matches("  = s1 id:*", "  = s1 id:"));
        assert!(!matches("id:*", "it:a"));
        assert!(matches("leader={leader}", "leader=s1"));
        assert!(!matches("a  b", "a b"));
        assert!(!matches("* a", "x a "));
        assert!(matches("a* x*y", "a* x*y"));
        assert!(!matches("a*", "ab"));
    }

    #[test]
    fn a_name_stands_for_one_text() {
        assert!(matches("{a} {b} {a}", "1 2 1"));
        assert!(!matches("{a} {b} {a}", "1 2 2"));
        assert!(matches("{a} {b}", "1 1"));
    }

    #[test]
    fn an_escape_makes_a_text_of_a_hole() {
        assert!(matches("\\* k:\\* \\{a}", "* k:* {a}"));
        assert!(!matches("\\*", "x"));
        assert!(matches("\\#a", "#a"));
        assert!(matches("{'a': {b", "{'a': {b"));
        assert_eq!(
            Pattern::read("x {A}").unwrap_err(),
            "`{A}` is no hole, for a name is a small letter and then small letters, digits and `_`; the text `{A}` is written \
             `\\{A}`"
        );
        assert!(Pattern::read("k:{}").is_err());
    }

    proptest! {
        #[test]
        fn only_the_line_itself_matches_an_escaped_line(
            line in "[a#*{}:=\\\\ ]{0,12}", other in "[a#*{}:=\\\\ ]{0,12}",
        ) {
            let pattern = Pattern::read(&escaped(&line)).unwrap();
            prop_assert_eq!(pattern.openness(), Openness::Closed);
            prop_assert!(pattern.has_shape_of(&line));
            prop_assert_eq!(pattern.has_shape_of(&other), line == other);
            prop_assert!(!escaped(&line).starts_with('#'));
        }
    }
}
