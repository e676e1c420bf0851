//! One connection: a reader that puts frames into the inbox, and bytes that wait to leave.
//!
//! What is to leave is written at once, as far as the system takes it, without waiting for a task to be run; the rest leaves
//! when the system takes more. A connection for which too much waits is closed: what waits is lost, as on any network.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::rc::Rc;

use bytes::BytesMut;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_local};

use crate::base::NodeKind;
use crate::tcp::bounds;
use crate::tcp::clock;
use crate::tcp::frame::{Frame, FrameReader};
use crate::tcp::inbox::{Arrival, ConnectionId, Inbox};

/// A connection that is open. It is closed when this is dropped.
#[derive(Debug)]
pub struct Connection {
    shared: Rc<Shared>,
    tasks: [JoinHandle<()>; 3],
}

#[derive(Debug)]
struct Shared {
    id: ConnectionId,
    stream: OwnedWriteHalf,
    inbox: Rc<Inbox>,
    /// What has not left yet, and how much of its beginning has.
    outbound: RefCell<Outbound>,
    /// The system takes no more now: the writer is to wait for it.
    blocked: Notify,
    /// Less waits than did.
    drained: Notify,
    /// The longest frame that may come.
    limit: Cell<usize>,
    /// How much may wait before nothing is read.
    backlog: Cell<usize>,
    /// It is known who is at the other end.
    introduced: Notify,
}

#[derive(Debug, Default)]
struct Outbound {
    bytes: Vec<u8>,
    left: usize,
}

impl Outbound {
    fn waiting(&self) -> usize {
        self.bytes.len() - self.left
    }
}

impl Connection {
    /// Takes a stream over.
    ///
    /// # Errors
    /// The system has closed it already.
    pub fn open(id: ConnectionId, stream: TcpStream, inbox: Rc<Inbox>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let (reading, writing) = stream.into_split();
        let shared = Rc::new(Shared {
            id,
            stream: writing,
            inbox,
            outbound: RefCell::default(),
            blocked: Notify::new(),
            drained: Notify::new(),
            limit: Cell::new(bounds::FIRST_FRAME_BYTES),
            backlog: Cell::new(bounds::BACKLOG_BYTES),
            introduced: Notify::new(),
        });
        let tasks = [
            spawn_local(Rc::clone(&shared).read(reading)),
            spawn_local(Rc::clone(&shared).write()),
            spawn_local(Rc::clone(&shared).wait_for_introduction()),
        ];
        Ok(Self { shared, tasks })
    }

    /// It is known who is at the other end: how long a frame of his may be, and how much of what he is told may wait before
    /// nothing is read from him any more. Servers read from each other all the same, or two that have much to say to each other would
    /// both wait.
    pub fn introduced(&self, kind: NodeKind) {
        let (frame_bytes, backlog_bytes) = match kind {
            NodeKind::Server => (bounds::PEER_FRAME_BYTES, usize::MAX),
            NodeKind::Client => (bounds::REQUEST_FRAME_BYTES, bounds::BACKLOG_BYTES),
        };
        self.shared.limit.set(frame_bytes);
        self.shared.backlog.set(backlog_bytes);
        self.shared.introduced.notify_one();
    }

    /// Lets a frame leave with the next [push](Self::push). Is there still room for more?
    #[must_use]
    pub fn add(&self, frame: &Frame<'_>) -> bool {
        frame.write(&mut self.shared.outbound.borrow_mut().bytes);
        self.has_room()
    }

    /// Lets frames leave that are written already. Is there still room for more?
    #[must_use]
    pub fn add_bytes(&self, frames: &[u8]) -> bool {
        self.shared.outbound.borrow_mut().bytes.extend_from_slice(frames);
        self.has_room()
    }

    fn has_room(&self) -> bool {
        self.shared.outbound.borrow().waiting() <= bounds::OUTBOUND_BYTES
    }

    /// Gives the system as much as it takes now. That the connection is broken, its reader finds.
    pub fn push(&self) {
        if !self.shared.push() {
            self.shared.blocked.notify_one();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.push();
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    /// Has all left, or is there nobody to take it?
    fn push(&self) -> bool {
        let mut outbound = self.outbound.borrow_mut();
        while outbound.waiting() > 0 {
            match self.stream.try_write(&outbound.bytes[outbound.left..]) {
                Ok(count) => outbound.left += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => outbound.left = outbound.bytes.len(),
            }
        }
        outbound.left = 0;
        outbound.bytes.clear();
        outbound.bytes.shrink_to(bounds::BACKLOG_BYTES);
        true
    }

    async fn write(self: Rc<Self>) {
        loop {
            self.blocked.notified().await;
            while !self.push() && self.stream.writable().await.is_ok() {}
            self.drained.notify_one();
        }
    }

    async fn read(self: Rc<Self>, stream: OwnedReadHalf) {
        let why = match self.read_until_closed(stream).await {
            Ok(why) => why,
            Err(error) => error.to_string(),
        };
        self.inbox.put(Arrival::Closed(self.id, why));
    }

    async fn read_until_closed(&self, mut stream: OwnedReadHalf) -> io::Result<String> {
        let mut frames = FrameReader::new();
        let mut buffer = BytesMut::new();
        let mut is_first = true;
        loop {
            self.inbox.room().await;
            while self.outbound.borrow().waiting() > self.backlog.get() {
                self.drained.notified().await;
            }
            buffer.reserve(bounds::READ_BYTES);
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok("the other end closed it".to_owned());
            }
            loop {
                frames.set_limit(self.limit.get());
                match frames.next(&mut buffer) {
                    Ok(Some(frame)) => {
                        self.inbox.put(Arrival::Frame(self.id, frame));
                        // How long the frames behind the first may be depends on whose it is.
                        if std::mem::take(&mut is_first) {
                            self.introduced.notified().await;
                        }
                    }
                    Ok(None) => break,
                    Err(garbage) => return Ok(garbage.to_string()),
                }
            }
        }
    }

    async fn wait_for_introduction(self: Rc<Self>) {
        clock::pause(bounds::INTRODUCTION_LIMIT).await;
        self.inbox.put(Arrival::Overdue(self.id));
    }
}
