//! The record of a run: one stream of happenings, and its readers.
//!
//! Whatever shows or keeps something of a run (standard output, transcript, trace, history, hash) is a
//! [`Reader`] of this one stream. Without a reader that wants lines, nothing is rendered as text; without one that wants
//! measures, none is taken.
//!
//! Deliberately missing: any knowledge of what stands behind the [`Sink`]s that readers write to.

mod fault;
mod hash;
mod history;
mod lines;
mod measure;
mod object;
mod saved;
mod sink;
mod statistics;

pub use fault::{ClockFault, Death, DiskFault, Loss};
pub use hash::TraceHash;
pub use history::{HISTORY_VERSION, History};
pub use lines::{TRACE_VERSION, TraceLines};
pub use measure::{Leader, Measure};
pub use saved::{Ending, Saved, SavedEvent, SavedTrace, Unreadable};
pub use sink::{Memory, Sink};
pub use statistics::{Figures, Latencies, Statistics, Traffic};

use crate::base::{Environment, Incarnation, NodeName, Span, Time};
use crate::store::Operation;
use crate::wire::disk::FileName;
use crate::wire::{Completion, StateChange};

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// The settings are over: the first command that does something follows, or the end.
    Begun {
        /// The seed of everything that is drawn.
        seed: u64,
    },
    /// A command of the script begins.
    Command {
        /// The name as typed, the arguments in canonical form.
        text: &'a str,
    },
    /// Who plays a part that the command names.
    Cast {
        /// The part.
        role: &'a str,
        /// Who, in ascending order.
        servers: &'a [NodeName],
    },
    /// A command that has waited for a message is carried out.
    Followed {
        /// What it has waited for, and its text.
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
    /// A snapshot of what servers hold.
    Snapshot {
        /// The line of the script.
        line: usize,
        /// Its name.
        name: &'a str,
        /// What it shows, line by line, each with its line break.
        text: &'a str,
    },
    /// Something that the user should know, and that does not end the run.
    Warning {
        /// The line of the script.
        line: usize,
        /// What.
        text: &'a str,
        /// What a node's log says of it, for people: logs are free text, and nothing that is compared holds any. Empty if
        /// there is nothing.
        words: &'a str,
    },
    /// Something that should not be: the run goes on, and fails.
    Finding {
        /// The line of the script.
        line: usize,
        /// What, in one line; the state that decided below it, each line with two blanks before it.
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
        /// What it runs.
        runs: Runs<'a>,
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
    /// A node's clock is changed.
    ClockFault {
        /// Whose.
        node: NodeName,
        /// How.
        fault: ClockFault,
    },
    /// A timer is due at another time than by a true clock.
    Shifted {
        /// Whose.
        node: NodeName,
        /// Its id.
        timer: &'a str,
        /// How long after it was set it is due, by the master's clock.
        after: Span,
        /// After how long it was to be due.
        asked: Span,
    },
    /// A node takes no steps from now on.
    Paused {
        /// Which.
        node: NodeName,
    },
    /// A node takes steps again.
    Resumed {
        /// Which.
        node: NodeName,
    },
    /// Something is due for a paused node, and waits.
    Waits {
        /// Whose line it would be: a node's, the clock's, the master's, the disk's.
        from: &'a str,
        /// The node.
        to: NodeName,
        /// The `type` of a message or an order, the `id` of a timer.
        kind: &'a str,
    },
    /// A node takes a step.
    Step {
        /// Which.
        node: NodeName,
        /// What its own clock shows.
        now: Time,
        /// The line that it got, with its line break; empty if no reader wants lines.
        line: &'a [u8],
        /// The lines that it put out, with their line breaks; empty if no reader wants lines.
        outputs: &'a [u8],
        /// What changed in it.
        changes: &'a StateChange,
    },
    /// A client is to carry out an operation.
    Invoked {
        /// Which client.
        client: NodeName,
        /// What it is to do.
        operation: &'a Operation,
    },
    /// A client's operation has ended.
    Completed {
        /// Which client.
        client: NodeName,
        /// How.
        completion: &'a Completion,
        /// What it took.
        requests: Requests,
    },
    /// An operation is answered of which it was told before that nobody knows.
    Late {
        /// Which client.
        client: NodeName,
        /// What it was to do.
        operation: &'a Operation,
        /// The answer.
        completion: &'a Completion,
    },
    /// A message is sent over a link whose delay the script set.
    Delayed {
        /// The message.
        message: MessageName<'a>,
        /// How long it is under way.
        by: Span,
    },
    /// A message begins to wait on a link that is held.
    Held {
        /// The message.
        message: MessageName<'a>,
    },
    /// A message that has waited goes on.
    Released {
        /// The message.
        message: MessageName<'a>,
    },
    /// A message will arrive a second time.
    Duplicated {
        /// The message.
        message: MessageName<'a>,
    },
    /// A message arrives at once, before what is under way on its link.
    Reordered {
        /// The message.
        message: MessageName<'a>,
    },
    /// A message passes that would be lost or held, because it is to be delivered.
    LetThrough {
        /// The message.
        message: MessageName<'a>,
    },
    /// The network is divided.
    Partitioned {
        /// Who is with whom.
        text: &'a str,
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

impl Happening<'_> {
    /// Is the run over with it? Another such happening may follow: a node may fail at the end.
    #[must_use]
    pub fn ends_the_run(&self) -> bool {
        match self {
            Self::Stopped { .. } | Self::End { .. } => true,
            Self::Begun { .. }
            | Self::Command { .. }
            | Self::Cast { .. }
            | Self::Followed { .. }
            | Self::Settled
            | Self::Printed { .. }
            | Self::Answered { .. }
            | Self::Snapshot { .. }
            | Self::Warning { .. }
            | Self::Finding { .. }
            | Self::Started { .. }
            | Self::Died { .. }
            | Self::DiskFault { .. }
            | Self::ClockFault { .. }
            | Self::Shifted { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::Waits { .. }
            | Self::Step { .. }
            | Self::Invoked { .. }
            | Self::Completed { .. }
            | Self::Late { .. }
            | Self::Delayed { .. }
            | Self::Held { .. }
            | Self::Released { .. }
            | Self::Duplicated { .. }
            | Self::Reordered { .. }
            | Self::LetThrough { .. }
            | Self::Partitioned { .. }
            | Self::Lost { .. } => false,
        }
    }
}

/// What a client asked of servers for one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// How many it sent, lost ones too.
    pub count: u64,
    /// The server whose answer ended the operation; without an answer the one that was asked last, if any was.
    pub server: Option<NodeName>,
}

/// What a node runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs<'a> {
    /// A client session; of servers that run this protocol, where that makes it another one than usual.
    Session(Option<&'a str>),
    /// A protocol that comes with splitbrain.
    Protocol(&'a str),
    /// A program of the user's, in words.
    Command(&'a [String]),
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

impl MessageName<'_> {
    /// Is this the type of a message that only says that its sender is there, or of the answer to one? There are many,
    /// and transcripts leave them out.
    #[must_use]
    pub fn is_heartbeat(kind: &str) -> bool {
        matches!(kind, "heartbeat" | "heartbeat_ok")
    }
}

/// Why a message is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The link is cut, or was cut while the message was under way.
    Cut,
    /// A filter of the link drops it.
    Drop,
    /// The link loses some.
    Loss,
    /// The node that it was for is dead, or is not the incarnation that it was sent to.
    Dead,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Cut => "cut",
            Self::Drop => "drop",
            Self::Loss => "loss",
            Self::Dead => "dead",
        })
    }
}

