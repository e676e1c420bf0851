//! What crosses a connection: frames, each its length in four bytes and then a value of [`Frame`] in postcard's form.
//!
//! Deliberately missing: what protocols say to each other is bytes here, which only their machines understand.

use bytes::BytesMut;
use serde::{Deserialize, Serialize};
use tokio_util::codec::{Decoder as _, LengthDelimitedCodec};

use crate::base::NodeName;
use crate::machine;
use crate::store::{Operation, Value};
use crate::tcp::bounds;
use crate::tcp::founding::Founding;
use crate::tcp::introduction::{Introduction, Objection, Speech};
use crate::wire::request::{CompareAndSet, CompareAndSetOk, Read, ReadOk, Request, Response, Write, WriteOk};
use crate::wire::state::Digest;
use crate::wire::{ErrorBody, ErrorCode, ServerRole, Stamp};

/// One frame.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Frame<'a> {
    /// Who this is: the first frame of either end.
    Introduction(Box<Introduction>),
    /// This end wants nothing to do with the other, which is told why before the connection is closed.
    Refused(String),
    /// A message of the protocol, from server to server, as its machine encodes it.
    Peer(#[serde(borrow, with = "serde_bytes")] &'a [u8]),
    /// What a client asks.
    Request(Asked),
    /// What it is answered.
    Response(Answered),
    /// How things are at a server, for its clients: after its introduction, and whenever that changes.
    Status(Status),
    /// The founding record has changed, from server to server.
    Founding(Founding),
    /// Try to lead.
    Nominate,
    /// The link between the two ends is cut, or mended, at the other's console; told behind the introduction too, if it is cut.
    Link(Link),
    /// A digest of a store, from server to server: what a lesser one finds to differ from its own it exchanges.
    Digest(Digest),
    /// Let us make our stores equal: both take a round of this number.
    Exchange(u64),
}

/// How a link between two servers is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// No message of the protocol crosses it.
    Cut,
    /// They do.
    Open,
}

/// How things are at a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Is the cluster founded, as far as it knows?
    pub is_founded: bool,
    /// Which part it plays, where its protocol has any.
    pub role: Option<ServerRole>,
    /// In which ballot or term: of two that say that they lead, the one with the greater number does.
    pub term: u64,
    /// How many of the cluster's servers it is connected with, itself included, over links that are not cut.
    pub connected: u32,
}

/// A client's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// As the how-manieth operation of its session.
    sequence: u64,
    /// In which session.
    session: u64,
    /// What.
    operation: Operation,
    /// The newest write of the key that the session knows of.
    after: Option<Stamp>,
    /// The greatest Lamport clock that it has seen.
    clock: u64,
}

/// The answer to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// For which of the client's sessions.
    session: u64,
    /// The request's sequence number.
    sequence: u64,
    /// What came of it.
    answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Answer {
    Read { value: Value, stamp: Option<Stamp> },
    Write { stamp: Option<Stamp> },
    CompareAndSet,
    Error { code: ErrorCode, text: String },
}

impl From<&Request> for Asked {
    fn from(request: &Request) -> Self {
        // Whose it is, the connection says.
        let id = request.id(NodeName::client(0));
        let (after, clock) = match request {
            Request::Read(Read { after, .. }) => (*after, 0),
            Request::Write(Write { clock, .. }) => (None, *clock),
            Request::CompareAndSet(_) => (None, 0),
        };
        Self { sequence: id.sequence, session: id.session, operation: request.operation(), after, clock }
    }
}

impl From<Asked> for Request {
    fn from(asked: Asked) -> Self {
        let Asked { sequence: msg_id, session, operation, after, clock } = asked;
        match operation {
            Operation::Get { key } => Self::Read(Read { msg_id, session, key, after }),
            Operation::Put { key, value } => Self::Write(Write { msg_id, session, key, value, clock }),
            Operation::Cas { key, from, to } => Self::CompareAndSet(CompareAndSet { msg_id, session, key, from, to }),
        }
    }
}

impl Answered {
    /// For which of the client's sessions it is.
    #[must_use]
    pub fn session(&self) -> u64 {
        self.session
    }
}

impl From<&machine::Answer> for Answered {
    fn from(machine::Answer { session, response }: &machine::Answer) -> Self {
        let answer = match response.clone() {
            Response::Read(ReadOk { value, stamp, .. }) => Answer::Read { value, stamp },
            Response::Write(WriteOk { stamp, .. }) => Answer::Write { stamp },
            Response::CompareAndSet(CompareAndSetOk { .. }) => Answer::CompareAndSet,
            Response::Error(ErrorBody { code, text, .. }) => Answer::Error { code, text },
        };
        Self { session: *session, sequence: response.in_reply_to(), answer }
    }
}

