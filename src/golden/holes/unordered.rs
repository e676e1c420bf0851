//! Unordered lines of a golden with holes against those of a run, as sets.
//!
//! Lines without holes are counted, text by text. For lines with holes but without names it is enough that each finds a text
//! of its own, which a matching decides. Only lines with names are searched for a way in which all of them match: what the
//! one binds the other must have. All of it is bounded, and what would take longer is a fault of the golden.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::limits::{UNORDERED_COMPARISONS, UNORDERED_PATTERNS, UNORDERED_TRIES};
use crate::golden::holes::HoleFault;
use crate::golden::holes::bindings::Bindings;
use crate::golden::holes::matching::{Exhausted, Graph, Looks, Matching};
use crate::golden::holes::pattern::Pattern;
use crate::golden::holes::template::{Block, Slot, Template};

/// What a line of a block may look like.
#[derive(Debug)]
pub(super) struct Shapes<'a> {
    /// Lines without holes.
    closed: BTreeSet<&'a str>,
    /// Lines with holes.
    open: BTreeSet<&'a Pattern>,
}

impl<'a> Shapes<'a> {
    /// Of a block.
    ///
    /// # Errors
    /// It has too many lines with holes.
    pub(super) fn of(template: &'a Template<'_>, block: &Block) -> Result<Self, HoleFault> {
        let (mut closed, mut open) = (BTreeSet::new(), BTreeSet::new());
        for slot in &template.slots[block.slots.clone()] {
            match slot.pattern.text() {
                Some(text) => drop(closed.insert(text)),
                None => drop(open.insert(&slot.pattern)),
            }
        }
        if open.len() <= UNORDERED_PATTERNS {
            return Ok(Self { closed, open });
        }
        let what = format!(
            "the unordered lines behind it have {} different lines with holes, and may have {UNORDERED_PATTERNS}; make several \
             blocks of them",
            open.len()
        );
        Err(HoleFault { line: block.line, what })
    }

    /// Is it the shape of a line?
    pub(super) fn have(&self, line: &str) -> bool {
        self.closed.contains(line) || self.open.iter().any(|pattern| pattern.has_shape_of(line))
    }
}

/// What became of a block.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// The lines of the golden that some line of the run matches.
    pub(super) kept: BTreeSet<usize>,
    /// The lines of the run that match none.
    pub(super) extra: Vec<usize>,
}

/// The block can be matched in too many ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the unordered lines behind it can be matched in too many ways; have fewer holes in them")]
pub(super) struct TooManyWays;

impl From<Exhausted> for TooManyWays {
    fn from(_: Exhausted) -> Self {
        Self
    }
}

/// Matches the lines of a block with lines of the run, both with their positions: all of them if that is possible, and
/// binds names.
///
/// # Errors
/// Whether it is possible cannot be found out within the limits.
pub(super) fn match_block(
    slots: &[(usize, &Slot)],
    lines: &[(usize, &str)],
    bindings: &mut Bindings,
) -> Result<Matched, TooManyWays> {
    let mut texts = Texts::of(lines);
    let mut matched = Matched::default();
    let open = match_closed(slots, &mut texts, &mut matched);
    let may_be_all = open.len() == texts.room.iter().sum::<usize>();
    let shapes = Kinds::of(&open, &texts);
    let mut search = Search {
        slots: &open,
        kinds: &shapes.of_slots,
        fits: &shapes.fits,
        named: open.iter().filter(|(_, slot)| slot.pattern.names().next().is_some()).count(),
        texts: &mut texts,
        bindings,
        tries: 0,
        looks: Looks::default(),
    };
    if may_be_all && shapes.extent == Extent::Part {
        return Err(TooManyWays);
    }
    if may_be_all && search.all()? {
        matched.kept.extend(open.iter().map(|(position, _)| *position));
    } else {
        search.tries = 0;
        search.as_many_as_come(&mut matched.kept);
    }
    matched.extra = texts.left();
    Ok(matched)
}

/// The texts of the run's lines.
#[derive(Debug)]
struct Texts<'a> {
    /// In the order in which they came first.
    texts: Vec<&'a str>,
    /// In which lines each stands.
    lines: Vec<Vec<usize>>,
    /// How many of these are matched by none so far.
    room: Vec<usize>,
    position: BTreeMap<&'a str, usize>,
}

