//! The gossip server by itself, and a few of them on a network that delivers in order.

use std::collections::VecDeque;
use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::base::{Span, limits};
use crate::ledger::chain::verify;
use crate::machine::Output;
use crate::protocol::gossip::messages::Phase;
use crate::store::Value;
use crate::wire::Digest;
use crate::wire::control::{Part, Stabilize, Timeouts, Variant};

const A: NodeName = NodeName::server(1);
const B: NodeName = NodeName::server(2);
const C: NodeName = NodeName::server(3);
const CLIENT: NodeName = NodeName::client(9);
const OTHER_CLIENT: NodeName = NodeName::client(8);

type Sent = (NodeName, Payload);

/// A server whose invariants are checked after every step.
struct Bench {
    server: Server,
    digest: Digest,
    /// Does it want to be woken, to send more pieces?
    is_to_be_woken: bool,
    /// What it has kept.
    records: Vec<Vec<u8>>,
}

impl Bench {
    fn new(name: NodeName) -> Self {
        Self::of_life(name, 0)
    }

    fn of_life(name: NodeName, incarnation: u32) -> Self {
        let timeouts = Timeouts { retry: Span::milliseconds(300), election: Span::milliseconds(300) };
        let incarnation = Incarnation(incarnation);
        let setup = Setup { name, servers: vec![A, B, C], seed: 1, incarnation, timeouts, variant: Variant::default() };
        let mut server = Server::new(&setup);
        let digest = server.take_changes().digest.expect("the first report has one");
        Self { server, digest, is_to_be_woken: false, records: Vec::new() }
    }

    fn step(&mut self, input: Input<'_, GossipMessage>) -> Result<Vec<Sent>, Violation> {
        let mut outputs = Outputs::default();
        self.server.step(Time(0), input, &mut outputs)?;
        self.digest = self.server.take_changes().digest.unwrap_or(self.digest);
        let greatest = self.entries().iter().map(|entry| entry.stamp.clock).max().unwrap_or(0);
        assert!(self.server.clock >= greatest, "the clock is below a write that it has seen");
        let sent: Vec<_> = outputs.drain().filter_map(|output| self.note(output)).collect();
        let pieces = sent.iter().filter(|(_, payload)| payload.kind() == "stabilize").count();
        assert!(pieces <= limits::PIECES_IN_A_STEP, "{pieces} pieces in one step");
        Ok(sent)
    }

    fn note(&mut self, output: Output) -> Option<Sent> {
        match output {
            Output::Send { to, payload } | Output::SendEarly { to, payload } => Some((to, payload)),
            Output::Persist(record) => {
                self.records.push(record);
                None
            }
            Output::Sync => None,
            Output::SetTimer { id, after } => {
                assert_eq!((&*id, after), (PIECES, Span(0)));
                self.is_to_be_woken = true;
                None
            }
            Output::CancelTimer { .. } | Output::Complete(_) => panic!("a server has no business to: {output:?}"),
        }
    }

    fn wake(&mut self) -> Vec<Sent> {
        assert!(std::mem::take(&mut self.is_to_be_woken), "it did not ask for it");
        self.step(Input::Timer { id: PIECES }).unwrap()
    }

    fn request(&mut self, from: NodeName, request: &Request) -> Vec<Sent> {
        self.step(Input::Request { from, request }).unwrap()
    }

    fn write(&mut self, from: NodeName, msg_id: u64, key: &str, value: &str, clock: u64) -> Vec<Sent> {
        let write = Write { msg_id, session: 0, key: key.into(), value: value.into(), clock };
        self.request(from, &Request::Write(write))
    }

    fn read(&mut self, key: &str, after: Option<Stamp>) -> Response {
        let read = Read { msg_id: 77, session: 0, key: key.into(), after };
        match self.request(CLIENT, &Request::Read(read)).as_slice() {
            [(CLIENT, Payload::Response(answer))] => answer.response.clone(),
            sent => panic!("one answer: {sent:?}"),
        }
    }

    fn hear(&mut self, from: NodeName, entry: &Entry) -> Result<Vec<Sent>, Violation> {
        let message = GossipMessage::Write(Replicated { entry: entry.clone() });
        self.step(Input::Peer { from, message: &message })
    }

    fn piece(&mut self, from: NodeName, round: u64, phase: Phase, entries: &[Entry], more: bool) -> Vec<Sent> {
        let piece = Piece { round, phase, entries: entries.to_vec(), more };
        self.step(Input::Peer { from, message: &GossipMessage::Stabilize(Rc::new(piece)) }).unwrap()
    }

