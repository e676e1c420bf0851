//! As many lines as can be, each with a text of its own: a largest matching of a bipartite graph.
//!
//! Lines are placed one after the other. One that finds all its texts taken moves others on along a shortest chain (Berge
//! 1957, augmenting paths). Texts from which no chain leads to a free one are never looked at again: none will.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::base::limits::UNORDERED_LOOKS;

/// Looking at texts has come to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

/// How often matchings may still look whether a text is right for a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looks(usize);

impl Default for Looks {
    fn default() -> Self {
        Self(UNORDERED_LOOKS)
    }
}

impl Looks {
    fn spend(&mut self, count: usize) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(count).ok_or(Exhausted)?;
        Ok(())
    }
}

/// What is to be matched. Lines, their kinds and texts are known by their positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Graph<'a> {
    /// The kind of each line: lines of one kind look like the same texts.
    pub(super) kinds: &'a [usize],
    /// Which texts are right for each kind.
    pub(super) fits: &'a [Vec<usize>],
    /// How many lines each text is there for.
    pub(super) room: &'a [usize],
}

/// Lines, and the texts that they have got.
#[derive(Debug)]
pub(super) struct Matching<'a> {
    graph: Graph<'a>,
    /// Which text each line has.
    pub(super) texts: Vec<Option<usize>>,
    /// Which lines have each text. A text that has no room for more never gets any: lines move on to make use of another.
    holders: Vec<BTreeSet<usize>>,
    /// How many texts of each kind, from the first, have no more room.
    full: Vec<usize>,
    /// Kinds and texts from which no chain leads to a text with room.
    dead: (BTreeSet<usize>, BTreeSet<usize>),
}

impl<'a> Matching<'a> {
    /// Of nothing.
    pub(super) fn new(graph: Graph<'a>) -> Self {
        Self {
            graph,
            texts: vec![None; graph.kinds.len()],
            holders: vec![BTreeSet::new(); graph.room.len()],
            full: vec![0; graph.fits.len()],
            dead: (BTreeSet::new(), BTreeSet::new()),
        }
    }

    /// Gives as many lines as can be a text.
    ///
    /// # Errors
    /// It would take too long; some lines have their texts then.
    pub(super) fn fill(&mut self, looks: &mut Looks) -> Result<(), Exhausted> {
        (0..self.graph.kinds.len()).try_for_each(|line| self.place(line, looks))
    }

    /// Has every line a text?
    pub(super) fn is_whole(&self) -> bool {
        self.texts.iter().all(Option::is_some)
    }

    /// Gives a line a text, if others can move on for it.
    fn place(&mut self, start: usize, looks: &mut Looks) -> Result<(), Exhausted> {
        // Which line has come to a text, looking for one, and the kinds that have looked.
        let (mut reached, mut kinds) = (BTreeMap::new(), BTreeSet::new());
        let mut waiting = VecDeque::from([start]);
        while let Some(line) = waiting.pop_front() {
            let kind = self.graph.kinds[line];
            if self.dead.0.contains(&kind) || !kinds.insert(kind) {
                continue;
            }
            if let Some(text) = self.with_room(kind, looks)? {
                reached.insert(text, line);
                self.move_on(text, &reached);
                return Ok(());
            }
            looks.spend(self.graph.fits[kind].len())?;
            for &text in &self.graph.fits[kind] {
                if !self.dead.1.contains(&text) && !reached.contains_key(&text) {
                    reached.insert(text, line);
                    waiting.extend(&self.holders[text]);
                }
            }
        }
        self.dead.0.extend(kinds);
        self.dead.1.extend(reached.into_keys());
        Ok(())
    }

    /// The first text of a kind that has room.
    fn with_room(&mut self, kind: usize, looks: &mut Looks) -> Result<Option<usize>, Exhausted> {
        while let Some(&text) = self.graph.fits[kind].get(self.full[kind]) {
            if self.holders[text].len() < self.graph.room[text] {
                return Ok(Some(text));
            }
            looks.spend(1)?;
            self.full[kind] += 1;
        }
        Ok(None)
    }

    /// Moves every line of a chain one text on, from its end back to the line that has none.
    fn move_on(&mut self, free: usize, reached: &BTreeMap<usize, usize>) {
        let mut next = Some(free);
        while let Some(text) = next {
            let line = reached[&text];
            self.holders[text].insert(line);
            next = self.texts[line].replace(text);
            if let Some(left) = next {
                self.holders[left].remove(&line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many lines get a text.
    fn size(kinds: &[usize], fits: &[Vec<usize>], room: &[usize]) -> usize {
        let mut matching = Matching::new(Graph { kinds, fits, room });
        matching.fill(&mut Looks::default()).unwrap();
        for (line, text) in matching.texts.iter().enumerate() {
            assert!(text.is_none_or(|text| fits[kinds[line]].contains(&text)));
        }
        for (text, room) in room.iter().enumerate() {
            assert!(matching.texts.iter().filter(|&&has| has == Some(text)).count() <= *room);
        }
        matching.texts.iter().flatten().count()
    }

    /// The same by trying everything.
    fn size_by_trying(kinds: &[usize], fits: &[Vec<usize>], room: &mut Vec<usize>) -> usize {
        let Some((first, rest)) = kinds.split_first() else { return 0 };
        let mut best = size_by_trying(rest, fits, room);
        for &text in &fits[*first] {
            if room[text] > 0 {
                room[text] -= 1;
                best = best.max(1 + size_by_trying(rest, fits, room));
                room[text] += 1;
            }
        }
        best
    }

    #[test]
    fn a_line_moves_on_for_another() {
        assert_eq!(size(&[0, 1], &[vec![0, 1], vec![0]], &[1, 1]), 2);
        assert_eq!(size(&[0, 0, 0], &[vec![0]], &[2]), 2);
        assert_eq!(size(&[0, 1], &[vec![], vec![0]], &[1]), 1);
    }

    #[test]
    fn looking_has_a_limit() {
        let graph = Graph { kinds: &[0, 0], fits: &[vec![0]], room: &[1] };
        assert_eq!(Matching::new(graph).fill(&mut Looks(1)), Err(Exhausted));
    }

    proptest! {
        #[test]
        fn no_matching_is_larger(
            kinds in proptest::collection::vec(0_usize..4, 0..7),
            fits in proptest::collection::vec(proptest::collection::btree_set(0_usize..4, 0..4), 4),
            room in proptest::collection::vec(0_usize..3, 4),
        ) {
            let mut room = room;
            let fits: Vec<Vec<usize>> = fits.into_iter().map(|texts| texts.into_iter().collect()).collect();
            prop_assert_eq!(size(&kinds, &fits, &room), size_by_trying(&kinds, &fits, &mut room));
        }
    }
}
