//! A recording carried out again, on a fresh machine.

use std::io::BufRead;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::NodeName;
use crate::machine::{AnyInput, AnyMachine, Outputs, Payload};
use crate::node;
use crate::protocol::Protocol;
use crate::tcp::recording::recorder::line_of_output;
use crate::tcp::recording::{FORMAT, Header, Line, from_hexadecimal};
use crate::wire::control::Control;
use crate::wire::envelope::kind_of;

/// A recording that came out the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Whose it is.
    pub node: NodeName,
    /// How many inputs the machine was given.
    pub inputs: u64,
    /// How many outputs it put out.
    pub outputs: u64,
    /// How it ended.
    pub end: End,
}

/// How a recording ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With what came of the last input.
    Whole,
    /// With an input of which nothing is told: the node was killed, or had not come to carrying it out.
    Unanswered,
    /// The machine refuses the last input, as it did.
    Refused(String),
    /// Its code fails at the last input.
    Panicked,
}

/// Why a recording does not come out the same, or is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Different {
    /// It cannot be read.
    #[error("line {line}: {why}")]
    Unreadable {
        /// Where.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The machine put out something else.
    #[error("line {line}: another output than was recorded\n  recorded: {recorded}\n  now:      {now}")]
    Output {
        /// Where.
        line: u64,
        /// What it put out then.
        recorded: String,
        /// What it puts out now.
        now: String,
    },
}

/// Does a file that begins so hold a recording?
#[must_use]
pub fn is_recording(first_line: &str) -> bool {
    matches!(serde_json::from_str(first_line), Ok(Line::Recording(_)))
}

/// Carries a recording out.
///
/// # Errors
/// It cannot be read, or the machine puts out something else.
pub fn replay(file: impl BufRead) -> Result<Replayed, Different> {
    let mut lines = Lines { file, number: 0 };
    let Some(Line::Recording(header)) = lines.next()? else {
        return Err(lines.unreadable("a recording begins with a line {\"recording\":…}"));
    };
    let mut playback = Playback::begin(&header).map_err(|why| lines.unreadable(&why))?;
    while let Some(line) = lines.next()? {
        playback.take(line, &mut lines)?;
        if playback.end != End::Whole {
            break;
        }
    }
    Ok(playback.conclude(header.node))
}

struct Lines<R> {
    file: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The next whole line. One that is cut off was being written when the node was killed.
    fn next(&mut self) -> Result<Option<Line>, Different> {
        let mut text = Vec::new();
        self.number += 1;
        self.file.read_until(b'\n', &mut text).map_err(|error| self.unreadable(&error.to_string()))?;
        // Bytes, not text: what is cut off may end within a letter.
        match text.strip_suffix(b"\n") {
            Some(text) => serde_json::from_slice(text).map(Some).map_err(|error| self.unreadable(&error.to_string())),
            None => Ok(None),
        }
    }

    fn unreadable(&self, why: &str) -> Different {
        Different::Unreadable { line: self.number, why: why.to_owned() }
    }
}

struct Playback {
    machine: Box<dyn AnyMachine>,
    outputs: Outputs,
    inputs: u64,
    put_out: u64,
    /// Were there inputs since the last flush?
    has_pending: bool,
    end: End,
}

impl Playback {
    fn begin(header: &Header) -> Result<Self, String> {
        if header.format != FORMAT {
            return Err(format!("the recording's format is {}, and this release reads {FORMAT}", header.format));
        }
        let protocol = Protocol::named(&header.protocol).ok_or_else(|| {
            format!("there is no protocol `{}`; there is {}", header.protocol, Protocol::names().join(", "))
        })?;
        let program = match header.session {
            Some(session) => node::client_in_session(protocol.agreement, session),
            None => node::server(protocol),
        };
        let machine = (program.machine)(header.setup());
        Ok(Self { machine, outputs: Outputs::default(), inputs: 0, put_out: 0, has_pending: false, end: End::Whole })
    }

