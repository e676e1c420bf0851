//! What a line of a script becomes: a command of the table with one typed argument for each of its parameters.
//!
//! The canonical text of an invocation parses back to the same invocation; transcripts and keyed draws use it.
//!
//! Deliberately missing: how it is carried out.

use std::fmt;
use std::ops::Range;

use crate::base::{ClockRate, NodeName, Offset, Span};
use crate::script::consoles::{ByHand, Console};
use crate::script::expectation::Expectation;
use crate::script::links::Links;
use crate::script::messages::Messages;
use crate::script::sending::{Condition, Sending};
use crate::script::table::{Between, Choice, Command, Given, ParameterKind};
use crate::script::targets::{Role, Target, in_a_list};
use crate::script::{percent, rate};
use crate::store::Value;

/// One command with its arguments, checked.
///
/// Invariants:
/// 1. There is one argument for each parameter, of the parameter's kind.
/// 2. `Absent` stands only for a parameter that may be left out.
#[derive(Clone)]
pub struct Invocation<F: 'static> {
    /// The table's entry.
    pub command: &'static Command<F>,
    /// The name or alias that was typed.
    pub typed_name: &'static str,
    /// The node at whose console it was typed, if it was; it is also in the first argument, unless others were typed there.
    pub console: Option<NodeReference>,
    /// One for each parameter, in the table's order.
    pub arguments: Vec<Argument>,
    /// The command that it holds, if it is one that does.
    pub held: Option<Box<Invocation<F>>>,
    /// Where the name stands.
    pub place: Place,
}

impl<F> Invocation<F> {
    /// What it asks of a server or client by hand; nothing if it was typed at no console.
    #[must_use]
    pub fn by_hand(&self) -> Option<ByHand> {
        let kind = self.console.as_ref()?.name.kind;
        let fits = |console: &&Console| console.of == kind && console.names.contains(&self.typed_name);
        self.command.consoles.iter().find(fits).map(|console| console.by_hand)
    }

    /// The node that argument `index` names.
    ///
    /// # Panics
    /// If that argument is no node: a bug of the table.
    #[must_use]
    pub fn node(&self, index: usize) -> NodeName {
        let Argument::Node(reference) = &self.arguments[index] else { self.wrong_kind(index, "a node") };
        reference.name
    }

    /// The targets that argument `index` names.
    ///
    /// # Panics
    /// If that argument names no targets: a bug of the table.
    #[must_use]
    pub fn targets(&self, index: usize) -> &[Target] {
        let Argument::Targets(targets) = &self.arguments[index] else { self.wrong_kind(index, "targets") };
        targets
    }

    /// The word or text that argument `index` is.
    ///
    /// # Panics
    /// If that argument is no text: a bug of the table.
    #[must_use]
    pub fn text(&self, index: usize) -> &str {
        self.optional_text(index).unwrap_or_else(|| self.wrong_kind(index, "a text"))
    }

