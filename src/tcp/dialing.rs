//! Connecting to servers, again and again, with pauses that grow.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_local};

use crate::base::{NodeName, Span};
use crate::tcp::bounds;
use crate::tcp::clock::{self, Clock};
use crate::tcp::inbox::{Arrival, Inbox};

/// Connects to one server whenever there is no connection to it.
#[derive(Debug)]
pub struct Dialer {
    lost: Rc<Notify>,
    task: JoinHandle<()>,
}

impl Dialer {
    /// Begins at once.
    #[must_use]
    pub fn begin(server: NodeName, address: SocketAddr, inbox: Rc<Inbox>) -> Self {
        let lost = Rc::new(Notify::new());
        let task = spawn_local(dial(server, address, inbox, Rc::clone(&lost)));
        Self { lost, task }
    }

    /// The connection is over.
    pub fn lost(&self) {
        self.lost.notify_one();
    }
}

impl Drop for Dialer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn dial(server: NodeName, address: SocketAddr, inbox: Rc<Inbox>, lost: Rc<Notify>) {
    let mut pause = bounds::FIRST_PAUSE;
    loop {
        let attempt = clock::within(bounds::CONNECT_LIMIT, TcpStream::connect(address)).await;
        if let Some(Ok(stream)) = attempt.filter(|attempt| attempt.as_ref().is_ok_and(|stream| !is_own(stream))) {
            let life = Clock::begin();
            inbox.put(Arrival::Dialed(server, stream));
            lost.notified().await;
            if life.now() - crate::base::Time(0) >= bounds::GOOD_LIFE {
                pause = bounds::FIRST_PAUSE;
                continue;
            }
        } else {
            inbox.put(Arrival::Absent(server));
        }
        clock::pause(pause).await;
        pause = Span(pause.0 * 2).min(bounds::LONGEST_PAUSE);
    }
}

/// Where nobody listens, the system may connect a stream with itself, if it draws the same port for its own end.
fn is_own(stream: &TcpStream) -> bool {
    match (stream.local_addr(), stream.peer_addr()) {
        (Ok(local), Ok(peer)) => local == peer,
        (Err(_), _) | (_, Err(_)) => true,
    }
}

/// Takes everybody who connects.
#[derive(Debug)]
pub struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// Listens at an address.
    ///
    /// # Errors
    /// The system refuses: another process listens there.
    pub async fn open(address: SocketAddr, inbox: Rc<Inbox>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let accept = async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => inbox.put(Arrival::Accepted(stream)),
                    // The process has as many files open as it may: some are closed soon.
                    Err(_) => clock::pause(bounds::FIRST_PAUSE).await,
                }
            }
        };
        Ok(Self { task: spawn_local(accept) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}
