//! The record of a run: one stream of happenings, and its readers.
//!
//! Whatever shows or keeps something of a run (standard output, transcript, hash, and later histories and reports) is a
//! [`Reader`] of this one stream. Without a reader that wants lines, nothing is rendered as text.
//!
//! Deliberately missing: any knowledge of where readers write.

mod hash;
mod lines;

pub use hash::TraceHash;
pub use lines::TraceLines;

use crate::base::{Environment, Incarnation, NodeName, Span, Time};
use crate::wire::StateChange;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// A command of the script begins.
    Command {
        /// The name as typed, the arguments in canonical form.
        text: &'a str,
    },
    /// The command is over, and nothing is left at its instant.
    Settled,
    /// The command prints a line on standard output.
    Printed {
        /// The line.
        text: &'a str,
    },
    /// The command was answered, and prints nothing.
    Answered {
        /// The answer.
        text: &'a str,
    },
    /// Something that the user should know, and that does not end the run.
    Warning {
        /// The line of the script.
        line: usize,
        /// What.
        text: &'a str,
    },
    /// Something that should not be: the run goes on, and fails.
    Finding {
        /// The line of the script.
        line: usize,
        /// What.
        text: &'a str,
    },
    /// The run cannot go on.
    Stopped {
        /// Why, in one line.
        text: &'a str,
    },
    /// A node is started.
    Started {
        /// Which.
        node: NodeName,
        /// How often it was started before.
        incarnation: Incarnation,
    },
    /// A node is killed.
    Killed {
        /// Which.
        node: NodeName,
    },
    /// A node takes a step.
    Step {
        /// Which.
        node: NodeName,
        /// The line that it got, with its line break; empty if no reader wants lines.
        line: &'a [u8],
        /// The lines that it put out, with their line breaks; empty if no reader wants lines.
        outputs: &'a [u8],
        /// What changed in it.
        changes: &'a StateChange,
    },
    /// A message is sent over a link whose delay the script set.
    Delayed {
        /// The message.
        message: MessageName<'a>,
        /// How long it is under way.
        by: Span,
    },
    /// A message is lost.
    Lost {
        /// The message.
        message: MessageName<'a>,
        /// Why.
        cause: Cause,
    },
    /// The run is over.
    End {
        /// What became of all messages.
        account: Account,
    },
}

/// A message, as faults and transcripts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageName<'a> {
    /// The node that sent it.
    pub from: NodeName,
    /// The node that it is for.
    pub to: NodeName,
    /// The body's `type`.
    pub kind: &'a str,
}

/// Why a message is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The link is cut, or was cut while the message was under way.
    Cut,
    /// The node that it was for is dead, or is not the incarnation that it was sent to.
    Dead,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Cut => "cut",
            Self::Dead => "dead",
        })
    }
}

/// What became of all messages between nodes: sent = delivered + lost + in flight, at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How many were sent.
    pub sent: u64,
    /// How many arrived.
    pub delivered: u64,
    /// How many were lost.
    pub lost: u64,
    /// How many are under way.
    pub in_flight: u64,
}

impl Account {
    /// Does it add up?
    #[must_use]
    pub fn balances(&self) -> bool {
        self.sent == self.delivered + self.lost + self.in_flight
    }
}

/// `14 messages, 2 lost, 0 in flight`.
impl std::fmt::Display for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.sent == 1 { "" } else { "s" };
        write!(formatter, "{} message{plural}, {} lost, {} in flight", self.sent, self.lost, self.in_flight)
    }
}

/// Something that follows a run.
pub trait Reader {
    /// Takes note of the next happening. Times never go back.
    ///
    /// # Errors
    /// What the reader writes to has failed.
    fn read(&mut self, at: Time, happening: &Happening<'_>) -> Result<(), Environment>;

    /// Does it need the lines of steps as text?
    fn wants_lines(&self) -> bool {
        false
    }
}

/// The stream of happenings, and who follows it.
#[derive(Default)]
pub struct Trace {
    readers: Vec<Box<dyn Reader>>,
}

impl Trace {
    /// Adds a reader; it is told of what happens from now on.
    pub fn add(&mut self, reader: impl Reader + 'static) {
        self.readers.push(Box::new(reader));
    }

    /// Does any reader need the lines of steps as text?
    #[must_use]
    pub fn wants_lines(&self) -> bool {
        self.readers.iter().any(|reader| reader.wants_lines())
    }

    /// Tells every reader.
    ///
    /// # Errors
    /// What a reader writes to has failed.
    pub fn record(&mut self, at: Time, happening: Happening<'_>) -> Result<(), Environment> {
        self.readers.iter_mut().try_for_each(|reader| reader.read(at, &happening))
    }
}
