//! Which machine a node runs.

use crate::client::{QueueSession, Session};
use crate::machine::{AnyMachine, Program, Setup};
use crate::protocol::{Agreement, Protocol};

/// A server of this protocol.
#[must_use]
pub fn server(protocol: &'static Protocol) -> Program {
    Program { name: protocol.name, machine: Box::new(|setup| (protocol.server)(setup)) }
}

/// A client session, for servers that come to terms in this way.
#[must_use]
pub fn client(agreement: Agreement) -> Program {
    let machine: Box<dyn Fn(Setup) -> Box<dyn AnyMachine>> = match agreement {
        Agreement::Eventual => Box::new(|setup| Box::new(Session::new(&setup))),
        Agreement::Consensus => Box::new(|setup| Box::new(QueueSession::new(&setup))),
    };
    Program { name: "client", machine }
}
