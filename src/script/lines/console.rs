//! Lines that are typed at the console of a node: `s1: printStore` is `printStore s1`.

use std::collections::BTreeMap;

use crate::base::identity::parse_number;
use crate::base::{NodeKind, NodeName};
use crate::script::consoles::Console;
use crate::script::excerpt::quoted;
use crate::script::invocation::NodeReference;
use crate::script::lines::LineParser;
use crate::script::mistake::{Mistake, Tally};
use crate::script::names::Id;
use crate::script::nearest::nearest;
use crate::script::source::Line;
use crate::script::table::{Command, Table};
use crate::script::words::{Head, Quotes, SeparateParenthesis, Word, Words};

/// What can be typed at the consoles of one kind of node: each name, its command, and how that is typed there.
pub(super) type Names<F> = BTreeMap<&'static str, (&'static Command<F>, Console)>;

/// What can be typed at the consoles of servers, and at those of clients.
pub(super) fn names_at_consoles<F>(table: &Table<F>) -> BTreeMap<NodeKind, Names<F>> {
    let mut consoles: BTreeMap<NodeKind, Names<F>> = BTreeMap::new();
    for command in table.commands {
        for console in command.consoles {
            consoles
                .entry(console.of)
                .or_default()
                .extend(console.names.iter().map(|name| (*name, (*command, *console))));
        }
    }
    consoles
}

/// A command, and how it was named.
pub(super) struct Found<F: 'static> {
    pub(super) command: &'static Command<F>,
    pub(super) typed_name: &'static str,
    /// The console at which it is typed.
    pub(super) console: Option<Console>,
    /// Where its name ends.
    pub(super) end: usize,
}

/// The node at whose console a line is typed, and the name of the command behind it.
pub(super) fn take_console<'l>(
    line: Line<'l>,
    head: Head<'l>,
    tally: &mut Tally,
) -> Option<(Option<Word<'l>>, Head<'l>)> {
    let Some((id, _)) = head.name.split_once(':').filter(|(id, _)| is_id(id)) else { return Some((None, head)) };
    let start = head.range.start;
    let console = Word { text: id, range: start..start + id.len(), unquoted: None };
    let behind = Head::behind(line.text, console.range.end + 1);
    if behind.is_none() {
        tally.add(|| {
            Mistake::new(format!("`{id}:` must be followed by a command"), line.place(head.range.clone()))
                .label("a command is expected behind this")
                .help("what follows is typed at the console of that node: `s1: printStore`")
        });
    }
    Some((Some(console), behind?))
}

/// The node that a name is meant to begin the console of, though no colon stands behind it at once: `c1 get 'a'`, `C1: e`,
/// `s1> e`.
pub(super) fn meant_console(name: &str) -> Option<NodeName> {
    let id = name.split([':', '>']).next().unwrap_or(name);
    id.to_lowercase().parse().ok()
}

/// Is the word an id of a node, or meant as one?
fn is_id(word: &str) -> bool {
    parse_number(word).is_some() || word.parse::<NodeName>().is_ok()
}

/// The id that such a word is.
fn id_of(word: &str) -> Id {
    match word.parse::<NodeName>() {
        Ok(name) => Id { kind: Some(name.kind), number: name.number },
        Err(_) => Id { kind: None, number: parse_number(word).unwrap_or_default() },
    }
}