impl<'a> Texts<'a> {
    fn of(all: &[(usize, &'a str)]) -> Self {
        let (mut texts, mut lines, mut position) = (Vec::new(), Vec::<Vec<usize>>::new(), BTreeMap::new());
        for &(line, text) in all {
            let at = *position.entry(text).or_insert(texts.len());
            if at == texts.len() {
                texts.push(text);
                lines.push(Vec::new());
            }
            lines[at].push(line);
        }
        let room = lines.iter().map(Vec::len).collect();
        Self { texts, lines, room, position }
    }

    /// The lines that none matches: of those with one text the last.
    fn left(&self) -> Vec<usize> {
        let of_text = |(lines, room): (&Vec<usize>, &usize)| lines[lines.len() - room..].to_vec();
        let mut left: Vec<_> = self.lines.iter().zip(&self.room).flat_map(of_text).collect();
        left.sort_unstable();
        left
    }
}

/// Matches the lines without holes. Those with holes: with names first, and of these first those that leave least open.
fn match_closed<'a>(
    slots: &[(usize, &'a Slot)],
    texts: &mut Texts<'_>,
    matched: &mut Matched,
) -> Vec<(usize, &'a Slot)> {
    let mut open = Vec::new();
    for &(position, slot) in slots {
        let Some(text) = slot.pattern.text() else {
            open.push((position, slot));
            continue;
        };
        if let Some(room) = texts.position.get(text).map(|&at| &mut texts.room[at]).filter(|room| **room > 0) {
            *room -= 1;
            matched.kept.insert(position);
        }
    }
    open.sort_by_key(|(_, slot)| (slot.pattern.names().next().is_none(), slot.pattern.openness()));
    open
}

/// Lines with holes by what they look like.
#[derive(Debug)]
struct Kinds {
    of_slots: Vec<usize>,
    /// The texts that each kind looks like.
    fits: Vec<Vec<usize>>,
    extent: Extent,
}

/// Were all texts looked at?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Full,
    Part,
}

impl Kinds {
    fn of(open: &[(usize, &Slot)], texts: &Texts<'_>) -> Self {
        let (mut kinds, mut patterns) = (BTreeMap::new(), Vec::new());
        let mut of_slots = Vec::new();
        for (_, slot) in open {
            let kind = *kinds.entry(&slot.pattern).or_insert(patterns.len());
            if kind == patterns.len() {
                patterns.push(&slot.pattern);
            }
            of_slots.push(kind);
        }
        let free: Vec<_> = (0..texts.texts.len()).filter(|&text| texts.room[text] > 0).collect();
        let most = free.len().min(UNORDERED_COMPARISONS / patterns.len().max(1));
        let fits = |pattern: &Pattern| {
            free[..most].iter().copied().filter(|&text| pattern.has_shape_of(texts.texts[text])).collect()
        };
        let extent = if most < free.len() { Extent::Part } else { Extent::Full };
        Self { of_slots, fits: patterns.into_iter().map(fits).collect(), extent }
    }
}

/// The search for a text for each line with holes.
struct Search<'a, 'b> {
    slots: &'a [(usize, &'a Slot)],
    /// The kind of each of them.
    kinds: &'a [usize],
    /// The texts that each kind looks like.
    fits: &'a [Vec<usize>],
    /// How many of the lines, from the first, have names.
    named: usize,
    texts: &'a mut Texts<'b>,
    bindings: &'a mut Bindings,
    tries: usize,
    looks: Looks,
}

/// A text for a line with names.
struct Choice {
    /// Its position among those that the line looks like.
    at: usize,
    text: usize,
    /// The names that the line has bound.
    names: Vec<String>,
}

impl Search<'_, '_> {
    /// Finds one for each, and takes them.
    fn all(&mut self) -> Result<bool, TooManyWays> {
        // Most lines that do not match do not even look like it.
        if !self.matching(0)?.is_whole() {
            return Ok(false);
        }
        let mut choices: Vec<Choice> = Vec::new();
        let mut from = 0;
        loop {
            if choices.len() == self.named {
                let matching = self.matching(self.named)?;
                if matching.is_whole() {
                    let texts = matching.texts;
                    self.take(texts.into_iter().flatten());
                    return Ok(true);
                }
            } else if let Some(choice) = self.choose(choices.len(), from)? {
                choices.push(choice);
                from = 0;
                continue;
            }
            let Some(last) = choices.pop() else { return Ok(false) };
            self.texts.room[last.text] += 1;
            self.bindings.free(&last.names);
            from = last.at + 1;
        }
    }

    /// Finds for one after the other what is there, and takes it. Who comes to a limit has found enough.
    fn as_many_as_come(&mut self, kept: &mut BTreeSet<usize>) {
        for line in 0..self.named {
            if let Ok(Some(_)) = self.choose(line, 0) {
                kept.insert(self.slots[line].0);
            }
        }
        let graph = Graph { kinds: &self.kinds[self.named..], fits: self.fits, room: &self.texts.room };
        let mut matching = Matching::new(graph);
        let _ = matching.fill(&mut self.looks);
        let texts = matching.texts;
        let positions = self.slots[self.named..].iter().map(|(position, _)| *position);
        kept.extend(positions.zip(&texts).filter(|(_, text)| text.is_some()).map(|(position, _)| position));
        self.take(texts.into_iter().flatten());
    }

    /// The lines from a position on, with texts that they look like.
    fn matching(&mut self, first: usize) -> Result<Matching<'_>, TooManyWays> {
        let graph = Graph { kinds: &self.kinds[first..], fits: self.fits, room: &self.texts.room };
        let mut matching = Matching::new(graph);
        matching.fill(&mut self.looks)?;
        Ok(matching)
    }

    fn take(&mut self, texts: impl Iterator<Item = usize>) {
        texts.for_each(|text| self.texts.room[text] -= 1);
    }

    /// Takes a text for a line, if one matches: the first from a position on among those that it looks like.
    fn choose(&mut self, line: usize, from: usize) -> Result<Option<Choice>, TooManyWays> {
        let Slot { line: number, pattern, block: _ } = self.slots[line].1;
        for (at, &text) in self.fits[self.kinds[line]].iter().enumerate().skip(from) {
            if self.texts.room[text] == 0 {
                continue;
            }
            if self.tries == UNORDERED_TRIES {
                return Err(TooManyWays);
            }
            self.tries += 1;
            if let Some(names) = pattern.bind(self.texts.texts[text], *number, self.bindings) {
                self.texts.room[text] -= 1;
                return Ok(Some(Choice { at, text, names }));
            }
        }
        Ok(None)
    }
}
