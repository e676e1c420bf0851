//! Where commands are typed beside scripts: at the console of a server or of a client.
//!
//! A line behind `s1:` is what one types at the console of server 1. It has the names that the courses give there, some of
//! them two words, and the node itself is not typed again. Keys and values are literals of Python.
//!
//! Deliberately missing: what a console prints.

use crate::base::NodeKind;
use crate::script::table::{Command, Parameter};

/// How a command is typed at the console of a node.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// At whose.
    pub of: NodeKind,
    /// What it is called there beside the names that it has in a script; each one word or two.
    pub also: &'static [&'static str],
    /// What is typed behind the name.
    pub shape: Shape,
    /// A line that uses it, in a cluster of three servers and a client.
    pub example: &'static str,
}

/// What is typed behind the name of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All but the first parameter, which is the node of the console.
    Own,
    /// A link: its other end alone, or both. An end may be the port of a server.
    Link,
}

impl Console {
    /// The names by which `command` is known at this console, those of scripts first.
    pub(super) fn names_of<F>(self, command: &Command<F>) -> impl Iterator<Item = &'static str> + use<F> {
        command.names().chain(self.also.iter().copied())
    }

    /// How a command with these parameters is typed here.
    pub(super) fn usage(self, name: &str, parameters: &[Parameter]) -> String {
        match self.shape {
            Shape::Own => {
                let shown = parameters.iter().skip(1).map(|parameter| format!(" {}", parameter.in_usage()));
                format!("{name}{}", shown.collect::<String>())
            }
            Shape::Link => format!("{name} [SRC] DEST"),
        }
    }
}

/// The greatest port.
const LAST_PORT: u32 = 65_535;
/// A server's port is its number and a multiple of this, at least once.
const PORTS_APART: u32 = 1000;

/// The number of the server that listens at a port, as the courses number them: at 9001, 5001 and 1001 server 1.
pub(super) fn server_at(port: u32) -> Option<u32> {
    (PORTS_APART..=LAST_PORT).contains(&port).then_some(port % PORTS_APART)
}
