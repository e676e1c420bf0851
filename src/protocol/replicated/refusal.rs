//! What no server with consensus is given.

use crate::machine::{Input, Violation};

/// Why a server with consensus does not take an input: a timer that it never set, an answer, or an order for others.
///
/// # Panics
/// If every server takes it.
#[must_use]
pub fn refuse<P>(input: &Input<'_, P>) -> Violation {
    Violation(match input {
        Input::Timer { id } => format!("the timer `{id}` was never set"),
        Input::Response { from, response } => {
            format!("{from} answers `{}`, but a server asks nothing", response.kind())
        }
        Input::Control(control) => format!("`{}` is not for a server with consensus", control.kind()),
        Input::Start { .. } | Input::Request { .. } | Input::Peer { .. } => unreachable!("every server takes it"),
    })
}
