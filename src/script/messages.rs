//! Which messages a command is about: all on some links, those of one type, or only the next so many.
//!
//! ```text
//! 0 -> 1                  every message from 0 to 1
//! write 0 -> 1            those of the type `write`
//! next 2 write 0 -> 1     the next two of these
//! ```
//!
//! Deliberately missing: what becomes of them.

use std::fmt;

use crate::script::links::Links;

/// The messages that a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// Only the next so many, on each direction of each link; at least 1.
    pub next: Option<u64>,
    /// Only those of this type.
    pub kind: Option<String>,
    /// The links that they are sent on.
    pub links: Links,
}

/// The word before how many.
pub(super) const NEXT: &str = "next";

/// As a script writes it; how many are meant always stands there, so that it is not taken for a node.
impl fmt::Display for Messages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(next) = self.next {
            write!(formatter, "{NEXT} {next} ")?;
        }
        if let Some(kind) = &self.kind {
            write!(formatter, "{kind} ")?;
        }
        write!(formatter, "{}", self.links)
    }
}

/// Can this word be a message's type where it may also be the end of a link? Words that look like ids are ids, with
/// whatever is wrong with them.
pub(super) fn may_be_a_type(word: &str) -> bool {
    let mut letters = word.chars();
    let looks_like_an_id = |word: &str| {
        let number = word.strip_prefix(['s', 'c']).unwrap_or(word);
        number.starts_with(|letter: char| letter.is_ascii_digit())
    };
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && !word.contains(',')
        && !looks_like_an_id(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_id_is_no_type() {
        for word in ["write", "read_ok", "AppendEntries", "append-entries", "stop", "c", "_"] {
            assert!(may_be_a_type(word), "{word}");
        }
        for word in ["s1", "c7", "0", "01", "s1x", "1,2", "s1,s2", "*", "->", "-1", ""] {
            assert!(!may_be_a_type(word), "{word}");
        }
    }
}
