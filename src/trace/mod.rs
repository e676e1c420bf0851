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
use crate::wire::disk::FileName;

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
    /// A node dies because the script wants it to.
    Died {
        /// Which.
        node: NodeName,
        /// How.
        death: Death,
        /// What of its files did not survive.
        losses: &'a [Loss],
        /// The lengths of all files that are left, in bytes.
        files: &'a [(FileName, u64)],
    },
    /// A node's disk gets a fault, or loses those that it has.
    DiskFault {
        /// Whose.
        node: NodeName,
        /// Which.
        fault: DiskFault,
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

/// How a node dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// Its process was killed; its files are as it left them.
    Killed,
    /// The power failed: what was not synced is lost.
    Crashed,
    /// The power failed after so many outputs of its last step.
    CrashedAfter {
        /// How many of them had happened.
        outputs: usize,
    },
    /// It ended by itself, because its disk was full, or because of what the script did to what is on it.
    Refused,
}

impl Death {
    /// What the trace calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Crashed | Self::CrashedAfter { .. } => "crashed",
            Self::Refused => "refused",
        }
    }
}

/// What a file lost when the power failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Which file.
    pub file: FileName,
    /// How many of its last appends.
    pub appends: usize,
    /// Where the last of them was torn, in bytes from the file's beginning: all before that survived.
    pub torn: Option<u64>,
}

/// What a script does to a node's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// Syncs are not done: what they should have saved is lost at the next crash.
    Lie,
    /// At the next crash the last append that was not synced is written by half.
    Torn,
    /// A bit of the byte at this offset of the log is flipped.
    Flip {
        /// In bytes from the file's beginning.
        offset: u64,
    },
    /// Appends fail.
    Full,
    /// Each sync takes so long.
    Slow {
        /// How long.
        by: Span,
    },
    /// Everything on it is gone.
    Wipe,
    /// What is in force of these is lifted.
    Heal,
}

/// As the script says it: `slow 50ms`.
impl std::fmt::Display for DiskFault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lie => formatter.write_str("lie"),
            Self::Torn => formatter.write_str("torn"),
            Self::Flip { offset } => write!(formatter, "flip {offset}"),
            Self::Full => formatter.write_str("full"),
            Self::Slow { by } => write!(formatter, "slow {by}"),
            Self::Wipe => formatter.write_str("wipe"),
            Self::Heal => formatter.write_str("heal"),
        }
    }
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
