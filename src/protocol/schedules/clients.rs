//! Clients that ask one thing after another, and any server.

use crate::base::NodeName;
use crate::protocol::schedules::schedule::CLIENTS;
use crate::store::Value;
use crate::wire::Request;
use crate::wire::request::{CompareAndSet, Read, Write};

/// So many bytes has a large value: a few of them fill a piece.
const LARGE_BYTES: usize = 100_000;

/// All clients. A sequence number is never used twice, also not in another session, so that an answer says of what it is.
#[derive(Debug)]
pub struct Clients {
    asked: Vec<Vec<Request>>,
    session: Vec<u64>,
    has_large_values: bool,
}

impl Clients {
    /// That have asked nothing.
    pub fn new(has_large_values: bool) -> Self {
        Self { asked: vec![Vec::new(); CLIENTS], session: vec![0; CLIENTS], has_large_values }
    }

    /// A new request of a client.
    pub fn ask(&mut self, client: usize, what: u64) -> Request {
        let msg_id = self.asked[client].len() as u64 + 1;
        if what % 16 == 15 {
            self.session[client] += 1;
        }
        let session = self.session[client];
        let key = Value::Integer(i64::from(what.is_multiple_of(3)));
        let value = Value::text(&format!("v{}", what % 5));
        let request = match what / 3 % 5 {
            0 | 1 => Request::Read(Read { msg_id, session, key, after: None }),
            2 => {
                let to = Value::text(&format!("v{}", what % 7));
                Request::CompareAndSet(CompareAndSet { msg_id, session, key, from: value, to })
            }
            _ if self.has_large_values => {
                let value = Value::text(&"x".repeat(LARGE_BYTES));
                Request::Write(Write { msg_id, session, key, value, clock: 0 })
            }
            _ => Request::Write(Write { msg_id, session, key, value, clock: 0 }),
        };
        self.asked[client].push(request.clone());
        request
    }

    /// How many requests a client has made: the sequence number of the last.
    pub fn count(&self, client: usize) -> u64 {
        self.asked[client].len() as u64
    }

    /// What a client has asked last, or so many before.
    pub fn ask_again(&self, client: usize, back: u64) -> Option<Request> {
        let asked = &self.asked[client];
        let place = asked.len().checked_sub(1 + usize::try_from(back).ok()?)?;
        Some(asked[place].clone())
    }
}

/// The name of the client with this number.
pub fn name(client: usize) -> NodeName {
    NodeName::client(u32::try_from(client + 1).expect("a few clients"))
}
