//! What a node can do against the node protocol, each with the line that shows it.

use std::fmt;

use crate::base::{NodeName, limits};
use crate::wire::control::Part;

/// What a node did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// A line that is no message.
    #[error("it put out a line that is no message of the node protocol: {reason}\n  line: {line}")]
    Malformed {
        /// The line.
        line: Quoted,
        /// What is wrong with it.
        reason: String,
    },
    /// A message for a node that does not exist.
    #[error(
        "it put out a message for `{destination}`, which is neither a node that was joined nor `clock`, `disk` or `master`\n  \
         line: {line}"
    )]
    UnknownDestination {
        /// The line.
        line: Quoted,
        /// The `dest`.
        destination: String,
    },
    /// The beginning of a line, and then nothing more.
    #[error("it put out half a line, without a line break; then {then}\n  line: {line}")]
    HalfALine {
        /// What there is of the line.
        line: Quoted,
        /// What it did then.
        then: Box<Breach>,
    },
    /// A message in another node's name.
    #[error(
        "it put out a message in the name of `{source_name}`; a lockstep node speaks for itself only\n  line: {line}"
    )]
    ForgedSource {
        /// The line.
        line: Quoted,
        /// The `src`.
        source_name: String,
    },
    /// Something other than `init_ok` as the answer to `init`.
    #[error("it put out something else before `init_ok`, which must be its first line\n  line: {line}")]
    BeforeInitOk {
        /// The line.
        line: Quoted,
    },
    /// An `init_ok` that does not accept lockstep.
    #[error(
        "its `init_ok` does not accept the offer `\"lockstep\":1`, and a run in virtual time needs it\n  line: {line}"
    )]
    NoLockstep {
        /// The line.
        line: Quoted,
    },
    /// An output that belongs to no step.
    #[error("it put out something after `done`, before it was given another line\n  line: {line}")]
    AfterDone {
        /// The line.
        line: Quoted,
    },
    /// A `done` with another step's number.
    #[error("its `done` names step {found}, and this is step {expected}\n  line: {line}")]
    WrongStep {
        /// The line.
        line: Quoted,
        /// The step that it was given.
        expected: u64,
        /// The step that it names.
        found: u64,
    },
    /// An answer to a question that was not asked.
    #[error("it answered {in_reply_to}, and the master waits for no answer to that `msg_id` from it\n  line: {line}")]
    UnaskedAnswer {
        /// The line.
        line: Quoted,
        /// The `in_reply_to`.
        in_reply_to: u64,
    },
    /// An answer to `inspect` without the part that was asked for.
    #[error("its `inspect_ok` has no field `{part}`, and `{part}` was asked for")]
    MissingPart {
        /// The part.
        part: Part,
    },
    /// State without end.
    #[error(
        "its `inspect_ok` says that there is more of its {part}, and shows nothing of it, or more than {} entries",
        limits::INSPECTED_ENTRIES
    )]
    EndlessState {
        /// Which part.
        part: Part,
    },
    /// It says of its files what cannot be.
    #[error("what it says of its files cannot be: {reason}\n  line: {line}")]
    FalseClaim {
        /// The line.
        line: Quoted,
        /// What cannot be.
        reason: String,
    },
    /// When it was dead, its files were not what it had said.
    #[error("its files are not what it said: {reason}")]
    MissingFile {
        /// What is not there.
        reason: String,
    },
    /// A line without end.
    #[error("it put out a line of more than {} bytes\n  line: {line}", limits::LINE_BYTES)]
    LineTooLong {
        /// Its beginning.
        line: Quoted,
    },
    /// Lines without end.
    #[error(
        "it put out more than {} lines or {} bytes in one step\n  last line: {line}",
        limits::OUTPUTS_IN_A_STEP,
        limits::BYTES_IN_A_STEP
    )]
    Flood {
        /// The last line that was read.
        line: Quoted,
    },
    /// No `done` in time.
    #[error("it did not end its answer within {seconds} s (--step-limit)\n  it was given: {line}\n  {said}")]
    NoAnswer {
        /// The line that it was given.
        line: Quoted,
        /// How long it was given, in seconds of wall time.
        seconds: u64,
        /// What it has said so far.
        said: Said,
    },
    /// An operation that it was given, and never ended.
    #[error("it never answered `invoke` {msg_id}, although the operation's limit is over")]
    NeverCompleted {
        /// The `msg_id` of the order.
        msg_id: u64,
    },
    /// Its standard output ended, and it lives on.
    #[error("it closed its standard output, and lives on")]
    ClosedOutput,
    /// It takes no lines, and lives on.
    #[error("it closed its standard input, and lives on")]
    ClosedInput,
    /// It died at its work, or a moment before.
    #[error("it died: {how}\n  when it was to take: {line}")]
    Died {
        /// By which signal, with which status, or in memory why.
        how: String,
        /// The line that was for it.
        line: Quoted,
    },
    /// It was to leave, and did not leave well.
    #[error("it was to leave at the end of its input with exit status 0, and died: {how}")]
    DiedAtTheEnd {
        /// By which signal, or with which status.
        how: String,
    },
    /// A signal had to end it at the end of the run.
    #[error(
        "it did not leave within {} s of the end of its input, and was ended by {signal}",
        limits::LEAVE_WALL_SECONDS
    )]
    DidNotLeave {
        /// SIGTERM, or SIGKILL if it stayed at that too.
        signal: &'static str,
    },
}

