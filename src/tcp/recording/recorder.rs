//! A machine that writes down what it is given and what it puts out.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::rc::Rc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::base::{Environment, Time};
use crate::machine::{AnyInput, AnyMachine, NotDecoded, Output, Outputs, Payload, Program, Setup, Undecodable};
use crate::tcp::links::Tell;
use crate::tcp::recording::{Header, Line, to_hexadecimal};
use crate::wire::StateChange;
use crate::wire::control::{Inspect, InspectOk};

type OpenFile = BufWriter<Box<dyn io::Write>>;

/// The file of a recording. Clones write to the same one.
#[derive(Clone)]
pub struct Recorder {
    /// None once it could not be written.
    file: Rc<RefCell<Option<OpenFile>>>,
    tell: Tell,
}

impl Recorder {
    /// Makes the file.
    ///
    /// # Errors
    /// It is there already, or cannot be made.
    pub fn create(path: &Path, tell: Tell) -> Result<Self, Environment> {
        let attempt = || format!("make the recording {}, which must be a new file", path.display());
        Ok(Self::to(Box::new(File::create_new(path).map_err(Environment::while_trying(attempt))?), tell))
    }

    /// Writes to `file`; if that fails, `tell` is told, and nothing more is written.
    #[must_use]
    pub fn to(file: Box<dyn io::Write>, tell: Tell) -> Self {
        Self { file: Rc::new(RefCell::new(Some(BufWriter::new(file)))), tell }
    }

    fn write(&self, line: &Line) {
        self.with(|file| {
            serde_json::to_writer(&mut *file, line)?;
            file.write_all(b"\n")
        });
    }

    /// What was written is in the file, whatever becomes of the process.
    fn flush(&self) {
        self.with(|file| file.flush());
    }

    fn with(&self, act: impl FnOnce(&mut OpenFile) -> io::Result<()>) {
        let mut file = self.file.borrow_mut();
        if let Some(open) = &mut *file
            && let Err(error) = act(open)
        {
            *file = None;
            (self.tell)(&format!("the recording ends here: it could not be written: {error}"));
        }
    }
}

/// The same program, whose machine writes down everything. `session` is that of a client.
#[must_use]
pub fn recorded(program: Program, protocol: &'static str, session: Option<u64>, recorder: Option<Recorder>) -> Program {
    let Some(recorder) = recorder else { return program };
    let Program { name, machine } = program;
    let machine = Box::new(move |setup: Setup| -> Box<dyn AnyMachine> {
        recorder.write(&Line::Recording(Header::of(&setup, protocol, session)));
        Box::new(Recorded { machine: machine(setup), recorder: recorder.clone(), has_pending: false })
    });
    Program { name, machine }
}

struct Recorded {
    machine: Box<dyn AnyMachine>,
    recorder: Recorder,
    /// Were there inputs since the last flush?
    has_pending: bool,
}

impl AnyMachine for Recorded {
    fn step(&mut self, now: Time, input: AnyInput<'_>, outputs: &mut Outputs) -> Result<(), Undecodable> {
        self.recorder.write(&line_of_input(now, input));
        self.recorder.flush();
        self.has_pending = true;
        let result = self.machine.step(now, input, outputs);
        if let Err(error) = &result {
            self.recorder.write(&Line::Refuse { why: error.to_string() });
            self.recorder.flush();
        }
        result
    }

    fn flush(&mut self, outputs: &mut Outputs) {
        self.machine.flush(outputs);
        let drained: Vec<_> = outputs.drain().collect();
        // Also where nothing comes of it: the machine may have changed.
        if std::mem::take(&mut self.has_pending) || !drained.is_empty() {
            self.recorder.write(&Line::Flush {});
        }
        for output in drained {
            self.recorder.write(&line_of_output(&output));
            outputs.put(output);
        }
        self.recorder.flush();
    }

    fn decode_peer(&self, bytes: &[u8]) -> Result<Payload, NotDecoded> {
        self.machine.decode_peer(bytes)
    }

    fn take_changes(&mut self) -> StateChange {
        self.machine.take_changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.machine.inspect(question)
    }
}

fn line_of_input(now: Time, input: AnyInput<'_>) -> Line {
    match input {
        AnyInput::Start { records } => {
            Line::Start { now, records: records.iter().map(|record| to_hexadecimal(record)).collect() }
        }
        AnyInput::Message { from, payload } => Line::Message { now, from, body: body_of(payload) },
        AnyInput::Timer { id } => Line::Timer { now, id: id.to_owned() },
        AnyInput::Control(control) => Line::Control { now, body: raw(control) },
    }
}

/// An output as a line.
pub(super) fn line_of_output(output: &Output) -> Line {
    match output {
        Output::Persist(record) => Line::Persist { record: to_hexadecimal(record) },
        Output::Sync => Line::Sync {},
        Output::Send { to, payload } => Line::Send { to: *to, body: body_of(payload) },
        Output::SendEarly { to, payload } => Line::SendEarly { to: *to, body: body_of(payload) },
        Output::SetTimer { id, after } => Line::SetTimer { id: id.clone().into_owned(), after: *after },
        Output::CancelTimer { id } => Line::CancelTimer { id: id.clone().into_owned() },
        Output::Complete(completion) => Line::Complete { body: raw(completion) },
    }
}

fn body_of(payload: &Payload) -> Box<RawValue> {
    let mut json = Vec::new();
    payload.encode(&mut json);
    let json = String::from_utf8(json).expect("JSON is text");
    RawValue::from_string(json).expect("a body is JSON")
}

fn raw(body: &impl Serialize) -> Box<RawValue> {
    to_raw_value(body).expect("bodies are representable in JSON")
}
