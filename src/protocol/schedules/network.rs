//! The messages under way, and the links that are cut.

use std::collections::{BTreeSet, VecDeque};

use crate::machine::Payload;

/// More than so many messages are not under way: the oldest is lost.
const UNDER_WAY: usize = 120;

/// A message under way.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Who sent it.
    pub from: usize,
    /// To whom.
    pub to: usize,
    /// Which life of the recipient it is for.
    pub life: u32,
    /// What it says.
    pub payload: Payload,
}

/// The network.
#[derive(Debug, Default)]
pub struct Network {
    letters: VecDeque<Letter>,
    cut: BTreeSet<(usize, usize)>,
}

impl Network {
    /// A message sets out, unless its link is cut.
    pub fn send(&mut self, letter: Letter) {
        if self.cut.contains(&(letter.from, letter.to)) {
            return;
        }
        if self.letters.len() == UNDER_WAY {
            self.letters.pop_front();
        }
        self.letters.push_back(letter);
    }

    /// The message at this place, in thousandths of all that are under way.
    pub fn take(&mut self, pick: u64) -> Option<Letter> {
        let place = self.letters.len() as u64 * pick / 1000;
        self.letters.remove(usize::try_from(place).ok()?)
    }

    /// The oldest message.
    pub fn next(&mut self) -> Option<Letter> {
        self.letters.pop_front()
    }

    /// The newest messages for a server.
    pub fn take_for(&mut self, to: usize, count: u64) -> Vec<Letter> {
        let mut taken = Vec::new();
        while (taken.len() as u64) < count {
            let Some(place) = self.letters.iter().rposition(|letter| letter.to == to) else { break };
            taken.extend(self.letters.remove(place));
        }
        taken.reverse();
        taken
    }

    /// Cuts a link: what is on it is lost.
    pub fn cut(&mut self, from: usize, to: usize) {
        self.cut.insert((from, to));
        self.letters.retain(|letter| (letter.from, letter.to) != (from, to));
    }

    /// Mends all links.
    pub fn mend(&mut self) {
        self.cut.clear();
    }
}
