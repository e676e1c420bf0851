//! A machine of one's own, with a bug that a script shows: `cargo run --example register`.
//!
//! Every server keeps a register for each key, and tells the others what is written to it. What comes last wins: so two writes
//! that cross on their way leave two servers with different values, for ever. (A write would need a stamp to be compared by.)

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use splitbrain::base::{NodeName, Time};
use splitbrain::machine::{Input, Machine, Message, Outputs, Payload, Setup, Violation};
use splitbrain::store::Value;
use splitbrain::wire::request::{ReadOk, WriteOk};
use splitbrain::wire::{ErrorBody, ErrorCode, Request, Response};

/// What one server tells the others.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "copy")]
struct Copy {
    key: Value,
    value: Value,
}

impl Message for Copy {
    fn kinds() -> &'static [&'static str] {
        &["copy"]
    }
    fn kind(&self) -> &'static str {
        "copy"
    }
    fn encode(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, self).expect("a copy is JSON");
    }
    fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        (kind == "copy").then(|| serde_json::from_str(body))
    }
}

struct Register {
    others: Vec<NodeName>,
    values: BTreeMap<Value, Value>,
}

impl Machine for Register {
    type Peer = Copy;

    fn step(&mut self, _now: Time, input: Input<'_, Copy>, outputs: &mut Outputs) -> Result<(), Violation> {
        match input {
            Input::Request { from, request: Request::Write(write) } => {
                self.values.insert(write.key.clone(), write.value.clone());
                for &other in &self.others {
                    outputs.send(other, Payload::peer(Copy { key: write.key.clone(), value: write.value.clone() }));
                }
                outputs.respond(from, Response::Write(WriteOk { in_reply_to: write.msg_id, stamp: None }));
            }
            Input::Request { from, request: Request::Read(read) } => {
                outputs.respond(from, self.answer(read.msg_id, &read.key));
            }
            Input::Peer { message: Copy { key, value }, .. } => {
                self.values.insert(key.clone(), value.clone());
            }
            _ => {}
        }
        Ok(())
    }
}

impl Register {
    fn new(setup: &Setup) -> Self {
        let others = setup.servers.iter().copied().filter(|&server| server != setup.name).collect();
        Self { others, values: BTreeMap::new() }
    }

    fn answer(&self, in_reply_to: u64, key: &Value) -> Response {
        match self.values.get(key) {
            Some(value) => Response::Read(ReadOk { in_reply_to, value: value.clone(), stamp: None }),
            None => {
                let text = "nothing was written yet".to_owned();
                Response::Error(ErrorBody { in_reply_to, code: ErrorCode::KEY_DOES_NOT_EXIST, text })
            }
        }
    }
}

/// Two writes that cross. Every line is a step of virtual time; `par` begins two operations at one instant.
const CROSSING: &str = "\
cluster servers=2 clients=2
par
put c1 x 1
put c2 x 2
end
wait 1s
get c1 x
get c2 x
";

fn main() {
    let outcome = splitbrain::Cluster::new(|setup| Register::new(&setup)).run(CROSSING);
    print!("{outcome}");
    outcome.assert_passed();
}

/// The bug as a golden; once it is mended, this test tells, and the two values below are the same one.
#[test]
fn writes_that_cross_leave_two_values() {
    let outcome = splitbrain::Cluster::new(|setup| Register::new(&setup)).run(CROSSING);
    outcome.assert_passed();
    insta::assert_snapshot!(outcome, @r"
    0.000000 cluster servers=2 clients=2
    0.000000 par
    0.000000 put c1 x 1
    0.000000 put c2 x 2
    0.000000 end
             | put c1 x 1: success
             | put c2 x 2: success
    0.002000 wait 1s
    1.002000 get c1 x
             | x:2
    1.004000 get c2 x
             | x:1
    1.006000 end: 10 messages, 0 lost, 0 in flight
    ");
}
