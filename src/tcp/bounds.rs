//! Every bound of a server or client by hand, by name.

use crate::base::{Span, limits};

/// The longest frame of somebody who has not introduced himself yet, in bytes.
pub const FIRST_FRAME_BYTES: usize = 8 * 1024;
/// The longest frame of a client, in bytes: one operation, with its key and value.
pub const REQUEST_FRAME_BYTES: usize = 1024 * 1024;
/// The longest frame of a server, in bytes: a piece of state, which is longer than [`limits::CHUNK_BYTES`] where a single
/// value is.
pub const PEER_FRAME_BYTES: usize = limits::LINE_BYTES;
/// How long somebody may take to introduce himself.
pub const INTRODUCTION_LIMIT: Span = Span::seconds(5);
/// How many connections may be open of which nobody said yet whose they are; of more the oldest is closed.
pub const UNKNOWN_CONNECTIONS: usize = 256;
/// How many clients may be connected with a server.
pub const CLIENTS: usize = 4096;
/// How much a server reads before it looks at what it read, in bytes, all connections together.
pub const INBOX_BYTES: usize = 8 * 1024 * 1024;
/// How much is read from one connection at once, in bytes.
pub const READ_BYTES: usize = 64 * 1024;
/// A client who takes so little of what he is answered that this many bytes wait is not read from until he does.
pub const BACKLOG_BYTES: usize = 1024 * 1024;
/// A connection for which more than this waits is closed: what waits is lost, as on any network.
pub const OUTBOUND_BYTES: usize = 64 * 1024 * 1024;
/// How long an attempt to connect may take.
pub const CONNECT_LIMIT: Span = Span::seconds(2);
/// How long the first pause between two attempts is; each later one is twice as long.
pub const FIRST_PAUSE: Span = Span::milliseconds(20);
/// How long the longest one is.
pub const LONGEST_PAUSE: Span = Span::milliseconds(500);
/// A connection that lives so long was a good one: the next attempt after it is made at once.
pub const GOOD_LIFE: Span = Span::seconds(2);
/// How many different refusals are remembered, each of which is told once.
pub const REFUSALS: usize = 100;
/// How many orders of a console wait at most.
pub const ORDERS: usize = 1024;
/// A client tells what an operation waits for after so long, and again each time after so long: max(2 s, 8 times the delay).
#[must_use]
pub fn wait_told_after(delay: Span) -> Span {
    Span::seconds(2).max(delay.times(8))
}

/// How long an operation may take: by hand it waits until it is answered.
pub const OPERATION_LIMIT: Span = limits::TIME_OF_A_RUN;
/// Servers of gossip whose stores differ exchange them so often.
pub const GOSSIP_EXCHANGE: Span = Span::seconds(1);