    /// The word or text that argument `index` is, if it was given.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_text(&self, index: usize) -> Option<&str> {
        self.optional(
            index,
            "a text",
            |argument| {
                if let Argument::Text(text) = argument { Some(text.as_str()) } else { None }
            },
        )
    }

    /// The key or value that argument `index` is: a word of a script is a text.
    ///
    /// # Panics
    /// If that argument is neither: a bug of the table.
    #[must_use]
    pub fn value(&self, index: usize) -> Value {
        match &self.arguments[index] {
            Argument::Text(text) => Value::text(text),
            Argument::Value(value) => value.clone(),
            _ => self.wrong_kind(index, "a key or value"),
        }
    }

    /// The targets that argument `index` names, none if it was left out.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_targets(&self, index: usize) -> &[Target] {
        if self.arguments[index] == Argument::Absent { &[] } else { self.targets(index) }
    }

    /// The length of time that argument `index` is.
    ///
    /// # Panics
    /// If that argument is no length of time: a bug of the table.
    #[must_use]
    pub fn duration(&self, index: usize) -> Span {
        self.optional_duration(index).unwrap_or_else(|| self.wrong_kind(index, "a length of time"))
    }

    /// The length of time that argument `index` is, if it was given.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_duration(&self, index: usize) -> Option<Span> {
        self.optional(index, "a length of time", |argument| {
            if let Argument::Duration(span) = argument { Some(*span) } else { None }
        })
    }

    /// The number that argument `index` is.
    ///
    /// # Panics
    /// If that argument is no number: a bug of the table.
    #[must_use]
    pub fn number(&self, index: usize) -> u64 {
        self.optional_number(index).unwrap_or_else(|| self.wrong_kind(index, "a number"))
    }

    /// The number that argument `index` is, if it was given.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_number(&self, index: usize) -> Option<u64> {
        self.optional(
            index,
            "a number",
            |argument| {
                if let Argument::Number(number) = argument { Some(*number) } else { None }
            },
        )
    }

    /// The word that was chosen for argument `index`, and what stands behind it.
    ///
    /// # Panics
    /// If that argument is no choice: a bug of the table.
    #[must_use]
    pub fn choice(&self, index: usize) -> (&'static str, &Argument) {
        self.optional_choice(index).unwrap_or_else(|| self.wrong_kind(index, "a choice"))
    }

    /// The word that was chosen for argument `index`, and what stands behind it, if one was.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_choice(&self, index: usize) -> Option<(&'static str, &Argument)> {
        self.optional(index, "a choice", |argument| {
            if let Argument::Choice(choice, behind) = argument { Some((choice.word, &**behind)) } else { None }
        })
    }

    /// The words that argument `index` is, if any were given.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_words(&self, index: usize) -> Option<&[&'static str]> {
        self.optional(
            index,
            "words",
            |argument| {
                if let Argument::Words(words) = argument { Some(words.as_slice()) } else { None }
            },
        )
    }

    /// The links that argument `index` names.
    ///
    /// # Panics
    /// If that argument names no links: a bug of the table.
    #[must_use]
    pub fn links(&self, index: usize) -> &Links {
        let Argument::Links(links) = &self.arguments[index] else { self.wrong_kind(index, "links") };
        links
    }

    /// The messages that argument `index` names.
    ///
    /// # Panics
    /// If that argument names no messages: a bug of the table.
    #[must_use]
    pub fn messages(&self, index: usize) -> &Messages {
        let Argument::Messages(messages) = &self.arguments[index] else { self.wrong_kind(index, "messages") };
        messages
    }

    /// The groups of nodes that argument `index` names, or the word that stands for some.
    ///
    /// # Panics
    /// If that argument names no groups: a bug of the table.
    #[must_use]
    pub fn grouping(&self, index: usize) -> Grouping<'_> {
        match &self.arguments[index] {
            Argument::Groups(groups) => Grouping::Named(groups),
            Argument::Text(shape) => Grouping::Shape(shape),
            _ => self.wrong_kind(index, "groups"),
        }
    }

    /// The condition that argument `index` describes.
    ///
    /// # Panics
    /// If that argument describes none: a bug of the table.
    #[must_use]
    pub fn condition(&self, index: usize) -> Condition<'_> {
        match &self.arguments[index] {
            Argument::Sending(sending) => Condition::Sends(sending),
            Argument::Death(node) => Condition::Dies(node),
            _ => self.wrong_kind(index, "a condition"),
        }
    }

    /// What argument `index` expects.
    ///
    /// # Panics
    /// If that argument expects nothing: a bug of the table.
    #[must_use]
    pub fn expectation(&self, index: usize) -> &Expectation {
        let Argument::Expectation(expectation) = &self.arguments[index] else {
            self.wrong_kind(index, "an expectation")
        };
        expectation
    }

    /// The parts that its arguments name; not those of a command that it holds.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.arguments.iter().flat_map(Argument::roles)
    }

    /// The parts that it names, and those that a command names that it holds.
    pub fn all_roles(&self) -> impl Iterator<Item = Role> {
        self.and_held().flat_map(Self::roles)
    }

    /// The types of messages that it names, and those that a command names that it holds.
    pub fn all_message_types(&self) -> impl Iterator<Item = &str> {
        self.and_held().flat_map(|invocation| invocation.arguments.iter().filter_map(Argument::message_type))
    }

    /// This one, and the command that it holds, and the one that that holds.
    pub fn and_held(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |invocation| invocation.held.as_deref())
    }

    /// The command that this one holds.
    ///
    /// # Panics
    /// If it holds none: a bug of the table.
    #[must_use]
    pub fn held(&self) -> &Invocation<F> {
        self.held
            .as_deref()
            .unwrap_or_else(|| panic!("`{}` was asked for the command that it holds", self.command.name))
    }

    /// What `pick` finds in argument `index`; `None` if it was left out.
    fn optional<'s, T>(&'s self, index: usize, wanted: &str, pick: impl Fn(&'s Argument) -> Option<T>) -> Option<T> {
        match &self.arguments[index] {
            Argument::Absent => None,
            argument => Some(pick(argument).unwrap_or_else(|| self.wrong_kind(index, wanted))),
        }
    }

    /// The name as typed and the arguments in canonical form: `delay 0 1 50ms jitter 10ms`.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut line = String::new();
        for (parameter, argument) in self.command.parameters.iter().zip(&self.arguments) {
            let text = match argument {
                Argument::Held => Some(self.held().canonical()),
                other => other.canonical(&parameter.kind),
            };
            let Some(text) = text else { continue };
            line.push(' ');
            match parameter.given {
                Given::Always | Given::Perhaps | Given::AtEnd => {}
                Given::After(keyword) | Given::With { keyword, .. } => line.push_str(&format!("{keyword} ")),
                Given::Named(key) | Given::MayBeNamed(key) => line.push_str(&format!("{key}=")),
            }
            line.push_str(&text);
        }
        match &self.console {
            None => format!("{}{line}", self.typed_name),
            Some(console) => {
                let console = console.canonical();
                let behind = line.strip_prefix(' ').and_then(|line| line.strip_prefix(&console));
                let behind = behind.filter(|behind| behind.is_empty() || behind.starts_with(' ')).unwrap_or(&line);
                format!("{console}: {}{behind}", self.typed_name)
            }
        }
    }

    fn wrong_kind(&self, index: usize, wanted: &str) -> ! {
        let found = &self.arguments[index];
        panic!("argument {index} of `{}` was asked for as {wanted}, and is {found:?}", self.command.name)
    }
}

