//! The lines in which a run differs from its golden, as a unified difference: three lines of context, and not too many.

use std::fmt;
use std::ops::Range;

use crate::golden::alignment::{Step, align};
use crate::golden::lines::{lines, visible};

/// How many equal lines stand around lines that differ.
const CONTEXT: usize = 3;
/// How many lines of a difference are shown.
const LINES_SHOWN: usize = 100;

/// One line of both texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose it is.
    pub side: Side,
    /// What it says, as it is shown.
    pub text: String,
}

/// Whose a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The golden's, and found.
    Both,
    /// The golden's only.
    Golden,
    /// Found only.
    Found,
    /// The golden's, for its reader: nothing is compared with it.
    Aside,
    /// Neither: it says something about the line before it.
    Remark,
}

impl Side {
    /// What stands before a line of this side.
    #[must_use]
    pub fn mark(self) -> char {
        match self {
            Self::Both | Self::Aside => ' ',
            Self::Golden => '-',
            Self::Found => '+',
            Self::Remark => '\\',
        }
    }
}

/// Lines that differ, with the equal lines around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// The number of its first line in the golden, and how many lines of the golden it holds.
    pub golden: (usize, usize),
    /// The same of what was found.
    pub found: (usize, usize),
    /// The lines that are shown.
    pub lines: Vec<Line>,
}

/// `@@ -3,7 +3,7 @@`.
impl Hunk {
    /// The line that says which lines these are.
    #[must_use]
    pub fn header(&self) -> String {
        let Self { golden, found, .. } = self;
        format!("@@ -{},{} +{},{} @@", golden.0, golden.1, found.0, found.1)
    }
}

/// Where two texts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// From the first line to the last.
    pub hunks: Vec<Hunk>,
    /// How many more lines of the difference are not shown.
    pub more: usize,
}

impl Difference {
    /// Of a golden without holes, and of what was found. None: they are the same.
    pub(super) fn between(golden: &str, found: &str) -> Option<Self> {
        let (golden, found) = (lines(golden), lines(found));
        let mut both = Vec::new();
        for step in align(&golden, &found) {
            let (side, line) = match step {
                Step::Both { golden: at, .. } => (Side::Both, golden[at]),
                Step::Golden(at) => (Side::Golden, golden[at]),
                Step::Found(at) => (Side::Found, found[at]),
            };
            push(&mut both, side, line);
        }
        Self::of(&both)
    }

    /// Of all lines of both texts in their order. None: no line is of one side only.
    pub(super) fn of(both: &[Line]) -> Option<Self> {
        let mut hunks: Vec<_> = spans(both).into_iter().map(|(start, end)| hunk(both, start, end)).collect();
        if hunks.is_empty() {
            return None;
        }
        let (mut room, mut more) = (LINES_SHOWN, 0);
        for hunk in &mut hunks {
            let shown = beginning(&hunk.lines, room);
            more += hunk.lines.len() - shown.iter().map(Range::len).sum::<usize>();
            hunk.lines = shown.into_iter().flat_map(|range| hunk.lines[range].to_vec()).collect();
            room -= hunk.lines.len();
        }
        hunks.retain(|hunk| !hunk.lines.is_empty());
        Some(Self { hunks, more })
    }

    /// The line that counts what is not shown, if something is not.
    #[must_use]
    pub fn rest(&self) -> Option<String> {
        (self.more > 0).then(|| format!("… {} more {}", self.more, if self.more == 1 { "line" } else { "lines" }))
    }

    /// The number of the first line of the golden that differs, or behind which something is missing.
    #[must_use]
    pub fn first_line(&self) -> usize {
        self.hunks.first().map_or(1, |hunk| {
            hunk.golden.0 + hunk.lines.iter().take_while(|line| matches!(line.side, Side::Both | Side::Aside)).count()
        })
    }
}

/// As `diff -u` prints it, without the names of files.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for hunk in &self.hunks {
            writeln!(formatter, "{}", hunk.header())?;
            for Line { side, text } in &hunk.lines {
                writeln!(formatter, "{}{text}", side.mark())?;
            }
        }
        self.rest().map_or(Ok(()), |rest| writeln!(formatter, "{rest}"))
    }
}

/// Appends a line, with a remark if it has no line break.
pub(super) fn push(both: &mut Vec<Line>, side: Side, line: &str) {
    both.push(Line { side, text: visible(line) });
    if !line.ends_with('\n') {
        both.push(Line { side: Side::Remark, text: " no line break at the end of the file".to_owned() });
    }
}

/// The spans of lines that belong together: each line that differs, and the lines around it.
fn spans(both: &[Line]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, line) in both.iter().enumerate() {
        match line.side {
            Side::Both | Side::Aside | Side::Remark => continue,
            Side::Golden | Side::Found => {}
        }
        // A remark behind the last line is shown with it.
        let (start, end) = (at.saturating_sub(CONTEXT), (at + 1 + CONTEXT).min(both.len()));
        match spans.last_mut() {
            Some((_, last)) if start <= *last => *last = end,
            _ => spans.push((start, end)),
        }
    }
    spans
}

