//! Goldens with holes: for what may be otherwise in every run of a program of the user's.
//!
//! A golden whose first line is `# with holes` has them; no other golden has, whatever stands in it. In such a golden
//!
//! - a line that begins with `#` is for its reader, or one of the two below, and is not compared;
//! - a field, which is what stands between blanks, is a hole if all of it is `*` or `{name}`, or all behind its last `:` or
//!   `=`: `id:*`, `leader={leader}`. `*` is any text without a blank. `{name}` is so at its first place in the file, and
//!   the same text at every later one;
//! - the lines between `# unordered` and `# end` may have come in any order;
//! - `\*`, `\{name}` and, at the beginning of a line, `\#` are the texts `*`, `{name}` and `#`.
//!
//! Lines are compared without their line breaks. A name is bound by the first line that has it; within unordered lines by
//! the first way in which all of them match, and nothing that comes later is tried with another: what must be the same in
//! an unordered block and behind it is best bound before it.
//!
//! Deliberately missing: names that are shared by the files of a golden, holes within a word, and patterns.

mod bindings;
mod matching;
mod pattern;
mod resolution;
mod template;
mod unordered;

use crate::golden::difference::{Difference, Line, Side, push};
use crate::golden::holes::pattern::escaped;
use crate::golden::holes::resolution::resolve;
use crate::golden::holes::template::{Placed, Template};

/// The first line of a golden with holes.
pub(super) const FIRST_LINE: &str = "# with holes";

/// What is wrong with a golden with holes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct HoleFault {
    /// The number of the line.
    pub line: usize,
    /// What is wrong with it, and what would be right.
    pub what: String,
}

/// Has this golden holes?
pub(super) fn has_holes(golden: &str) -> bool {
    golden.lines().next() == Some(FIRST_LINE)
}

/// Where a run differs from a golden with holes. None: it does not.
///
/// # Errors
/// The golden is not well-formed.
pub(super) fn compare(golden: &str, found: &str) -> Result<Option<Difference>, HoleFault> {
    let mut both = Vec::new();
    for placed in placed(golden, found)? {
        match placed {
            Placed::Aside(raw) => push_line(&mut both, Side::Aside, raw),
            Placed::Kept(raw) => push_line(&mut both, Side::Both, raw),
            Placed::Extra(line) => push_line(&mut both, Side::Found, line),
            Placed::Missing { raw, remark } => {
                push_line(&mut both, Side::Golden, raw);
                both.extend(remark.map(|text| Line { side: Side::Remark, text: format!(" {text}") }));
            }
        }
    }
    Ok(Difference::of(&both))
}

/// The golden with holes that this run matches: its own lines where they match, and what was found elsewhere.
///
/// # Errors
/// The golden is not well-formed, or has no such form.
pub(super) fn accepted(golden: &str, found: &str) -> Result<String, HoleFault> {
    let mut text = String::new();
    for placed in placed(golden, found)? {
        match placed {
            Placed::Aside(raw) | Placed::Kept(raw) => text.push_str(raw),
            Placed::Extra(line) => text.push_str(&escaped(line)),
            Placed::Missing { .. } => continue,
        }
        text.push('\n');
    }
    let kept = Template::read(&text).and_then(|template| Ok(resolve(&template, &found_lines(found))?.is_match()));
    match kept {
        Ok(true) if has_holes(&text) => Ok(text),
        Ok(_) | Err(_) => Err(HoleFault {
            line: 1,
            what: "this run cannot be accepted so that the holes stay; change the golden by hand, or remove it"
                .to_owned(),
        }),
    }
}

/// All lines of a golden and of what was found, side by side.
fn placed<'a>(golden: &'a str, found: &'a str) -> Result<Vec<Placed<'a>>, HoleFault> {
    let template = Template::read(golden)?;
    let found = found_lines(found);
    let resolution = resolve(&template, &found)?;
    Ok(template.place(&resolution, &found))
}

fn found_lines(found: &str) -> Vec<&str> {
    found.strip_suffix('\n').unwrap_or(found).split('\n').filter(|_| !found.is_empty()).collect()
}

fn push_line(both: &mut Vec<Line>, side: Side, line: &str) {
    push(both, side, &format!("{line}\n"));
}

#[cfg(test)]
mod tests;