    fn take<R: BufRead>(&mut self, line: Line, lines: &mut Lines<R>) -> Result<(), Different> {
        let wrong = |why: String| lines.unreadable(&why);
        match line {
            Line::Start { now, records } => {
                let records: Option<Vec<_>> = records.iter().map(|record| from_hexadecimal(record)).collect();
                let records = records.ok_or_else(|| wrong("a record is hexadecimal digits".to_owned()))?;
                self.step(now, AnyInput::Start { records: &records });
            }
            Line::Message { now, from, body } => {
                let kind = kind_of(body.get()).map_err(|error| wrong(error.to_string()))?;
                let payload = Payload::text(&kind, body.get());
                self.step(now, AnyInput::Message { from, payload: &payload });
            }
            Line::Timer { now, id } => self.step(now, AnyInput::Timer { id: &id }),
            Line::Control { now, body } => {
                let kind = kind_of(body.get()).map_err(|error| wrong(error.to_string()))?;
                let control = Control::decode(&kind, body.get())
                    .ok_or_else(|| wrong(format!("nobody is told to `{kind}`")))?
                    .map_err(|error| wrong(error.to_string()))?;
                self.step(now, AnyInput::Control(&control));
            }
            Line::Flush {} => self.flush(lines)?,
            Line::Refuse { why } => {
                return Err(Different::Output {
                    line: lines.number,
                    recorded: format!("it refuses that: {why}"),
                    now: "it does not".to_owned(),
                });
            }
            Line::Recording(_)
            | Line::Persist { .. }
            | Line::Sync {}
            | Line::Send { .. }
            | Line::SendEarly { .. }
            | Line::SetTimer { .. }
            | Line::CancelTimer { .. }
            | Line::Complete { .. } => {
                return Err(Different::Output {
                    line: lines.number,
                    recorded: text_of(&line),
                    now: "nothing more".to_owned(),
                });
            }
        }
        self.check_refusal(lines)
    }

    fn step(&mut self, now: crate::base::Time, input: AnyInput<'_>) {
        self.inputs += 1;
        self.has_pending = true;
        let Self { machine, outputs, .. } = self;
        self.end = match catch_unwind(AssertUnwindSafe(|| machine.step(now, input, outputs))) {
            Ok(Ok(())) => End::Whole,
            Ok(Err(error)) => End::Refused(error.to_string()),
            Err(_) => End::Panicked,
        };
    }

    /// What is refused now was refused then.
    fn check_refusal<R: BufRead>(&self, lines: &mut Lines<R>) -> Result<(), Different> {
        let End::Refused(now) = &self.end else { return Ok(()) };
        let recorded = match lines.next()? {
            Some(Line::Refuse { why }) if why == *now => return Ok(()),
            Some(line) => text_of(&line),
            // The node ended before that was written.
            None => return Ok(()),
        };
        Err(Different::Output { line: lines.number, recorded, now: format!("it refuses that: {now}") })
    }

    fn flush<R: BufRead>(&mut self, lines: &mut Lines<R>) -> Result<(), Different> {
        self.has_pending = false;
        let Self { machine, outputs, .. } = self;
        if catch_unwind(AssertUnwindSafe(|| machine.flush(outputs))).is_err() {
            self.end = End::Panicked;
            return Ok(());
        }
        for output in self.outputs.drain() {
            let now = text_of(&line_of_output(&output));
            // The node was killed while it wrote: what is missing is missing at the end only.
            let Some(line) = lines.next()? else { return Ok(()) };
            let recorded = text_of(&line);
            if recorded != now {
                return Err(Different::Output { line: lines.number, recorded, now });
            }
            self.put_out += 1;
        }
        Ok(())
    }

    fn conclude(self, node: NodeName) -> Replayed {
        let Self { inputs, put_out: outputs, has_pending, end, .. } = self;
        let end = match end {
            End::Whole if has_pending => End::Unanswered,
            End::Whole | End::Unanswered | End::Refused(_) | End::Panicked => end,
        };
        Replayed { node, inputs, outputs, end }
    }
}

fn text_of(line: &Line) -> String {
    serde_json::to_string(line).expect("a line is representable in JSON")
}
