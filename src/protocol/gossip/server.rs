//! A gossip server: answers clients, and exchanges writes with the other servers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::base::{Incarnation, NodeName, Time, limits};
use crate::ledger::{Flaw, Hash, Nonce, RequestId};
use crate::machine::{Input, Machine, Outputs, Payload, Setup, Violation};
use crate::protocol::gossip::messages::{Entry, GossipMessage, Piece, Replicated};
use crate::protocol::gossip::record::Record;
use crate::protocol::gossip::replica::Replica;
use crate::protocol::gossip::stabilization::{PIECES, Stabilization};
use crate::store::Operation;
use crate::wire::control::{Control, Inspect, InspectOk};
use crate::wire::request::{CompareAndSet, Read, ReadOk, Request, Response, Write, WriteOk};
use crate::wire::stamp::check_clock;
use crate::wire::{ErrorBody, ErrorCode, Stamp, StateChange};

/// A gossip server.
///
/// Invariants:
/// 1. Its clock is not below any clock that it has seen in a write; so a write that it takes wins where it is taken.
/// 2. A request of a client's session is applied at most once, and never after a later one of that session.
/// 3. Its incarnation is greater than that of each life of which its disk knows.
#[derive(Debug)]
pub struct Server {
    name: NodeName,
    incarnation: Incarnation,
    neighbours: Vec<NodeName>,
    clock: u64,
    replica: Replica,
    answered: BTreeMap<NodeName, LastWrite>,
    stabilization: Stabilization,
}

/// The last write of a client that was taken here, and what was answered.
#[derive(Debug)]
struct LastWrite {
    session: u64,
    sequence: u64,
    stamp: Stamp,
}

