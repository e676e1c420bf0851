//! What stands in a script beside its commands: comments and blank lines, so that a script can be written again.

use std::collections::BTreeMap;

/// Comments and blank lines of a script, by the commands that they stand at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// The lines before the command of this index, each without the mark of a comment; a blank line is `None`.
    before: BTreeMap<usize, Vec<Option<String>>>,
    /// The comment behind the command of this index on its line, without the mark.
    behind: BTreeMap<usize, String>,
}

impl Remarks {
    /// Notes a line before the command of this index.
    pub(super) fn add_before(&mut self, index: usize, line: Option<String>) {
        self.before.entry(index).or_default().push(line);
    }

    /// Notes a comment behind the command of this index. If there is one already, both are kept.
    pub(super) fn add_behind(&mut self, index: usize, comment: &str) {
        let kept = self.behind.entry(index).or_default();
        if !kept.is_empty() {
            kept.push_str("; ");
        }
        kept.push_str(comment);
    }

    /// The lines before the command of this index, as comments: with a mark, and blank where they were.
    pub(super) fn before(&self, index: usize) -> impl Iterator<Item = String> {
        let lines = self.before.get(&index).into_iter().flatten();
        lines.map(|line| line.as_deref().map(marked).unwrap_or_default())
    }

    /// The comment behind the command of this index, with a blank and a mark before it; empty if there is none.
    pub(super) fn behind(&self, index: usize) -> String {
        self.behind.get(&index).map(|comment| format!(" {}", marked(comment))).unwrap_or_default()
    }
}

/// `# what it says`.
fn marked(comment: &str) -> String {
    let comment = comment.trim();
    if comment.is_empty() { "#".to_owned() } else { format!("# {comment}") }
}
