//! Servers that say something before it is on their disks.

use std::borrow::Cow;

use splitbrain::base::Time;
use splitbrain::machine::{AnyInput, AnyMachine, Output, Outputs, Setup, Undecodable};
use splitbrain::protocol::{Agreement, Protocol, multi_paxos};
use splitbrain::wire::StateChange;
use splitbrain::wire::control::{Inspect, InspectOk};

/// The kinds of messages that must not leave before the sync, each with servers that send it before.
pub const HARMFUL: &[(&str, &Protocol)] = &[
    ("prepare", &hasty(|setup| with(&["prepare"], setup))),
    ("promise", &hasty(|setup| with(&["promise"], setup))),
    ("accepted", &hasty(|setup| with(&["accepted"], setup))),
    ("decide", &hasty(|setup| with(&["decide"], setup))),
    ("blocks", &hasty(|setup| with(&["blocks"], setup))),
    ("write_ok", &hasty(|setup| with(&["write_ok"], setup))),
    ("read_ok", &hasty(|setup| with(&["read_ok"], setup))),
    ("cas_ok", &hasty(|setup| with(&["cas_ok"], setup))),
    ("error", &hasty(|setup| with(&["error"], setup))),
];

/// The kinds that might (docs/decisions.md says why).
pub static HARMLESS: Protocol = hasty(|setup| with(&["heartbeat", "heartbeat_ok", "forward", "pull"], setup));

const fn hasty(server: fn(Setup) -> Box<dyn AnyMachine>) -> Protocol {
    Protocol {
        name: "hasty",
        summary: "says something too early",
        agreement: Agreement::Consensus,
        message_types: multi_paxos::PROTOCOL.message_types,
        server,
    }
}

fn with(early: &'static [&'static str], setup: Setup) -> Box<dyn AnyMachine> {
    Box::new(Hasty { machine: (multi_paxos::PROTOCOL.server)(setup), early })
}

/// A server that sends messages of these kinds before the sync.
struct Hasty {
    machine: Box<dyn AnyMachine>,
    early: &'static [&'static str],
}

impl AnyMachine for Hasty {
    fn step(&mut self, now: Time, input: AnyInput<'_>, outputs: &mut Outputs) -> Result<(), Undecodable> {
        let mut of_step = Outputs::default();
        self.machine.step(now, input, &mut of_step)?;
        self.machine.flush(&mut of_step);
        for output in of_step.drain() {
            match output {
                Output::Send { to, payload } if self.early.contains(&payload.kind()) => outputs.send_early(to, payload),
                Output::Send { to, payload } => outputs.send(to, payload),
                Output::SendEarly { to, payload } => outputs.send_early(to, payload),
                Output::Persist(record) => outputs.persist(record),
                // It stands where there are records.
                Output::Sync => {}
                Output::SetTimer { id: Cow::Borrowed(id), after } => outputs.set_timer(id, after),
                Output::CancelTimer { id: Cow::Borrowed(id) } => outputs.cancel_timer(id),
                Output::SetTimer { .. } | Output::CancelTimer { .. } => {
                    unreachable!("{output:?}: its id is no constant")
                }
                Output::Complete(completion) => outputs.complete(completion),
            }
        }
        Ok(())
    }

    /// Each step is flushed as it ends.
    fn flush(&mut self, _outputs: &mut Outputs) {}

    fn take_changes(&mut self) -> StateChange {
        self.machine.take_changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.machine.inspect(question)
    }
}
