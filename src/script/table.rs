//! The entries of the table of commands: one for each command, and everything that is said about it comes from there.
//!
//! [`Table::assert_sound`] holds what the parser relies on; a table that breaks it is a bug, and panics.
//!
//! Deliberately missing: the table itself, and any knowledge of what its functions do.

use std::collections::BTreeSet;

use crate::base::NodeKind;

/// All commands, in the order in which help lists them.
///
/// Invariants, checked by [`Table::assert_sound`]:
/// 1. No two commands share a name or alias, and each can be typed as one word.
/// 2. A command's parameters that are always given stand before those after a keyword.
/// 3. A command's keywords differ from each other.
/// 4. A command joins at most one node.
/// 5. A command has two [`ParameterKind::LinkEnd`] parameters or none.
#[derive(Debug)]
pub struct Table<F: 'static> {
    /// One entry a command.
    pub commands: &'static [&'static Command<F>],
}

impl<F> Table<F> {
    /// The command with this name or alias, spelled exactly so.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Command<F>> {
        self.commands.iter().copied().find(|command| command.names().any(|known| known == name))
    }

    /// All names and aliases, in the table's order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<F> {
        self.commands.iter().flat_map(|command| command.names())
    }

    /// Checks the invariants of the table.
    ///
    /// # Panics
    /// If one does not hold: a bug of the table.
    pub fn assert_sound(&self) {
        let mut seen = BTreeSet::new();
        for name in self.names() {
            let word = !name.is_empty() && !name.contains([' ', '\t', '(', ')', ',', '#', '"', '/']);
            assert!(word, "`{name}` cannot be typed as the name of a command");
            assert!(seen.insert(name), "`{name}` names two commands");
        }
        for command in self.commands {
            command.assert_sound();
        }
    }
}

/// One command: how it is typed, when, and what carries it out.
#[derive(Debug)]
pub struct Command<F> {
    /// Its name, as transcripts and help write it: `breakConnection`.
    pub name: &'static str,
    /// Other names for the same command.
    pub aliases: &'static [&'static str],
    /// What follows the name, in order.
    pub parameters: &'static [Parameter],
    /// Where in a script it may stand.
    pub phase: Phase,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What else there is to know.
    pub details: &'static str,
    /// A line that uses it.
    pub example: &'static str,
    /// What carries it out.
    pub run: F,
}

impl<F> Command<F> {
    /// How it is typed: `delay A B DELAY [jitter JITTER]`.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut usage = self.name.to_owned();
        for parameter in self.parameters {
            usage.push(' ');
            match parameter.given {
                Given::Always => usage.push_str(&parameter.shown()),
                Given::After(keyword) => usage.push_str(&format!("[{keyword} {}]", parameter.shown())),
            }
        }
        usage
    }

    /// The name, then the aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<F> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// What every help for a mistake in this command ends with.
    pub(super) fn hint(&self) -> String {
        format!("usage: {}\nexample: {}", self.usage(), self.example)
    }

    fn assert_sound(&self) {
        let name = self.name;
        let keywords: Vec<_> = self.parameters.iter().filter_map(Parameter::keyword).collect();
        let distinct: BTreeSet<_> = keywords.iter().collect();
        assert!(distinct.len() == keywords.len(), "`{name}` has a keyword twice");
        assert!(
            self.parameters.is_sorted_by_key(|parameter| parameter.keyword().is_some()),
            "a parameter of `{name}` that is always given stands after an optional one"
        );
        let count = |wanted: fn(&ParameterKind) -> bool| {
            self.parameters.iter().filter(|parameter| wanted(&parameter.kind)).count()
        };
        assert!(count(|kind| kind.joins().is_some()) <= 1, "`{name}` joins more than one node");
        let ends = count(|kind| matches!(kind, ParameterKind::LinkEnd));
        assert!(ends == 0 || ends == 2, "a link of `{name}` has {ends} ends");
    }
}

/// Where in a script a command may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the first command that is not a setting, and only once.
    Setting,
    /// Anywhere, any number of times.
    Step,
    /// It ends the script: what follows is not read.
    End,
}

/// One parameter of a command.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name; usage lines write it in capitals.
    pub name: &'static str,
    /// What it takes.
    pub kind: ParameterKind,
    /// Whether it may be left out.
    pub given: Given,
}

impl Parameter {
    /// The name as usage lines and mistakes write it.
    pub(super) fn shown(&self) -> String {
        let name = self.name.to_uppercase();
        match self.kind {
            ParameterKind::CommandLine => format!("\"{name}\""),
            ParameterKind::Count(unit) => format!("{name} {unit}"),
            ParameterKind::Links => "A [->] B".to_owned(),
            ParameterKind::Groups => "NODE... | NODE...".to_owned(),
            ParameterKind::Choice(choices) => choices.iter().map(Choice::shown).collect::<Vec<_>>().join("|"),
            ParameterKind::NewServer
            | ParameterKind::NewClient
            | ParameterKind::Server
            | ParameterKind::Client
            | ParameterKind::Node
            | ParameterKind::LinkEnd
            | ParameterKind::Key
            | ParameterKind::Value
            | ParameterKind::Duration
            | ParameterKind::Seed
            | ParameterKind::Percent
            | ParameterKind::Number
            | ParameterKind::OneOf(_) => name,
        }
    }

