//! Two sequences of lines side by side: which lines of the one are lines of the other.

use std::ops::Range;

use similar::algorithms::{Capture, Replace, myers};
use similar::{DiffOp, DiffTag};

/// How many lines of each side are compared, from the first to the last that differ: the work grows with their product.
/// Lines beyond are taken for different.
const LINES_COMPARED: usize = 3_000;

/// One step down the two sequences, by positions in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The two lines are one.
    Both { golden: usize, found: usize },
    /// A line of the golden only.
    Golden(usize),
    /// A line that was found only.
    Found(usize),
}

/// Aligns what was found with a golden. Two sequences of which each line equals its opposite are aligned so.
pub(super) fn align<Golden, Found: PartialEq<Golden>>(golden: &[Golden], found: &[Found]) -> Vec<Step> {
    let least = golden.len().min(found.len());
    let start = (0..least).take_while(|&at| found[at] == golden[at]).count();
    let is_end = |&back: &usize| found[found.len() - back] == golden[golden.len() - back];
    let end = (1..=least - start).take_while(is_end).count();
    let (golden_end, found_end) = (golden.len() - end, found.len() - end);
    let golden_compared = golden_end.min(start + LINES_COMPARED);
    let found_compared = found_end.min(start + LINES_COMPARED);

    let mut steps: Vec<_> = (0..start).map(|at| Step::Both { golden: at, found: at }).collect();
    let mut hook = Replace::new(Capture::new());
    let result = myers::diff(&mut hook, golden, start..golden_compared, found, start..found_compared);
    result.expect("to keep steps does not fail");
    hook.into_inner().into_ops().into_iter().for_each(|step| extend(&mut steps, step));
    steps.extend((golden_compared..golden_end).map(Step::Golden));
    steps.extend((found_compared..found_end).map(Step::Found));
    steps.extend((0..end).map(|at| Step::Both { golden: golden_end + at, found: found_end + at }));
    steps
}

fn extend(steps: &mut Vec<Step>, operation: DiffOp) {
    let (tag, golden, found): (DiffTag, Range<usize>, Range<usize>) = operation.as_tag_tuple();
    match tag {
        DiffTag::Equal => steps.extend(golden.zip(found).map(|(golden, found)| Step::Both { golden, found })),
        DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
            steps.extend(golden.map(Step::Golden));
            steps.extend(found.map(Step::Found));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(golden: &str, found: &str) -> String {
        let (golden, found): (Vec<_>, Vec<_>) = (golden.chars().collect(), found.chars().collect());
        let sign = |step| match step {
            Step::Both { golden: at, .. } => format!(" {}", golden[at]),
            Step::Golden(at) => format!("-{}", golden[at]),
            Step::Found(at) => format!("+{}", found[at]),
        };
        align(&golden, &found).into_iter().map(sign).collect()
    }

    #[test]
    fn common_lines_are_found_again() {
        assert_eq!(aligned("abc", "abc"), " a b c");
        assert_eq!(aligned("abc", "axc"), " a-b+x c");
        assert_eq!(aligned("", "ab"), "+a+b");
        assert_eq!(aligned("ab", ""), "-a-b");
        assert_eq!(aligned("aab", "ab"), " a-a b");
        assert_eq!(aligned("abcabba", "cbabac").matches(' ').count(), 4);
    }

    #[test]
    fn every_line_stands_in_the_steps_once_however_many_there_are() {
        let golden: Vec<_> = (0..LINES_COMPARED * 2).collect();
        let found: Vec<_> = golden.iter().map(|line| line * 2 + 1).chain([7; 5]).collect();
        let steps = align(&golden, &found);
        let goldens = steps.iter().filter(|step| !matches!(step, Step::Found(_))).count();
        let founds = steps.iter().filter(|step| !matches!(step, Step::Golden(_))).count();
        assert_eq!((goldens, founds), (golden.len(), found.len()));
    }
}
