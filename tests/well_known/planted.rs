//! The right server with a bug planted in it.

use std::any::Any;
use std::borrow::Cow;

use splitbrain::base::{NodeName, Time};
use splitbrain::machine::{AnyInput, AnyMachine, Output, Outputs, Payload, Setup, Undecodable};
use splitbrain::protocol::multi_paxos::{PROTOCOL, PaxosMessage};
use splitbrain::protocol::{Agreement, Protocol};
use splitbrain::wire::StateChange;
use splitbrain::wire::control::{Inspect, InspectOk};

/// What a server does otherwise than the right one.
pub trait Bug {
    /// Takes an input; the right server takes it as it comes.
    ///
    /// # Errors
    /// The input kills the server.
    fn take(
        &mut self,
        right: &mut dyn AnyMachine,
        now: Time,
        input: AnyInput<'_>,
        outputs: &mut Outputs,
    ) -> Result<(), Undecodable> {
        right.step(now, input, outputs)
    }

    /// Does an output of the right server happen? All of them do.
    fn lets_happen(&mut self, _output: &Output) -> bool {
        true
    }
}

struct Planted<B> {
    right: Box<dyn AnyMachine>,
    bug: B,
}

impl<B: Bug> AnyMachine for Planted<B> {
    fn step(&mut self, now: Time, input: AnyInput<'_>, outputs: &mut Outputs) -> Result<(), Undecodable> {
        let mut of_step = Outputs::default();
        self.bug.take(&mut *self.right, now, input, &mut of_step)?;
        self.right.flush(&mut of_step);
        for output in of_step.drain().filter(|output| self.bug.lets_happen(output)) {
            put(output, outputs);
        }
        Ok(())
    }

    /// Each step is flushed as it ends.
    fn flush(&mut self, _outputs: &mut Outputs) {}

    fn take_changes(&mut self) -> StateChange {
        self.right.take_changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.right.inspect(question)
    }
}

fn put(output: Output, outputs: &mut Outputs) {
    match output {
        Output::Send { to, payload } => outputs.send(to, payload),
        Output::SendEarly { to, payload } => outputs.send_early(to, payload),
        Output::Persist(record) => outputs.persist(record),
        // It stands where there are records.
        Output::Sync => {}
        Output::SetTimer { id: Cow::Borrowed(id), after } => outputs.set_timer(id, after),
        Output::CancelTimer { id: Cow::Borrowed(id) } => outputs.cancel_timer(id),
        Output::SetTimer { .. } | Output::CancelTimer { .. } => unreachable!("{output:?}: its id is no constant"),
        Output::Complete(completion) => outputs.complete(completion),
    }
}

/// A server with a bug.
pub fn planted(bug: impl Bug + 'static, setup: Setup) -> Box<dyn AnyMachine> {
    Box::new(Planted { right: (PROTOCOL.server)(setup), bug })
}

/// The protocol of such servers.
pub const fn protocol(server: fn(Setup) -> Box<dyn AnyMachine>) -> Protocol {
    Protocol {
        name: "planted",
        summary: "Multi-Paxos with a bug",
        agreement: Agreement::Consensus,
        message_types: PROTOCOL.message_types,
        server,
    }
}

/// What a server says to another one, if this is that.
pub fn said(payload: &Payload) -> Option<&PaxosMessage> {
    let Payload::Peer(message) = payload else { return None };
    let any: &dyn Any = &**message;
    any.downcast_ref()
}

/// What a server is told by another one, if this is that, and by whom.
pub fn told<'a>(input: &AnyInput<'a>) -> Option<(NodeName, &'a PaxosMessage)> {
    match *input {
        AnyInput::Message { from, payload } => said(payload).map(|message| (from, message)),
        AnyInput::Start { .. } | AnyInput::Timer { .. } | AnyInput::Control(_) => None,
    }
}

/// What a server says to another one in an output, if it is that, and to whom.
pub fn sent(output: &Output) -> Option<(NodeName, &PaxosMessage)> {
    match output {
        Output::Send { to, payload } | Output::SendEarly { to, payload } => said(payload).map(|message| (*to, message)),
        Output::Persist(_)
        | Output::Sync
        | Output::SetTimer { .. }
        | Output::CancelTimer { .. }
        | Output::Complete(_) => None,
    }
}
