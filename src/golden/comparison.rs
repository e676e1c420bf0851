//! One file of a golden against what a run made of it.

use std::fs;
use std::io;
use std::path::Path;

use crate::golden::difference::Difference;
use crate::golden::holes::{self, FIRST_LINE, HoleFault};

/// How the lines begin that version control leaves where two changes meet; the middle one is a line of its own.
const CONFLICT_MARKERS: [&str; 2] = ["<<<<<<< ", ">>>>>>> "];
const CONFLICT_MIDDLE: &str = "=======";

/// A file of a golden, as it stands.
#[derive(Debug)]
pub(super) enum Golden {
    Absent,
    Bytes(Vec<u8>),
}

impl Golden {
    /// Reads a file of a golden.
    ///
    /// # Errors
    /// It is there, and cannot be read.
    pub(super) fn read(path: &Path) -> io::Result<Self> {
        // A pipe in its place would be waited for.
        let read =
            || if fs::metadata(path)?.is_file() { fs::read(path) } else { Err(io::Error::other("it is no file")) };
        match read() {
            Ok(bytes) => Ok(Self::Bytes(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Absent),
            Err(error) => Err(error),
        }
    }
}

/// Why a golden cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoldenFault {
    /// Version control has left both of two changes in it.
    #[error("golden has conflict markers at line {line}; resolve them, or accept anew")]
    ConflictMarkers {
        /// The number of the first such line.
        line: usize,
    },
    /// It is no text.
    #[error("golden is not UTF-8 at byte {byte}, in line {line}; put the file right, or accept anew")]
    NotUtf8 {
        /// The position of the first byte that is wrong, from 0.
        byte: usize,
        /// The number of its line.
        line: usize,
    },
    /// Its lines end otherwise, and are the same else.
    #[error(
        "golden has CRLF line ends, and is the same otherwise; accept anew, and keep git from changing them: \
         `snapshots/** -text` in .gitattributes"
    )]
    LineEnds,
    /// Its holes are not well-formed.
    #[error("golden with holes, {0}")]
    Holes(#[from] HoleFault),
}

impl GoldenFault {
    /// The line of the golden that is wrong, if it is one.
    #[must_use]
    pub fn line(&self) -> usize {
        match self {
            Self::ConflictMarkers { line } | Self::NotUtf8 { line, .. } | Self::Holes(HoleFault { line, .. }) => *line,
            Self::LineEnds => 1,
        }
    }
}

/// What a comparison says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    Differs(Difference),
    Fault(GoldenFault),
}

/// Compares a golden with what was found.
pub(super) fn compare(golden: &[u8], found: &str) -> Comparison {
    if golden == found.as_bytes() {
        return Comparison::Same;
    }
    let (text, line_ends) = match text_of(golden) {
        Ok(read) => read,
        Err(fault) => return Comparison::Fault(fault),
    };
    let difference = match holes::has_holes(&text) {
        true => holes::compare(&text, found),
        false => Ok(Difference::between(&text, found)),
    };
    match (difference, line_ends) {
        (Err(fault), _) => Comparison::Fault(fault.into()),
        (Ok(Some(difference)), _) => Comparison::Differs(difference),
        (Ok(None), LineEnds::CarriageReturns) => Comparison::Fault(GoldenFault::LineEnds),
        (Ok(None), LineEnds::Plain) => Comparison::Same,
    }
}

/// What the golden becomes if what was found is right: its lines with holes stay where they match.
///
/// # Errors
/// The golden has holes, and cannot be read: it is its writer's to put right.
pub(super) fn accepted(golden: &Golden, found: &str) -> Result<String, GoldenFault> {
    let Golden::Bytes(golden) = golden else { return Ok(found.to_owned()) };
    if !golden.starts_with(FIRST_LINE.as_bytes()) {
        return Ok(found.to_owned());
    }
    let (text, _) = text_of(golden)?;
    match holes::has_holes(&text) {
        true => Ok(holes::accepted(&text, found)?),
        false => Ok(found.to_owned()),
    }
}

/// How the lines of a golden end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnds {
    Plain,
    CarriageReturns,
}

/// A golden as text, with plain line ends if all its lines end with carriage returns.
fn text_of(golden: &[u8]) -> Result<(String, LineEnds), GoldenFault> {
    let text = std::str::from_utf8(golden).map_err(|error| {
        let byte = error.valid_up_to();
        GoldenFault::NotUtf8 { byte, line: golden[..byte].iter().filter(|&&byte| byte == b'\n').count() + 1 }
    })?;
    if let Some(line) = text.lines().position(is_conflict_marker) {
        return Err(GoldenFault::ConflictMarkers { line: line + 1 });
    }
    let is_carried = !text.is_empty() && text.split_inclusive('\n').all(|line| line.ends_with("\r\n"));
    match is_carried {
        true => Ok((text.replace("\r\n", "\n"), LineEnds::CarriageReturns)),
        false => Ok((text.to_owned(), LineEnds::Plain)),
    }
}

fn is_conflict_marker(line: &str) -> bool {
    line == CONFLICT_MIDDLE || CONFLICT_MARKERS.iter().any(|marker| line.starts_with(marker))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(golden: &[u8], found: &str) -> String {
        match compare(golden, found) {
            Comparison::Same => "same".to_owned(),
            Comparison::Differs(_) => "differs".to_owned(),
            Comparison::Fault(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_golden_that_cannot_be_compared_says_why() {
        assert_eq!(fault(b"a\n", "a\n"), "same");
        assert_eq!(fault(b"a\n", "b\n"), "differs");
        assert_eq!(
            fault(b"a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n", "a\n"),
            "golden has conflict markers at line 2; resolve them, or accept anew"
        );
        assert_eq!(
            fault(b"a\nb\xff\n", "a\n"),
            "golden is not UTF-8 at byte 3, in line 2; put the file right, or accept anew"
        );
        assert!(fault(b"a\r\nb\r\n", "a\nb\n").starts_with("golden has CRLF line ends"));
        assert_eq!(fault(b"a\r\nb\n", "a\nb\n"), "differs");
        assert_eq!(fault(b"======= \n", "a\n"), "differs");
        assert!(fault(b"# with holes\r\n*\r\n", "a\n").starts_with("golden has CRLF line ends"));
        assert_eq!(fault(b"=======\n", "=======\n"), "same");
    }

    #[test]
    fn holes_are_not_lost_by_accepting() {
        let accept = |golden: &[u8], found| accepted(&Golden::Bytes(golden.to_vec()), found);
        assert_eq!(accepted(&Golden::Absent, "a\n"), Ok("a\n".to_owned()));
        assert_eq!(accept(b"\xff<<<<<<< \n", "a\n"), Ok("a\n".to_owned()));
        assert_eq!(accept(b"# with holes\r\n*\r\n", "a\n"), Ok("# with holes\n*\n".to_owned()));
        assert!(matches!(accept(b"# with holes\n<<<<<<< a\n", "a\n"), Err(GoldenFault::ConflictMarkers { line: 2 })));
        assert!(matches!(accept(b"# with holes\n# end\n", "a\n"), Err(GoldenFault::Holes(_))));
        assert_eq!(accept(b"# with holes, not\n*\n", "a\n"), Ok("a\n".to_owned()));
    }
}
