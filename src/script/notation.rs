//! In which of the two forms a script is written.

use std::fmt;

use crate::script::words::begins_comment;
use crate::script::yaml::SECTIONS;

/// How a script is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// A command a line.
    Lines,
    /// A document in YAML, or in JSON, which is YAML too.
    Yaml,
}

impl Notation {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Lines, Self::Yaml];

    /// What the first line says that is neither blank nor a comment: a document begins with `---`, with `{`, or with one of
    /// the keys of a script.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let significant = |line: &&str| !line.is_empty() && !begins_comment(line);
        let first = text.lines().map(|line| line.trim_matches([' ', '\t'])).find(significant).unwrap_or_default();
        let is_marker = first == "---" || first.starts_with("--- ");
        if is_marker || first.starts_with('{') || SECTIONS.iter().any(|key| is_key(first, key)) {
            Self::Yaml
        } else {
            Self::Lines
        }
    }

    /// The same, but for a file whose name ends in `.yaml`, `.yml` or `.json`: it is a document.
    pub(super) fn of_file(name: &str, text: &str) -> Self {
        if [".yaml", ".yml", ".json"].iter().any(|ending| name.ends_with(ending)) { Self::Yaml } else { Self::of(text) }
    }

    /// The notation of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notation| notation.to_string() == name)
    }
}

impl fmt::Display for Notation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Lines => "lines",
            Self::Yaml => "yaml",
        })
    }
}

/// Does a line begin with this key, with or without quotes?
fn is_key(line: &str, key: &str) -> bool {
    let behind = ["", "\"", "'"].iter().find_map(|quote| {
        line.strip_prefix(quote)?.strip_prefix(key)?.strip_prefix(quote)?.trim_start_matches(' ').strip_prefix(':')
    });
    behind.is_some_and(|behind| behind.is_empty() || behind.starts_with([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_says_something_tells_the_notation() {
        for yaml in
            ["---", "# a claim\n\n--- # here", "{\"steps\": []}", "steps:", "'cluster' : {servers: 3}", "network:\t[]"]
        {
            assert_eq!(Notation::of(yaml), Notation::Yaml, "{yaml}");
        }
        for lines in
            ["", "# steps:", "cluster servers=3", "steps", "s1: printStore", "----", "steps:x", "// {\nput 2 a 1"]
        {
            assert_eq!(Notation::of(lines), Notation::Lines, "{lines}");
        }
    }
}
