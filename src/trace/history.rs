//! The history, `history.jsonl`: what clients asked and what became of it, in Jepsen's words.
//!
//! `docs/record.md` describes it. A line that says what the file is, then two lines an operation: `invoke`, and `ok`,
//! `fail` or `info`. Checkers read it, so it never claims more than is known:
//! 1. `fail` stands only for what certainly did not happen, and never will.
//! 2. A process has one operation under way at a time, and none after an `info`: its client goes on as a fresh process.
//! 3. Every `invoke` has its end, also where the run stops in the middle: that operation's fate is `info`.

use std::collections::{BTreeMap, VecDeque};

use crate::base::{Environment, NodeName};
use crate::store::{Operation, Value};
use crate::trace::object::ObjectLine;
use crate::trace::{Happening, Moment, Reader, Requests, Sink};
use crate::wire::control::InvokeOk;
use crate::wire::{Completion, ErrorBody, ErrorCode};

/// The version of the format; it grows when a field or a type goes or changes its meaning, and not when one is added.
pub const HISTORY_VERSION: u32 = 1;

/// Writes the history of a run.
pub struct History {
    sink: Sink,
    line: ObjectLine,
    /// How many operations began or ended.
    lines: u64,
    /// How many processes there were.
    processes: u64,
    /// The process as which a client goes on.
    process_of: BTreeMap<NodeName, u64>,
    /// The operations under way.
    open: BTreeMap<NodeName, Open>,
    /// Those that were not answered in time, in their order.
    unknown: BTreeMap<NodeName, VecDeque<Open>>,
}

/// An operation under way.
struct Open {
    process: u64,
    operation: Operation,
}

impl History {
    /// Writes to `sink`, which should gather what it is given.
    ///
    /// # Errors
    /// The stream is closed, or full.
    pub fn new(sink: Sink) -> Result<Self, Environment> {
        let mut line = ObjectLine::default();
        sink.bytes(line.begin().field("format", "splitbrain history").field("version", HISTORY_VERSION).end())?;
        let (process_of, open, unknown) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { sink, line, lines: 0, processes: 0, process_of, open, unknown })
    }

    fn begin(&mut self, moment: Moment, client: NodeName, operation: &Operation) -> Result<(), Environment> {
        let process = *self.process_of.entry(client).or_insert_with(|| {
            self.processes += 1;
            self.processes - 1
        });
        let open = Open { process, operation: operation.clone() };
        self.line(moment, client, &open, Type::Invoke);
        self.sink.bytes(self.line.end())?;
        let before = self.open.insert(client, open);
        assert!(before.is_none(), "{client} has two operations under way");
        Ok(())
    }

    fn end(
        &mut self,
        moment: Moment,
        client: NodeName,
        completion: &Completion,
        requests: Requests,
    ) -> Result<(), Environment> {
        let open = self.open.remove(&client).expect("an operation that ends was begun");
        let kind = verdict(&open.operation, completion, requests);
        if matches!(kind, Type::Info) {
            self.process_of.remove(&client);
        }
        let line = self.line(moment, client, &open, kind).field_if_any("server", requests.server);
        match completion {
            Completion::Ok(InvokeOk { stamp, .. }) => line.field_if_any("stamp", *stamp),
            Completion::Error(_) if matches!(kind, Type::Ok(_)) => line,
            Completion::Error(ErrorBody { code, text, .. }) => line.field("error", Error { code: Some(*code), text }),
        };
        self.sink.bytes(self.line.end())?;
        // Only what has no answer yet can have one later; a refusal is one, though it does not prove what it says.
        if matches!(completion, Completion::Error(error) if error.code == ErrorCode::TIMEOUT) {
            self.unknown.entry(client).or_default().push_back(open);
        }
        Ok(())
    }

    /// What nobody knew is known now. The process is spent all the same: this is a line for people and checkers.
    fn learn(&mut self, moment: Moment, client: NodeName, completion: &Completion) -> Result<(), Environment> {
        let open = self.unknown.get_mut(&client).and_then(VecDeque::pop_front).expect("it was unknown");
        let (value, error) = match completion {
            Completion::Ok(InvokeOk { value, .. }) => (value.as_ref(), None),
            Completion::Error(error) => (None, Some(error)),
        };
        let line = self.line(moment, client, &open, Type::Late(value));
        if let Some(ErrorBody { code, text, .. }) = error {
            line.field("error", Error { code: Some(*code), text });
        }
        self.sink.bytes(self.line.end())
    }

    /// The run is over: nobody will learn what becomes of the operations that are under way.
    fn abandon(&mut self, moment: Moment) -> Result<(), Environment> {
        for (client, open) in std::mem::take(&mut self.open) {
            let error = Error { code: None, text: "the run stopped" };
            self.line(moment, client, &open, Type::Info).field("error", error);
            self.sink.bytes(self.line.end())?;
        }
        self.sink.flush()
    }

    /// Begins a line with the fields that all have.
    fn line(&mut self, moment: Moment, client: NodeName, open: &Open, kind: Type<'_>) -> &mut ObjectLine {
        let index = self.lines;
        self.lines += 1;
        let line = self.line.begin();
        line.field("index", index)
            .field("event", moment.event)
            .field("time", moment.at.0 * NANOSECONDS_IN_A_MICROSECOND)
            .field("process", open.process)
            .field("client", client)
            .field("type", kind.word());
        match &open.operation {
            Operation::Put { key, value } => line.field("f", "put").field("key", key).field("value", value),
            Operation::Get { key } => line.field("f", "get").field("key", key).field("value", kind.value_read()),
            Operation::Cas { key, from, to } => line.field("f", "cas").field("key", key).field("value", [from, to]),
        }
    }
}

