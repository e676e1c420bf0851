//! What crosses the connections of servers and clients by hand, written down once more: an attacker has no library.
//!
//! A frame is its length in four bytes, the most significant first, and then a value in postcard's form.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use splitbrain::base::{NodeName, Span};
use splitbrain::store::Operation;
use splitbrain::tcp::founding::{Founding, Standing};
use splitbrain::wire::{Digest, ServerRole, Stamp};

use super::waiting::PATIENCE;

/// A frame: the order of the variants is their tag.
#[derive(Debug, Serialize, Deserialize)]
pub enum Frame {
    Introduction(Introduction),
    Refused(String),
    Peer(#[serde(with = "serde_bytes")] Vec<u8>),
    Request(Asked),
    /// A session, a sequence number, and then an answer of whatever kind.
    Response(u64, u64, u32),
    Status(Status),
    Founding(Founding),
    Nominate,
    Link(Link),
    Digest(Digest),
    Exchange(u64),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Introduction {
    pub product: String,
    pub version: u32,
    pub cluster: String,
    pub protocol: String,
    pub node: NodeName,
    pub servers: Vec<NodeName>,
    pub delay: Span,
    pub session: Option<u64>,
    pub standing: Option<Standing>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    pub sequence: u64,
    pub session: u64,
    pub operation: Operation,
    pub after: Option<Stamp>,
    pub clock: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Link {
    Cut,
    Open,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    pub is_founded: bool,
    pub role: Option<ServerRole>,
    pub term: u64,
    pub connected: u32,
}

impl Introduction {
    /// Of a client that has nothing wrong with it.
    pub fn of_client(protocol: &str, number: u32) -> Self {
        Self {
            product: "splitbrain".to_owned(),
            version: 1,
            cluster: "main".to_owned(),
            protocol: protocol.to_owned(),
            node: NodeName::client(number),
            servers: [1, 2, 3].map(NodeName::server).to_vec(),
            delay: Span(0),
            session: Some(7),
            standing: None,
        }
    }

    /// Of a server, whose disk says this.
    pub fn of_server(protocol: &str, number: u32, standing: Standing) -> Self {
        let node = NodeName::server(number);
        Self { node, session: None, standing: Some(standing), ..Self::of_client(protocol, 1) }
    }

    pub fn bytes(&self) -> Vec<u8> {
        Frame::Introduction(self.clone()).bytes()
    }
}

impl Frame {
    pub fn bytes(&self) -> Vec<u8> {
        let body = postcard::to_allocvec(self).expect("frames are representable");
        let length = u32::try_from(body.len()).expect("a short frame");
        [&length.to_be_bytes(), body.as_slice()].concat()
    }
}

/// A connection of nobody's yet.
pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.set_write_timeout(Some(Duration::from_secs(5))).expect("a socket");
    stream
}

/// Says something; the other end may have closed the connection by then, as it should.
pub fn say(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// Does anything come in time, be it the end? The stream is left with the patience that it had.
pub fn has_more_within(stream: &TcpStream, limit: Duration) -> bool {
    let patience = stream.read_timeout().expect("a socket");
    stream.set_read_timeout(Some(limit)).expect("a socket");
    let has_more = stream.peek(&mut [0]).is_ok();
    stream.set_read_timeout(patience).expect("a socket");
    has_more
}

/// The next frame, as bytes; nothing if the other end has closed the connection.
pub fn hear_bytes(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let mut body = vec![0; usize::try_from(u32::from_be_bytes(length)).expect("it fits")];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

/// The next frame that can be read here.
pub fn hear(stream: &mut TcpStream) -> Option<Frame> {
    let body = hear_bytes(stream)?;
    Some(postcard::take_from_bytes(&body).expect("a frame").0)
}

/// A connection that has introduced itself, and was welcomed.
pub fn introduced(port: u16, introduction: &Introduction) -> TcpStream {
    let mut stream = connect(port);
    say(&mut stream, &introduction.bytes());
    match hear(&mut stream) {
        Some(Frame::Introduction(_)) => stream,
        other => panic!("{introduction:?} is answered with {other:?}"),
    }
}

/// Waits until the other end closes the connection; what it says before does not matter.
#[track_caller]
pub fn assert_closed(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                panic!("the connection stays open")
            }
            // It was reset: there was more that nobody read.
            Err(_) => return,
        }
    }
}
