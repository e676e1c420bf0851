//! The trace as text, `trace.jsonl`: a line that says what the file is, then one JSON object a happening, in order.
//!
//! `docs/record.md` describes it. The lines that went down to nodes and came up stand in it as they are: they are JSON
//! without line breaks, and copying them is all that a step costs.

use crate::base::Environment;
use crate::trace::object::ObjectLine;
use crate::trace::{Death, Happening, Memory, MessageName, Moment, Reader, Runs, Sink};

/// The version of the format; it grows when a field or a kind goes or changes its meaning, and not when one is added.
pub const TRACE_VERSION: u32 = 1;

/// Writes every happening as one line of JSON.
pub struct TraceLines {
    sink: Sink,
    line: ObjectLine,
}

impl TraceLines {
    /// Writes to `sink`, which should gather what it is given: a run has many lines, and they need be seen only at its
    /// end.
    ///
    /// # Errors
    /// The stream is closed, or full.
    pub fn new(sink: Sink) -> Result<Self, Environment> {
        let mut line = ObjectLine::default();
        sink.bytes(line.begin().field("format", "splitbrain trace").field("version", TRACE_VERSION).end())?;
        Ok(Self { sink, line })
    }

    /// Keeps the lines in memory, where others may look at them.
    #[must_use]
    pub fn in_memory() -> (Self, Memory) {
        let memory = Memory::default();
        let lines = Self::new(Sink::new("memory", memory.clone())).expect("memory takes everything");
        (lines, memory)
    }
}

impl Reader for TraceLines {
    fn read(&mut self, moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        let line = self.line.begin().field("event", moment.event).field("at", moment.at);
        describe(happening, line);
        self.sink.bytes(line.end())?;
        if happening.ends_the_run() { self.sink.flush() } else { Ok(()) }
    }

    fn wants_lines(&self) -> bool {
        true
    }
}

fn describe<'l>(happening: &Happening<'_>, object: &'l mut ObjectLine) -> &'l mut ObjectLine {
    match happening {
        Happening::Begun { seed } => object.field("kind", "begun").field("seed", seed),
        Happening::Command { text } => object.field("kind", "command").field("text", text),
        Happening::Cast { role, servers } => object.field("kind", "cast").field("role", role).field("servers", servers),
        Happening::Followed { text } => object.field("kind", "followed").field("text", text),
        Happening::Settled => object.field("kind", "settled"),
        Happening::Printed { text } => object.field("kind", "printed").field("text", text),
        Happening::Answered { text } => object.field("kind", "answered").field("text", text),
        Happening::Snapshot { line, name, text } => {
            object.field("kind", "snapshot").field("script_line", line).field("name", name).field("text", text)
        }
        Happening::Warning { line, text, words: _ } => {
            object.field("kind", "warning").field("script_line", line).field("text", text)
        }
        Happening::Finding { line, text } => {
            object.field("kind", "finding").field("script_line", line).field("text", text)
        }
        Happening::Stopped { text } => object.field("kind", "stopped").field("text", text),
        Happening::Started { node, incarnation, runs } => {
            let line = object.field("kind", "started").field("node", node).field("incarnation", incarnation);
            match runs {
                Runs::Session(None) => line,
                Runs::Session(Some(name)) => line.field("protocol", name),
                Runs::Protocol(name) => line.field("protocol", name),
                Runs::Command(words) => line.field("run", words),
            }
        }
        Happening::Died { node, death, losses, files } => {
            let line = object.field("kind", death.name()).field("node", node);
            if let Death::CrashedAfter { place, .. } = death {
                line.field("after", place);
            }
            line.field("files", files).field("lost", losses)
        }
        Happening::DiskFault { node, fault } => {
            object.field("kind", "disk").field("node", node).field("fault", format_args!("{fault}"))
        }
        Happening::ClockFault { node, fault } => {
            object.field("kind", "clock").field("node", node).field("fault", format_args!("{fault}"))
        }
        Happening::Shifted { node, timer, after, asked } => object
            .field("kind", "shifted")
            .field("node", node)
            .field("timer", timer)
            .field("after", after)
            .field("asked", asked),
        Happening::Paused { node } => object.field("kind", "paused").field("node", node),
        Happening::Resumed { node } => object.field("kind", "resumed").field("node", node),
        Happening::Waits { from, to, kind } => {
            object.field("kind", "waits").field("from", from).field("to", to).field("type", kind)
        }
        Happening::Step { node, now: _, line, outputs, changes: _ } => {
            object.field("kind", "step").field("node", node).json("line", line).json_list("outputs", outputs)
        }
        Happening::Invoked { client, operation } => {
            object.field("kind", "invoked").field("node", client).field("operation", operation)
        }
        Happening::Completed { client, completion, requests } => object
            .field("kind", "completed")
            .field("node", client)
            .field("answer", completion)
            .field("requests", requests.count)
            .field_if_any("server", requests.server),
        Happening::Late { client, operation, completion } => {
            object.field("kind", "late").field("node", client).field("operation", operation).field("answer", completion)
        }
        Happening::Delayed { message, by } => with_message("delayed", message, object).field("by", by),
        Happening::Held { message } => with_message("held", message, object),
        Happening::Released { message } => with_message("released", message, object),
        Happening::Duplicated { message } => with_message("duplicated", message, object),
        Happening::Reordered { message } => with_message("reordered", message, object),
        Happening::LetThrough { message } => with_message("let_through", message, object),
        Happening::Partitioned { text } => object.field("kind", "partitioned").field("text", text),
        Happening::Lost { message, cause } => {
            with_message("lost", message, object).field("reason", format_args!("{cause}"))
        }
        Happening::End { account } => object
            .field("kind", "end")
            .field("sent", account.sent)
            .field("duplicated", account.duplicated)
            .field("delivered", account.delivered)
            .field("lost", account.lost)
            .field("held", account.held)
            .field("in_flight", account.in_flight),
    }
}

fn with_message<'l>(kind: &str, message: &MessageName<'_>, object: &'l mut ObjectLine) -> &'l mut ObjectLine {
    let MessageName { from, to, kind: message_type } = message;
    object.field("kind", kind).field("from", from).field("to", to).field("type", message_type)
}
