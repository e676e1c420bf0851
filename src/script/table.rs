//! The entries of the table of commands: one for each command, and everything that is said about it comes from there.
//!
//! [`Table::assert_sound`] holds what the parser relies on; a table that breaks it is a bug, and panics.
//!
//! Deliberately missing: the table itself, and any knowledge of what its functions do.

use std::collections::BTreeSet;

use crate::base::NodeKind;
use crate::script::consoles::{Console, Shape};
use crate::script::yaml::key_of;

/// All commands, in the order in which help lists them.
///
/// Invariants, checked by [`Table::assert_sound`]:
/// 1. No two commands share a name or alias, and each can be typed as one word.
/// 2. A command's parameters that are always given stand before those after a keyword.
/// 3. A command's keywords differ from each other.
/// 4. A command joins at most one node, or is the one that founds the cluster.
/// 5. A command has two [`ParameterKind::LinkEnd`] parameters or none.
/// 6. A command has parameters after a keyword or named ones, not both; a named one takes one word.
/// 7. A parameter that needs another one stands right behind it.
/// 8. A command that holds another one ends with it.
/// 9. No two commands share a name at one kind of console; a name there is one word or two, and no first of two words is
///    a name by itself.
/// 10. At a console where the node of the console stands for the first parameter, that parameter can be one node.
/// 11. No two parameters of a command share the key that they have in YAML.
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
        for kind in [NodeKind::Server, NodeKind::Client] {
            self.assert_sound_at_consoles_of(kind);
        }
    }

    fn assert_sound_at_consoles_of(&self, kind: NodeKind) {
        let consoles =
            || self.commands.iter().flat_map(|command| command.consoles.iter().map(move |at| (*command, at)));
        let names = consoles().filter(|(_, console)| console.of == kind);
        let names: Vec<_> = names.flat_map(|(_, console)| console.names.iter().copied()).collect();
        let mut seen = BTreeSet::new();
        for name in &names {
            assert!(seen.insert(name), "`{name}` names two commands at the console of a {kind}");
            let words: Vec<_> = name.split(' ').collect();
            assert!(words.len() <= 2 && !words.contains(&""), "`{name}` cannot be typed at the console of a {kind}");
            assert!(words.len() == 1 || !names.contains(&words[0]), "`{}` is a name and a half", words[0]);
        }
        for (command, console) in consoles() {
            assert!(!console.names.is_empty(), "`{}` has no name at a console", command.name);
            let first = command.parameters.first().map(|parameter| parameter.kind);
            let fits = match console.shape {
                Shape::Link => matches!(first, Some(ParameterKind::Links)),
                Shape::Own | Shape::OwnUnlessNamed => first.is_some_and(|kind| kind.may_be_one_node()),
                Shape::Whole => true,
            };
            assert!(fits, "the console's node is not the first word of `{}`", command.name);
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
    /// At whose consoles it may be typed too, and how: `s1: printStore` is `printStore s1`. Several of one kind of node
    /// differ in what they ask by hand.
    pub consoles: &'static [Console],
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What else there is to know.
    pub details: &'static str,
    /// A line that uses it.
    pub example: &'static str,
    /// Scripts that show what it does, each as its path below `scripts/` without its ending. A fault has one for each of
    /// its kinds.
    pub scripts: &'static [&'static str],
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
                Given::Perhaps | Given::AtEnd => usage.push_str(&format!("[{}]", parameter.shown())),
                Given::After(keyword) => usage.push_str(&format!("[{keyword} {}]", parameter.shown())),
                // It stands within the brackets of what it needs.
                Given::With { keyword, .. } => {
                    usage.truncate(usage.trim_end().trim_end_matches(']').len());
                    usage.push_str(&format!(" [{keyword} {}]]", parameter.shown()));
                }
                Given::Named(_) => usage.push_str(&parameter.called()),
                Given::MayBeNamed(_) => usage.push_str(&format!("[{}]", parameter.called())),
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

    /// The same, where it is typed at a console.
    pub(super) fn hint_at(&self, console: Console) -> String {
        format!("usage: {}\nexample: {}", console.usage(self.name, self.parameters), console.example)
    }

    /// The same, where that is the console of a node by hand.
    pub(super) fn hint_by_hand(&self, console: Console) -> String {
        format!("usage: {}\nexample: {}", self.usage_by_hand(console), console.example_by_hand())
    }

    /// Can it fail, so that another command may hold it that says it must?
    pub(super) fn is_fallible(&self) -> bool {
        let says_more = |parameter: &Parameter| {
            matches!(
                parameter.kind,
                ParameterKind::Expectation | ParameterKind::Command(Held::Fallible) | ParameterKind::SnapshotName
            )
        };
        let does_something = matches!(self.phase, Phase::Step | Phase::Operation | Phase::Passage);
        does_something && !self.parameters.iter().any(says_more)
    }

    fn assert_sound(&self) {
        let name = self.name;
        let keywords: Vec<_> =
            self.parameters.iter().filter_map(|parameter| parameter.keyword().or(parameter.key())).collect();
        let distinct: BTreeSet<_> = keywords.iter().collect();
        assert!(distinct.len() == keywords.len(), "`{name}` has a keyword twice");
        let keys: BTreeSet<_> = self.parameters.iter().map(key_of).collect();
        assert!(keys.len() == self.parameters.len(), "`{name}` has a key twice");
        assert!(
            self.parameters.is_sorted_by_key(|parameter| match parameter.given {
                Given::Always => 0,
                Given::Perhaps => 1,
                Given::After(_) | Given::With { .. } | Given::Named(_) | Given::MayBeNamed(_) => 2,
                Given::AtEnd => 3,
            }),
            "a parameter of `{name}` that is always given stands after an optional one"
        );
        let named = self.parameters.iter().filter(|parameter| parameter.key().is_some());
        assert!(
            named.clone().count() == 0 || self.parameters.iter().all(|parameter| parameter.keyword().is_none()),
            "`{name}` has parameters after a keyword and named ones"
        );
        for parameter in named {
            assert!(parameter.kind.is_one_word(), "{} of `{name}` takes more than one word", parameter.called());
        }
        for (index, parameter) in self.parameters.iter().enumerate() {
            if let Given::With { needs, .. } = parameter.given {
                let before = index.checked_sub(1).and_then(|before| self.parameters[before].keyword());
                assert!(before == Some(needs), "{} of `{name}` does not stand behind {needs}", parameter.called());
            }
        }
        let holds = self.parameters.iter().rposition(|parameter| matches!(parameter.kind, ParameterKind::Command(_)));
        assert!(holds.is_none_or(|at| at + 1 == self.parameters.len()), "`{name}` goes on behind a command");
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
    /// Anywhere, any number of times; it takes no time.
    Step,
    /// The same, but it is an operation of a client, which takes time.
    Operation,
    /// The same, but it lets time pass.
    Passage,
    /// It begins lines that start at one instant, up to the command that ends them.
    Block,
    /// It ends these lines.
    BlockEnd,
    /// Before the first node joins, and only once. Its named parameters that bear the name of a setting are that
    /// setting, and stand where it may.
    Founding,
    /// It ends the script: what follows is not read.
    End,
}

impl Phase {
    /// The command of [`Self::Block`].
    pub(super) const BLOCK: &str = "par";
    /// The command of [`Self::BlockEnd`].
    pub(super) const BLOCK_END: &str = "end";

    /// May it stand anywhere, any number of times?
    #[must_use]
    pub fn is_step(self) -> bool {
        match self {
            Self::Step | Self::Operation | Self::Passage | Self::Block | Self::BlockEnd => true,
            Self::Setting | Self::Founding | Self::End => false,
        }
    }
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
    /// As the usage line of a console writes it: no such parameter has a keyword.
    pub(super) fn in_usage(&self) -> String {
        match self.given {
            Given::Perhaps | Given::AtEnd | Given::After(_) | Given::With { .. } | Given::MayBeNamed(_) => {
                format!("[{}]", self.shown())
            }
            Given::Always | Given::Named(_) => self.shown(),
        }
    }

    /// The name as usage lines and mistakes write it.
    pub(super) fn shown(&self) -> String {
        let name = self.name.to_uppercase();
        match self.kind {
            ParameterKind::CommandLine | ParameterKind::Text => format!("\"{name}\""),
            ParameterKind::Count(unit) => format!("{name} {unit}"),
            ParameterKind::Links => "A [->] B".to_owned(),
            ParameterKind::Messages(Next::Allowed) => "[next [N]] [TYPE] A [->] B".to_owned(),
            ParameterKind::Messages(Next::Refused) => "[TYPE] A [->] B".to_owned(),
            ParameterKind::Groups(shapes) => {
                let shapes: String = shapes.iter().map(|shape| format!(" or {shape}")).collect();
                format!("NODE... | NODE...{shapes}")
            }
            ParameterKind::Condition => "A sends TYPE to B|dies:".to_owned(),
            ParameterKind::Expectation => format!("[not] {name}"),
            ParameterKind::SendingPoint => "sends TYPE to B [before|after]".to_owned(),
            ParameterKind::NewOperation => format!("{name} ="),
            ParameterKind::Several(_) | ParameterKind::Ranked(_, Between::Blanks) => format!("{name}..."),
            ParameterKind::Ranked(_, Between::Commas) => format!("{name},..."),
            ParameterKind::Choice(choices) => choices.iter().map(Choice::shown).collect::<Vec<_>>().join("|"),
            ParameterKind::NewServer
            | ParameterKind::NewClient
            | ParameterKind::NewServers(_)
            | ParameterKind::NewClients(_)
            | ParameterKind::Server
            | ParameterKind::Client
            | ParameterKind::Node
            | ParameterKind::LinkEnd
            | ParameterKind::Key
            | ParameterKind::Value
            | ParameterKind::Duration
            | ParameterKind::Seed
            | ParameterKind::Targets(_)
            | ParameterKind::Operation
            | ParameterKind::Command(_)
            | ParameterKind::Percent
            | ParameterKind::Rate
            | ParameterKind::Number
            | ParameterKind::Factor
            | ParameterKind::Offset
            | ParameterKind::OneOf(_)
            | ParameterKind::SomeOf(_)
            | ParameterKind::SnapshotName => name,
        }
    }

    /// What it is called where it is missing; what may stand there is in the usage line.
    pub(super) fn called(&self) -> String {
        match (self.key(), self.kind) {
            (Some(key), _) => format!("{key}={}", self.shown()),
            (None, ParameterKind::Choice(_)) => self.name.to_uppercase(),
            (None, _) => self.shown(),
        }
    }

    /// The keyword that introduces it, if it is optional.
    pub(super) fn keyword(&self) -> Option<&'static str> {
        match self.given {
            Given::Always | Given::Perhaps | Given::AtEnd | Given::Named(_) | Given::MayBeNamed(_) => None,
            Given::After(keyword) | Given::With { keyword, .. } => Some(keyword),
        }
    }

    /// What stands before its `=`, if it is named.
    pub(super) fn key(&self) -> Option<&'static str> {
        match self.given {
            Given::Always | Given::Perhaps | Given::AtEnd | Given::After(_) | Given::With { .. } => None,
            Given::Named(key) | Given::MayBeNamed(key) => Some(key),
        }
    }
}

