//! Schedules drawn from a seed: first which faults there are and how often, then the actions.

use crate::base::{Draw, Span};
use crate::protocol::schedules::action::{Action, Fate, Step};
use crate::protocol::schedules::subject::Subject;
use crate::wire::control::{Reads, Variant};

/// How many clients ask.
pub const CLIENTS: usize = 3;

/// A schedule, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// How many servers there are.
    pub servers: usize,
    /// Which ways the servers go.
    pub variant: Variant,
    /// Are some values so large that logs move in several pieces?
    pub has_large_values: bool,
    /// What happens.
    pub steps: Vec<Step>,
}

/// How often each kind of action is drawn, in the order of [`Schedule::action`].
const USUAL: [u64; 15] = [16, 24, 6, 4, 8, 4, 2, 2, 6, 1, 2, 1, 4, 2, 8];
/// One schedule of so many has large values: they take their time.
const LARGE_EVERY: u64 = 256;

/// A key from which one draw after another is made.
struct Dice {
    key: Draw,
    drawn: u64,
}

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        self.key.numbered(self.drawn).below(bound)
    }

    fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).expect("below a usize")
    }
}

impl Schedule {
    /// The schedule of a seed.
    pub fn draw<S: Subject>(seed: u64, servers: usize, steps: usize) -> Self {
        let mut dice = Dice { key: Draw::of(seed).named("schedule").numbered(servers as u64), drawn: 0 };
        let weights = USUAL.map(|usual| match dice.below(6) {
            0 => 0,
            1 => usual * 4,
            2..6 => usual,
            _ => unreachable!("below six"),
        });
        let has_large_values = dice.below(LARGE_EVERY) == 0;
        let reads = [Reads::Chain, Reads::Index][dice.index(2)];
        let prevote = S::PREVOTES[dice.index(S::PREVOTES.len())];
        let variant = Variant { reads, prevote };
        let steps = (0..steps).map(|_| {
            let action = Self::action(&mut dice, &weights, servers);
            Step { after: Self::pause(&mut dice), action }
        });
        Self { servers, variant, has_large_values, steps: steps.collect() }
    }

    /// Mostly much less than an election timeout, and now and then more.
    fn pause(dice: &mut Dice) -> Span {
        let longest = if dice.below(16) == 0 { 700 } else { 20 };
        Span::milliseconds(dice.below(longest))
    }

    fn action(dice: &mut Dice, weights: &[u64], servers: usize) -> Action {
        // At least one kind is always there: messages that flow.
        let mut point = dice.below(weights.iter().sum::<u64>() + 1);
        let kind = weights.iter().position(|&weight| {
            let is_it = point < weight;
            point = point.saturating_sub(weight);
            is_it
        });
        let (server, client) = (dice.index(servers), dice.index(CLIENTS));
        match kind {
            Some(0) => {
                let fate = [Fate::Once, Fate::Once, Fate::Once, Fate::Again, Fate::Lost][dice.index(5)];
                Action::Deliver { pick: dice.below(1000), fate }
            }
            Some(2) => Action::Gather { server, count: 1 + dice.below(6), client },
            Some(3) => Action::Wake { server, pick: dice.below(1000) },
            Some(4) => Action::Ask { server, client, what: dice.below(1000) },
            Some(5) => Action::AskAgain { server, client, back: dice.below(3) },
            Some(6) => Action::Nominate { server },
            Some(7) => {
                Action::Crash { server, outputs: dice.below(8), keep: [0, 1000, dice.below(1000)][dice.index(3)] }
            }
            Some(8) => Action::Restart { server },
            Some(9) if dice.below(8) == 0 => Action::Wipe { server },
            Some(10) => Action::Cut { from: server, to: dice.index(servers) },
            Some(11) => Action::Isolate { server },
            Some(12) => Action::Mend,
            Some(13) => Action::Slow { server },
            Some(14) => Action::Sync { server, count: 1 + dice.below(3) },
            Some(_) | None => Action::Flow { count: 1 + dice.below(12) },
        }
    }
}