/// What became of all messages between nodes: sent + duplicated = delivered + lost + held + in flight, at any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How many were sent.
    pub sent: u64,
    /// How many came to be there a second time on their way.
    pub duplicated: u64,
    /// How many arrived.
    pub delivered: u64,
    /// How many were lost.
    pub lost: u64,
    /// How many wait on links that are held.
    pub held: u64,
    /// How many are under way.
    pub in_flight: u64,
}

impl Account {
    /// What is left of it without some of its messages.
    #[must_use]
    pub fn without(self, some: Self) -> Self {
        Self {
            sent: self.sent - some.sent,
            duplicated: self.duplicated - some.duplicated,
            delivered: self.delivered - some.delivered,
            lost: self.lost - some.lost,
            held: self.held - some.held,
            in_flight: self.in_flight - some.in_flight,
        }
    }

    /// Does it add up?
    #[must_use]
    pub fn balances(&self) -> bool {
        self.sent + self.duplicated == self.delivered + self.lost + self.held + self.in_flight
    }
}

/// `14 messages, 2 lost, 0 in flight`; what is duplicated or held only if there is any.
impl std::fmt::Display for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.sent == 1 { "" } else { "s" };
        write!(formatter, "{} message{plural}, ", self.sent)?;
        if self.duplicated > 0 {
            write!(formatter, "{} duplicated, ", self.duplicated)?;
        }
        write!(formatter, "{} lost, ", self.lost)?;
        if self.held > 0 {
            write!(formatter, "{} held, ", self.held)?;
        }
        write!(formatter, "{} in flight", self.in_flight)
    }
}