    /// What it is called where it is missing; what may stand there is in the usage line.
    pub(super) fn called(&self) -> String {
        match self.kind {
            ParameterKind::Choice(_) => self.name.to_uppercase(),
            _ => self.shown(),
        }
    }

    /// The keyword that introduces it, if it is optional.
    pub(super) fn keyword(&self) -> Option<&'static str> {
        match self.given {
            Given::Always => None,
            Given::After(keyword) => Some(keyword),
        }
    }
}

/// Whether a parameter may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It must be there, in its place.
    Always,
    /// It is optional, and introduced by this keyword: `[jitter JITTER]`.
    After(&'static str),
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug)]
pub enum ParameterKind {
    /// The id of a server that this command joins: a new one, or one that joined as a server before.
    NewServer,
    /// The id of a client that this command joins: a new one, or one that joined as a client before.
    NewClient,
    /// A server that joined on an earlier line.
    Server,
    /// A client that joined on an earlier line.
    Client,
    /// A server or client that joined on an earlier line.
    Node,
    /// One end of a link: like `Node`; the two ends are two nodes, and not both clients.
    LinkEnd,
    /// Links: `A B`, or `A -> B` for one way; each end a node, several with commas between them, or `*`.
    Links,
    /// Groups of nodes, with `|` between them, up to the line's end.
    Groups,
    /// A key: a word as it stands.
    Key,
    /// A value: a word as it stands.
    Value,
    /// A length of time, such as `50ms`.
    Duration,
    /// A whole number from 0 to [`limits::GREATEST_SEED`](crate::base::limits::GREATEST_SEED).
    Seed,
    /// A part of all, from `0%` to `100%`, with at most four places behind the point; in millionths.
    Percent,
    /// A whole number of 64 bits.
    Number,
    /// A whole number of 64 bits and the word for what is counted: `3 outputs`. `1 output` will do too.
    Count(&'static str),
    /// One of these words, some of them with something behind it.
    Choice(&'static [Choice]),
    /// One of these words.
    OneOf(fn() -> Vec<&'static str>),
    /// A program with its arguments, in double quotes (`\"` and `\\` stand for a quote and a backslash), that a shell
    /// would split into at least one word.
    CommandLine,
}

/// A word, and what stands behind it.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The word.
    pub word: &'static str,
    /// What follows it, if anything does.
    pub parameter: Option<Parameter>,
}

/// A parameter offers a word once.
impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Choice {}

impl Choice {
    /// As usage lines write it: `flip OFFSET`.
    fn shown(&self) -> String {
        match &self.parameter {
            Some(parameter) => format!("{} {}", self.word, parameter.shown()),
            None => self.word.to_owned(),
        }
    }
}

impl ParameterKind {
    /// What kind of node it joins, if it joins one.
    pub(super) fn joins(&self) -> Option<NodeKind> {
        match self {
            Self::NewServer => Some(NodeKind::Server),
            Self::NewClient => Some(NodeKind::Client),
            Self::Server
            | Self::Client
            | Self::Node
            | Self::LinkEnd
            | Self::Links
            | Self::Groups
            | Self::Key
            | Self::Value
            | Self::Duration
            | Self::Seed
            | Self::Percent
            | Self::Number
            | Self::Count(_)
            | Self::Choice(_)
            | Self::OneOf(_)
            | Self::CommandLine => None,
        }
    }

    /// Does it take a key or a value, in which no character is special?
    pub(super) fn is_key_or_value(&self) -> bool {
        matches!(self, Self::Key | Self::Value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Parameter = Parameter { name: "id", kind: ParameterKind::NewServer, given: Given::Always };
    const OPTION: Parameter = Parameter { name: "k", kind: ParameterKind::Key, given: Given::After("key") };
    const END: Parameter = Parameter { name: "a", kind: ParameterKind::LinkEnd, given: Given::Always };

    const fn command(name: &'static str, parameters: &'static [Parameter]) -> Command<()> {
        Command { name, aliases: &[], parameters, phase: Phase::Step, summary: "", details: "", example: "", run: () }
    }

    #[test]
    fn each_unsound_table_is_refused() {
        static SAME: Command<()> = command("a", &[]);
        static WORDS: Command<()> = command("a b", &[]);
        static ORDER: Command<()> = command("a", &[OPTION, ID]);
        static KEYWORDS: Command<()> = command("a", &[OPTION, OPTION]);
        static JOINS: Command<()> = command("a", &[ID, ID]);
        static ENDS: Command<()> = command("a", &[END]);
        static UNSOUND: [&[&Command<()>]; 6] =
            [&[&SAME, &SAME], &[&WORDS], &[&ORDER], &[&KEYWORDS], &[&JOINS], &[&ENDS]];
        for commands in UNSOUND {
            let refused = std::panic::catch_unwind(|| Table { commands }.assert_sound());
            assert!(refused.is_err(), "{commands:?}");
        }
        static SOUND: Command<()> = command("b", &[ID, OPTION]);
        static TABLE: Table<()> = Table { commands: &[&SAME, &SOUND] };
        TABLE.assert_sound();
    }
}
