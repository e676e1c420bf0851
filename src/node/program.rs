//! Which machine a node runs.

use crate::client::Session;
use crate::machine::Program;
use crate::protocol::Protocol;

/// A server of this protocol.
#[must_use]
pub fn server(protocol: &'static Protocol) -> Program {
    Program { name: protocol.name, machine: Box::new(|setup| (protocol.server)(setup)) }
}

/// A client session.
#[must_use]
pub fn client() -> Program {
    Program { name: "client", machine: Box::new(|setup| Box::new(Session::new(&setup))) }
}