/// How many bytes of a line are enough to quote it: a character of at most four bytes more than is shown.
pub(super) const QUOTABLE_BYTES: usize = limits::QUOTED_BYTES + 4;

/// What a node has put out of an answer that it did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// Some lines, of which this is the last.
    Last(Quoted),
}

impl Said {
    /// Of these lines, each with its line break.
    #[must_use]
    pub fn of(lines: &[u8]) -> Self {
        match lines.strip_suffix(b"\n") {
            None => Self::Nothing,
            Some(lines) => Self::Last(Quoted::new(lines.rsplit(|&byte| byte == b'\n').next().unwrap_or_default())),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => formatter.write_str("it put out nothing; is its standard output flushed?"),
            Self::Last(line) => write!(formatter, "it put out this last, and then no `done`: {line}"),
        }
    }
}

/// A line in an error: its beginning, if it is long.
#[derive(Clone, PartialEq, Eq)]
pub struct Quoted(String);

impl Quoted {
    /// Quotes bytes that may be no text.
    #[must_use]
    pub fn new(line: &[u8]) -> Self {
        Self::of_length(line, line.len())
    }

    /// Quotes a line of `length` bytes of which only the beginning is at hand, at least what is shown of it.
    pub(super) fn of_length(beginning: &[u8], length: usize) -> Self {
        let text = String::from_utf8_lossy(beginning);
        let text = text.trim_end();
        if text.len() <= limits::QUOTED_BYTES {
            return Self(printable(text));
        }
        Self(format!("{} ({length} bytes)", Self::beginning_of(beginning)))
    }

    /// Quotes the beginning of a line whose end is not known.
    #[must_use]
    pub fn beginning_of(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&line[..line.len().min(QUOTABLE_BYTES)]);
        let end = (0..=limits::QUOTED_BYTES.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
        Self(format!("{}…", printable(&text[..end.unwrap_or(0)])))
    }
}

/// Escapes what a terminal would not show as it stands; quotes and backslashes stay, so that JSON is JSON.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '\'' | '\\' => shown.push(letter),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}

impl fmt::Display for Quoted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Quoted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A node broke the protocol, or died: the run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFault {
    /// Which node.
    pub node: NodeName,
    /// What it did.
    pub breach: Breach,
    /// The last lines of its log.
    pub log: Vec<String>,
}

impl fmt::Display for NodeFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.node, self.breach)?;
        if self.log.is_empty() {
            return write!(formatter, "\n  its log is empty");
        }
        write!(formatter, "\n  the last lines of its log:")?;
        self.log.iter().try_for_each(|line| write!(formatter, "\n  | {line}"))
    }
}

impl std::error::Error for NodeFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_quoted_by_its_beginning_and_its_length() {
        let line = "é".repeat(1_000);
        let quoted = Quoted::new(line.as_bytes()).to_string();
        assert_eq!(quoted, format!("{}… (2000 bytes)", "é".repeat(limits::QUOTED_BYTES / 2)));
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(Quoted::new(b"{\"a\":\x1b[31m\xff}\n").to_string(), "{\"a\":\\u{1b}[31m\u{fffd}}");
    }

    #[test]
    fn json_is_quoted_as_it_stands() {
        let line = r#"{"key":"it's \"a\" \\ b\n"}"#;
        assert_eq!(Quoted::new(line.as_bytes()).to_string(), line);
    }
}
