//! The trace hash: two runs with the same hash had the same happenings, in the same order, to the byte.

use std::cell::RefCell;
use std::rc::Rc;

use xxhash_rust::xxh3::Xxh3;

use crate::base::Environment;
use crate::trace::{Happening, MessageName, Moment, Reader, Requests};
use crate::wire::envelope::write_json;

/// Hashes every happening with XXH3 (128 bits). Clones share one hash: one reads, another tells the result.
#[derive(Clone, Default)]
pub struct TraceHash {
    state: Rc<RefCell<Xxh3>>,
}

impl TraceHash {
    /// The hash of everything so far, as 32 hexadecimal digits.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{:032x}", self.state.borrow().digest128())
    }
}

impl Reader for TraceHash {
    fn read(&mut self, moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        let mut fields = Fields(self.state.borrow_mut());
        fields.number(moment.at.0);
        match happening {
            Happening::Command { text } => fields.tagged(0).text(text),
            Happening::Printed { text } => fields.tagged(1).text(text),
            Happening::Answered { text } => fields.tagged(2).text(text),
            // Not the line number: one script in two forms has one hash.
            Happening::Warning { line: _, text, words: _ } => fields.tagged(3).text(text),
            Happening::Finding { line: _, text } => fields.tagged(4).text(text),
            Happening::Snapshot { line: _, name, text } => fields.tagged(33).text(name).text(text),
            Happening::Settled => fields.tagged(5),
            Happening::Started { node, incarnation, runs: _ } => {
                fields.tagged(6).text(&node.to_string()).number(u64::from(incarnation.0))
            }
            // What a death cost its files is a matter of those alone.
            Happening::Died { node, death, losses: _, files } => {
                fields.tagged(7).text(&node.to_string()).text(death.name());
                for (file, length) in *files {
                    fields.text(file.as_str()).number(*length);
                }
                &mut fields
            }
            Happening::DiskFault { node, fault } => fields.tagged(16).text(&node.to_string()).text(&fault.to_string()),
            Happening::ClockFault { node, fault } => fields.tagged(30).text(&node.to_string()).text(&fault.to_string()),
            Happening::Shifted { node, timer, after, asked } => {
                fields.tagged(31).text(&node.to_string()).text(timer).number(after.0).number(asked.0)
            }
            Happening::Paused { node } => fields.tagged(17).text(&node.to_string()),
            Happening::Resumed { node } => fields.tagged(18).text(&node.to_string()),
            Happening::Waits { from, to, kind } => fields.tagged(19).text(from).text(&to.to_string()).text(kind),
            Happening::Cast { role, servers } => {
                fields.tagged(22).text(role);
                servers.iter().for_each(|server| {
                    fields.text(&server.to_string());
                });
                &mut fields
            }
            Happening::Followed { text } => fields.tagged(23).text(text),
            // What its clock shows is on the line, and the state that changed is part of the outputs.
            Happening::Step { node, now: _, line, outputs, changes: _ } => {
                fields.tagged(8).text(&node.to_string()).bytes(line).bytes(outputs)
            }
            Happening::Delayed { message, by } => fields.tagged(9).message(message).number(by.0),
            Happening::Held { message } => fields.tagged(20).message(message),
            Happening::Released { message } => fields.tagged(21).message(message),
            Happening::Duplicated { message } => fields.tagged(24).message(message),
            Happening::Reordered { message } => fields.tagged(25).message(message),
            Happening::LetThrough { message } => fields.tagged(26).message(message),
            Happening::Partitioned { text } => fields.tagged(27).text(text),
            Happening::Lost { message, cause } => fields.tagged(10).message(message).text(&cause.to_string()),
            Happening::Stopped { text } => fields.tagged(12).text(text),
            Happening::Begun { seed } => fields.tagged(13).number(*seed),
            Happening::Invoked { client, operation } => {
                fields.tagged(14).text(&client.to_string()).text(&operation.to_string())
            }
            Happening::Completed { client, completion, requests: Requests { count, server } } => {
                let mut answer = Vec::new();
                write_json(&mut answer, completion);
                let server = server.map(|server| server.to_string()).unwrap_or_default();
                fields.tagged(15).text(&client.to_string()).bytes(&answer).number(*count).text(&server)
            }
            Happening::Late { client, completion, operation: _ } => {
                let mut answer = Vec::new();
                write_json(&mut answer, completion);
                fields.tagged(32).text(&client.to_string()).bytes(&answer)
            }
            Happening::End { account } => fields.tagged(11).text(&account.to_string()),
        };
        Ok(())
    }

    fn wants_lines(&self) -> bool {
        true
    }
}

/// Every field with its length before it, so that no two sequences of fields hash the same bytes.
struct Fields<'a>(std::cell::RefMut<'a, Xxh3>);

impl Fields<'_> {
    fn tagged(&mut self, tag: u8) -> &mut Self {
        self.0.update(&[tag]);
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    fn message(&mut self, message: &MessageName<'_>) -> &mut Self {
        self.text(&message.from.to_string()).text(&message.to.to_string()).text(message.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{NodeName, Time};
    use crate::wire::StateChange;

    fn hash(happenings: &[(u64, Happening<'_>)]) -> String {
        let mut hash = TraceHash::default();
        for ((at, happening), event) in happenings.iter().zip(1..) {
            hash.read(Moment { event, at: Time(*at) }, happening).unwrap();
        }
        hash.text()
    }

    #[test]
    fn every_difference_shows() {
        let changes = StateChange::default();
        let step = |line, outputs| Happening::Step {
            node: NodeName::server(1),
            now: Time(0),
            line,
            outputs,
            changes: &changes,
        };
        let runs = [
            hash(&[(0, step(b"ab", b"c"))]),
            hash(&[(0, step(b"a", b"bc"))]),
            hash(&[(1, step(b"ab", b"c"))]),
            hash(&[(0, step(b"ab", b"c")), (0, step(b"ab", b"c"))]),
            hash(&[(0, Happening::Printed { text: "abc" })]),
            hash(&[(0, Happening::Answered { text: "abc" })]),
            hash(&[(0, Happening::Begun { seed: 1 })]),
            hash(&[(0, Happening::Begun { seed: 2 })]),
            hash(&[]),
        ];
        for (index, run) in runs.iter().enumerate() {
            assert!(!runs[..index].contains(run), "{index}");
        }
    }
}