impl Server {
    /// A server that holds nothing yet; what it held in earlier lives comes with its first input.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        let mut server = Self {
            name: setup.name,
            incarnation: setup.incarnation,
            neighbours: Vec::new(),
            clock: 0,
            replica: Replica::default(),
            answered: BTreeMap::new(),
            stabilization: Stabilization::default(),
        };
        server.set_members(&setup.servers);
        server
    }

    fn set_members(&mut self, servers: &[NodeName]) {
        self.neighbours = servers.iter().copied().filter(|&server| server != self.name).collect();
    }

    /// Takes up what its earlier lives have kept, and keeps that another one begins.
    fn start(&mut self, records: &[Vec<u8>], outputs: &mut Outputs) -> Result<(), Violation> {
        for (number, record) in (1..).zip(records) {
            self.recover(record).map_err(|why| Violation(format!("record {number}: {why}")))?;
        }
        self.replica.end_recovery();
        outputs.persist(Record::Life { incarnation: self.incarnation }.encode());
        Ok(())
    }

    /// Nonces are searched again here, and hashes compared: what is wrong is found before anybody sees it.
    fn recover(&mut self, record: &[u8]) -> Result<(), String> {
        match Record::decode(record).map_err(|error| error.to_string())? {
            Record::Life { incarnation } => {
                let next = incarnation.next().ok_or_else(|| format!("no life can follow life {}", incarnation.0))?;
                self.incarnation = self.incarnation.max(next);
            }
            Record::Write { entry, hash } => {
                entry.stamp.check()?;
                let operation = entry.operation().to_string();
                if entry.nonce != Nonce::search(&operation) {
                    return Err(format!("{} is not the least nonce for `{operation}`", entry.nonce));
                }
                match self.apply(&entry).map_err(|flaw| flaw.to_string())? {
                    Some(made) if made == hash => {}
                    Some(made) => {
                        return Err(format!("the block of `{operation}` has the hash {made}, and not {hash}"));
                    }
                    None => return Err(format!("`{operation}` did not win over the write before it")),
                }
            }
        }
        Ok(())
    }

    fn take_request(&mut self, from: NodeName, request: &Request, outputs: &mut Outputs) -> Result<(), Violation> {
        match request {
            Request::Read(read) => outputs.respond_in(read.session, from, self.answer_read(read)),
            Request::Write(write) => {
                check_clock(write.clock).map_err(|why| Violation(format!("a write of {from}: {why}")))?;
                self.take_write(from, write, outputs);
            }
            Request::CompareAndSet(CompareAndSet { msg_id, session, .. }) => {
                let text = "cas needs consensus, which gossip does not have".to_owned();
                outputs.respond_in(*session, from, refusal(*msg_id, ErrorCode::NOT_SUPPORTED, text));
            }
        }
        Ok(())
    }

    /// `ERR_DEP` comes before `ERR_KEY`: a server that lacks what the session depends on cannot say that there is none.
    fn answer_read(&self, read: &Read) -> Response {
        let present = self.replica.get(&read.key);
        if present.map(|entry| entry.stamp) < read.after {
            let text = "this server has not seen what the session depends on".to_owned();
            return refusal(read.msg_id, ErrorCode::DEPENDENCIES_NOT_SATISFIED, text);
        }
        match present {
            Some(Entry { value, stamp, .. }) => {
                Response::Read(ReadOk { in_reply_to: read.msg_id, value: value.clone(), stamp: Some(*stamp) })
            }
            None => refusal(read.msg_id, ErrorCode::KEY_DOES_NOT_EXIST, "the key has no value".to_owned()),
        }
    }

    fn take_write(&mut self, from: NodeName, write: &Write, outputs: &mut Outputs) {
        let stamp = match self.answered.get(&from) {
            Some(last) if (last.session, last.sequence) == (write.session, write.msg_id) => last.stamp,
            // An older request that comes late: the session has gone on, nobody waits for the answer, and applying it
            // now would order it after writes that the session issued later.
            Some(last) if (last.session, last.sequence) > (write.session, write.msg_id) => return,
            Some(_) | None if self.clock.max(write.clock) >= limits::GREATEST_CLOCK => {
                // A client that names the greatest clock may end all writes here, but no server: a greater stamp would be
                // refused by the others, and by this one's next life.
                let text = "no greater Lamport clock is left for a write".to_owned();
                return outputs.respond(from, refusal(write.msg_id, ErrorCode::NOT_SUPPORTED, text));
            }
            Some(_) | None => self.issue(from, write, outputs),
        };
        let response = Response::Write(WriteOk { in_reply_to: write.msg_id, stamp: Some(stamp) });
        outputs.respond_in(write.session, from, response);
    }

    /// Stamps a new write, applies it, and sends it to the neighbours once.
    fn issue(&mut self, from: NodeName, write: &Write, outputs: &mut Outputs) -> Stamp {
        self.clock = self.clock.max(write.clock) + 1;
        let stamp = Stamp { clock: self.clock, server: self.name, incarnation: self.incarnation };
        let (key, value) = (write.key.clone(), write.value.clone());
        let nonce = Nonce::search(&Operation::Put { key: key.clone(), value: value.clone() }.to_string());
        let request = RequestId { client: from, session: write.session, sequence: write.msg_id };
        let entry = Entry { key, value, stamp, request, nonce };
        self.apply_and_keep(&entry, outputs).expect("the search finds nonces that the rule accepts");
        let payload = Payload::peer(GossipMessage::Write(Replicated { entry }));
        for &neighbour in &self.neighbours {
            outputs.send_early(neighbour, payload.clone());
        }
        stamp
    }

    /// Applies a write that another server has taken.
    fn merge(&mut self, from: NodeName, entry: &Entry, outputs: &mut Outputs) -> Result<(), Violation> {
        entry.stamp.check().map_err(|why| Violation(format!("a write of {from} has no right stamp: {why}")))?;
        self.apply_and_keep(entry, outputs)
            .map_err(|flaw| Violation(format!("a write of {from} makes no right block: {flaw}")))
    }

    fn apply_and_keep(&mut self, entry: &Entry, outputs: &mut Outputs) -> Result<(), Flaw> {
        if let Some(hash) = self.apply(entry)? {
            outputs.persist(Record::Write { entry: Cow::Borrowed(entry), hash }.encode());
        }
        Ok(())
    }

    /// Applies a write, and takes note of it as answered if it was taken here, in this life or an earlier one.
    fn apply(&mut self, entry: &Entry) -> Result<Option<Hash>, Flaw> {
        let hash = self.replica.apply(entry)?;
        let Entry { stamp, request, .. } = *entry;
        self.clock = self.clock.max(stamp.clock);
        if stamp.server == self.name {
            let RequestId { client, session, sequence } = request;
            let last = self.answered.entry(client).or_insert(LastWrite { session, sequence, stamp });
            if (last.session, last.sequence) < (session, sequence) {
                *last = LastWrite { session, sequence, stamp };
            }
        }
        Ok(hash)
    }

    fn merge_piece(&mut self, from: NodeName, piece: &Rc<Piece>, outputs: &mut Outputs) -> Result<(), Violation> {
        for entry in &piece.entries {
            self.merge(from, entry, outputs)?;
        }
        self.stabilization.take_piece(from, piece, &self.replica, outputs);
        Ok(())
    }

    fn obey(&mut self, control: &Control, outputs: &mut Outputs) -> Result<(), Violation> {
        match control {
            Control::Members { servers } => self.set_members(servers),
            Control::Stabilize(order) => self.stabilization.begin(order, &self.replica, outputs),
            // Nobody leads here, and nobody can.
            Control::Nominate => {}
            Control::Invoke(_) | Control::Attach { .. } => {
                return Err(Violation(format!("`{}` is for clients, and this is a server", control.kind())));
            }
        }
        Ok(())
    }
}

fn refusal(in_reply_to: u64, code: ErrorCode, text: String) -> Response {
    Response::Error(ErrorBody { in_reply_to, code, text })
}

impl Machine for Server {
    type Peer = GossipMessage;

    fn step(&mut self, _now: Time, input: Input<'_, GossipMessage>, outputs: &mut Outputs) -> Result<(), Violation> {
        match input {
            Input::Start { records } => self.start(records, outputs)?,
            Input::Request { from, request } => self.take_request(from, request, outputs)?,
            Input::Peer { from, message: GossipMessage::Write(Replicated { entry }) } => {
                self.merge(from, entry, outputs)?;
            }
            Input::Peer { from, message: GossipMessage::Stabilize(piece) } => self.merge_piece(from, piece, outputs)?,
            Input::Control(control) => self.obey(control, outputs)?,
            Input::Response { from, response } => {
                return Err(Violation(format!("{from} answers `{}`, but a server asks nothing", response.kind())));
            }
            Input::Timer { id: PIECES } => self.stabilization.send_some(outputs),
            Input::Timer { id } => return Err(Violation(format!("the timer `{id}` was never set"))),
        }
        Ok(())
    }

    fn take_changes(&mut self) -> StateChange {
        self.replica.take_changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.replica.inspect(question)
    }
}

#[cfg(test)]
mod tests;