impl From<Answered> for Response {
    fn from(answered: Answered) -> Self {
        let Answered { session: _, sequence: in_reply_to, answer } = answered;
        match answer {
            Answer::Read { value, stamp } => Self::Read(ReadOk { in_reply_to, value, stamp }),
            Answer::Write { stamp } => Self::Write(WriteOk { in_reply_to, stamp }),
            Answer::CompareAndSet => Self::CompareAndSet(CompareAndSetOk { in_reply_to }),
            Answer::Error { code, text } => Self::Error(ErrorBody { in_reply_to, code, text }),
        }
    }
}

/// How many bytes tell a frame's length.
const LENGTH_BYTES: usize = 4;

impl Frame<'_> {
    /// What it is, in words: for whoever sent one that he may not.
    #[must_use]
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::Introduction(_) => "a second introduction",
            Self::Refused(_) => "a refusal",
            Self::Peer(_) => "a message between servers",
            Self::Request(_) => "a client's request",
            Self::Response(_) => "a server's answer",
            Self::Status(_) => "how a server is",
            Self::Founding(_) => "a founding record",
            Self::Nominate => "a nomination",
            Self::Link(_) => "how a link is",
            Self::Digest(_) => "a digest of a store",
            Self::Exchange(_) => "the begin of an exchange",
        }
    }

    /// Appends the frame with its length.
    ///
    /// # Panics
    /// If it takes more than 4 GiB: a bug of its sender. Shorter ones that are too long are refused by whoever gets them.
    pub fn write(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; LENGTH_BYTES]);
        *out = postcard::to_extend(self, std::mem::take(out)).expect("frames are representable");
        let length = u32::try_from(out.len() - start - LENGTH_BYTES).expect("a frame takes less than 4 GiB");
        out[start..start + LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
    }
}

/// Why the bytes of a connection are no frames.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Garbage(String);

/// Takes frames out of the bytes of one connection.
#[derive(Debug)]
pub struct FrameReader {
    codec: LengthDelimitedCodec,
}

impl FrameReader {
    /// Of a connection of which nobody knows yet whose it is.
    #[must_use]
    pub fn new() -> Self {
        let mut codec = LengthDelimitedCodec::builder().length_field_length(LENGTH_BYTES).new_codec();
        codec.set_max_frame_length(bounds::FIRST_FRAME_BYTES);
        Self { codec }
    }

    /// It is known whose it is, and how long a frame of his may be.
    pub fn set_limit(&mut self, bytes: usize) {
        self.codec.set_max_frame_length(bytes);
    }

    /// Takes the next frame out, without its length, if all of it is there.
    ///
    /// # Errors
    /// It is longer than a frame may be.
    pub fn next(&mut self, bytes: &mut BytesMut) -> Result<Option<BytesMut>, Garbage> {
        let longest = self.codec.max_frame_length();
        self.codec.decode(bytes).map_err(|_| Garbage(format!("a frame of more than {longest} bytes")))
    }
}

/// What a frame says.
///
/// # Errors
/// It is none.
pub fn read(bytes: &[u8]) -> Result<Frame<'_>, Garbage> {
    match postcard::take_from_bytes(bytes) {
        Ok((frame, [])) => Ok(frame),
        Ok((_, rest)) => Err(Garbage(format!("a frame with {} bytes too many", rest.len()))),
        Err(error) => Err(Garbage(format!("no frame of ours: {error}"))),
    }
}