    fn stabilize(&mut self, round: u64, parent: Option<NodeName>, children: &[NodeName]) -> Vec<Sent> {
        let order = Control::Stabilize(Stabilize { round, parent, children: children.to_vec() });
        self.step(Input::Control(&order)).unwrap()
    }

    fn entries(&self) -> Vec<Entry> {
        self.server.replica.pieces().concat()
    }

    fn store(&self) -> Vec<(Value, Value)> {
        self.entries().into_iter().map(|entry| (entry.key, entry.value)).collect()
    }

    /// The operations of its chain, which must be whole.
    fn chain(&self) -> Vec<String> {
        let (mut blocks, mut more) = (Vec::new(), true);
        while more {
            let question = Inspect { msg_id: 1, part: Part::Chain, skip: blocks.len() as u64 };
            let answer = self.server.inspect(&question).expect("a server shows its chain");
            blocks.extend(answer.chain.expect("it was asked for"));
            more = answer.more;
        }
        assert_eq!(verify(&blocks), Ok(()));
        blocks.into_iter().map(|block| block.operation).collect()
    }
}

/// The stamp that a write was answered with.
fn answered(sent: &[Sent]) -> Stamp {
    let stamps: Vec<_> = sent
        .iter()
        .filter_map(|(_, payload)| match payload {
            Payload::Response(answer) => match &answer.response {
                Response::Write(WriteOk { stamp, .. }) => *stamp,
                other => panic!("a write is answered: {other:?}"),
            },
            Payload::Request(_) | Payload::Peer(_) | Payload::Text(_) => None,
        })
        .collect();
    assert_eq!(stamps.len(), 1, "one answer with a stamp: {sent:?}");
    stamps[0]
}

/// The messages for other servers, encoded and decoded as on a pipe.
fn to_peers(sent: &[Sent]) -> Vec<(NodeName, GossipMessage)> {
    let decode = |payload: &Payload| {
        let mut json = Vec::new();
        payload.encode(&mut json);
        assert!(json.len() < limits::LINE_BYTES);
        let json = String::from_utf8(json).unwrap();
        <GossipMessage as crate::machine::Message>::decode(payload.kind(), &json).unwrap().unwrap()
    };
    sent.iter()
        .filter(|(_, payload)| matches!(payload, Payload::Peer(_)))
        .map(|(to, payload)| (*to, decode(payload)))
        .collect()
}

fn code(response: &Response) -> ErrorCode {
    match response {
        Response::Error(ErrorBody { code, .. }) => *code,
        Response::Read(_) | Response::Write(_) | Response::CompareAndSet(_) => panic!("a refusal: {response:?}"),
    }
}

fn value(response: &Response) -> &Value {
    match response {
        Response::Read(ReadOk { value, .. }) => value,
        Response::Error(_) | Response::Write(_) | Response::CompareAndSet(_) => panic!("a value: {response:?}"),
    }
}

fn stamp(clock: u64, server: NodeName) -> Stamp {
    Stamp { clock, server, incarnation: Incarnation(0) }
}

fn entry(key: &str, value: &str, stamp: Stamp) -> Entry {
    let request = RequestId { client: OTHER_CLIENT, session: 0, sequence: stamp.clock };
    let nonce = Nonce::search(&Operation::Put { key: key.into(), value: value.into() }.to_string());
    Entry { key: key.into(), value: value.into(), stamp, request, nonce }
}

#[test]
fn a_write_is_answered_and_sent_once_to_every_other_server() {
    let mut server = Bench::new(B);
    let sent = server.write(CLIENT, 1, "a", "1", 0);
    assert_eq!(answered(&sent), stamp(1, B));
    let written =
        Entry { request: RequestId { client: CLIENT, session: 0, sequence: 1 }, ..entry("a", "1", stamp(1, B)) };
    let message = GossipMessage::Write(Replicated { entry: written });
    assert_eq!(to_peers(&sent), [(A, message.clone()), (C, message)]);
    assert_eq!(sent.len(), 3);
}

#[test]
fn a_replicated_write_is_not_passed_on() {
    let mut server = Bench::new(B);
    assert!(server.hear(A, &entry("a", "1", stamp(1, A))).unwrap().is_empty());
    assert_eq!(value(&server.read("a", None)), &"1".into());
}

#[test]
fn members_that_join_later_get_writes_too() {
    let mut server = Bench::new(A);
    let later = NodeName::server(7);
    server.step(Input::Control(&Control::Members { servers: vec![A, later] })).unwrap();
    let recipients: Vec<_> = to_peers(&server.write(CLIENT, 1, "a", "1", 0)).into_iter().map(|(to, _)| to).collect();
    assert_eq!(recipients, [later]);
}

