//! Lines that start at one instant: from `par` to `end`.

use crate::script::invocation::Place;
use crate::script::lines::LineParser;
use crate::script::mistake::{Mistake, Tally};
use crate::script::source::Line;
use crate::script::table::{Command, Phase};

impl<F> LineParser<'_, F> {
    /// Do lines stand within a block here?
    #[must_use]
    pub fn in_block(&self) -> bool {
        self.block.is_some()
    }

    /// The script has been read to its end.
    pub(super) fn note_end(&mut self, tally: &mut Tally) {
        if let Some((name, place)) = self.block.take() {
            tally.add(|| {
                Mistake::new(format!("`{name}` has no `end`"), place)
                    .label("the lines that start at one instant begin here")
                    .help("`end` on a line of its own ends them")
            });
        }
    }

    /// What may stand within a block, and what only there.
    pub(super) fn check_block(&self, command: &Command<F>, (line, place): (Line<'_>, Place), tally: &mut Tally) {
        let name = command.name;
        match (self.block, command.phase) {
            (None, Phase::BlockEnd) => tally.add(|| {
                Mistake::new(format!("`{name}` ends nothing"), place)
                    .label("no block is open here")
                    .help(format!("`par` begins lines that start at one instant\n{}", line.hint(command)))
            }),
            (Some((block, begin)), Phase::Setting | Phase::Founding | Phase::Passage | Phase::Block | Phase::End) => {
                tally.add(|| {
                    Mistake::new(format!("`{name}` cannot stand within `{block}`"), place)
                        .label("the lines there start at one instant")
                        .help("operations of clients may stand there, and commands that take no time; `end` ends them")
                        .also(begin, format!("`{block}` begins here"))
                });
            }
            (None, _) | (Some(_), Phase::Step | Phase::Operation | Phase::BlockEnd) => {}
        }
    }
}
