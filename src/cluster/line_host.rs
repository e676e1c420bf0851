//! The master's end of the line protocol: writes a line down, reads lines up until `done`, trusts nothing.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::base::{NodeName, limits};
use crate::cluster::breach::{Breach, Quoted, Said};
use crate::cluster::host::{Delivery, Host, StepAnswer};
use crate::machine::{AnyInput, Payload};
use crate::node::Effect;
use crate::wire::control::{Init, InitOk, Inspect, InspectOk, InvokeOk, LOCKSTEP};
use crate::wire::disk::{DISK, DiskOutput, RoomOrder};
use crate::wire::envelope::{
    CLOCK, CancelTimer, Done, LineUp, MASTER, SetTimer, StepHeader, Timer, kind_of, write_json, write_line, write_step,
};
use crate::wire::{Completion, ErrorBody};

/// A pair of pipes, or what stands for one.
pub trait Transport {
    /// Begins an exchange: sends a line, with its line break.
    ///
    /// # Errors
    /// The node put out something unasked, or is dead.
    fn send(&mut self, line: &[u8]) -> Result<(), Breach>;

    /// The next line that the node puts out, without its line break.
    ///
    /// # Errors
    /// There is none, it is too long, or it took too long.
    fn receive(&mut self) -> Result<&[u8], Breach>;

    /// Ends an exchange.
    ///
    /// # Errors
    /// The node has put out more than belongs to it.
    fn finish(&mut self) -> Result<(), Breach>;

    /// See [`Host::kill`].
    fn kill(&mut self);
    /// See [`Host::close`].
    fn close(&mut self);
    /// See [`Host::wait`].
    ///
    /// # Errors
    /// See [`Host::wait`].
    fn wait(&mut self) -> Result<(), Breach>;
    /// See [`Host::last_log_lines`].
    fn last_log_lines(&self) -> Vec<String>;
}

/// A node at the other end of a [`Transport`].
pub struct LineHost<T> {
    name: NodeName,
    /// The name as text, as it must stand in every line.
    text: String,
    transport: T,
}

/// What a line up is.
#[derive(Debug)]
enum Up {
    Effect(Effect),
    InitOk(InitOk),
    Done(Done),
}

impl<T: Transport> LineHost<T> {
    /// The node `name` behind `transport`.
    pub fn new(name: NodeName, transport: T) -> Self {
        Self { name, text: name.to_string(), transport }
    }

    /// Reads the answer to `init`; whatever else the first step puts out comes after it.
    fn expect_init_ok(&mut self, init: &Init, answer: &mut StepAnswer) -> Result<(), Breach> {
        let line = self.transport.receive()?;
        keep(line, &mut answer.lines);
        match parse(&self.text, line)? {
            Up::InitOk(InitOk { in_reply_to, .. }) if in_reply_to != init.msg_id => {
                Err(Breach::UnaskedAnswer { line: Quoted::new(line), in_reply_to })
            }
            Up::InitOk(InitOk { lockstep: Some(LOCKSTEP), .. }) => Ok(()),
            Up::InitOk(InitOk { .. }) => Err(Breach::NoLockstep { line: Quoted::new(line) }),
            Up::Effect(_) | Up::Done(_) => Err(Breach::BeforeInitOk { line: Quoted::new(line) }),
        }
    }

    /// Reads lines until `done`.
    fn read_step(&mut self, step: u64, answer: &mut StepAnswer) -> Result<(), Breach> {
        loop {
            let line = self.transport.receive()?;
            keep(line, &mut answer.lines);
            match parse(&self.text, line)? {
                Up::Effect(effect) => answer.effects.push(effect),
                Up::Done(done) if done.step == step => {
                    answer.changes = done.state;
                    return self.transport.finish();
                }
                Up::Done(done) => {
                    return Err(Breach::WrongStep { line: Quoted::new(line), expected: step, found: done.step });
                }
                Up::InitOk(_) => {
                    let reason = "`init_ok` answers `init`, and only once".to_owned();
                    return Err(Breach::Malformed { line: Quoted::new(line), reason });
                }
            }
            if answer.effects.len() >= limits::OUTPUTS_IN_A_STEP || answer.lines.len() >= limits::BYTES_IN_A_STEP {
                return Err(Breach::Flood { line: Quoted::new(line) });
            }
        }
    }
}