#[test]
fn the_same_request_again_is_answered_with_the_same_stamp_and_does_nothing_else() {
    let mut server = Bench::new(A);
    let first = answered(&server.write(CLIENT, 1, "a", "1", 0));
    server.write(OTHER_CLIENT, 1, "a", "2", 0);
    let digest = server.digest;
    let again = server.write(CLIENT, 1, "a", "1", 0);
    assert_eq!((answered(&again), again.len()), (first, 1));
    assert_eq!((server.chain(), server.digest), (vec!["put a 1".to_owned(), "put a 2".to_owned()], digest));
}

#[test]
fn an_older_request_of_a_session_is_ignored_and_one_of_a_newer_session_is_not() {
    let mut server = Bench::new(A);
    server.write(CLIENT, 5, "a", "new", 0);
    assert!(server.write(CLIENT, 4, "a", "old", 0).is_empty());
    assert_eq!(value(&server.read("a", None)), &"new".into());
    let next_life = Write { msg_id: 1, session: 1, key: "a".into(), value: "newer".into(), clock: 0 };
    answered(&server.request(CLIENT, &Request::Write(next_life)));
    assert!(server.write(CLIENT, 6, "a", "of the life before", 0).is_empty());
    assert_eq!(server.chain(), ["put a new", "put a newer"]);
}

#[test]
fn a_write_wins_over_everything_that_server_or_client_have_seen() {
    let mut server = Bench::new(A);
    assert_eq!(answered(&server.write(CLIENT, 1, "a", "1", 0)).clock, 1);
    server.hear(B, &entry("b", "1", stamp(10, B))).unwrap();
    assert_eq!(answered(&server.write(CLIENT, 2, "a", "2", 4)).clock, 11);
    assert_eq!(answered(&server.write(CLIENT, 3, "a", "3", 20)).clock, 21);
    // A write that loses counts as well.
    server.hear(B, &entry("a", "lost", stamp(21, NodeName::server(0)))).unwrap();
    server.piece(B, 0, Phase::Spread, &[entry("c", "1", stamp(30, B))], false);
    assert_eq!(answered(&server.write(CLIENT, 4, "a", "4", 0)).clock, 31);
}

#[test]
fn of_two_writes_the_one_with_the_greater_stamp_stays() {
    let mut server = Bench::new(A);
    for (value, stamp, expected) in [
        ("first", stamp(3, B), "first"),
        ("older", stamp(2, C), "first"),
        ("lower server", stamp(3, A), "first"),
        ("higher server", stamp(3, C), "higher server"),
        ("later life", Stamp { incarnation: Incarnation(1), ..stamp(3, C) }, "later life"),
        ("newer", stamp(4, A), "newer"),
    ] {
        server.hear(C, &entry("a", value, stamp)).unwrap();
        assert_eq!(server.store(), [("a".into(), expected.into())]);
    }
    assert_eq!(server.chain().len(), 4, "one block for each write that won");
}

#[test]
fn dependencies_come_before_keys() {
    let mut server = Bench::new(A);
    assert_eq!(code(&server.read("a", None)), ErrorCode::KEY_DOES_NOT_EXIST);
    assert_eq!(code(&server.read("a", Some(stamp(1, B)))), ErrorCode::DEPENDENCIES_NOT_SATISFIED);
    server.hear(B, &entry("a", "1", stamp(5, B))).unwrap();
    server.hear(B, &entry("other", "1", stamp(9, B))).unwrap();
    for (after, is_answered) in [
        (None, true),
        (Some(stamp(4, C)), true),
        (Some(stamp(5, A)), true),
        (Some(stamp(5, B)), true),
        (Some(stamp(5, C)), false),
        (Some(Stamp { incarnation: Incarnation(1), ..stamp(5, B) }), false),
        (Some(stamp(6, A)), false),
    ] {
        let answer = server.read("a", after);
        match &answer {
            Response::Read(ReadOk { in_reply_to: 77, stamp: told, .. }) if is_answered => {
                assert_eq!((value(&answer), *told), (&"1".into(), Some(stamp(5, B))));
            }
            refusal => assert_eq!((code(refusal), is_answered), (ErrorCode::DEPENDENCIES_NOT_SATISFIED, false)),
        }
    }
}

#[test]
fn compare_and_set_is_refused_and_changes_nothing() {
    let mut server = Bench::new(A);
    server.write(CLIENT, 1, "a", "1", 0);
    let cas = CompareAndSet { msg_id: 2, session: 0, key: "a".into(), from: "1".into(), to: "2".into() };
    match server.request(CLIENT, &Request::CompareAndSet(cas)).as_slice() {
        [(CLIENT, Payload::Response(answer))] => assert_eq!(code(&answer.response), ErrorCode::NOT_SUPPORTED),
        sent => panic!("one answer: {sent:?}"),
    }
    assert_eq!(server.chain(), ["put a 1"]);
}