const NANOSECONDS_IN_A_MICROSECOND: u64 = 1_000;

/// What a line says of its operation.
#[derive(Clone, Copy)]
enum Type<'c> {
    /// It begins.
    Invoke,
    /// It happened; what a `get` read.
    Ok(Option<&'c Value>),
    /// It did not happen, and never will.
    Fail,
    /// Nobody knows.
    Info,
    /// Somebody knows now of what nobody knew; what a `get` read.
    Late(Option<&'c Value>),
}

impl<'c> Type<'c> {
    fn word(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Ok(_) => "ok",
            Self::Fail => "fail",
            Self::Info => "info",
            Self::Late(_) => "late",
        }
    }

    fn value_read(self) -> Option<&'c Value> {
        match self {
            Self::Ok(value) | Self::Late(value) => value,
            Self::Invoke | Self::Fail | Self::Info => None,
        }
    }
}

/// Why an operation has no result.
#[derive(serde::Serialize)]
struct Error<'c> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
    text: &'c str,
}

/// What a completion proves.
fn verdict<'c>(operation: &Operation, completion: &'c Completion, requests: Requests) -> Type<'c> {
    let is_get = matches!(operation, Operation::Get { .. });
    match completion {
        Completion::Ok(InvokeOk { value, .. }) => Type::Ok(value.as_ref()),
        // That there is no value is what the get has found out.
        Completion::Error(error) if is_get && error.code == ErrorCode::KEY_DOES_NOT_EXIST => Type::Ok(None),
        // A refusal tells of one request. Where an earlier one was sent, that one may have taken effect, unless there
        // is none to take.
        Completion::Error(error) if error.code.is_definite() && (is_get || requests.count <= 1) => Type::Fail,
        Completion::Error(_) => Type::Info,
    }
}

impl Reader for History {
    fn read(&mut self, moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        match happening {
            Happening::Invoked { client, operation } => self.begin(moment, *client, operation),
            Happening::Completed { client, completion, requests } => self.end(moment, *client, completion, *requests),
            Happening::Late { client, completion, operation: _ } => self.learn(moment, *client, completion),
            Happening::Stopped { .. } | Happening::End { .. } => self.abandon(moment),
            Happening::Begun { .. }
            | Happening::Command { .. }
            | Happening::Settled
            | Happening::Printed { .. }
            | Happening::Answered { .. }
            | Happening::Snapshot { .. }
            | Happening::Warning { .. }
            | Happening::Finding { .. }
            | Happening::Started { .. }
            | Happening::Died { .. }
            | Happening::DiskFault { .. }
            | Happening::ClockFault { .. }
            | Happening::Shifted { .. }
            | Happening::Paused { .. }
            | Happening::Resumed { .. }
            | Happening::Waits { .. }
            | Happening::Cast { .. }
            | Happening::Followed { .. }
            | Happening::Step { .. }
            | Happening::Delayed { .. }
            | Happening::Held { .. }
            | Happening::Released { .. }
            | Happening::Duplicated { .. }
            | Happening::Reordered { .. }
            | Happening::LetThrough { .. }
            | Happening::Partitioned { .. }
            | Happening::Lost { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
