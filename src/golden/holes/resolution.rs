//! Which lines of a run are which lines of a golden with holes.
//!
//! First all lines are aligned by what they look like, whatever names stand for; in a block of unordered lines each line
//! is taken for any of them. Then, from the first line to the last, names are bound, and each block is matched as a set.
//! A run that matches is aligned line by line, so that nothing is lost by this order.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::golden::alignment::{Step, align};
use crate::golden::holes::HoleFault;
use crate::golden::holes::bindings::Bindings;
use crate::golden::holes::pattern::Pattern;
use crate::golden::holes::template::{Block, Slot, Template};
use crate::golden::holes::unordered::{Shapes, match_block};

/// What became of every line, in the order of the golden.
#[derive(Debug)]
pub(super) struct Resolution(pub(super) Vec<Resolved>);

/// What became of a line. Lines of the golden are known by their positions among those that are compared.
#[derive(Debug)]
pub(super) enum Resolved {
    /// A line of the run matches it.
    Kept { slot: usize },
    /// None does. The remark says what names stand for.
    Missing { slot: usize, remark: Option<String> },
    /// A line of the run that matches nothing, and the block within which it came.
    Extra { found: usize, block: Option<usize> },
}

impl Resolution {
    /// Does every line match?
    pub(super) fn is_match(&self) -> bool {
        self.0.iter().all(|resolved| matches!(resolved, Resolved::Kept { .. }))
    }
}

/// What may stand where a line of the golden does.
enum Expected<'a> {
    Line(&'a Pattern),
    /// Any line of this block, known by its position.
    Block(usize, &'a Shapes<'a>),
}

/// A line of the run, and whether it looks like a line of a block: found out once, for lines are compared again and again.
struct FoundLine<'a> {
    text: &'a str,
    blocks: RefCell<BTreeMap<usize, bool>>,
}

impl PartialEq<Expected<'_>> for FoundLine<'_> {
    fn eq(&self, expected: &Expected<'_>) -> bool {
        match expected {
            Expected::Line(pattern) => pattern.has_shape_of(self.text),
            Expected::Block(block, shapes) => {
                *self.blocks.borrow_mut().entry(*block).or_insert_with(|| shapes.have(self.text))
            }
        }
    }
}

/// Finds out which lines of a run are which lines of a golden.
///
/// # Errors
/// A block has too many lines with holes, or can be matched in too many ways.
pub(super) fn resolve(template: &Template<'_>, found: &[&str]) -> Result<Resolution, HoleFault> {
    let shapes: Vec<_> = template.blocks.iter().map(|block| Shapes::of(template, block)).collect::<Result<_, _>>()?;
    let expected: Vec<_> = template.slots.iter().map(|slot| expected(slot, &shapes)).collect();
    let lines: Vec<_> = found.iter().map(|text| FoundLine { text, blocks: RefCell::default() }).collect();
    let steps = align(&expected, &lines);
    let mut walk = Walk { template, found, bindings: Bindings::default(), resolved: Vec::new() };
    let mut rest = steps.as_slice();
    while let Some((step, behind)) = rest.split_first() {
        let block = slot_of(*step).and_then(|slot| template.slots[slot].block);
        match block {
            None => {
                walk.line(*step);
                rest = behind;
            }
            Some(block) => {
                let (of_block, behind) = rest.split_at(length_of_block(rest, &template.blocks[block]));
                walk.block(block, of_block)?;
                rest = behind;
            }
        }
    }
    Ok(Resolution(walk.resolved))
}

fn expected<'a>(slot: &'a Slot, shapes: &'a [Shapes<'a>]) -> Expected<'a> {
    match slot.block {
        None => Expected::Line(&slot.pattern),
        Some(block) => Expected::Block(block, &shapes[block]),
    }
}

fn slot_of(step: Step) -> Option<usize> {
    match step {
        Step::Both { golden, .. } | Step::Golden(golden) => Some(golden),
        Step::Found(_) => None,
    }
}

fn found_of(step: Step) -> Option<usize> {
    match step {
        Step::Both { found, .. } | Step::Found(found) => Some(found),
        Step::Golden(_) => None,
    }
}

/// How many steps are the block's: up to its last line, and lines of the run behind it in place of those that are missing.
fn length_of_block(steps: &[Step], block: &Block) -> usize {
    let is_inside = |step: &Step| slot_of(*step).is_some_and(|slot| block.slots.contains(&slot));
    let end = steps.iter().rposition(is_inside).map_or(0, |last| last + 1);
    let missing = steps[..end].iter().filter(|step| matches!(step, Step::Golden(_))).count();
    let extra = steps[..end].iter().filter(|step| matches!(step, Step::Found(_))).count();
    let room = missing.saturating_sub(extra);
    end + steps[end..].iter().take(room).take_while(|step| matches!(step, Step::Found(_))).count()
}

/// The way from the first line to the last.
struct Walk<'a> {
    template: &'a Template<'a>,
    found: &'a [&'a str],
    bindings: Bindings,
    resolved: Vec<Resolved>,
}

impl Walk<'_> {
    fn line(&mut self, step: Step) {
        match step {
            Step::Golden(slot) => self.resolved.push(Resolved::Missing { slot, remark: None }),
            Step::Found(found) => self.resolved.push(Resolved::Extra { found, block: None }),
            Step::Both { golden: slot, found } => {
                let Slot { line, pattern, block: _ } = &self.template.slots[slot];
                if pattern.bind(self.found[found], *line, &mut self.bindings).is_some() {
                    self.resolved.push(Resolved::Kept { slot });
                } else {
                    let remark = self.bindings.explained(pattern.names());
                    self.resolved.push(Resolved::Missing { slot, remark });
                    self.resolved.push(Resolved::Extra { found, block: None });
                }
            }
        }
    }

    fn block(&mut self, block: usize, steps: &[Step]) -> Result<(), HoleFault> {
        let Self { template, found, .. } = *self;
        let of_block = &template.blocks[block];
        let lines: Vec<_> = steps.iter().filter_map(|step| found_of(*step)).map(|at| (at, found[at])).collect();
        let slots: Vec<_> = of_block.slots.clone().map(|at| (at, &template.slots[at])).collect();
        let matched = match_block(&slots, &lines, &mut self.bindings)
            .map_err(|ways| HoleFault { line: of_block.line, what: ways.to_string() })?;
        for slot in of_block.slots.clone() {
            self.resolved.push(match matched.kept.contains(&slot) {
                true => Resolved::Kept { slot },
                false => {
                    let remark = self.bindings.explained(template.slots[slot].pattern.names());
                    Resolved::Missing { slot, remark }
                }
            });
        }
        self.resolved.extend(matched.extra.into_iter().map(|found| Resolved::Extra { found, block: Some(block) }));
        Ok(())
    }
}