#[test]
fn a_write_whose_nonce_the_rule_does_not_accept_is_refused() {
    let good = entry("a", "1", stamp(1, B));
    let bad = (0..).map(Nonce).find(|nonce| !nonce.is_accepted_for("put a 1")).unwrap();
    let mut server = Bench::new(A);
    assert!(server.hear(B, &Entry { nonce: bad, ..good.clone() }).is_err());
    assert_eq!(server.store(), []);
    assert!(server.hear(B, &good).is_ok());
}

#[test]
fn what_is_not_for_a_server_is_a_violation() {
    let response = Response::Write(WriteOk { in_reply_to: 1, stamp: None });
    for input in [
        Input::Response { from: A, response: &response },
        Input::Timer { id: "retry" },
        Input::Control(&Control::Attach { servers: Vec::new() }),
    ] {
        assert!(Bench::new(A).step(input).is_err());
    }
}

#[test]
fn a_leaf_reports_at_once_and_a_server_that_stands_alone_says_nothing() {
    let mut server = Bench::new(C);
    server.write(CLIENT, 1, "a", "1", 0);
    let sent = to_peers(&server.stabilize(1, Some(B), &[]));
    let piece = Piece { round: 1, phase: Phase::Gather, entries: server.entries(), more: false };
    assert_eq!(sent, [(B, GossipMessage::Stabilize(Rc::new(piece)))]);
    assert!(server.stabilize(2, None, &[]).is_empty());
}

#[test]
fn a_parent_waits_for_the_last_piece_of_every_child() {
    let mut server = Bench::new(A);
    assert!(server.stabilize(1, None, &[B, C]).is_empty());
    assert!(server.piece(B, 1, Phase::Gather, &[entry("b", "1", stamp(1, B))], true).is_empty());
    assert!(server.piece(C, 1, Phase::Gather, &[entry("c", "1", stamp(1, C))], false).is_empty());
    assert!(server.piece(C, 1, Phase::Gather, &[], false).is_empty(), "once more the same child");
    let sent = to_peers(&server.piece(B, 1, Phase::Gather, &[entry("d", "1", stamp(2, B))], false));
    let piece = Rc::new(Piece { round: 1, phase: Phase::Spread, entries: server.entries(), more: false });
    assert_eq!(server.entries().len(), 3);
    assert_eq!(sent, [B, C].map(|child| (child, GossipMessage::Stabilize(Rc::clone(&piece)))));
}

#[test]
fn a_piece_from_outside_the_tree_is_merged_and_moves_nothing() {
    let mut server = Bench::new(B);
    server.stabilize(1, Some(A), &[C]);
    let stranger = NodeName::server(7);
    assert!(server.piece(stranger, 1, Phase::Gather, &[entry("x", "1", stamp(1, A))], false).is_empty());
    assert!(server.piece(stranger, 1, Phase::Spread, &[entry("y", "1", stamp(1, A))], false).is_empty());
    assert_eq!(server.store().len(), 2);
    assert_eq!(to_peers(&server.piece(C, 1, Phase::Gather, &[], false))[0].0, A, "the child is still awaited");
    assert_eq!(to_peers(&server.piece(A, 1, Phase::Spread, &[], false))[0].0, C);
}

#[test]
fn a_piece_of_another_round_is_merged_and_moves_nothing() {
    let mut server = Bench::new(B);
    server.stabilize(1, Some(A), &[C]);
    server.stabilize(2, Some(A), &[C]);
    for round in [0, 1, 3] {
        let key = format!("of round {round}");
        assert!(server.piece(C, round, Phase::Gather, &[entry(&key, "1", stamp(1, C))], false).is_empty());
        assert!(server.piece(A, round, Phase::Spread, &[entry(&key, "2", stamp(2, C))], false).is_empty());
        assert_eq!(value(&server.read(&key, None)), &"2".into());
    }
    assert_eq!(to_peers(&server.piece(C, 2, Phase::Gather, &[], false))[0].0, A);
}

