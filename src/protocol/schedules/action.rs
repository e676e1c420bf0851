//! What an adversary can do in one step of a schedule.
//!
//! An action means something in whatever state it is carried out, or nothing: so any part of a schedule is a schedule.

use crate::base::Span;

/// An action, and how long after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How long.
    pub after: Span,
    /// What is done.
    pub action: Action,
}

/// Numbers of servers and clients are taken from 0; a `pick` is a place among all there are, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// One message arrives, whichever was sent before or after.
    Deliver { pick: u64, fate: Fate },
    /// So many messages arrive in the order in which they were sent.
    Flow { count: u64 },
    /// So many messages of one server, its timers and a request of one client come before one flush.
    Gather { server: usize, count: u64, client: usize },
    /// One of a server's timers is due, whichever was to be due first.
    Wake { server: usize, pick: u64 },
    /// A client asks a server something new.
    Ask { server: usize, client: usize, what: u64 },
    /// A client asks a server what it has asked before: the last, the one before, and so on.
    AskAgain { server: usize, client: usize, back: u64 },
    /// A server is told to lead.
    Nominate { server: usize },
    /// A server loses power after so many outputs from now on; of what was not synced a part is there.
    Crash { server: usize, outputs: u64, keep: u64 },
    /// A server that is down begins another life.
    Restart { server: usize },
    /// A server loses power, and its disk.
    Wipe { server: usize },
    /// Messages from one server to another are lost, also those under way.
    Cut { from: usize, to: usize },
    /// Messages from and to a server are lost.
    Isolate { server: usize },
    /// No link is cut any more.
    Mend,
    /// A server's syncs are not done for now.
    Slow { server: usize },
    /// So many of a server's syncs are done, with what waits for them.
    Sync { server: usize, count: u64 },
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Once,
    /// It arrives, and is still under way.
    Again,
    /// It is lost.
    Lost,
}
