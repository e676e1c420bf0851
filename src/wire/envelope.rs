//! The envelope around every body: who says it to whom, and on the way down the time and the number of the step.
//!
//! Envelopes are parsed with their bodies left as raw text, so that the master never looks into what nodes tell each
//! other beyond its `type`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::base::{NodeName, Span, Time};
use crate::wire::state::StateChange;

/// The pseudo-node that keeps time: `set_timer`, `cancel_timer`, `done` go to it, `timer` comes from it.
pub const CLOCK: &str = "clock";
/// The pseudo-node that stands for the script: orders and questions come from it, answers go to it.
pub const MASTER: &str = "master";

/// A line as a node gets it.
#[derive(Debug, Deserialize)]
pub struct LineDown<'a> {
    /// Who says it.
    #[serde(borrow)]
    pub src: Cow<'a, str>,
    /// The node's clock, in microseconds; absent from questions that are no event.
    pub now: Option<Time>,
    /// The number of the step, from 1 in each incarnation; absent from questions that are no event.
    pub step: Option<u64>,
    /// What is said.
    #[serde(borrow)]
    pub body: &'a RawValue,
}

/// A line as the master gets it.
#[derive(Debug, Deserialize)]
pub struct LineUp<'a> {
    /// Who says it; in lockstep the node itself.
    #[serde(borrow)]
    pub src: Cow<'a, str>,
    /// To whom: a node, or a pseudo-node.
    #[serde(borrow)]
    pub dest: Cow<'a, str>,
    /// Does it leave without waiting for the disk?
    #[serde(default)]
    pub early: bool,
    /// What is said.
    #[serde(borrow)]
    pub body: &'a RawValue,
}

/// The `type` of a body.
///
/// # Errors
/// The body is no JSON object with a `type`.
pub fn kind_of(body: &str) -> serde_json::Result<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow, rename = "type")]
        kind: Cow<'a, str>,
    }
    // Most bodies begin with their type, and need not be read to their end for it.
    let first = body.strip_prefix(r#"{"type":""#).and_then(|rest| rest.split_once('"'));
    match first {
        Some((kind, _)) if !kind.contains('\\') => Ok(Cow::Borrowed(kind)),
        Some(_) | None => serde_json::from_str(body).map(|Head { kind }| kind),
    }
}

/// Does a body expect an answer: has it a `msg_id`?
#[must_use]
pub fn expects_answer(body: &str) -> bool {
    #[derive(Deserialize)]
    struct Head {
        msg_id: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_str(body).is_ok_and(|Head { msg_id }| msg_id.is_some())
}

/// `set_timer`: wake me after so many microseconds; a timer with the same id is replaced.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "set_timer")]
pub struct SetTimer<'a> {
    /// The timer's name.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// How long from now.
    pub after: Span,
}

/// `cancel_timer`: do not wake me. Nothing happens if there is no such timer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "cancel_timer")]
pub struct CancelTimer<'a> {
    /// The timer's name.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

/// `timer`: the time has come.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "timer")]
pub struct Timer<'a> {
    /// The timer's name.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

/// `done`: the step is over; nothing survives it but timers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename = "done")]
pub struct Done {
    /// The step's number, as the line that began it gave it.
    pub step: u64,
    /// What changed.
    #[serde(default, skip_serializing_if = "StateChange::is_empty")]
    pub state: StateChange,
}

/// When a line comes down: the two fields that make it a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepHeader {
    /// The node's clock.
    pub now: Time,
    /// The step's number.
    pub step: u64,
}