/// When something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The number of the happening, from 1: whatever keeps happenings of one run names each by it.
    pub event: u64,
    /// The time.
    pub at: Time,
}

/// Something that follows a run.
pub trait Reader {
    /// Takes note of the next happening. Times never go back.
    ///
    /// # Errors
    /// What the reader writes to has failed.
    fn read(&mut self, moment: Moment, happening: &Happening<'_>) -> Result<(), Environment>;

    /// Does it need the lines of steps as text?
    fn wants_lines(&self) -> bool {
        false
    }

    /// Takes note of what was measured, behind all that has happened so far, if it wants that.
    fn measure(&mut self, _at: Time, _measure: &Measure<'_>) {}

    /// Does it want measures?
    fn wants_measures(&self) -> bool {
        false
    }
}

/// For those who have several kinds of readers.
impl Reader for Box<dyn Reader> {
    fn read(&mut self, moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        (**self).read(moment, happening)
    }

    fn wants_lines(&self) -> bool {
        (**self).wants_lines()
    }

    fn measure(&mut self, at: Time, measure: &Measure<'_>) {
        (**self).measure(at, measure);
    }

    fn wants_measures(&self) -> bool {
        (**self).wants_measures()
    }
}

/// The stream of happenings, and who follows it.
#[derive(Default)]
pub struct Trace {
    readers: Vec<Box<dyn Reader>>,
    happenings: u64,
    /// Does any reader want measures? Asked at every message, so it is kept.
    wants_measures: bool,
}

impl Trace {
    /// Adds a reader; it is told of what happens from now on.
    pub fn add(&mut self, reader: impl Reader + 'static) {
        self.wants_measures |= reader.wants_measures();
        self.readers.push(Box::new(reader));
    }

    /// Does any reader need the lines of steps as text?
    #[must_use]
    pub fn wants_lines(&self) -> bool {
        self.readers.iter().any(|reader| reader.wants_lines())
    }

    /// Does any reader want measures?
    #[must_use]
    pub fn wants_measures(&self) -> bool {
        self.wants_measures
    }

    /// Tells every reader that wants it.
    pub fn measure(&mut self, at: Time, measure: Measure<'_>) {
        for reader in self.readers.iter_mut().filter(|reader| reader.wants_measures()) {
            reader.measure(at, &measure);
        }
    }

    /// Tells every reader, also those that come after one that fails: where standard output is closed, the record is
    /// wanted most.
    ///
    /// # Errors
    /// What a reader writes to has failed; the first of several is told.
    pub fn record(&mut self, at: Time, happening: Happening<'_>) -> Result<(), Environment> {
        self.happenings += 1;
        let moment = Moment { event: self.happenings, at };
        let mut told = Ok(());
        for reader in &mut self.readers {
            let read = reader.read(moment, &happening);
            told = told.and(read);
        }
        told
    }
}
