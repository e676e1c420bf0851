//! A server of Multi-Paxos with a bug, and what such servers say to each other.

use std::any::Any;

use splitbrain::base::NodeName;
use splitbrain::machine::{AnyInput, AnyMachine, Output, Payload, Setup};
use splitbrain::protocol::multi_paxos::{PROTOCOL, PaxosMessage};
use splitbrain::protocol::{MakeServer, Protocol};

use crate::planted::{self, Bug};

/// A server with a bug.
pub fn server(bug: impl Bug + 'static, setup: Setup) -> Box<dyn AnyMachine> {
    planted::planted(bug, (PROTOCOL.server)(setup))
}

/// The protocol of such servers.
pub const fn protocol(server: &'static MakeServer) -> Protocol {
    Protocol { name: "planted", summary: "Multi-Paxos with a bug", server, ..PROTOCOL }
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
