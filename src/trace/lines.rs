//! The trace as text: one JSON object a happening, in order.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::base::{Environment, NodeName, Time};
use crate::trace::{Death, Happening, Loss, MessageName, Reader};
use crate::wire::disk::FileName;

/// Keeps every happening as one line of JSON. Clones share the lines: one reads, another looks at them.
#[derive(Clone, Debug, Default)]
pub struct TraceLines {
    lines: Rc<RefCell<Vec<String>>>,
}

impl TraceLines {
    /// The lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }
}

impl Reader for TraceLines {
    fn read(&mut self, at: Time, happening: &Happening<'_>) -> Result<(), Environment> {
        let mut lines = self.lines.borrow_mut();
        let mut object = describe(happening);
        object["event"] = json!(lines.len() + 1);
        object["at"] = json!(at.0);
        lines.push(object.to_string());
        Ok(())
    }

    fn wants_lines(&self) -> bool {
        true
    }
}

fn describe(happening: &Happening<'_>) -> Value {
    match happening {
        Happening::Command { text } => json!({"kind": "command", "text": text}),
        Happening::Settled => json!({"kind": "settled"}),
        Happening::Printed { text } => json!({"kind": "printed", "text": text}),
        Happening::Answered { text } => json!({"kind": "answered", "text": text}),
        Happening::Warning { line, text } => json!({"kind": "warning", "line": line, "text": text}),
        Happening::Finding { line, text } => json!({"kind": "finding", "line": line, "text": text}),
        Happening::Stopped { text } => json!({"kind": "stopped", "text": text}),
        Happening::Started { node, incarnation } => {
            json!({"kind": "started", "node": node, "incarnation": incarnation})
        }
        Happening::Died { node, death, losses, files } => describe_death(*node, *death, losses, files),
        Happening::DiskFault { node, fault } => json!({"kind": "disk", "node": node, "fault": fault.to_string()}),
        Happening::Step { node, line, outputs, changes: _ } => {
            let outputs: Vec<_> = text(outputs).lines().map(str::to_owned).collect();
            json!({"kind": "step", "node": node, "line": text(line).trim_end(), "outputs": outputs})
        }
        Happening::Delayed { message, by } => with_message("delayed", message, json!({"by": by})),
        Happening::Lost { message, cause } => with_message("lost", message, json!({"reason": cause.to_string()})),
        Happening::End { account } => json!({
            "kind": "end",
            "sent": account.sent,
            "delivered": account.delivered,
            "lost": account.lost,
            "in_flight": account.in_flight,
        }),
    }
}

fn describe_death(node: NodeName, death: Death, losses: &[Loss], files: &[(FileName, u64)]) -> Value {
    let mut object = json!({"kind": death.name(), "node": node, "files": files});
    if let Death::CrashedAfter { outputs } = death {
        object["outputs"] = json!(outputs);
    }
    if !losses.is_empty() {
        let lost = |Loss { file, appends, torn }: &Loss| json!({"file": file, "appends": appends, "torn": torn});
        object["lost"] = losses.iter().map(lost).collect();
    }
    object
}

fn with_message(kind: &str, message: &MessageName<'_>, mut object: Value) -> Value {
    let MessageName { from, to, kind: message_type } = message;
    object["kind"] = json!(kind);
    object["from"] = json!(from);
    object["to"] = json!(to);
    object["type"] = json!(message_type);
    object
}

/// Lines are UTF-8: the master refuses a node that puts out anything else.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
