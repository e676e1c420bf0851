//! Servers that say something before it is on their disks.

use splitbrain::machine::{AnyMachine, Output, Setup};
use splitbrain::protocol::{Agreement, MakeServer, Protocol, multi_paxos};

use crate::planted::{Bug, planted};

/// The kinds of messages that must not leave before the sync, each with servers that send it before.
pub const HARMFUL: &[(&str, &Protocol)] = &[
    ("prepare", &hasty(&|setup| with(&["prepare"], setup))),
    ("promise", &hasty(&|setup| with(&["promise"], setup))),
    ("accepted", &hasty(&|setup| with(&["accepted"], setup))),
    ("decide", &hasty(&|setup| with(&["decide"], setup))),
    ("blocks", &hasty(&|setup| with(&["blocks"], setup))),
    ("write_ok", &hasty(&|setup| with(&["write_ok"], setup))),
    ("read_ok", &hasty(&|setup| with(&["read_ok"], setup))),
    ("cas_ok", &hasty(&|setup| with(&["cas_ok"], setup))),
    ("error", &hasty(&|setup| with(&["error"], setup))),
];

/// The kinds that might (docs/decisions.md says why).
pub const HARMLESS_KINDS: &[&str] = &["heartbeat", "heartbeat_ok", "forward", "pull"];
/// Servers that send those before.
pub static HARMLESS: Protocol = hasty(&|setup| with(HARMLESS_KINDS, setup));

const fn hasty(server: &'static MakeServer) -> Protocol {
    Protocol {
        name: "hasty",
        summary: "says something too early",
        agreement: Agreement::Consensus,
        message_types: multi_paxos::PROTOCOL.message_types,
        server,
    }
}

fn with(early: &'static [&'static str], setup: Setup) -> Box<dyn AnyMachine> {
    planted(Hasty { early }, (multi_paxos::PROTOCOL.server)(setup))
}

/// It sends messages of these kinds before the sync.
struct Hasty {
    early: &'static [&'static str],
}

impl Bug for Hasty {
    fn alter(&mut self, output: Output) -> Option<Output> {
        Some(match output {
            Output::Send { to, payload } if self.early.contains(&payload.kind()) => Output::SendEarly { to, payload },
            Output::Send { .. }
            | Output::SendEarly { .. }
            | Output::Persist(_)
            | Output::Sync
            | Output::SetTimer { .. }
            | Output::CancelTimer { .. }
            | Output::Complete(_) => output,
        })
    }
}
