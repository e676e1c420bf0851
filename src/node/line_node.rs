//! A machine behind the line protocol: one line in, the step's lines out.
//!
//! The shell on a process's pipes and the one in memory both are this, so a machine puts out the same bytes in both.

use crate::base::{NodeName, Time};
use crate::machine::{AnyInput, Payload, Program};
use crate::node::effect::Effect;
use crate::node::shell::{Shell, ShellError, Storage};
use crate::wire::control::{Control, Init, InitOk, Inspect, LOCKSTEP};
use crate::wire::disk::{DISK, RoomOrder};
use crate::wire::envelope::{
    CLOCK, CancelTimer, Done, LineDown, MASTER, SetTimer, Timer, kind_of, write_early_message, write_json, write_line,
    write_message,
};
use crate::wire::{ErrorBody, ErrorCode};

/// Why a node cannot go on: what it was given is not the node protocol.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The line is no message.
    #[error("this line is no message of the node protocol: {reason}: {line}")]
    Malformed {
        /// The line.
        line: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The first line is no `init`.
    #[error("the first line must be `init`, and is `{kind}`")]
    NoInit {
        /// The body's `type`.
        kind: String,
    },
    /// The host offers no lockstep, and without it this node has no clock.
    #[error("`init` does not offer lockstep {LOCKSTEP}, and this node runs in lockstep only")]
    NoLockstep,
    /// The machine could not take the input.
    #[error("from {src}: {source}")]
    Input {
        /// Who sent the input.
        src: String,
        /// Why not.
        source: ShellError,
    },
    /// Its disk, or what is on it, will not do.
    #[error(transparent)]
    Disk(ShellError),
}

/// A machine behind the line protocol.
pub struct LineNode {
    program: Program,
    /// Until the node begins.
    storage: Option<Storage>,
    running: Option<Running>,
    effects: Vec<Effect>,
}

struct Running {
    /// The node's name, as it stands in every line that it puts out.
    name: String,
    shell: Shell,
}

impl LineNode {
    /// A node that waits for its `init`. Without a storage its records are not kept.
    #[must_use]
    pub fn new(program: Program, storage: Option<Storage>) -> Self {
        Self { program, storage, running: None, effects: Vec::new() }
    }

    /// Takes one line (without its line break), and appends the lines that answer it.
    ///
    /// # Errors
    /// The line is not one that a host of the node protocol sends.
    pub fn handle(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), NodeError> {
        let malformed =
            |reason: String| NodeError::Malformed { line: String::from_utf8_lossy(line).into_owned(), reason };
        let text = std::str::from_utf8(line).map_err(|error| malformed(error.to_string()))?;
        let down: LineDown<'_> = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        let kind = kind_of(down.body.get()).map_err(|error| malformed(error.to_string()))?;
        let Some(running) = &mut self.running else { return self.begin(&down, &kind, out, malformed) };
        if (&*down.src, &*kind) == (MASTER, "inspect") {
            let question = serde_json::from_str(down.body.get()).map_err(|error| malformed(error.to_string()))?;
            running.answer(&question, out);
            return Ok(());
        }
        let (Some(now), Some(step)) = (down.now, down.step) else {
            return Err(malformed("a step needs `now` and `step`".to_owned()));
        };
        running.take(now, &down, &kind, &mut self.effects, malformed)?;
        running.finish(step, &mut self.effects, out);
        Ok(())
    }

    fn begin(
        &mut self,
        down: &LineDown<'_>,
        kind: &str,
        out: &mut Vec<u8>,
        malformed: impl Fn(String) -> NodeError,
    ) -> Result<(), NodeError> {
        if kind != "init" {
            return Err(NodeError::NoInit { kind: kind.to_owned() });
        }
        let init: Init = serde_json::from_str(down.body.get()).map_err(|error| malformed(error.to_string()))?;
        let (Some(LOCKSTEP), Some(_), Some(now), Some(step)) = (init.lockstep, init.timeouts, down.now, down.step)
        else {
            return Err(NodeError::NoLockstep);
        };
        let name = init.node_id.to_string();
        let answer = InitOk { in_reply_to: init.msg_id, lockstep: Some(LOCKSTEP) };
        let shell =
            Shell::start(&self.program, self.storage.take(), init, now, &mut self.effects).map_err(NodeError::Disk)?;
        write_line(out, &name, &down.src, |out| write_json(out, &answer));
        let running = self.running.insert(Running { name, shell });
        running.finish(step, &mut self.effects, out);
        Ok(())
    }
}

impl Running {
    fn take(
        &mut self,
        now: Time,
        down: &LineDown<'_>,
        kind: &str,
        effects: &mut Vec<Effect>,
        malformed: impl Fn(String) -> NodeError,
    ) -> Result<(), NodeError> {
        let bad_body = |error: serde_json::Error| malformed(error.to_string());
        let body = down.body.get();
        let result = match &*down.src {
            MASTER => {
                let control = Control::decode(kind, body)
                    .ok_or_else(|| malformed(format!("the master orders no `{kind}`")))?
                    .map_err(bad_body)?;
                self.shell.step(now, AnyInput::Control(&control), effects)
            }
            DISK => {
                let RoomOrder { room } = serde_json::from_str(body).map_err(bad_body)?;
                self.shell.set_room(room);
                Ok(())
            }
            CLOCK => {
                let timer: Timer<'_> = serde_json::from_str(body).map_err(bad_body)?;
                self.shell.step(now, AnyInput::Timer { id: &timer.id }, effects)
            }
            node => {
                let from: NodeName = node.parse().map_err(|error| malformed(format!("{error}")))?;
                let payload = Payload::text(kind, body);
                self.shell.step(now, AnyInput::Message { from, payload: &payload }, effects)
            }
        };
        result.map_err(|source| match source {
            ShellError::Input(_) => NodeError::Input { src: down.src.clone().into_owned(), source },
            // Whoever said what is to be kept has nothing to do with that.
            ShellError::Log(_) | ShellError::Records { .. } => NodeError::Disk(source),
        })
    }

    /// Writes what came of a step in order, `done` last.
    fn finish(&mut self, step: u64, effects: &mut Vec<Effect>, out: &mut Vec<u8>) {
        for effect in effects.drain(..) {
            match effect {
                Effect::Send { to, payload } => write_message(out, &self.name, to, |out| payload.encode(out)),
                Effect::SendEarly { to, payload } => {
                    write_early_message(out, &self.name, to, |out| payload.encode(out));
                }
                Effect::SetTimer { id, after } => self.to_clock(out, &SetTimer { id, after }),
                Effect::CancelTimer { id } => self.to_clock(out, &CancelTimer { id }),
                Effect::Complete(completion) => {
                    write_line(out, &self.name, MASTER, |out| write_json(out, &completion));
                }
                Effect::Disk(output) => write_line(out, &self.name, DISK, |out| write_json(out, &output)),
            }
        }
        let state = self.shell.take_changes();
        self.to_clock(out, &Done { step, state });
    }

    fn to_clock(&self, out: &mut Vec<u8>, body: &impl serde::Serialize) {
        write_line(out, &self.name, CLOCK, |out| write_json(out, body));
    }

    fn answer(&self, question: &Inspect, out: &mut Vec<u8>) {
        write_line(out, &self.name, MASTER, |out| match self.shell.inspect(question) {
            Some(answer) => write_json(out, &answer),
            None => {
                let text = "this node has no such part".to_owned();
                write_json(out, &ErrorBody { in_reply_to: question.msg_id, code: ErrorCode::NOT_SUPPORTED, text });
            }
        });
    }
}
