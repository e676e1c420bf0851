//! A golden with holes, as it is read, and its lines beside those of a run.

use std::ops::Range;

use crate::golden::holes::HoleFault;
use crate::golden::holes::pattern::Pattern;
use crate::golden::holes::resolution::{Resolution, Resolved};

/// A golden with holes.
#[derive(Debug)]
pub(super) struct Template<'a> {
    /// All its lines, without line breaks.
    raw: Vec<&'a str>,
    /// Those that are compared.
    pub(super) slots: Vec<Slot>,
    /// Those of them that may have come in any order, block by block.
    pub(super) blocks: Vec<Block>,
}

/// A line that is compared.
#[derive(Debug)]
pub(super) struct Slot {
    /// The number of the line, from 1.
    pub(super) line: usize,
    pub(super) pattern: Pattern,
    /// The block that it is in, by its position.
    pub(super) block: Option<usize>,
}

/// Lines that may have come in any order.
#[derive(Debug)]
pub(super) struct Block {
    /// The number of the line before them.
    pub(super) line: usize,
    /// The number of the line behind them.
    end: usize,
    /// By their positions among the lines that are compared.
    pub(super) slots: Range<usize>,
}

/// A line of the golden, or of a run.
#[derive(Debug)]
pub(super) enum Placed<'a> {
    /// The golden's, which is not compared.
    Aside(&'a str),
    /// The golden's, which some line of the run matches.
    Kept(&'a str),
    /// The golden's, which none matches, and why it is not the one that looks like it.
    Missing { raw: &'a str, remark: Option<String> },
    /// The run's, which matches none.
    Extra(&'a str),
}

/// What a line beside the compared ones says.
enum Aside {
    Unordered,
    End,
    Remark,
}

impl Aside {
    fn read(line: &str) -> Option<Self> {
        Some(match line.strip_prefix('#')?.trim() {
            "unordered" => Self::Unordered,
            "end" => Self::End,
            _ => Self::Remark,
        })
    }
}

impl<'a> Template<'a> {
    /// Reads a golden.
    ///
    /// # Errors
    /// A hole without a right name, or blocks that do not begin and end one after the other.
    pub(super) fn read(golden: &'a str) -> Result<Self, HoleFault> {
        let mut template = Self { raw: golden.lines().collect(), slots: Vec::new(), blocks: Vec::new() };
        let mut open: Option<(usize, usize)> = None;
        for (line, raw) in (1..).zip(golden.lines()) {
            let fault = |what: String| HoleFault { line, what };
            match Aside::read(raw) {
                None => {
                    let pattern = Pattern::read(raw).map_err(fault)?;
                    let block = open.map(|_| template.blocks.len());
                    template.slots.push(Slot { line, pattern, block });
                }
                Some(Aside::Remark) => {}
                Some(Aside::Unordered) => match open.replace((line, template.slots.len())) {
                    None => {}
                    Some((outer, _)) => {
                        return Err(fault(format!(
                            "`# unordered` within the unordered lines that begin in line {outer}; write `# end` before it"
                        )));
                    }
                },
                Some(Aside::End) => {
                    let Some((begin, first)) = open.take() else {
                        return Err(fault("`# end` without `# unordered` before it".to_owned()));
                    };
                    template.blocks.push(Block { line: begin, end: line, slots: first..template.slots.len() });
                }
            }
        }
        match open {
            None => Ok(template),
            Some((line, _)) => Err(HoleFault { line, what: "`# unordered` without `# end` behind it".to_owned() }),
        }
    }

    /// All lines of the golden in their order, and between them those of the run that match none.
    pub(super) fn place(&self, resolution: &Resolution, found: &[&'a str]) -> Vec<Placed<'a>> {
        let mut placed = Vec::new();
        let mut next = 0;
        // What makes it a golden with holes stays its first line.
        self.pass(&mut next, self.raw.len().min(1), &mut placed);
        for resolved in &resolution.0 {
            match resolved {
                Resolved::Kept { slot } => {
                    self.pass(&mut next, self.slots[*slot].line - 1, &mut placed);
                    placed.push(Placed::Kept(self.raw[next]));
                    next += 1;
                }
                Resolved::Missing { slot, remark } => {
                    self.pass(&mut next, self.slots[*slot].line - 1, &mut placed);
                    placed.push(Placed::Missing { raw: self.raw[next], remark: remark.clone() });
                    next += 1;
                }
                Resolved::Extra { found: at, block } => {
                    // What is not of the block that was last must not get into it.
                    let over =
                        self.blocks.iter().enumerate().filter(|(at, one)| Some(*at) != *block && one.holds(next));
                    let end = over.map(|(_, block)| block.end).max().unwrap_or(next);
                    self.pass(&mut next, end, &mut placed);
                    placed.push(Placed::Extra(found[*at]));
                }
            }
        }
        self.pass(&mut next, self.raw.len(), &mut placed);
        placed
    }

    /// Passes the lines up to a position that are not compared.
    fn pass(&self, next: &mut usize, end: usize, placed: &mut Vec<Placed<'a>>) {
        placed.extend(self.raw[*next..end].iter().map(|raw| Placed::Aside(raw)));
        *next = end;
    }
}

impl Block {
    /// Is a position among all lines between the block's beginning and its end?
    fn holds(&self, position: usize) -> bool {
        (self.line..self.end).contains(&position)
    }
}
