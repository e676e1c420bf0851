//! Servers that say something before it is on their disks.

use splitbrain::machine::{AnyMachine, Output, Setup};
use splitbrain::protocol::{MakeServer, Protocol, multi_paxos, raft};

use crate::planted::{Bug, planted};

/// Servers of one protocol that say something too early.
pub struct Family {
    /// The kinds of messages that must not leave before the sync, each with servers that send it before.
    pub harmful: &'static [(&'static str, &'static Protocol)],
    /// The kinds that might (docs/decisions.md says why).
    pub harmless_kinds: &'static [&'static str],
    /// Servers that send those before.
    pub harmless: &'static Protocol,
}

/// Those of every protocol.
pub const FAMILIES: &[Family] = &[PAXOS, RAFT];

const PAXOS: Family = Family {
    harmful: &[
        ("prepare", &paxos(&|setup| hasty_paxos(&["prepare"], setup))),
        ("promise", &paxos(&|setup| hasty_paxos(&["promise"], setup))),
        ("accepted", &paxos(&|setup| hasty_paxos(&["accepted"], setup))),
        ("decide", &paxos(&|setup| hasty_paxos(&["decide"], setup))),
        ("blocks", &paxos(&|setup| hasty_paxos(&["blocks"], setup))),
        ("write_ok", &paxos(&|setup| hasty_paxos(&["write_ok"], setup))),
        ("read_ok", &paxos(&|setup| hasty_paxos(&["read_ok"], setup))),
        ("cas_ok", &paxos(&|setup| hasty_paxos(&["cas_ok"], setup))),
        ("error", &paxos(&|setup| hasty_paxos(&["error"], setup))),
    ],
    harmless_kinds: HARMLESS_OF_PAXOS,
    harmless: &paxos(&|setup| hasty_paxos(HARMLESS_OF_PAXOS, setup)),
};

const HARMLESS_OF_PAXOS: &[&str] = &["heartbeat", "heartbeat_ok", "forward", "pull"];

const RAFT: Family = Family {
    harmful: &[
        ("vote_ok", &raft(&|setup| hasty_raft(&["vote_ok"], setup))),
        ("append_ok", &raft(&|setup| hasty_raft(&["append_ok"], setup))),
        ("write_ok", &raft(&|setup| hasty_raft(&["write_ok"], setup))),
    ],
    harmless_kinds: HARMLESS_OF_RAFT,
    harmless: &raft(&|setup| hasty_raft(HARMLESS_OF_RAFT, setup)),
};

const HARMLESS_OF_RAFT: &[&str] = &["prevote", "prevote_ok", "forward"];

const fn paxos(server: &'static MakeServer) -> Protocol {
    Protocol { summary: "says something too early", server, ..multi_paxos::PROTOCOL }
}

const fn raft(server: &'static MakeServer) -> Protocol {
    Protocol { summary: "says something too early", server, ..raft::PROTOCOL }
}

fn hasty_paxos(early: &'static [&'static str], setup: Setup) -> Box<dyn AnyMachine> {
    planted(Hasty { early }, (multi_paxos::PROTOCOL.server)(setup))
}

fn hasty_raft(early: &'static [&'static str], setup: Setup) -> Box<dyn AnyMachine> {
    planted(Hasty { early }, (raft::PROTOCOL.server)(setup))
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
