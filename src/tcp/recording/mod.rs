//! What a node by hand was given and put out, line by line: `--record FILE`, and `master replay FILE`.
//!
//! A machine does the same whenever it is given the same. So what went wrong once, in real time, goes wrong again whenever
//! the recording is carried out, without sockets, disks and other nodes.
//!
//! Each line is a JSON object with one key, which says what it is ([`Line`]). An input is written before the machine gets it: of
//! a node that died the last line is what it died of.

mod recorder;
mod replay;

pub use recorder::{Recorder, recorded};
pub use replay::{Different, End, Replayed, is_recording, replay};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::base::{Incarnation, NodeName, Span, Time};
use crate::machine::Setup;
use crate::wire::control::{Timeouts, Variant};

/// The version of the format.
const FORMAT: u32 = 1;

/// One line of a recording.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// The first: what the machine is made from.
    Recording(Header),
    /// It begins.
    Start {
        now: Time,
        /// What its earlier lives have kept, each in hexadecimal digits.
        records: Vec<String>,
    },
    /// Somebody says something to it.
    Message { now: Time, from: NodeName, body: Box<RawValue> },
    /// A timer is due.
    Timer { now: Time, id: String },
    /// It is told to do something.
    Control { now: Time, body: Box<RawValue> },
    /// It has no more input at hand: what follows is what it put out since the line before of this kind.
    Flush {},
    /// It refuses an input: the last line.
    Refuse { why: String },
    /// It keeps a record, in hexadecimal digits.
    Persist { record: String },
    /// All of them are to be durable before anything that follows.
    Sync {},
    /// It says something.
    Send { to: NodeName, body: Box<RawValue> },
    /// It says something without waiting for its disk.
    SendEarly { to: NodeName, body: Box<RawValue> },
    /// It wants to be woken.
    SetTimer { id: String, after: Span },
    /// It does not.
    CancelTimer { id: String },
    /// An operation has ended.
    Complete { body: Box<RawValue> },
}

/// What a machine is made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    format: u32,
    protocol: String,
    node: NodeName,
    servers: Vec<NodeName>,
    seed: u64,
    incarnation: Incarnation,
    timeouts: Timeouts,
    #[serde(default)]
    variant: Variant,
    /// Of a client, its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<u64>,
}

impl Header {
    fn of(setup: &Setup, protocol: &str, session: Option<u64>) -> Self {
        let Setup { name, servers, seed, incarnation, timeouts, variant } = setup.clone();
        let protocol = protocol.to_owned();
        Self { format: FORMAT, protocol, node: name, servers, seed, incarnation, timeouts, variant, session }
    }

    fn setup(&self) -> Setup {
        let Self { node, servers, seed, incarnation, timeouts, variant, .. } = self.clone();
        Setup { name: node, servers, seed, incarnation, timeouts, variant }
    }
}

fn to_hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes everything");
        text
    })
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    if digits.len().is_multiple_of(2) { pairs.collect() } else { None }
}

#[cfg(test)]
mod tests;
