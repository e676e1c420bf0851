//! Commands that stand within another one: `async a = put 2 x 1`, `when 0 sends write to 1: cut 0 1`.

use crate::script::arguments::Arguments;
use crate::script::invocation::{Argument, Invocation, Place};
use crate::script::lines::LineParser;
use crate::script::mistake::{Mistake, Tally};
use crate::script::source::Line;
use crate::script::table::{Command, Held, ParameterKind, Phase};
use crate::script::words::Head;

/// Commands are held within each other at most so deep.
const HELD_DEPTH: usize = 8;

/// What holds a command that does not stand alone on its line.
#[derive(Clone, Copy)]
pub(super) struct Holder {
    pub(super) name: &'static str,
    pub(super) holds: Held,
    pub(super) depth: usize,
}

impl<F> LineParser<'_, F> {
    /// Reads the command that `command` holds, from the byte `at` on.
    pub(super) fn read_held(
        &mut self,
        command: &'static Command<F>,
        (line, at): (Line<'_>, usize),
        outer: Option<Holder>,
        tally: &mut Tally,
    ) -> Option<Invocation<F>> {
        let head = Head::behind(line.text, at)?;
        let depth = outer.map_or(1, |outer| outer.depth + 1);
        if depth > HELD_DEPTH {
            tally.add(|| {
                Mistake::new("commands are held too deep within each other", line.place(head.range.clone()))
                    .label("one too many")
                    .help(format!("at most {HELD_DEPTH}"))
            });
            return None;
        }
        let holds = command.parameters.iter().find_map(|parameter| match parameter.kind {
            ParameterKind::Command(holds) => Some(holds),
            _ => None,
        })?;
        self.read_command(line, head, Some(Holder { name: command.name, holds, depth }), tally)
    }

    /// What is not known to happen may start no new node: later lines could not name it.
    pub(super) fn check_joins_nobody_new(
        &self,
        command: &Command<F>,
        read: &Arguments,
        (holder, place): (Holder, Place),
        tally: &mut Tally,
    ) {
        for (parameter, argument) in command.parameters.iter().zip(&read.values) {
            if let (Some(kind), Argument::Node(reference)) = (parameter.kind.joins(), argument)
                && !self.names.iter().any(|name| name == reference.name)
            {
                tally.add(|| {
                    let node = reference.canonical();
                    Mistake::new(format!("`{}` cannot join a new {kind}", holder.name), place)
                        .label(format!("{node} has not joined before"))
                        .help(format!("whether it ever joins would not be known; join {node} on an earlier line"))
                });
            }
        }
    }
}

/// Only some commands can be held by another one.
pub(super) fn check_held<F>(command: &Command<F>, holder: Holder, place: Place, tally: &mut Tally) {
    let Holder { name, holds, .. } = holder;
    let fits = match holds {
        Held::Instant => command.phase == Phase::Step,
        Held::Operation => command.phase == Phase::Operation,
        Held::Fallible => command.is_fallible(),
    };
    if fits {
        return;
    }
    tally.add(|| {
        let help = match (holds, command.phase) {
            (Held::Instant, Phase::Operation) => {
                format!(
                    "`{name}` takes commands that take no time; `async NAME = {} ...` begins this one",
                    command.name
                )
            }
            (Held::Instant, _) => format!("`{name}` takes commands that take no time"),
            (Held::Fallible, _) => {
                format!("`{name}` takes a command that can fail: an operation, a fault, `stabilize`; `expect not ...` says what must not hold")
            }
            (Held::Operation, _) => format!("`{name}` takes an operation of a client, such as put or get"),
        };
        Mistake::new(format!("`{}` cannot stand within `{name}`", command.name), place).label("not here").help(help)
    });
}
