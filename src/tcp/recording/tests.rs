//! A server's life, written down and carried out again.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use super::*;
use crate::machine::{AnyInput, Outputs, Payload};
use crate::node;
use crate::protocol::Protocol;
use crate::store::Value;
use crate::wire::Request;
use crate::wire::request::Write;

#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server of one, that takes a write; `last` is its last input.
fn recording(protocol: &str, last: &Payload) -> String {
    let protocol = Protocol::named(protocol).unwrap();
    let file = Shared::default();
    let recorder = Recorder::to(Box::new(file.clone()), Rc::new(|why| panic!("{why}")));
    let program = recorded(node::server(protocol), protocol.name, None, Some(recorder));
    let timeouts = Timeouts::for_delay(Span(0));
    let name = NodeName::server(1);
    let variant = Variant::default();
    let setup = Setup { name, servers: vec![name], seed: 7, incarnation: Incarnation(0), timeouts, variant };
    let mut machine = (program.machine)(setup);
    let mut outputs = Outputs::default();
    let mut give = |now, input: AnyInput<'_>| {
        let result = machine.step(Time(now), input, &mut outputs);
        if result.is_ok() {
            machine.flush(&mut outputs);
            outputs.drain().for_each(drop);
        }
        result.is_ok()
    };
    assert!(give(1, AnyInput::Start { records: &[] }));
    for number in 1..40 {
        let timer = if protocol.name == "raft" { "election" } else { "heartbeat" };
        if number < 4 && protocol.name != "gossip" && !(protocol.name == "raft" && number > 1) {
            assert!(give(number * 1_000_000, AnyInput::Timer { id: timer }));
        }
        let write = Write { msg_id: number, session: 3, key: "größe".into(), value: Value::Integer(5), clock: 0 };
        let payload = Payload::request(Request::Write(write));
        assert!(give(number * 1_000_000 + 7, AnyInput::Message { from: NodeName::client(1), payload: &payload }));
    }
    give(99_000_000, AnyInput::Message { from: NodeName::server(2), payload: last });
    let bytes = file.0.borrow().clone();
    String::from_utf8(bytes).unwrap()
}

fn nonsense() -> Payload {
    Payload::text("nonsense", r#"{"type":"nonsense"}"#)
}

#[test]
fn a_recording_comes_out_the_same_for_every_protocol() {
    for protocol in Protocol::names() {
        let text = recording(protocol, &nonsense());
        assert!(is_recording(text.lines().next().unwrap()), "{text}");
        let replayed = replay(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert!(replayed.inputs > 40 && replayed.outputs > 80, "{replayed:?}");
        let End::Refused(why) = replayed.end else { panic!("{:?}", replayed.end) };
        assert!(why.contains("`nonsense` means nothing to this node"), "{why}");
    }
}

#[test]
fn another_output_is_told_with_its_line() {
    let text = recording("gossip", &nonsense());
    let place = text.lines().position(|line| line.contains(r#"{"send":{"to":"c1""#)).unwrap();
    let changed = text.replacen(r#""in_reply_to":1,"#, r#""in_reply_to":2,"#, 1);
    assert_ne!(changed, text);
    let Err(Different::Output { line, recorded, now }) = replay(changed.as_bytes()) else { panic!("it differs") };
    assert_eq!(line, place as u64 + 1);
    assert!(recorded.contains(r#""in_reply_to":2"#) && now.contains(r#""in_reply_to":1"#), "{recorded} {now}");
}

#[test]
fn an_output_that_is_missing_or_too_many_is_told() {
    let text = recording("gossip", &nonsense());
    let without: String =
        text.lines().filter(|line| !line.starts_with(r#"{"sync""#)).map(|line| format!("{line}\n")).collect();
    assert!(matches!(replay(without.as_bytes()), Err(Different::Output { .. })));
    let twice = text.replacen("{\"sync\":{}}\n", "{\"sync\":{}}\n{\"sync\":{}}\n", 1);
    assert!(matches!(replay(twice.as_bytes()), Err(Different::Output { .. })));
}

#[test]
fn a_recording_of_a_node_that_was_killed_ends_wherever_it_ends() {
    let text = recording("multi-paxos", &nonsense());
    let mut unanswered = 0;
    let first = text.find('\n').unwrap() + 1;
    let within_letters = (first..text.len()).filter(|end| !text.is_char_boundary(*end)).step_by(5);
    assert!(within_letters.clone().count() > 3);
    for end in (first..text.len()).step_by(97).chain(within_letters) {
        let replayed = replay(&text.as_bytes()[..end]).unwrap_or_else(|error| panic!("{end}: {error}"));
        unanswered += u32::from(replayed.end == End::Unanswered);
    }
    assert!(unanswered > 0);
}

#[test]
fn what_is_no_recording_is_told() {
    let error = |text: &str| replay(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(error(""), "line 1: a recording begins with a line {\"recording\":…}");
    assert!(error("hello\n").starts_with("line 1: expected value"), "{}", error("hello\n"));
    let text = recording("gossip", &nonsense()).replacen("\"format\":1", "\"format\":2", 1);
    assert!(error(&text).contains("format is 2"), "{}", error(&text));
    assert_eq!(from_hexadecimal("0aff"), Some(vec![10, 255]));
    assert_eq!(from_hexadecimal("0"), None);
    assert_eq!(from_hexadecimal("zz"), None);
}