/// Appends one line down that begins a step.
pub fn write_step(line: &mut Vec<u8>, src: &str, dest: NodeName, header: StepHeader, body: impl FnOnce(&mut Vec<u8>)) {
    write_ends(line, src, |line| write_name(line, dest));
    line.extend_from_slice(br#","now":"#);
    write_json(line, &header.now);
    line.extend_from_slice(br#","step":"#);
    write_json(line, &header.step);
    write_body(line, body);
}

/// Appends one line without time and step: a question down, or any line up.
pub fn write_line(line: &mut Vec<u8>, src: &str, dest: &str, body: impl FnOnce(&mut Vec<u8>)) {
    write_ends(line, src, |line| line.extend_from_slice(dest.as_bytes()));
    write_body(line, body);
}

/// Appends one line from node to node, up.
pub fn write_message(line: &mut Vec<u8>, src: &str, dest: NodeName, body: impl FnOnce(&mut Vec<u8>)) {
    write_ends(line, src, |line| write_name(line, dest));
    write_body(line, body);
}

/// Appends one line from node to node, up, that does not wait for the disk.
pub fn write_early_message(line: &mut Vec<u8>, src: &str, dest: NodeName, body: impl FnOnce(&mut Vec<u8>)) {
    write_ends(line, src, |line| write_name(line, dest));
    line.extend_from_slice(br#","early":true"#);
    write_body(line, body);
}

/// Names are letters and digits: nothing in them is escaped.
fn write_ends(line: &mut Vec<u8>, src: &str, dest: impl FnOnce(&mut Vec<u8>)) {
    line.extend_from_slice(br#"{"src":""#);
    line.extend_from_slice(src.as_bytes());
    line.extend_from_slice(br#"","dest":""#);
    dest(line);
    line.push(b'"');
}

fn write_body(line: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    line.extend_from_slice(br#","body":"#);
    body(line);
    line.extend_from_slice(b"}\n");
}

fn write_name(line: &mut Vec<u8>, name: NodeName) {
    line.push(name.kind.letter() as u8);
    write_json(line, &name.number);
}

/// Appends a body as JSON.
///
/// # Panics
/// If the body is not representable in JSON: a bug of its type.
pub fn write_json(out: &mut Vec<u8>, body: &impl Serialize) {
    serde_json::to_writer(out, body).expect("bodies are representable in JSON");
}

/// Appends a body as JSON: its type, which is letters and `_`, and behind it `fields`, none of which is called `type`.
///
/// # Panics
/// If `fields` is no struct whose fields have names, or not representable in JSON: a bug of its type.
pub fn write_typed(out: &mut Vec<u8>, kind: &str, fields: &impl Serialize) {
    out.extend_from_slice(br#"{"type":""#);
    out.extend_from_slice(kind.as_bytes());
    out.push(b'"');
    // The object of the fields goes on where the type ends: its brace becomes a comma, or goes where nothing follows.
    let brace = out.len();
    write_json(out, fields);
    assert_eq!(out[brace], b'{', "the fields of `{kind}` have no names");
    if out[brace + 1] == b'}' {
        out.remove(brace);
    } else {
        out[brace] = b',';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_goes_down_with_time_and_number() {
        let mut line = Vec::new();
        let header = StepHeader { now: Time(150_000), step: 41 };
        write_step(&mut line, "s2", NodeName::server(1), header, |out| out.extend_from_slice(b"{}"));
        assert_eq!(
            String::from_utf8(line).unwrap(),
            "{\"src\":\"s2\",\"dest\":\"s1\",\"now\":150000,\"step\":41,\"body\":{}}\n"
        );
    }

    #[test]
    fn a_line_up_is_read_without_looking_into_its_body() {
        let up: LineUp<'_> =
            serde_json::from_str(r#"{ "body" : {"type": "x", "deep": [1, {}]}, "dest":"s2","src":"s1"}"#).unwrap();
        assert_eq!((&*up.src, &*up.dest, up.body.get()), ("s1", "s2", r#"{"type": "x", "deep": [1, {}]}"#));
    }

    #[test]
    fn the_type_is_found_wherever_it_stands() {
        for body in [r#"{"type":"x","a":1}"#, r#"{ "a": {"type":"y"}, "type" : "x" }"#, r#"{"type":"\u0078"}"#] {
            assert_eq!(kind_of(body).unwrap(), "x", "{body}");
        }
        for body in ["{}", "[]", r#"{"type":1}"#, r#"{"type":"x"#, r#"{"a":"type"}"#] {
            assert!(kind_of(body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_body_with_a_msg_id_expects_an_answer() {
        assert!(expects_answer(r#"{"type":"x","msg_id":3}"#));
        assert!(!expects_answer(r#"{"type":"x","a":{"msg_id":3}}"#));
    }

    #[test]
    fn a_type_stands_before_the_fields() {
        #[derive(Serialize)]
        struct Nothing {}
        #[derive(Serialize)]
        struct Two<'a> {
            a: u64,
            b: &'a str,
        }
        let mut out = b"before".to_vec();
        write_typed(&mut out, "two", &Two { a: 1, b: "{}" });
        write_typed(&mut out, "none", &Nothing {});
        assert_eq!(String::from_utf8(out).unwrap(), r#"before{"type":"two","a":1,"b":"{}"}{"type":"none"}"#);
    }

    #[test]
    #[should_panic(expected = "the fields of `list` have no names")]
    fn what_is_no_object_gets_no_type() {
        write_typed(&mut Vec::new(), "list", &[1]);
    }

    #[test]
    fn done_without_state_is_short() {
        let mut out = Vec::new();
        write_json(&mut out, &Done { step: 3, state: StateChange::default() });
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"type":"done","step":3}"#);
    }
}
