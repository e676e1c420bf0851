//! Conditions: the sending of a message, `s1 sends write to s3`, and the death of a node, `s1 dies`.
//!
//! Deliberately missing: what follows from it.

use std::fmt;

use crate::base::NodeName;
use crate::script::invocation::NodeReference;
use crate::script::links::EVERYBODY;

/// A node sends a message of some type to a node, or to any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Who sends it. A command that has named the sender already leaves it out.
    pub from: Option<NodeReference>,
    /// The message's type.
    pub kind: String,
    /// Whom it is for; nobody means anybody.
    pub to: Option<NodeReference>,
    /// The side of the sending that is meant, where there are two.
    pub side: Option<Side>,
}

/// What a command waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition<'a> {
    /// A message is sent.
    Sends(&'a Sending),
    /// This node dies, however.
    Dies(&'a NodeReference),
}

/// A side of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It has not happened.
    Before,
    /// It has.
    After,
}

/// The words of conditions.
pub(super) const SENDS: &str = "sends";
pub(super) const TO: &str = "to";
pub(super) const DIES: &str = "dies";

impl Side {
    /// The word that stands for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// The side that a word stands for.
    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Before, Self::After].into_iter().find(|side| side.word() == word)
    }
}

/// As a sentence: `s1 sends write to s3`, `s1 dies`.
impl fmt::Display for Condition<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sends(sending) => formatter.write_str(sending.to_string().trim_end_matches(':')),
            Self::Dies(node) => write!(formatter, "{} {DIES}", node.canonical()),
        }
    }
}

impl Sending {
    /// Whom the message is for, if not anybody.
    #[must_use]
    pub fn recipient(&self) -> Option<NodeName> {
        self.to.as_ref().map(|reference| reference.name)
    }
}

/// As a script writes it, with the colon that stands behind it where a command follows.
impl fmt::Display for Sending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = self.to.as_ref().map_or_else(|| EVERYBODY.to_owned(), NodeReference::canonical);
        match &self.from {
            Some(from) => write!(formatter, "{} {SENDS} {} {TO} {to}:", from.canonical(), self.kind),
            None => {
                write!(formatter, "{SENDS} {} {TO} {to}", self.kind)?;
                self.side.map_or(Ok(()), |side| write!(formatter, " {}", side.word()))
            }
        }
    }
}
