//! Lines that are typed at the console of a server or client by hand: `printStore` there is `s1: printStore` in a script.
//!
//! The cluster does not change: its servers have joined, and so has the node of the console. A number is the node that is
//! asked for, as it is behind `cluster`.

use crate::base::{NodeKind, NodeName};
use crate::script::excerpt::quoted;
use crate::script::invocation::{Invocation, NodeReference, Numbering, Place};
use crate::script::lines::console::{Names, meant_console, named, nearest_name};
use crate::script::lines::{LineParser, control_mistake, first_control, is_short};
use crate::script::mistake::{Mistake, Tally};
use crate::script::source::Line;
use crate::script::table::{Phase, Table};
use crate::script::words::{Head, Word};

/// Where the nodes of the cluster joined: no line that was typed.
const NOWHERE: Place = Place { line: 0, column: 1, start: 0, end: 0 };
/// What a help for a name that is none ends with.
const HELP_LISTS: &str = "`help` lists what can be typed here";

/// Reads the lines of one console.
pub struct ConsoleParser<'t, F: 'static> {
    lines: LineParser<'t, F>,
    node: NodeName,
    /// The node, as a word.
    word: String,
}

impl<'t, F> ConsoleParser<'t, F> {
    /// The console of `node` in a cluster of these servers, before its first line.
    ///
    /// # Panics
    /// If the table is not sound.
    #[must_use]
    pub fn new(table: &'t Table<F>, node: NodeName, servers: &[NodeName]) -> Self {
        let mut lines = LineParser::new(table);
        lines.names.number_kinds_apart();
        for name in servers.iter().copied().chain([node]) {
            lines.names.join(&NodeReference { name, typed: name.to_string(), numbering: Numbering::PerKind }, NOWHERE);
        }
        Self { lines, node, word: node.to_string() }
    }

    /// With servers that listen at ports, by which links can be named.
    #[must_use]
    pub fn with_ports(mut self, ports: impl IntoIterator<Item = (NodeName, u16)>) -> Self {
        for (server, port) in ports {
            self.lines.names.listens(server, port);
        }
        self
    }

    /// The next line, given without its end. Nothing if it is blank or a comment.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&mut self, line_number: usize, text: &str) -> Result<Option<Invocation<F>>, Vec<Mistake>> {
        let mut tally = Tally::default();
        let invocation = self.lines.read_by_hand(Line::by_hand(line_number, text), &self.word, &mut tally);
        if tally.count() == 0 {
            return Ok(invocation);
        }
        let mut mistakes = tally.into_kept();
        for mistake in &mut mistakes {
            // Nobody typed the line on which a node of the cluster joined.
            mistake.also.take_if(|(place, _)| place.line == NOWHERE.line);
        }
        Err(mistakes)
    }

    /// The names that can be typed, in byte order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.lines.consoles.get(&self.node.kind).into_iter().flat_map(Names::keys).copied()
    }
}

impl<F> LineParser<'_, F> {
    /// Reads a line that is typed at the console of `node`, and adds what is wrong with it to the tally.
    fn read_by_hand<'l>(&mut self, line: Line<'l>, node: &'l str, tally: &mut Tally) -> Option<Invocation<F>> {
        if !is_short(line, tally) {
            return None;
        }
        if let Some((at, letter)) = first_control(line.text) {
            tally.add(|| control_mistake(line, at, letter));
            return None;
        }
        let head = Head::of(line.text)?;
        let node = Word { text: node, range: head.range.start..head.range.start, unquoted: None };
        self.read_typed(line, (Some(node), head), None, tally)
    }

    /// What is typed by hand is no command of this console.
    pub(super) fn report_not_typed_here(
        &self,
        (line, node): (Line<'_>, &Word<'_>),
        head: &Head<'_>,
        kind: NodeKind,
        tally: &mut Tally,
    ) {
        let name = head.name;
        let at_other = self.consoles.iter().find_map(|(kind, names)| Some((kind, named(names, name)?)));
        let known = self.commands.get(name);
        tally.add(|| {
            let mistake = |message| Mistake::new(message, line.place(head.range.clone()));
            if let Some(other) = meant_console(name) {
                let message = format!("{} names a node, and this console is that of {}", quoted(name), node.text);
                let help = format!("what is typed at the console of {other} is typed there");
                return mistake(message).label("a line begins with a command").help(
                    match other.to_string() == node.text {
                        true => HELP_LISTS.to_owned(),
                        false => help,
                    },
                );
            }
            match (at_other, known) {
                (Some((other, (command, console))), _) => {
                    mistake(format!("`{name}` is typed at the console of a {other}, and this is that of {}", node.text))
                        .label("not known here")
                        .help(line.hint_at(command, Some(console)))
                }
                (None, Some(command)) => mistake(format!("`{name}` is a line of a script, and typed at no console"))
                    .label("not known here")
                    .help(match command.phase {
                        Phase::End => "`e` leaves".to_owned(),
                        Phase::Setting
                        | Phase::Step
                        | Phase::Operation
                        | Phase::Passage
                        | Phase::Block
                        | Phase::BlockEnd
                        | Phase::Founding => HELP_LISTS.to_owned(),
                    }),
                (None, None) => {
                    let own = self.consoles.get(&kind).into_iter().flat_map(Names::keys);
                    let near = nearest_name(name, &own.copied().collect::<Vec<_>>());
                    mistake(format!("there is no command {}", quoted(name)))
                        .label("not a command")
                        .help(near.map_or_else(|| HELP_LISTS.to_owned(), |near| format!("did you mean `{near}`?")))
                }
            }
        });
    }
}
