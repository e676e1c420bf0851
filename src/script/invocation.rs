//! What a line of a script becomes: a command of the table with one typed argument for each of its parameters.
//!
//! The canonical text of an invocation parses back to the same invocation; transcripts and keyed draws use it.
//!
//! Deliberately missing: how it is carried out.

use std::fmt;
use std::ops::Range;

use crate::base::{ClockRate, NodeName, Offset, Span};
use crate::script::links::Links;
use crate::script::percent;
use crate::script::table::{Choice, Command, Given, ParameterKind};

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
    /// One for each parameter, in the table's order.
    pub arguments: Vec<Argument>,
    /// Where the name stands.
    pub place: Place,
}

impl<F> Invocation<F> {
    /// The node that argument `index` names.
    ///
    /// # Panics
    /// If that argument is no node: a bug of the table.
    #[must_use]
    pub fn node(&self, index: usize) -> NodeName {
        match &self.arguments[index] {
            Argument::Node(reference) => reference.name,
            other @ (Argument::Text(_)
            | Argument::Duration(_)
            | Argument::Offset(_)
            | Argument::Number(_)
            | Argument::Choice(..)
            | Argument::Links(_)
            | Argument::Groups(_)
            | Argument::Absent) => self.wrong_kind(index, "a node", other),
        }
    }

    /// The word or text that argument `index` is.
    ///
    /// # Panics
    /// If that argument is no text: a bug of the table.
    #[must_use]
    pub fn text(&self, index: usize) -> &str {
        match &self.arguments[index] {
            Argument::Text(text) => text,
            other @ (Argument::Node(_)
            | Argument::Duration(_)
            | Argument::Offset(_)
            | Argument::Number(_)
            | Argument::Choice(..)
            | Argument::Links(_)
            | Argument::Groups(_)
            | Argument::Absent) => self.wrong_kind(index, "a text", other),
        }
    }

    /// The word or text that argument `index` is, if it was given.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_text(&self, index: usize) -> Option<&str> {
        if self.arguments[index] == Argument::Absent { None } else { Some(self.text(index)) }
    }

    /// The length of time that argument `index` is.
    ///
    /// # Panics
    /// If that argument is no length of time: a bug of the table.
    #[must_use]
    pub fn duration(&self, index: usize) -> Span {
        self.optional_duration(index)
            .unwrap_or_else(|| self.wrong_kind(index, "a length of time", &self.arguments[index]))
    }

    /// The length of time that argument `index` is, if it was given.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_duration(&self, index: usize) -> Option<Span> {
        match &self.arguments[index] {
            Argument::Duration(span) => Some(*span),
            Argument::Absent => None,
            other @ (Argument::Node(_)
            | Argument::Text(_)
            | Argument::Offset(_)
            | Argument::Number(_)
            | Argument::Choice(..)
            | Argument::Links(_)
            | Argument::Groups(_)) => self.wrong_kind(index, "a length of time", other),
        }
    }

    /// The number that argument `index` is.
    ///
    /// # Panics
    /// If that argument is no number: a bug of the table.
    #[must_use]
    pub fn number(&self, index: usize) -> u64 {
        self.optional_number(index).unwrap_or_else(|| self.wrong_kind(index, "a number", &self.arguments[index]))
    }

    /// The number that argument `index` is, if it was given.
    ///
    /// # Panics
    /// If that argument is something else: a bug of the table.
    #[must_use]
    pub fn optional_number(&self, index: usize) -> Option<u64> {
        match &self.arguments[index] {
            Argument::Number(number) => Some(*number),
            Argument::Absent => None,
            other @ (Argument::Node(_)
            | Argument::Text(_)
            | Argument::Duration(_)
            | Argument::Offset(_)
            | Argument::Choice(..)
            | Argument::Links(_)
            | Argument::Groups(_)) => self.wrong_kind(index, "a number", other),
        }
    }

    /// The word that was chosen for argument `index`, and what stands behind it.
    ///
    /// # Panics
    /// If that argument is no choice: a bug of the table.
    #[must_use]
    pub fn choice(&self, index: usize) -> (&'static str, &Argument) {
        match &self.arguments[index] {
            Argument::Choice(choice, argument) => (choice.word, argument),
            other @ (Argument::Node(_)
            | Argument::Text(_)
            | Argument::Duration(_)
            | Argument::Offset(_)
            | Argument::Number(_)
            | Argument::Links(_)
            | Argument::Groups(_)
            | Argument::Absent) => self.wrong_kind(index, "a choice", other),
        }
    }

    /// The links that argument `index` names.
    ///
    /// # Panics
    /// If that argument names no links: a bug of the table.
    #[must_use]
    pub fn links(&self, index: usize) -> &Links {
        match &self.arguments[index] {
            Argument::Links(links) => links,
            other @ (Argument::Node(_)
            | Argument::Text(_)
            | Argument::Duration(_)
            | Argument::Offset(_)
            | Argument::Number(_)
            | Argument::Choice(..)
            | Argument::Groups(_)
            | Argument::Absent) => self.wrong_kind(index, "links", other),
        }
    }

    /// The groups of nodes that argument `index` names.
    ///
    /// # Panics
    /// If that argument names no groups: a bug of the table.
    #[must_use]
    pub fn groups(&self, index: usize) -> &[Vec<NodeReference>] {
        match &self.arguments[index] {
            Argument::Groups(groups) => groups,
            other @ (Argument::Node(_)
            | Argument::Text(_)
            | Argument::Duration(_)
            | Argument::Offset(_)
            | Argument::Number(_)
            | Argument::Choice(..)
            | Argument::Links(_)
            | Argument::Absent) => self.wrong_kind(index, "groups", other),
        }
    }

    /// The name as typed and the arguments in canonical form: `delay 0 1 50ms jitter 10ms`.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut line = self.typed_name.to_owned();
        for (parameter, argument) in self.command.parameters.iter().zip(&self.arguments) {
            let Some(text) = argument.canonical(&parameter.kind) else { continue };
            line.push(' ');
            match parameter.given {
                Given::Always => {}
                Given::After(keyword) => line.push_str(&format!("{keyword} ")),
                Given::Named(key) | Given::MayBeNamed(key) => line.push_str(&format!("{key}=")),
            }
            line.push_str(&text);
        }
        line
    }

    fn wrong_kind(&self, index: usize, wanted: &str, found: &Argument) -> ! {
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
            .field("place", &self.place)
            .finish()
    }
}