/// How a parameter is written, and whether it may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// It must be there, in its place.
    Always,
    /// It may stand in its place, behind those that must.
    Perhaps,
    /// It is optional, and introduced by this keyword: `[jitter JITTER]`.
    After(&'static str),
    /// The same, but it says nothing without another one: `[jitter JITTER [dist SHAPE]]`.
    With {
        /// What introduces it.
        keyword: &'static str,
        /// The keyword of the one that must be there too.
        needs: &'static str,
    },
    /// It must be there, anywhere among those that are named, and is written with this key: `servers=N`.
    Named(&'static str),
    /// The same, but it is optional.
    MayBeNamed(&'static str),
    /// It may stand at the line's end, in quotes.
    AtEnd,
}

impl Given {
    /// Is it written with a key?
    pub(super) fn is_named(self) -> bool {
        matches!(self, Self::Named(_) | Self::MayBeNamed(_))
    }
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug)]
pub enum ParameterKind {
    /// The id of a server that this command joins: a new one, or one that joined as a server before.
    NewServer,
    /// The id of a client that this command joins: a new one, or one that joined as a client before.
    NewClient,
    /// How many servers this command joins: at least 1, at most so many. They are numbered from 1, and numbers are
    /// given to servers and clients apart from here on.
    NewServers(u32),
    /// The same for clients, which may be none.
    NewClients(u32),
    /// A server that joined on an earlier line.
    Server,
    /// A client that joined on an earlier line.
    Client,
    /// A server or client that joined on an earlier line.
    Node,
    /// One end of a link: like `Node`; the two ends are two nodes, and not both clients.
    LinkEnd,
    /// Nodes with commas between them, by name or by the part that they play; of one kind, or of any.
    Targets(Option<NodeKind>),
    /// Nodes with blanks between them, up to the line's end, by name or by the part that they play; of one kind.
    Several(NodeKind),
    /// Links: `A B`, or `A -> B` for one way; each end a node, several with commas between them, or `*`.
    Links,
    /// Messages on links: all, those of one type, the next so many.
    Messages(Next),
    /// Groups of nodes, with `|` between them, up to the line's end; or one of these words.
    Groups(&'static [&'static str]),
    /// A node, and a type of message with a node that it is sent to, or that the node dies; a colon behind them:
    /// `s1 sends write to s2:`, `s1 dies:`.
    Condition,
    /// A type of message, a node that it is sent to, and which side of that: `sends write to s2 after`.
    SendingPoint,
    /// A new name for an operation, with `=` behind it.
    NewOperation,
    /// The name of an operation that an earlier line has begun.
    Operation,
    /// Another command, up to the line's end.
    Command(Held),
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
    /// Bits a second, such as `1mbit`; `off` is 0.
    Rate,
    /// A whole number of 64 bits.
    Number,
    /// The rate of a clock, such as `1.5`, from 0.001 to 1000 with at most six places behind the point; in millionths.
    Factor,
    /// A length of time with its sign, such as `+5s` or `-200ms`.
    Offset,
    /// A whole number of 64 bits and the word for what is counted: `3 outputs`. `1 output` will do too.
    Count(&'static str),
    /// One of these words, some of them with something behind it.
    Choice(&'static [Choice]),
    /// One of these words.
    OneOf(fn() -> Vec<&'static str>),
    /// Some of these words, at least one and each once; which comes first says something.
    Ranked(fn() -> Vec<&'static str>, Between),
    /// Some of these words, at least one, with commas between them.
    SomeOf(&'static [&'static str]),
    /// A new name for a snapshot: lower-case letters, digits and dashes.
    SnapshotName,
    /// What is expected: `stores equal`, `not alive s1`.
    Expectation,
    /// A text for people, in double quotes (`\"` and `\\` stand for a quote and a backslash).
    Text,
    /// A program with its arguments, in double quotes (`\"` and `\\` stand for a quote and a backslash), that a shell
    /// would split into at least one word.
    CommandLine,
}

/// What stands between the words of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Blanks: the list goes on up to the line's end.
    Blanks,
    /// Commas, and no blanks: the list is one word.
    Commas,
}

/// May a command be about the next so many messages only?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It may.
    Allowed,
    /// It is about all of them.
    Refused,
}

/// Which commands another one may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Those that take no time, and start no new node.
    Instant,
    /// The operations of clients.
    Operation,
    /// Those that can fail: all that do something, and do not say themselves what must hold.
    Fallible,
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
            Self::NewServers(_)
            | Self::NewClients(_)
            | Self::Server
            | Self::Client
            | Self::Node
            | Self::LinkEnd
            | Self::Targets(_)
            | Self::Several(_)
            | Self::Links
            | Self::Messages(_)
            | Self::Groups(_)
            | Self::Condition
            | Self::SendingPoint
            | Self::NewOperation
            | Self::Operation
            | Self::Command(_)
            | Self::Key
            | Self::Value
            | Self::Duration
            | Self::Seed
            | Self::Percent
            | Self::Rate
            | Self::Number
            | Self::Factor
            | Self::Offset
            | Self::Count(_)
            | Self::Choice(_)
            | Self::OneOf(_)
            | Self::Ranked(..)
            | Self::SomeOf(_)
            | Self::SnapshotName
            | Self::Expectation
            | Self::Text
            | Self::CommandLine => None,
        }
    }

    /// What kind of nodes it joins, and how many at most, if it joins nodes by their count.
    pub(super) fn joins_up_to(&self) -> Option<(NodeKind, u32)> {
        match self {
            Self::NewServers(most) => Some((NodeKind::Server, *most)),
            Self::NewClients(most) => Some((NodeKind::Client, *most)),
            _ => None,
        }
    }

    /// Is it one word, in which quotes are not special?
    pub(super) fn is_one_word(&self) -> bool {
        !matches!(
            self,
            Self::CommandLine
                | Self::Text
                | Self::Expectation
                | Self::Count(_)
                | Self::Choice(_)
                | Self::Several(_)
                | Self::Ranked(_, Between::Blanks)
                | Self::Links
                | Self::Messages(_)
                | Self::Groups(_)
                | Self::Condition
                | Self::SendingPoint
                | Self::NewOperation
                | Self::Command(_)
        )
    }

    /// Can it be a single node?
    pub(super) fn may_be_one_node(&self) -> bool {
        matches!(
            self,
            Self::NewServer
                | Self::NewClient
                | Self::Server
                | Self::Client
                | Self::Node
                | Self::LinkEnd
                | Self::Targets(_)
                | Self::Links
        )
    }

    /// Does it stand in quotes?
    pub(super) fn is_in_quotes(&self) -> bool {
        matches!(self, Self::CommandLine | Self::Text)
    }

    /// Does it take a key or a value, in which no character is special?
    pub(super) fn is_key_or_value(&self) -> bool {
        matches!(self, Self::Key | Self::Value)
    }

    /// Is it another command?
    pub(super) fn is_held(&self) -> bool {
        matches!(self, Self::Command(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: Parameter = Parameter { name: "id", kind: ParameterKind::NewServer, given: Given::Always };
    const OPTION: Parameter = Parameter { name: "k", kind: ParameterKind::Key, given: Given::After("key") };
    const NAME: Parameter = Parameter { name: "n", kind: ParameterKind::Number, given: Given::Named("number") };
    const TEXT: Parameter = Parameter { name: "t", kind: ParameterKind::CommandLine, given: Given::MayBeNamed("text") };
    const END: Parameter = Parameter { name: "a", kind: ParameterKind::LinkEnd, given: Given::Always };

    const fn command(name: &'static str, parameters: &'static [Parameter]) -> Command<()> {
        Command {
            name,
            aliases: &[],
            parameters,
            phase: Phase::Step,
            consoles: &[],
            summary: "",
            details: "",
            example: "",
            scripts: &[],
            run: (),
        }
    }

    #[test]
    fn each_unsound_table_is_refused() {
        static SAME: Command<()> = command("a", &[]);
        static WORDS: Command<()> = command("a b", &[]);
        static ORDER: Command<()> = command("a", &[OPTION, ID]);
        static KEYWORDS: Command<()> = command("a", &[OPTION, OPTION]);
        static JOINS: Command<()> = command("a", &[ID, ID]);
        static ENDS: Command<()> = command("a", &[END]);
        static NAMED: Command<()> = command("a", &[NAME, NAME]);
        static BOTH: Command<()> = command("a", &[OPTION, NAME]);
        static LONG: Command<()> = command("a", &[TEXT]);
        static UNSOUND: [&[&Command<()>]; 9] =
            [&[&SAME, &SAME], &[&WORDS], &[&ORDER], &[&KEYWORDS], &[&JOINS], &[&ENDS], &[&NAMED], &[&BOTH], &[&LONG]];
        for commands in UNSOUND {
            let refused = std::panic::catch_unwind(|| Table { commands }.assert_sound());
            assert!(refused.is_err(), "{commands:?}");
        }
        static SOUND: Command<()> = command("b", &[ID, OPTION]);
        static TABLE: Table<()> = Table { commands: &[&SAME, &SOUND] };
        TABLE.assert_sound();
    }
}