#[test]
fn a_large_store_leaves_in_several_steps_and_a_new_round_stops_it() {
    let mut server = Bench::new(A);
    let value = "v".repeat(limits::CHUNK_BYTES);
    for number in 1..=20 {
        server.write(CLIENT, number, &format!("k{number}"), &value, 0);
    }
    let mut sent = server.stabilize(1, Some(B), &[]);
    assert_eq!(sent.len(), limits::PIECES_IN_A_STEP);
    sent.extend(server.wake());
    let pieces: Vec<_> = to_peers(&sent)
        .into_iter()
        .map(|(to, message)| match message {
            GossipMessage::Stabilize(piece) => (to, piece.entries.clone(), piece.more),
            GossipMessage::Write(_) => panic!("no write: {message:?}"),
        })
        .collect();
    assert_eq!(pieces.iter().flat_map(|(_, entries, _)| entries.clone()).collect::<Vec<_>>(), server.entries());
    assert!(pieces.split_last().is_some_and(|(last, others)| !last.2 && others.iter().all(|piece| piece.2)));
    assert!(!server.is_to_be_woken);

    server.stabilize(2, Some(B), &[]);
    assert!(server.stabilize(3, None, &[]).is_empty());
    assert!(server.wake().is_empty(), "what was left of the round before stays");
}

/// Servers, and what is on its way between them, in order.
struct Network {
    servers: BTreeMap<NodeName, Bench>,
    under_way: VecDeque<(NodeName, NodeName, GossipMessage)>,
    pieces: usize,
    wakes: usize,
}

impl Network {
    fn of(names: &[NodeName]) -> Self {
        let servers = names.iter().map(|&name| (name, Bench::new(name))).collect();
        Self { servers, under_way: VecDeque::new(), pieces: 0, wakes: 0 }
    }

    fn at(&mut self, name: NodeName) -> &mut Bench {
        self.servers.get_mut(&name).unwrap()
    }

    fn send(&mut self, from: NodeName, sent: &[Sent]) {
        self.under_way.extend(to_peers(sent).into_iter().map(|(to, message)| (from, to, message)));
    }

    /// Delivers, and wakes where nothing is left to be delivered, as at one instant.
    fn run(&mut self) {
        loop {
            let Some((from, to, message)) = self.under_way.pop_front() else {
                let sleeper = self.servers.iter().find(|(_, server)| server.is_to_be_woken).map(|(name, _)| *name);
                let Some(name) = sleeper else { return };
                let sent = self.at(name).wake();
                self.send(name, &sent);
                self.wakes += 1;
                continue;
            };
            if let GossipMessage::Stabilize(piece) = &message {
                self.pieces += 1;
                let bytes: usize = piece.entries.iter().map(|entry| serde_json::to_vec(entry).unwrap().len()).sum();
                assert!(bytes < limits::CHUNK_BYTES * 2, "a piece of {bytes} bytes");
            }
            let sent = self.at(to).step(Input::Peer { from, message: &message }).unwrap();
            self.send(to, &sent);
        }
    }
}

#[test]
fn stores_of_several_pieces_are_gathered_and_spread_along_a_line() {
    let mut network = Network::of(&[A, B, C]);
    let value = "v".repeat(40_000);
    for (index, name) in [A, B, C].into_iter().enumerate() {
        for number in 0..60 {
            // Every third key is written everywhere, and then the greatest stamp wins.
            let key = if number % 3 == 0 { format!("all{number}") } else { format!("{name}-{number}") };
            network.at(name).write(CLIENT, number + 1, &key, &format!("{index}{value}"), 0);
        }
    }
    for (name, parent, children) in [(A, None, &[B][..]), (B, Some(A), &[C]), (C, Some(B), &[])] {
        let sent = network.at(name).stabilize(1, parent, children);
        network.send(name, &sent);
    }
    network.run();
    let store = network.at(A).store();
    assert_eq!(store.len(), 20 + 3 * 40);
    let written_everywhere = store.iter().filter(|(key, _)| key.to_string().starts_with("all"));
    assert!(written_everywhere.clone().count() == 20);
    assert!({ written_everywhere }.all(|(_, value)| value.to_string().starts_with('2')), "the greatest server wins");
    let digest = network.at(A).digest;
    for name in [B, C] {
        assert!(network.at(name).store() == store && network.at(name).digest == digest, "{name} differs");
    }
    assert!(network.wakes > 0, "the root's report took several steps");
    assert!(network.pieces > 2 * 2 * 8, "each way on each link took several pieces, all together {}", network.pieces);
    network.servers.values().for_each(|server| assert!(server.chain().len() >= store.len()));
}

/// What happens to three servers.
#[derive(Clone, Debug)]
enum Event {
    /// A client writes.
    Write { server: usize, key: usize, value: usize, clock: u64 },
    /// A message that was sent arrives, for the first time or again.
    Arrive { message: prop::sample::Index },
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (0..3_usize, 0..4_usize, 0..3_usize, 0..8_u64).prop_map(|(server, key, value, clock)| Event::Write {
            server,
            key,
            value,
            clock
        }),
        any::<prop::sample::Index>().prop_map(|message| Event::Arrive { message }),
    ]
}