/// What stands for one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A server or client.
    Node(NodeReference),
    /// A key, a value, a choice, or what stood in quotes (without them, escapes resolved).
    Text(String),
    /// A length of time.
    Duration(Span),
    /// A length of time with its sign.
    Offset(Offset),
    /// A whole number.
    Number(u64),
    /// One of several words, and what stands behind it: `Absent` if nothing does.
    Choice(&'static Choice, Box<Argument>),
    /// Links between nodes.
    Links(Links),
    /// Groups of nodes, none of them empty.
    Groups(Vec<Vec<NodeReference>>),
    /// The parameter is optional and was left out.
    Absent,
}

impl Argument {
    /// The text that stands for this argument in a canonical line, unless it was left out.
    fn canonical(&self, kind: &ParameterKind) -> Option<String> {
        match self {
            Self::Node(reference) => Some(reference.canonical()),
            Self::Text(text) if matches!(kind, ParameterKind::CommandLine) => Some(in_quotes(text)),
            Self::Text(text) => Some(text.clone()),
            Self::Duration(span) => Some(span.to_string()),
            Self::Offset(offset) => Some(offset.to_string()),
            Self::Number(millionths) if matches!(kind, ParameterKind::Percent) => Some(percent::text(*millionths)),
            Self::Number(number) => Some(match kind {
                ParameterKind::Count(unit) => counted(*number, unit),
                ParameterKind::Factor => ClockRate(*number).to_string(),
                _ => number.to_string(),
            }),
            Self::Links(links) => Some(links.to_string()),
            Self::Groups(groups) => {
                let text = |group: &Vec<NodeReference>| {
                    group.iter().map(NodeReference::canonical).collect::<Vec<_>>().join(" ")
                };
                Some(groups.iter().map(text).collect::<Vec<_>>().join(" | "))
            }
            Self::Choice(choice, argument) => {
                let behind = choice.parameter.and_then(|parameter| argument.canonical(&parameter.kind));
                let behind = behind.map(|text| format!(" {text}")).unwrap_or_default();
                Some(format!("{}{behind}", choice.word))
            }
            Self::Absent => None,
        }
    }
}

/// `3 outputs`, `1 output`.
fn counted(number: u64, unit: &str) -> String {
    let unit = if number == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
    format!("{number} {unit}")
}

/// A text in double quotes, as a script writes it.
fn in_quotes(text: &str) -> String {
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
