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

/// The same by hand: its session has this number, greater than those of its earlier sessions.
#[must_use]
pub fn client_in_session(agreement: Agreement, session: u64) -> Program {
    let machine: Box<dyn Fn(Setup) -> Box<dyn AnyMachine>> = match agreement {
        Agreement::Eventual => Box::new(move |setup| Box::new(Session::numbered(&setup, session))),
        Agreement::Consensus => Box::new(move |setup| Box::new(QueueSession::numbered(&setup, session))),
    };
    Program { name: "client", machine }
}