proptest! {
    #[test]
    fn servers_converge_in_whatever_order_and_however_often_writes_arrive(
        events in prop::collection::vec(event(), 1..60),
        order in any::<u64>(),
    ) {
        let names = [A, B, C];
        let mut network = Network::of(&names);
        let mut sent: Vec<(NodeName, NodeName, GossipMessage)> = Vec::new();
        for (number, event) in (1..).zip(events) {
            match event {
                Event::Write { server, key, value, clock } => {
                    let name = names[server];
                    let did = network.at(name).write(CLIENT, number, &format!("k{key}"), &format!("v{value}"), clock);
                    sent.extend(to_peers(&did).into_iter().map(|(to, message)| (name, to, message)));
                }
                Event::Arrive { message } if !sent.is_empty() => {
                    let (from, to, message) = message.get(&sent);
                    network.at(*to).step(Input::Peer { from: *from, message }).unwrap();
                }
                Event::Arrive { .. } => {}
            }
        }
        let draw = |index: usize| crate::base::Draw::of(order).numbered(index as u64).below(u64::MAX);
        let mut rest: Vec<_> = sent.iter().enumerate().collect();
        rest.sort_by_key(|(index, _)| draw(*index));
        for (_, (from, to, message)) in rest {
            network.at(*to).step(Input::Peer { from: *from, message }).unwrap();
        }
        let (store, digest) = (network.at(A).store(), network.at(A).digest);
        for name in names {
            let server = network.at(name);
            prop_assert_eq!(server.store(), store.clone());
            prop_assert_eq!(server.digest, digest);
            let chain = server.chain();
            for (key, value) in &store {
                let last = chain.iter().rfind(|operation| operation.starts_with(&format!("put {key} ")));
                prop_assert_eq!(last, Some(&format!("put {key} {value}")));
            }
        }
    }
}

/// One more than the greatest number there is, is nothing: the next write here would lose against all others.
#[test]
fn a_clock_that_leaves_no_room_is_refused() {
    let mut bench = Bench::new(A);
    let far = Stamp { clock: u64::MAX, ..stamp(1, B) };
    let violation = bench.hear(B, &entry("a", "1", far)).unwrap_err();
    assert!(violation.0.contains("the Lamport clock 18446744073709551615 is greater"), "{violation}");
    assert_eq!(bench.store(), []);
}

/// A client may name any clock. The stamp that follows the greatest would be refused by all others, and by the next life.
#[test]
fn a_write_behind_the_greatest_clock_is_refused_and_nothing_is_kept_or_said_of_it() {
    let mut bench = Bench::new(A);
    let last = answered(&bench.write(CLIENT, 1, "a", "1", limits::GREATEST_CLOCK - 1));
    assert_eq!(last.check(), Ok(()));
    let kept = bench.records.len();
    for (client, clock) in [(CLIENT, limits::GREATEST_CLOCK), (OTHER_CLIENT, 0)] {
        let sent = bench.write(client, 2, "a", "2", clock);
        assert_eq!(sent.iter().map(|(to, payload)| (*to, payload.kind())).collect::<Vec<_>>(), [(client, "error")]);
    }
    assert_eq!(bench.records.len(), kept);
    assert_eq!(bench.store(), [("a".into(), "1".into())]);
}

// Recovery.

/// What a server has kept, and its next life, which `init` gives this incarnation.
fn reborn_as(name: NodeName, records: &[Vec<u8>], incarnation: u32) -> Bench {
    let mut bench = Bench::of_life(name, incarnation);
    bench.records = records.to_vec();
    let records = records.to_vec();
    bench.step(Input::Start { records: &records }).expect("records that a server wrote");
    bench
}

fn reborn(bench: &Bench) -> Bench {
    reborn_as(bench.server.name, &bench.records, bench.server.incarnation.0 + 1)
}

/// Why a server does not begin with these records.
fn refused(records: &[Vec<u8>]) -> String {
    Bench::new(A).step(Input::Start { records }).expect_err("the records are refused").0
}

impl Server {
    /// Everything by which two servers can be told apart, but for the life that they are in.
    fn shown(&self) -> String {
        let Self { name, incarnation: _, neighbours, clock, replica, answered, stabilization: _ } = self;
        let mut chain = Vec::new();
        while let Some(piece) = replica
            .inspect(&Inspect { msg_id: 1, part: Part::Chain, skip: chain.len() as u64 })
            .unwrap()
            .chain
            .filter(|piece| !piece.is_empty())
        {
            chain.extend(piece);
        }
        format!("{name} {neighbours:?} {clock} {:?} {chain:?} {answered:?}", replica.pieces())
    }
}