impl<F> LineParser<'_, F> {
    /// The command that is typed at the console of a node; if there is none, that is reported.
    pub(super) fn find_at_console(
        &mut self,
        (line, node): (Line<'_>, &Word<'_>),
        head: &Head<'_>,
        tally: &mut Tally,
    ) -> Option<Found<F>> {
        let kinds = self.kinds_of_console(node);
        let consoles = || kinds.iter().filter_map(|kind| self.consoles.get(kind));
        if let Some((typed_name, (command, console))) = consoles().find_map(|names| names.get_key_value(head.name)) {
            return Some(Found { command, typed_name, console: Some(*console), end: head.range.end });
        }
        let second_words = || consoles().flat_map(|names| second_words(names, head.name));
        if second_words().next().is_none() {
            self.report_not_at_console((line, node), head, &kinds, tally);
            return None;
        }
        let word = Words::after(line.text, head, SeparateParenthesis::Fault).next(Quotes::Ordinary);
        let found = word.as_ref().and_then(|word| second_words().find(|(second, ..)| *second == word.text));
        if let (Some(word), Some((_, typed_name, (command, console)))) = (&word, found) {
            return Some(Found { command, typed_name, console: Some(console), end: word.range.end });
        }
        let known: Vec<_> = second_words().map(|(second, ..)| second).collect();
        let names: Vec<_> = consoles().flat_map(Names::keys).copied().collect();
        report_second_word((line, head), word.as_ref(), (&known, &names), tally);
        None
    }

    /// Of which kind the node of a console is; both where that is not known. A number alone is a server rather than a client.
    fn kinds_of_console(&self, node: &Word<'_>) -> Vec<NodeKind> {
        let id = id_of(node.text);
        let joined = self.names.find(id, None).filter(|_| !self.names.may_be_two()).map(|joined| joined.kind);
        match id.kind.or(joined) {
            Some(kind) => vec![kind],
            None => vec![NodeKind::Server, NodeKind::Client],
        }
    }

    /// The node of a console, if it has joined.
    pub(super) fn node_of_console(&self, node: &Word<'_>, console: Console) -> Option<NodeReference> {
        let joined = self.names.find(id_of(node.text), Some(console.of))?;
        let name = NodeName { kind: console.of, number: joined.number };
        Some(NodeReference { name, typed: node.text.to_owned(), numbering: self.names.numbering() })
    }

    /// What is typed is no command of this console. It may be one of a script, or of another console.
    fn report_not_at_console(
        &mut self,
        (line, node): (Line<'_>, &Word<'_>),
        head: &Head<'_>,
        kinds: &[NodeKind],
        tally: &mut Tally,
    ) {
        if line.is_by_hand() {
            return self.report_not_typed_here((line, node), head, kinds[0], tally);
        }
        let known = self.commands.get(head.name).copied();
        let (name, here) = (head.name, line.place(node.range.clone()));
        let kind = kinds[0];
        let others = self.consoles.iter().filter(|(other, _)| !kinds.contains(other));
        let at_other = others.clone().find_map(|(other, names)| Some((other, named(names, name)?)));
        match (at_other, known) {
            (Some((other, (command, console))), _) => tally.add(|| {
                let message = format!("`{name}` is typed at the console of a {other}, and {} is a {kind}", node.text);
                Mistake::new(message, here).label(format!("a {kind}")).help(line.hint_at(command, Some(console)))
            }),
            (None, Some(command)) => tally.add(|| {
                let place = line.place(node.range.start..node.range.end + 1);
                let mistake = Mistake::new(format!("`{name}` cannot be typed at the console of a node"), place);
                let takes_node = command.parameters.first().is_some_and(|first| first.kind.may_be_one_node());
                match takes_node {
                    true => mistake.label("it is a line of a script").help(format!(
                        "`{name} {}` names the node\n{}",
                        node.text,
                        line.hint(command)
                    )),
                    false => mistake.label("remove this").help(line.hint(command)),
                }
            }),
            (None, None) => tally.add(|| {
                let own = kinds.iter().filter_map(|kind| self.consoles.get(kind));
                let own: Vec<_> = own.flat_map(Names::keys).copied().collect();
                let others: Vec<_> = others.flat_map(|(_, names)| names.keys()).copied().collect();
                let near = nearest_name(name, &own).or_else(|| nearest_name(name, &others));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("at the console of a {kind} one types {}", own.join(", ")),
                };
                Mistake::new(format!("there is no command {}", quoted(name)), line.place(head.range.clone()))
                    .label("not a command")
                    .help(help)
            }),
        }
        if let Some(command) = known {
            self.read_names_as(command, line, head);
        }
    }
}

/// The second words of the names that begin with `first`, each with its whole name and its command.
fn second_words<'n, F>(
    names: &'n Names<F>,
    first: &'n str,
) -> impl Iterator<Item = (&'static str, &'static str, (&'static Command<F>, Console))> + 'n {
    names.iter().filter_map(move |(name, found)| {
        let (head, second) = name.split_once(' ')?;
        (head == first).then_some((second, *name, *found))
    })
}

/// The first command that is typed under this name, or under two words of which it is the first, and how it is typed.
pub(super) fn named<F>(names: &Names<F>, name: &str) -> Option<(&'static Command<F>, Console)> {
    names.get(name).copied().or_else(|| second_words(names, name).next().map(|(.., found)| found))
}

/// The example of a command at its console, under the name that begins with what was typed.
pub(super) fn example_of(console: Console, typed: &str) -> String {
    let begins = |name: &&str| *name == typed || name.split(' ').next() == Some(typed);
    let names = || console.names.iter().copied();
    let used = names().filter(|name| console.example.contains(&format!(": {name}"))).max_by_key(|name| name.len());
    match (used, names().find(begins)) {
        (Some(used), Some(wanted)) => console.example.replacen(&format!(": {used}"), &format!(": {wanted}"), 1),
        (None, _) | (_, None) => console.example.to_owned(),
    }
}

/// The name, or the first word of one, that a mistyped one is near to.
pub(super) fn nearest_name(typed: &str, names: &[&'static str]) -> Option<&'static str> {
    nearest(typed, names.iter().map(|name| name.split_once(' ').map_or(*name, |(first, _)| first)))
}

/// A name of two words has a second one that is not known, or none.
fn report_second_word(
    (line, head): (Line<'_>, &Head<'_>),
    word: Option<&Word<'_>>,
    (known, names): (&[&'static str], &[&'static str]),
    tally: &mut Tally,
) {
    let name = head.name;
    tally.add(|| {
        let listed = known.join(", ");
        let Some(word) = word else {
            let end = head.range.end;
            return Mistake::new(format!("`{name}` must be followed by another word"), line.place(end..end))
                .label(format!("expected one of {listed}"));
        };
        // `print queue` is `printQueue`.
        let one_word = || nearest(&format!("{name}{}", word.text), names.iter().copied()).map(str::to_owned);
        let meant = nearest(word.text, known.iter().copied()).map(|near| format!("{name} {near}")).or_else(one_word);
        let meant = meant.map_or_else(String::new, |meant| format!("did you mean `{meant}`? "));
        Mistake::new(format!("`{name}` knows no {}", quoted(word.text)), line.place(word.range.clone()))
            .label("not one of the choices")
            .help(format!("{meant}behind `{name}` stands one of {listed}"))
    });
}