impl<T: Transport> Host for LineHost<T> {
    fn step(&mut self, header: StepHeader, delivery: Delivery<'_>, answer: &mut StepAnswer) -> Result<(), Breach> {
        answer.clear();
        render(&mut answer.line, self.name, header, delivery);
        self.transport.send(&answer.line)?;
        let result = match delivery {
            Delivery::Init(init) => self.expect_init_ok(init, answer),
            Delivery::Input(_) | Delivery::Room(_) => Ok(()),
        };
        let result = result.and_then(|()| self.read_step(header.step, answer));
        result.map_err(|breach| match breach {
            // Only here it is known what came before the silence.
            Breach::NoAnswer { line, seconds, .. } => Breach::NoAnswer { line, seconds, said: Said::of(&answer.lines) },
            other => other,
        })
    }

    fn inspect(&mut self, question: &Inspect) -> Result<Option<InspectOk>, Breach> {
        let mut line = Vec::new();
        write_line(&mut line, MASTER, &self.text, |out| write_json(out, question));
        self.transport.send(&line)?;
        let answer = parse_inspection(&self.text, self.transport.receive()?, question)?;
        self.transport.finish()?;
        Ok(answer)
    }

    fn kill(&mut self) {
        self.transport.kill();
    }

    fn close(&mut self) {
        self.transport.close();
    }

    fn wait(&mut self) -> Result<(), Breach> {
        self.transport.wait()
    }

    fn last_log_lines(&self) -> Vec<String> {
        self.transport.last_log_lines()
    }
}

fn keep(line: &[u8], lines: &mut Vec<u8>) {
    lines.extend_from_slice(line);
    lines.push(b'\n');
}

pub(super) fn render(line: &mut Vec<u8>, to: NodeName, header: StepHeader, delivery: Delivery<'_>) {
    match delivery {
        Delivery::Init(init) => write_step(line, MASTER, to, header, |out| write_json(out, init)),
        Delivery::Room(room) => write_step(line, DISK, to, header, |out| write_json(out, &RoomOrder { room })),
        Delivery::Input(AnyInput::Start { .. }) => unreachable!("a node on a line is started by `init`"),
        Delivery::Input(AnyInput::Control(control)) => {
            write_step(line, MASTER, to, header, |out| write_json(out, control));
        }
        Delivery::Input(AnyInput::Timer { id }) => {
            write_step(line, CLOCK, to, header, |out| write_json(out, &Timer { id: id.into() }));
        }
        Delivery::Input(AnyInput::Message { from, payload }) => {
            write_step(line, &from.to_string(), to, header, |out| payload.encode(out));
        }
    }
}

fn malformed(line: &[u8], reason: impl Into<String>) -> Breach {
    Breach::Malformed { line: Quoted::new(line), reason: reason.into() }
}

/// What is wrong with JSON, in its own words and not in Rust's, without the number of its line: it is always the first.
fn reason_of(error: &serde_json::Error) -> String {
    let reason = error.to_string().replace(" at line 1 column ", " at column ");
    let reason = reason.replace("invalid type: map, ", "invalid type: object, ");
    let Some((found, expected)) = reason.rsplit_once(", expected ") else { return reason };
    let expected = expected.replace("a sequence", "an array").replace("a map", "an object");
    let expected = expected.replace("u64", "a whole number below 2^64").replace("u32", "a whole number below 2^32");
    format!("{}, expected {expected}", found.replace("invalid type: sequence", "invalid type: array"))
}

/// Types would take an array of their fields' values as well.
fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