impl<F> fmt::Debug for Invocation<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Invocation")
            .field("command", &self.command.name)
            .field("typed_name", &self.typed_name)
            .field("arguments", &self.arguments)
            .field("held", &self.held)
            .field("place", &self.place)
            .finish()
    }
}

/// How nodes are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping<'a> {
    /// Into these groups.
    Named(&'a [Vec<Target>]),
    /// As this word says.
    Shape(&'a str),
}

/// What stands for one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A server or client.
    Node(NodeReference),
    /// A key, a value, a choice, or what stood in quotes (without them, escapes resolved).
    Text(String),
    /// A key or a value that was typed at a console, as a literal.
    Value(Value),
    /// A length of time.
    Duration(Span),
    /// A length of time with its sign.
    Offset(Offset),
    /// A whole number.
    Number(u64),
    /// One of several words, and what stands behind it: `Absent` if nothing does.
    Choice(&'static Choice, Box<Argument>),
    /// Nodes by name, or by the part that they play; at least one.
    Targets(Vec<Target>),
    /// Some of several words, each once: in the order of the table, or as they stand where that says something.
    Words(Vec<&'static str>),
    /// Links between nodes.
    Links(Links),
    /// Messages on links.
    Messages(Messages),
    /// Groups of nodes, none of them empty.
    Groups(Vec<Vec<Target>>),
    /// The sending of a message.
    Sending(Sending),
    /// The death of a node.
    Death(NodeReference),
    /// What is expected.
    Expectation(Box<Expectation>),
    /// The command that the invocation holds.
    Held,
    /// The parameter is optional and was left out.
    Absent,
}

impl Argument {
    /// The type of messages that it names, if it names one.
    fn message_type(&self) -> Option<&str> {
        match self {
            Self::Messages(messages) => messages.kind.as_deref(),
            Self::Sending(sending) => Some(&sending.kind),
            Self::Choice(_, behind) => behind.message_type(),
            Self::Node(_)
            | Self::Targets(_)
            | Self::Links(_)
            | Self::Groups(_)
            | Self::Words(_)
            | Self::Text(_)
            | Self::Value(_)
            | Self::Duration(_)
            | Self::Offset(_)
            | Self::Number(_)
            | Self::Death(_)
            | Self::Expectation(_)
            | Self::Held
            | Self::Absent => None,
        }
    }

    /// The parts that it names.
    fn roles(&self) -> Vec<Role> {
        match self {
            Self::Targets(targets) => targets.iter().filter_map(Target::role).collect(),
            Self::Links(links) => links.roles().collect(),
            Self::Messages(messages) => messages.links.roles().collect(),
            Self::Groups(groups) => groups.iter().flatten().filter_map(Target::role).collect(),
            Self::Expectation(expectation) => expectation.roles(),
            Self::Node(_)
            | Self::Text(_)
            | Self::Words(_)
            | Self::Value(_)
            | Self::Duration(_)
            | Self::Offset(_)
            | Self::Number(_)
            | Self::Choice(..)
            | Self::Sending(_)
            | Self::Death(_)
            | Self::Held
            | Self::Absent => Vec::new(),
        }
    }

    /// The text that stands for this argument in a canonical line, unless it was left out or is a command.
    pub(super) fn canonical(&self, kind: &ParameterKind) -> Option<String> {
        match self {
            Self::Node(reference) => Some(reference.canonical()),
            Self::Text(text) if kind.is_in_quotes() => Some(in_quotes(text)),
            Self::Text(text) if matches!(kind, ParameterKind::NewOperation) => Some(format!("{text} =")),
            Self::Text(text) => Some(text.clone()),
            Self::Value(value) => Some(value.repr().into_owned()),
            Self::Duration(span) => Some(span.to_string()),
            Self::Offset(offset) => Some(offset.to_string()),
            Self::Number(millionths) if matches!(kind, ParameterKind::Percent) => Some(percent::text(*millionths)),
            Self::Number(number) => Some(match kind {
                ParameterKind::Count(unit) => counted(*number, unit),
                ParameterKind::Rate => rate::text(*number),
                ParameterKind::Factor => ClockRate(*number).to_string(),
                _ => number.to_string(),
            }),
            Self::Links(links) => Some(links.to_string()),
            Self::Messages(messages) => Some(messages.to_string()),
            Self::Targets(targets) if matches!(kind, ParameterKind::Several(_)) => {
                Some(targets.iter().map(Target::canonical).collect::<Vec<_>>().join(" "))
            }
            Self::Targets(targets) => Some(in_a_list(targets)),
            Self::Words(words) if matches!(kind, ParameterKind::Ranked(_, Between::Blanks)) => Some(words.join(" ")),
            Self::Words(words) => Some(words.join(",")),
            Self::Sending(sending) => Some(sending.to_string()),
            Self::Expectation(expectation) => Some(expectation.to_string()),
            Self::Death(node) => Some(format!("{}:", Condition::Dies(node))),
            Self::Groups(groups) => {
                let text = |group: &Vec<Target>| group.iter().map(Target::canonical).collect::<Vec<_>>().join(" ");
                Some(groups.iter().map(text).collect::<Vec<_>>().join(" | "))
            }
            Self::Choice(choice, argument) => {
                let behind = choice.parameter.and_then(|parameter| argument.canonical(&parameter.kind));
                let behind = behind.map(|text| format!(" {text}")).unwrap_or_default();
                Some(format!("{}{behind}", choice.word))
            }
            // The command that is held has a text of its own.
            Self::Held | Self::Absent => None,
        }
    }
}

/// `3 outputs`, `1 output`.
fn counted(number: u64, unit: &str) -> String {
    let unit = if number == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
    format!("{number} {unit}")
}

/// A text in double quotes, as a script writes it.
pub(super) fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A node, and how the script wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeReference {
    /// The node.
    pub name: NodeName,
    /// As in the script: `2` or `c2`.
    pub typed: String,
    /// What a number means where it stands.
    pub numbering: Numbering,
}

impl NodeReference {
    /// The one text that means this node, and no other.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.numbering.text(self.name)
    }
}

/// What the number of a node means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// A number is one node, a server or a client.
    #[default]
    Common,
    /// Servers and clients have numbers of their own: a number may be one of each.
    PerKind,
}

impl Numbering {
    /// The one text of a node that can mean no other: its number, or its name where a number may be two nodes.
    #[must_use]
    pub fn text(self, name: NodeName) -> String {
        match self {
            Self::Common => name.number.to_string(),
            Self::PerKind => name.to_string(),
        }
    }
}

/// Where something stands in a script: a part of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column of the first character, from 1, in characters.
    pub column: usize,
    /// The byte within the line at which it begins.
    pub start: usize,
    /// The byte within the line before which it ends.
    pub end: usize,
}

impl Place {
    /// The bytes `range` of the line `text` that has this number.
    ///
    /// # Panics
    /// If `range` does not lie within `text`, between characters.
    #[must_use]
    pub fn within(line: usize, text: &str, range: Range<usize>) -> Self {
        Self { line, column: text[..range.start].chars().count() + 1, start: range.start, end: range.end }
    }

    /// The bytes within the line.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}
