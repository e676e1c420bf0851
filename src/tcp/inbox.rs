//! What happened at connections since the node looked last.
//!
//! All readers put here, and the node takes everything at once: so that however many messages arrived, their records are
//! synced together. A reader stops while more lies here than a bound.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::base::NodeName;
use crate::tcp::bounds;

/// Which connection of a node: numbers in the order in which they were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// Something that happened.
#[derive(Debug)]
pub enum Arrival {
    /// Somebody connected to this node.
    Accepted(TcpStream),
    /// This node connected to a server.
    Dialed(NodeName, TcpStream),
    /// This node did not get through to a server. It goes on trying.
    Absent(NodeName),
    /// A whole frame came, without its length.
    Frame(ConnectionId, BytesMut),
    /// A connection is over, and why, in words.
    Closed(ConnectionId, String),
    /// Whoever connected has not said in time who he is.
    Overdue(ConnectionId),
}

impl Arrival {
    fn bytes(&self) -> usize {
        match self {
            // Frames without content take room, too.
            Self::Frame(_, frame) => frame.len() + size_of::<Self>(),
            Self::Accepted(_) | Self::Dialed(..) | Self::Absent(_) | Self::Closed(..) | Self::Overdue(_) => 0,
        }
    }
}

/// What happened, in its order.
#[derive(Debug, Default)]
pub struct Inbox {
    arrivals: RefCell<VecDeque<Arrival>>,
    bytes: Cell<usize>,
    arrived: Notify,
    taken: Notify,
}

impl Inbox {
    /// Something happened.
    pub fn put(&self, arrival: Arrival) {
        self.bytes.set(self.bytes.get() + arrival.bytes());
        self.arrivals.borrow_mut().push_back(arrival);
        self.arrived.notify_one();
    }

    /// Waits until there may be something.
    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Waits until a reader may read on.
    pub async fn room(&self) {
        while self.bytes.get() >= bounds::INBOX_BYTES {
            self.taken.notified().await;
        }
    }

    /// Takes everything out.
    #[must_use]
    pub fn take(&self) -> VecDeque<Arrival> {
        self.bytes.set(0);
        self.taken.notify_waiters();
        self.arrivals.take()
    }
}