/// The envelope, and who it is for; refuses what is said in another node's name.
fn parse_envelope<'a>(name: &str, line: &'a [u8]) -> Result<(LineUp<'a>, Cow<'a, str>), Breach> {
    if !is_object(line) {
        let reason =
            "a message is a JSON object, and begins with `{`; what people are to read belongs on standard error";
        return Err(malformed(line, reason));
    }
    let text = std::str::from_utf8(line)
        .map_err(|error| malformed(line, format!("it is not UTF-8 from byte {} on", error.valid_up_to() + 1)))?;
    let up: LineUp<'a> = serde_json::from_str(text).map_err(|error| malformed(line, reason_of(&error)))?;
    if !is_object(up.body.get().as_bytes()) {
        return Err(malformed(line, "its body is no JSON object"));
    }
    let kind = kind_of(up.body.get()).map_err(|error| malformed(line, reason_in_body(&error)))?;
    if up.src != name {
        return Err(Breach::ForgedSource { line: Quoted::new(line), source_name: up.src.into_owned() });
    }
    Ok((up, kind))
}

/// Columns count from the body's own beginning.
fn reason_in_body(error: &serde_json::Error) -> String {
    format!("in its body, {}", reason_of(error))
}

fn parse_body<'a, B: Deserialize<'a>>(body: &'a str) -> Result<B, String> {
    serde_json::from_str(body).map_err(|error| reason_in_body(&error))
}

fn parse(name: &str, line: &[u8]) -> Result<Up, Breach> {
    match parse_usual(name, line) {
        Some(up) => Ok(up),
        None => parse_any(name, line),
    }
}

fn parse_any(name: &str, line: &[u8]) -> Result<Up, Breach> {
    let (up, kind) = parse_envelope(name, line)?;
    let body = up.body.get();
    match &*up.dest {
        CLOCK => parse_for_clock(&kind, body).map_err(|reason| malformed(line, reason)),
        MASTER => parse_for_master(&kind, body).map_err(|reason| malformed(line, reason)),
        DISK => parse_for_disk(&kind, body).map_err(|reason| malformed(line, reason)),
        destination => match destination.parse() {
            Ok(to) => Ok(said_to(to, up.early, Payload::text(&kind, body))),
            Err(_) => Err(Breach::UnknownDestination { line: Quoted::new(line), destination: destination.to_owned() }),
        },
    }
}