/// Which of the lines of a hunk are shown, if there is room for so many: the first ones, and where lines of the golden would
/// leave no room for what was found in their place, the beginning of both.
fn beginning(lines: &[Line], room: usize) -> [Range<usize>; 2] {
    if lines.len() <= room {
        return [0..lines.len(), 0..0];
    }
    let is_of_golden = |line: &Line| matches!(line.side, Side::Golden | Side::Remark);
    let is_found = |line: &Line| matches!(line.side, Side::Found | Side::Remark);
    let run = |from: usize, is_of: &dyn Fn(&Line) -> bool| lines[from..].iter().take_while(|line| is_of(line)).count();
    let mut at = 0;
    while at < room {
        let golden = run(at, &is_of_golden);
        let found = run(at + golden, &is_found);
        if golden > 0 && at + golden + found > room {
            let left = room - at;
            let of_golden = golden.min(left.saturating_sub(found).max(left.div_ceil(2)));
            return [0..at + of_golden, at + golden..at + golden + (left - of_golden)];
        }
        at += (golden + found).max(1);
    }
    [0..room, 0..0]
}

fn hunk(both: &[Line], start: usize, end: usize) -> Hunk {
    let of_golden = |line: &&Line| matches!(line.side, Side::Both | Side::Aside | Side::Golden);
    let of_found = |line: &&Line| matches!(line.side, Side::Both | Side::Found);
    let (before, lines) = (&both[..start], &both[start..end]);
    // As diff counts: a side without a line names the line before.
    let numbers = |before: usize, count: usize| (before + usize::from(count > 0), count);
    Hunk {
        golden: numbers(before.iter().filter(of_golden).count(), lines.iter().filter(of_golden).count()),
        found: numbers(before.iter().filter(of_found).count(), lines.iter().filter(of_found).count()),
        lines: lines.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(golden: &str, found: &str) -> String {
        Difference::between(golden, found).map_or_else(String::new, |difference| difference.to_string())
    }

    #[test]
    fn three_lines_stand_around_what_differs() {
        let golden: String = (1..=20).map(|line| format!("{line}\n")).collect();
        let found = golden.replace("10\n", "ten\n");
        assert_eq!(difference(&golden, &found), "@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n");
        assert_eq!(Difference::between(&golden, &found).unwrap().first_line(), 10);
        assert_eq!(difference(&golden, &golden), "");
        let far = found.replace("1\n2\n", "2\n");
        assert_eq!(difference(&golden, &far).matches("@@ -").count(), 2);
    }

    #[test]
    fn what_is_only_in_the_end_of_a_line_is_seen() {
        assert_eq!(difference("a\n", "a \n"), "@@ -1,1 +1,1 @@\n-a\n+a·\n");
        assert_eq!(difference("a\r\n", "a\n"), "@@ -1,1 +1,1 @@\n-a\\r\n+a\n");
        assert_eq!(difference("a\n", "a"), "@@ -1,1 +1,1 @@\n-a\n+a\n\\ no line break at the end of the file\n");
        assert_eq!(difference("", "a\n"), "@@ -0,0 +1,1 @@\n+a\n");
    }

    #[test]
    fn a_long_change_shows_the_beginning_of_both_sides() {
        let lines = |prefix: &str, count: usize| (0..count).map(|line| format!("{prefix}{line}\n")).collect::<String>();
        for (golden, found, shown) in
            [(150, 150, [50, 50]), (150, 10, [90, 10]), (10, 150, [10, 90]), (150, 0, [100, 0])]
        {
            let difference = Difference::between(&lines("a", golden), &lines("b", found)).unwrap();
            let count = |side| difference.hunks[0].lines.iter().filter(|line| line.side == side).count();
            assert_eq!([count(Side::Golden), count(Side::Found)], shown, "{golden} {found}");
            assert_eq!(difference.more, golden + found - 100);
            let text = difference.to_string();
            assert!(text.contains("\n-a0\n") && (found == 0 || text.contains("\n+b0\n")), "{text}");
        }
        // What stands before it is not pushed out.
        let (golden, found) = (format!("x\n{}", lines("a", 150)), format!("x\n{}", lines("b", 150)));
        let difference = Difference::between(&golden, &found).unwrap();
        assert_eq!((difference.hunks[0].lines.len(), difference.first_line()), (100, 2));
    }

    #[test]
    fn a_long_difference_is_cut_and_counted() {
        let found: String = (0..150).map(|line| format!("{line}\n")).collect();
        let shown = difference("", &found);
        assert_eq!(shown.lines().count(), 102);
        assert!(shown.ends_with("… 50 more lines\n"), "{shown}");
    }
}