#[test]
fn a_first_life_keeps_that_it_began_and_nothing_else() {
    let server = reborn_as(A, &[], 0);
    assert_eq!(server.records, [br#"{"type":"life","incarnation":0}"#.to_vec()]);
    assert_eq!(server.store(), []);
}

#[test]
fn a_write_is_kept_when_it_wins_whoever_took_it() {
    let mut server = reborn_as(A, &[], 0);
    let kept = |server: &Bench| server.records.len();
    server.write(CLIENT, 1, "a", "1", 0);
    assert_eq!(kept(&server), 2);
    server.write(CLIENT, 1, "a", "1", 0);
    server.read("a", None);
    assert_eq!(kept(&server), 2, "neither a repetition nor a read is anything new");
    server.hear(B, &entry("b", "1", stamp(9, B))).unwrap();
    assert_eq!(kept(&server), 3);
    server.hear(C, &entry("b", "0", stamp(8, C))).unwrap();
    assert_eq!(kept(&server), 3, "what did not win is not kept");
    server.piece(C, 0, Phase::Spread, &[entry("b", "2", stamp(10, C)), entry("c", "1", stamp(1, C))], false);
    assert_eq!(kept(&server), 5);
}

#[test]
fn a_repeated_request_gets_the_same_stamp_from_the_next_life() {
    let mut server = reborn_as(A, &[], 0);
    let first = answered(&server.write(CLIENT, 3, "a", "1", 0));
    let mut server = reborn(&server);
    let again = server.write(CLIENT, 3, "a", "1", 0);
    assert_eq!((answered(&again), again.len()), (first, 1), "and nobody else is told again");
    assert!(server.write(CLIENT, 2, "a", "older", 0).is_empty());
    assert_eq!(server.chain(), ["put a 1"]);
}

#[test]
fn a_life_has_a_greater_incarnation_than_all_before_it_even_if_it_is_told_a_smaller_one() {
    let mut records = reborn_as(A, &[], 0).records;
    for (told, expected) in [(0, 1), (0, 2), (7, 7), (3, 8), (8, 9)] {
        let mut server = reborn_as(A, &records, told);
        let stamp = answered(&server.write(CLIENT, u64::from(expected), "a", "1", 0));
        assert_eq!(stamp.incarnation, Incarnation(expected));
        records = server.records;
    }
}

/// The other servers were told before it was durable, and the power failed: they give it back, and its stamp is nobody
/// else's.
#[test]
fn a_write_that_was_lost_after_others_were_told_comes_back_and_no_stamp_is_issued_twice() {
    let mut server = reborn_as(A, &[], 0);
    let durable = server.records.clone();
    let told = to_peers(&server.write(CLIENT, 1, "a", "lost", 0));
    let GossipMessage::Write(Replicated { entry: lost }) = &told[0].1 else { panic!("a write: {told:?}") };
    let mut server = reborn_as(A, &durable, 1);
    let stamp = answered(&server.write(OTHER_CLIENT, 1, "a", "new", 0));
    assert_eq!((stamp.clock, lost.stamp.clock), (1, 1), "the clock went back with the disk");
    assert_ne!(stamp, lost.stamp);
    server.hear(B, lost).unwrap();
    assert_eq!(server.store(), [("a".into(), "new".into())], "the later life's write wins");
    // Its client may still ask again: it is answered as before, and nothing is applied.
    assert_eq!(answered(&server.write(CLIENT, 1, "a", "lost", 0)), lost.stamp);
    assert_eq!(server.chain(), ["put a new"]);
}

#[test]
fn records_that_were_tampered_with_are_refused_with_their_number() {
    let mut server = reborn_as(A, &[], 0);
    server.write(CLIENT, 1, "a", "1", 0);
    server.write(CLIENT, 2, "b", "2", 0);
    server.write(CLIENT, 3, "a", "3", 0);
    let records = server.records;
    assert_eq!(records.len(), 4);
    assert_eq!(reborn_as(A, &records, 1).chain().len(), 3);
    let replaced = |index: usize, from: &str, to: &str| {
        let mut records = records.clone();
        let text = String::from_utf8(records[index].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        records[index] = text.replacen(from, to, 1).into_bytes();
        refused(&records)
    };
    insta::assert_snapshot!(replaced(1, r#""nonce":1"#, r#""nonce":3"#), @"record 2: 3 is not the least nonce for `put a 1`");
    insta::assert_snapshot!(replaced(2, r#""value":"2""#, r#""value":"1""#), @"record 3: 11 is not the least nonce for `put b 1`");
    insta::assert_snapshot!(replaced(1, r#""hash":"0b"#, r#""hash":"0c"#), @"record 2: the block of `put a 1` has the hash 0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed, and not 0c54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed");
    insta::assert_snapshot!(replaced(3, r#""clock":3"#, r#""clock":1"#), @"record 4: `put a 3` did not win over the write before it");
    insta::assert_snapshot!(replaced(3, r#""clock":3"#, r#""clock":18446744073709551615"#), @"record 4: the Lamport clock 18446744073709551615 is greater than 9007199254740991, which no run reaches");
    insta::assert_snapshot!(replaced(0, r#""incarnation":0"#, r#""incarnation":4294967295"#), @"record 1: no life can follow life 4294967295");
    insta::assert_snapshot!(replaced(0, r#""type":"life""#, r#""type":"death""#), @"record 1: unknown variant `death`, expected `life` or `write` at line 1 column 15");
    insta::assert_snapshot!(refused(&[b"\0\xff".to_vec()]), @"record 1: expected value at line 1 column 1");
    // A write that is missing shows in the hash of the next one.
    let without_the_second = [&records[..1], &records[2..]].concat();
    insta::assert_snapshot!(refused(&without_the_second), @"record 2: the block of `put b 2` has the hash dcdf795259117841278e318924baa5de9b7ccdaff8a40bdb8a8444fde50d6d4a, and not 79a509fd3d86d36d9240685f21e8e1c6ddd6d641c6e216d2f5e741605dff5dea");
    let repeated = [&records[..], &records[3..]].concat();
    insta::assert_snapshot!(refused(&repeated), @"record 5: `put a 3` did not win over the write before it");
}

/// What happens to a server whose disk keeps everything.
#[derive(Clone, Debug)]
enum Lived {
    /// A client writes, or repeats its last request.
    Asked { client: bool, key: usize, value: usize, clock: u64, again: bool },
    /// Another server's write, or one of an earlier life of this one, arrives.
    Heard { from: usize, key: usize, value: usize, clock: u64 },
    /// It dies, and is started again.
    Reborn,
}

fn lived() -> impl Strategy<Value = Lived> {
    let asked = (any::<bool>(), 0..4_usize, 0..3_usize, 0..8_u64, any::<bool>())
        .prop_map(|(client, key, value, clock, again)| Lived::Asked { client, key, value, clock, again });
    let heard = (0..3_usize, 0..4_usize, 0..3_usize, 1..20_u64).prop_map(|(from, key, value, clock)| Lived::Heard {
        from,
        key,
        value,
        clock,
    });
    prop_oneof![4 => asked, 3 => heard, 1 => Just(Lived::Reborn)]
}

proptest! {
    #[test]
    fn the_records_of_any_history_give_back_the_server(history in prop::collection::vec(lived(), 0..40)) {
        let mut server = reborn_as(A, &[], 0);
        let mut sequences = BTreeMap::from([(CLIENT, 0), (OTHER_CLIENT, 0)]);
        let mut issued = Vec::new();
        for event in history {
            match event {
                Lived::Asked { client, key, value, clock, again } => {
                    let client = if client { CLIENT } else { OTHER_CLIENT };
                    let sequence = sequences.get_mut(&client).unwrap();
                    let is_again = again && *sequence > 0;
                    *sequence += u64::from(!is_again);
                    let stamp = answered(&server.write(client, *sequence, &format!("k{key}"), &format!("v{value}"), clock));
                    if !is_again {
                        issued.push(stamp);
                    }
                }
                // Stamps of the lives before the first one of the test: they are not among those that are issued here.
                Lived::Heard { from, key, value, clock } => {
                    let writer = [B, C, NodeName::server(7)][from];
                    server.hear(B, &entry(&format!("k{key}"), &format!("v{value}"), stamp(clock, writer))).unwrap();
                }
                Lived::Reborn => server = reborn(&server),
            }
        }
        let again = reborn(&server);
        // Only the clocks of writes that did not win are forgotten; what the next write is stamped with may not repeat.
        let clock = server.entries().iter().map(|entry| entry.stamp.clock).max().unwrap_or(0);
        prop_assert!(again.server.clock >= clock && again.server.clock <= server.server.clock);
        let at_one_clock = |server: &Server| server.shown().replacen(&format!("] {} [", server.clock), "] [", 1);
        prop_assert_eq!(at_one_clock(&again.server), at_one_clock(&server.server));
        prop_assert_eq!(again.digest, server.digest);
        prop_assert!(again.server.incarnation > server.server.incarnation);
        prop_assert_eq!(&again.records[..server.records.len()], &server.records[..], "nothing is kept twice");
        prop_assert_eq!(again.records.len(), server.records.len() + 1);
        let distinct: std::collections::BTreeSet<_> = issued.iter().collect();
        prop_assert_eq!(distinct.len(), issued.len(), "a stamp was issued twice");
    }
}