/// Reads a line whose envelope is written as ours is: its body needs no second look then, and most of the cost of a step
/// is looking at text. Whatever is otherwise, or wrong, is nothing here.
fn parse_usual(name: &str, line: &[u8]) -> Option<Up> {
    let text = std::str::from_utf8(line).ok()?;
    let rest = text.strip_prefix(r#"{"src":""#)?.strip_prefix(name)?.strip_prefix(r#"","dest":""#)?;
    let (destination, rest) = rest.split_at(memchr::memchr(b'"', rest.as_bytes())?);
    let (early, rest) = match rest.strip_prefix(r#"","early":true,"body":"#) {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(r#"","body":"#)?),
    };
    let body = rest.strip_suffix('}').filter(|body| body.starts_with('{'))?;
    let kind = kind_of(body).ok()?;
    match destination {
        CLOCK => parse_for_clock(&kind, body).ok(),
        MASTER => parse_for_master(&kind, body).ok(),
        DISK => parse_for_disk(&kind, body).ok(),
        destination => {
            let to = destination.parse().ok()?;
            // What nodes say to each other is not looked into, but it must be one whole value.
            serde_json::from_str::<IgnoredAny>(body).ok()?;
            Some(said_to(to, early, Payload::text(&kind, body)))
        }
    }
}

fn said_to(to: NodeName, early: bool, payload: Payload) -> Up {
    Up::Effect(if early { Effect::SendEarly { to, payload } } else { Effect::Send { to, payload } })
}

fn parse_for_clock(kind: &str, body: &str) -> Result<Up, String> {
    match kind {
        "done" => parse_body(body).map(Up::Done),
        "set_timer" => parse_body(body)
            .map(|SetTimer { id, after }| Up::Effect(Effect::SetTimer { id: Cow::Owned(id.into_owned()), after })),
        "cancel_timer" => parse_body(body)
            .map(|CancelTimer { id }| Up::Effect(Effect::CancelTimer { id: Cow::Owned(id.into_owned()) })),
        _ => Err(format!("the clock knows set_timer, cancel_timer and done, and not `{kind}`")),
    }
}

fn parse_for_disk(kind: &str, body: &str) -> Result<Up, String> {
    match DiskOutput::decode(kind, body) {
        Some(Ok(output)) => Ok(Up::Effect(Effect::Disk(output))),
        Some(Err(error)) => Err(reason_in_body(&error)),
        None => Err(format!("the disk knows append, sync, rename and truncate, and not `{kind}`")),
    }
}

fn parse_for_master(kind: &str, body: &str) -> Result<Up, String> {
    let completed = |completion| Up::Effect(Effect::Complete(completion));
    match kind {
        "init_ok" => parse_body(body).map(Up::InitOk),
        "invoke_ok" => parse_body::<InvokeOk>(body).map(|ok| completed(Completion::Ok(ok))),
        "error" => parse_body::<ErrorBody>(body).map(|error| completed(Completion::Error(error))),
        _ => Err(format!("the master takes init_ok, invoke_ok and error here, and not `{kind}`")),
    }
}

fn parse_inspection(name: &str, line: &[u8], question: &Inspect) -> Result<Option<InspectOk>, Breach> {
    let (up, kind) = parse_envelope(name, line)?;
    let body = up.body.get();
    let (in_reply_to, answer) = match (&*up.dest, &*kind) {
        (MASTER, "inspect_ok") => {
            let answer: InspectOk = parse_body(body).map_err(|reason| malformed(line, reason))?;
            (answer.in_reply_to, Some(answer))
        }
        (MASTER, "error") => {
            let error: ErrorBody = parse_body(body).map_err(|reason| malformed(line, reason))?;
            (error.in_reply_to, None)
        }
        _ => return Err(malformed(line, "`inspect` is answered with inspect_ok or error, and nothing else")),
    };
    if in_reply_to != question.msg_id {
        return Err(Breach::UnaskedAnswer { line: Quoted::new(line), in_reply_to });
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the usual way makes of a line is what the other way makes of it, and of most lines it makes something.
    #[test]
    fn the_usual_way_reads_nothing_that_the_other_way_reads_otherwise() {
        let bodies = [
            r#"{"type":"done","step":1}"#,
            r#"{"type":"done","step":1,"state":{"length":3}}"#,
            r#"{"type":"set_timer","id":"a","after":5}"#,
            r#"{"type":"append","file":"log","length":512}"#,
            r#"{"type":"sync","file":"log"}"#,
            r#"{"type":"invoke_ok","in_reply_to":1}"#,
            r#"{"type":"write","deep":[{"a":"}"}]}"#,
            r#"{"step":1,"type":"done"}"#,
            r#"{"type":"done","step":1},"early":true"#,
            r#"{"type":"x"},"body":{"type":"y"}"#,
            r#"{"type":"x"} , "dest":"s3""#,
            r#"{"type":"x"}}"#,
            r#"{"type":"x""#,
            r#"{"type":"x\"}"#,
            r#"{"type":1}"#,
            r#"{}"#,
            r#"["type","x"]"#,
            "",
        ];
        let mut usual = 0;
        for destination in ["clock", "disk", "master", "s2", "c7", "s1", "nobody", "s\\u0032", ""] {
            for early in ["", r#","early":true"#, r#","early":false"#, r#", "early":true"#] {
                for body in bodies {
                    for source in ["s1", "s2", "s11"] {
                        let line = format!(r#"{{"src":"{source}","dest":"{destination}"{early},"body":{body}}}"#);
                        let Some(up) = parse_usual("s1", line.as_bytes()) else { continue };
                        usual += 1;
                        let other =
                            parse_any("s1", line.as_bytes()).unwrap_or_else(|breach| panic!("{line}: {breach}"));
                        assert_eq!(format!("{up:?}"), format!("{other:?}"), "{line}");
                    }
                }
            }
        }
        assert!(usual > 50, "{usual}");
    }
}
