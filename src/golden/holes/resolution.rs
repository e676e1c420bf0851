//! Which lines of a run are which lines of a golden with holes.
//!
//! First all lines are aligned by what they look like, whatever names stand for; in a block of unordered lines each line
//! is taken for any of them. Then, from the first line to the last, names are bound, and each block is matched as a set.
//! A run that matches is aligned line by line, so that nothing is lost by this order.

use crate::golden::alignment::{Step, align};
use crate::golden::holes::HoleFault;
use crate::golden::holes::bindings::Bindings;
use crate::golden::holes::pattern::Openness;
use crate::golden::holes::template::{Block, Slot, Template};

/// How many lines are tried for the lines of one unordered block.
const TRIES: usize = 100_000;

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

/// The lines that may stand where a line of the golden does.
struct Expected<'a>(&'a [Slot]);
/// A line of the run.
struct FoundLine<'a>(&'a str);

impl PartialEq<Expected<'_>> for FoundLine<'_> {
    fn eq(&self, expected: &Expected<'_>) -> bool {
        expected.0.iter().any(|slot| slot.pattern.has_shape_of(self.0))
    }
}

/// Finds out which lines of a run are which lines of a golden.
///
/// # Errors
/// A block can be matched in too many ways.
pub(super) fn resolve(template: &Template<'_>, found: &[&str]) -> Result<Resolution, HoleFault> {
    let expected: Vec<_> = (0..template.slots.len()).map(|at| Expected(alternatives(template, at))).collect();
    let lines: Vec<_> = found.iter().map(|line| FoundLine(line)).collect();
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

fn alternatives<'a>(template: &'a Template<'_>, slot: usize) -> &'a [Slot] {
    match template.slots[slot].block {
        None => std::slice::from_ref(&template.slots[slot]),
        Some(block) => &template.slots[template.blocks[block].slots.clone()],
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
        let slots = self.template.blocks[block].slots.clone();
        let candidates: Vec<_> = steps.iter().filter_map(|step| found_of(*step)).collect();
        let mut order: Vec<_> = slots.clone().collect();
        order.sort_by_key(|&slot| self.template.slots[slot].pattern.openness());
        let mut search =
            Search { walk: self, order: &order, used: vec![None; candidates.len()], candidates: &candidates, tries: 0 };
        if order.len() != candidates.len() || !search.all(0) {
            if search.tries >= TRIES {
                let line = self.template.blocks[block].line;
                let what = "the unordered lines behind it can be matched in too many ways; have fewer holes in them";
                return Err(HoleFault { line, what: what.to_owned() });
            }
            search.as_many_as_come();
        }
        let used = search.used;
        for slot in slots {
            self.resolved.push(match used.contains(&Some(slot)) {
                true => Resolved::Kept { slot },
                false => {
                    let remark = self.bindings.explained(self.template.slots[slot].pattern.names());
                    Resolved::Missing { slot, remark }
                }
            });
        }
        let unused = candidates.iter().zip(&used).filter(|(_, slot)| slot.is_none());
        self.resolved.extend(unused.map(|(&found, _)| Resolved::Extra { found, block: Some(block) }));
        Ok(())
    }
}

/// The search for a line of the run for each line of a block.
struct Search<'a, 'b> {
    walk: &'a mut Walk<'b>,
    /// The lines of the block, in the order in which they are matched.
    order: &'a [usize],
    /// Lines of the run, by their positions.
    candidates: &'a [usize],
    /// Which line of the block each of them is.
    used: Vec<Option<usize>>,
    tries: usize,
}

impl Search<'_, '_> {
    /// Finds one for each from the `position`-th in their order on, and binds names.
    fn all(&mut self, position: usize) -> bool {
        let Some(&slot) = self.order.get(position) else { return true };
        let is_closed = self.walk.template.slots[slot].pattern.openness() == Openness::Closed;
        let mut tried: Vec<&str> = Vec::new();
        for at in 0..self.candidates.len() {
            let text = self.walk.found[self.candidates[at]];
            if self.used[at].is_some() || tried.contains(&text) {
                continue;
            }
            if self.tries >= TRIES {
                return false;
            }
            self.tries += 1;
            let Some(names) = self.take(slot, at) else { continue };
            if self.all(position + 1) {
                return true;
            }
            self.used[at] = None;
            self.walk.bindings.free(&names);
            // Any other line that it matches is the same.
            if is_closed {
                return false;
            }
            tried.push(text);
        }
        false
    }

    /// Finds for one after the other the first that is free.
    fn as_many_as_come(&mut self) {
        for &slot in self.order {
            let free: Vec<_> = (0..self.candidates.len()).filter(|&at| self.used[at].is_none()).collect();
            let _ = free.into_iter().find(|&at| self.take(slot, at).is_some());
        }
    }

    /// Takes a line of the run for a line of the block, if it matches: the names that it has bound.
    fn take(&mut self, slot: usize, at: usize) -> Option<Vec<String>> {
        let Slot { line, pattern, block: _ } = &self.walk.template.slots[slot];
        let names = pattern.bind(self.walk.found[self.candidates[at]], *line, &mut self.walk.bindings)?;
        self.used[at] = Some(slot);
        Some(names)
    }
}