/// The introduction that a connection must begin with.
///
/// # Errors
/// It is none, or of another version.
pub fn read_introduction(bytes: &[u8]) -> Result<Introduction, Objection> {
    let first: Result<(u32, Speech), _> = postcard::from_bytes(bytes);
    match first {
        Ok((0, speech)) => speech.check()?,
        Ok(_) | Err(_) => return Err(Objection("it does not begin with an introduction".to_owned())),
    }
    match read(bytes) {
        Ok(Frame::Introduction(introduction)) => Ok(*introduction),
        Ok(_) => Err(Objection("it does not begin with an introduction".to_owned())),
        Err(garbage) => Err(Objection(format!("its introduction cannot be read: {garbage}"))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::{Incarnation, Span};
    use crate::tcp::founding::{DiskNumber, Standing};

    fn introduction() -> Introduction {
        let disk = DiskNumber(5);
        let founding = Some(Founding { disks: [(NodeName::server(1), disk)].into() });
        Introduction {
            speech: Speech::ours(),
            cluster: "main".to_owned(),
            protocol: "raft".to_owned(),
            node: NodeName::server(1),
            servers: vec![NodeName::server(1)],
            delay: Span::seconds(2),
            session: None,
            standing: Some(Standing { disk, founding }),
        }
    }

    fn round_trip(frame: &Frame<'_>) {
        let mut bytes = Vec::new();
        frame.write(&mut bytes);
        let mut buffer = BytesMut::from(bytes.as_slice());
        let taken = FrameReader::new().next(&mut buffer).unwrap().expect("a whole frame");
        assert_eq!(&read(&taken).unwrap(), frame);
        assert!(buffer.is_empty());
    }

    #[test]
    fn every_frame_comes_out_as_it_went_in() {
        let stamp = Some(Stamp { clock: 9, server: NodeName::server(2), incarnation: Incarnation(1) });
        let (key, value) = (Value::text("k"), Value::from_literal("{'phone': -5}").unwrap());
        let requests = [
            Request::Read(Read { msg_id: 1, session: u64::MAX, key: key.clone(), after: stamp }),
            Request::Write(Write { msg_id: 2, session: 3, key: key.clone(), value: value.clone(), clock: 8 }),
            Request::CompareAndSet(CompareAndSet {
                msg_id: 3,
                session: 3,
                key,
                from: value.clone(),
                to: Value::Integer(1),
            }),
        ];
        for request in requests {
            round_trip(&Frame::Request(Asked::from(&request)));
            assert_eq!(Request::from(Asked::from(&request)), request);
        }
        let error = ErrorBody { in_reply_to: 4, code: ErrorCode::TIMEOUT, text: "late".to_owned() };
        let responses = [
            Response::Read(ReadOk { in_reply_to: 1, value, stamp }),
            Response::Write(WriteOk { in_reply_to: 2, stamp: None }),
            Response::CompareAndSet(CompareAndSetOk { in_reply_to: 3 }),
            Response::Error(error),
        ];
        for response in responses {
            let answer = machine::Answer { session: 7, response };
            let answered = Answered::from(&answer);
            assert_eq!(answered.session(), 7);
            assert_eq!(Response::from(answered.clone()), answer.response);
            round_trip(&Frame::Response(answered));
        }
        round_trip(&Frame::Introduction(Box::new(introduction())));
        round_trip(&Frame::Refused("no".to_owned()));
        round_trip(&Frame::Peer(b"\0\xff"));
        let status = Status { is_founded: true, role: Some(ServerRole::Leader), term: 9, connected: 3 };
        round_trip(&Frame::Status(status));
        round_trip(&Frame::Founding(Founding { disks: [(NodeName::server(3), DiskNumber(1))].into() }));
        round_trip(&Frame::Nominate);
        round_trip(&Frame::Link(Link::Cut));
        round_trip(&Frame::Link(Link::Open));
        round_trip(&Frame::Digest(Digest(u128::MAX)));
        round_trip(&Frame::Exchange(7));
    }

    #[test]
    fn frames_come_in_pieces_of_any_size() {
        let mut bytes = Vec::new();
        Frame::Nominate.write(&mut bytes);
        Frame::Exchange(300).write(&mut bytes);
        let (mut reader, mut buffer, mut taken) = (FrameReader::new(), BytesMut::new(), Vec::new());
        for byte in bytes {
            buffer.extend_from_slice(&[byte]);
            taken.extend(reader.next(&mut buffer).unwrap());
        }
        assert_eq!(
            taken.iter().map(|frame| read(frame).unwrap()).collect::<Vec<_>>(),
            [Frame::Nominate, Frame::Exchange(300)]
        );
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_anything_is_kept() {
        let mut buffer = BytesMut::from(u32::MAX.to_be_bytes().as_slice());
        let error = FrameReader::new().next(&mut buffer).unwrap_err().to_string();
        assert_eq!(error, "a frame of more than 8192 bytes");
        assert!(buffer.capacity() < 1024);
    }

    #[test]
    fn what_is_no_introduction_is_told_from_one_of_another_version() {
        let refused = |bytes: &[u8]| read_introduction(bytes).unwrap_err().to_string();
        assert_eq!(refused(b""), "it does not begin with an introduction");
        assert_eq!(refused(b"GET / HTTP/1.1"), "it does not begin with an introduction");
        let newer = postcard::to_stdvec(&(0u32, ("splitbrain", 2u32), "whatever comes then")).unwrap();
        assert!(refused(&newer).starts_with("it speaks version 2"), "{}", refused(&newer));
        let cut = postcard::to_stdvec(&(0u32, Speech::ours(), "main")).unwrap();
        assert!(refused(&cut).starts_with("its introduction cannot be read"), "{}", refused(&cut));
        let mut whole = Vec::new();
        Frame::Introduction(Box::new(introduction())).write(&mut whole);
        assert_eq!(read_introduction(&whole[LENGTH_BYTES..]).unwrap(), introduction());
        whole.push(0);
        assert!(refused(&whole[LENGTH_BYTES..]).contains("bytes too many"));
    }

    proptest! {
        #[test]
        fn garbage_is_refused_and_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = read_introduction(&bytes);
        }
    }
}
