//! Where commands are typed beside scripts: at the console of a server or of a client.
//!
//! A line behind `s1:` is what one types at the console of server 1. It has the names that the courses give there, some of
//! them two words, and the node itself is not typed again. Keys and values are literals of Python. A server or client by
//! hand, which is a process in a terminal of its own, has the same console, without the `s1:`.
//!
//! Deliberately missing: what a console prints.

use crate::base::NodeKind;
use crate::script::table::{Command, Parameter};

/// How a command is typed at the console of a node.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// At whose.
    pub of: NodeKind,
    /// What it is called there: at least one name, each one word or two. Help by hand shows the first.
    pub names: &'static [&'static str],
    /// What is typed behind the name.
    pub shape: Shape,
    /// A line that uses it, in a cluster of three servers and a client.
    pub example: &'static str,
    /// What it does by hand, in one sentence.
    pub summary: &'static str,
    /// What it asks of the server or client by hand at whose console it is typed.
    pub by_hand: ByHand,
}

/// What is typed behind the name of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All but the first parameter, which is the node of the console.
    Own,
    /// The same, or all parameters: then the node of the console is none of them.
    OwnUnlessNamed,
    /// All parameters: the node of the console is none of them.
    Whole,
    /// A link: its other end alone, or both. An end may be the port of a server.
    Link,
}

/// What a command asks of a server or client by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    /// A client: to carry out an operation on the store.
    Operation,
    /// A client: to ask another server first.
    Attach,
    /// To ask a server to lead.
    Nominate,
    /// A server: to crash at once.
    Fail,
    /// To leave.
    Leave,
    /// A server: to show what it holds.
    Show(Shown),
    /// A server: to cut its links to others.
    Cut,
    /// A server: to mend its links to others.
    Mend,
    /// A server: to mend its links to all others but some.
    Connect,
}

/// What a server by hand shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// Its blocks.
    Blockchain,
    /// How many these are.
    Depth,
    /// Its store.
    Store,
    /// The requests that wait.
    Queue,
    /// The blocks that it has accepted, decided or not.
    Log,
    /// Which part it plays.
    Role,
    /// Which of its links are cut.
    BrokenLinks,
}

impl Console {
    /// How a command with these parameters is typed here.
    pub(super) fn usage(self, name: &str, parameters: &[Parameter]) -> String {
        let behind = |parameters: &[Parameter]| {
            parameters.iter().map(|parameter| format!(" {}", parameter.in_usage())).collect::<String>()
        };
        match self.shape {
            Shape::Own => format!("{name}{}", behind(&parameters[1..])),
            Shape::OwnUnlessNamed => format!("{name} [{}]", behind(parameters).trim_start()),
            Shape::Whole => format!("{name}{}", behind(parameters)),
            Shape::Link => format!("{name} [SRC] DEST"),
        }
    }

    /// The example as it is typed by hand: without the node at whose console that is.
    #[must_use]
    pub fn example_by_hand(self) -> &'static str {
        self.example.split_once(": ").map_or(self.example, |(_, line)| line)
    }

    /// How many parameters at the front are not typed, as long as nothing behind the name says otherwise.
    pub(super) fn untyped(self) -> usize {
        match self.shape {
            Shape::Own | Shape::OwnUnlessNamed | Shape::Link => 1,
            Shape::Whole => 0,
        }
    }
}

impl<F> Command<F> {
    /// How it is typed at a console by hand: `failLink [SRC] DEST`.
    #[must_use]
    pub fn usage_by_hand(&self, console: Console) -> String {
        console.usage(console.names[0], self.parameters)
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
