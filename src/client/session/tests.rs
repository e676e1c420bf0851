//! The session by itself: what it asks of whom, when, and how an operation ends.

use super::*;
use crate::base::Incarnation;
use crate::machine::{Output, Payload};
use crate::wire::control::{Timeouts, Variant};
use crate::wire::request::{CompareAndSet, CompareAndSetOk, Read, ReadOk, Write, WriteOk};

const A: NodeName = NodeName::server(1);
const B: NodeName = NodeName::server(2);
const C: NodeName = NodeName::server(3);
const AFTER_US: u64 = 300_000;
const LIMIT_US: u64 = 1_000_000;

/// What the session did in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Did {
    Asked(NodeName, Request),
    SetTimer(Time),
    CancelledTimer,
    Completed(Completion),
}

/// A session, with its timer kept as a shell keeps it, and its invariants checked after every step.
struct Bench {
    session: Session,
    now: Time,
    timer: Option<Time>,
    invoked: u64,
    /// What the invariants are checked against: the sequence number and the newest stamps before the step.
    before: (u64, BTreeMap<Value, Stamp>),
}

impl Bench {
    fn of(client: u32, seed: u64, servers: &[NodeName]) -> Self {
        let timeouts = Timeouts { retry: Span(AFTER_US), election: Span::milliseconds(300) };
        let name = NodeName::client(client);
        let setup = Setup {
            name,
            servers: Vec::new(),
            seed,
            incarnation: Incarnation(2),
            timeouts,
            variant: Variant::default(),
        };
        let session = Session::new(&setup);
        let mut bench = Self { session, now: Time(0), timer: None, invoked: 100, before: (0, BTreeMap::new()) };
        assert_eq!(bench.attach(servers), []);
        bench
    }

    fn with(servers: &[NodeName]) -> Self {
        Self::of(9, 1, servers)
    }

    fn step(&mut self, input: Input<'_, Infallible>) -> Vec<Did> {
        let mut outputs = Outputs::default();
        self.session.step(self.now, input, &mut outputs).unwrap();
        let did = outputs.drain().map(|output| self.note(output)).collect();
        self.check_invariants();
        did
    }

    fn note(&mut self, output: Output) -> Did {
        match output {
            Output::Send { to, payload: Payload::Request(request) } => Did::Asked(to, (*request).clone()),
            Output::Send { payload, .. } => panic!("a session asks, and says nothing else: {payload:?}"),
            Output::SetTimer { id, after } => {
                assert_eq!(id, RETRY);
                self.timer = Some(self.now + after);
                Did::SetTimer(self.now + after)
            }
            Output::CancelTimer { id } => {
                assert_eq!(id, RETRY);
                self.timer = None;
                Did::CancelledTimer
            }
            Output::Complete(completion) => Did::Completed(completion),
            Output::Persist(_) | Output::Sync | Output::SendEarly { .. } => {
                panic!("a session keeps nothing, and has no disk to wait for: {output:?}")
            }
        }
    }

    fn check_invariants(&mut self) {
        let Session { sequence, newest, clock, pending, .. } = &self.session;
        assert!(*sequence == self.before.0 || *sequence == self.before.0 + 1, "a sequence number is left out");
        for (key, stamp) in &self.before.1 {
            assert!(newest[key] >= *stamp, "the newest write of {key} went back");
        }
        assert!(newest.values().all(|stamp| stamp.clock <= *clock), "the clock is below a stamp");
        assert_eq!(pending.is_some(), self.timer.is_some(), "the timer is set exactly while an operation is pending");
        self.before = (*sequence, newest.clone());
    }

    fn attach(&mut self, servers: &[NodeName]) -> Vec<Did> {
        self.step(Input::Control(&Control::Attach { servers: servers.to_vec() }))
    }

    fn invoke(&mut self, operation: Operation) -> Vec<Did> {
        self.invoked += 1;
        let invoke = Invoke { msg_id: self.invoked, limit: Span(LIMIT_US), operation };
        self.step(Input::Control(&Control::Invoke(invoke)))
    }

    fn get(&mut self, key: &str) -> Vec<Did> {
        self.invoke(Operation::Get { key: key.into() })
    }

    fn put(&mut self, key: &str, value: &str) -> Vec<Did> {
        self.invoke(Operation::Put { key: key.into(), value: value.into() })
    }

    fn hear(&mut self, from: NodeName, response: &Response) -> Vec<Did> {
        self.step(Input::Response { from, response })
    }

    /// The timer runs out.
    fn run_out(&mut self) -> Vec<Did> {
        self.now = self.timer.take().expect("a timer is set");
        self.step(Input::Timer { id: RETRY })
    }

    /// Invokes a put, and answers it.
    fn put_and_hear(&mut self, key: &str, stamp: Stamp) {
        let asked = self.put(key, "x");
        let (to, request) = asked_of(&asked);
        let msg_id = msg_id(request);
        self.hear(to, &Response::Write(WriteOk { in_reply_to: msg_id, stamp: Some(stamp) }));
    }

    /// Invokes a get; which server is asked? Then the get is answered.
    fn server_of_a_get(&mut self) -> NodeName {
        let asked = self.get("k");
        let (to, request) = asked_of(&asked);
        let in_reply_to = msg_id(request);
        self.hear(to, &Response::Read(ReadOk { in_reply_to, value: "v".into(), stamp: None }));
        to
    }
}

fn stamp(clock: u64, server: u32) -> Stamp {
    Stamp { clock, server: NodeName::server(server), incarnation: Incarnation(0) }
}

/// The one request of a step.
fn asked_of(did: &[Did]) -> (NodeName, &Request) {
    let mut requests = did.iter().filter_map(|did| match did {
        Did::Asked(to, request) => Some((*to, request)),
        Did::SetTimer(_) | Did::CancelledTimer | Did::Completed(_) => None,
    });
    let request = requests.next().expect("a request");
    assert!(requests.next().is_none(), "one at a time: {did:?}");
    request
}

fn msg_id(request: &Request) -> u64 {
    match request {
        Request::Read(Read { msg_id, .. })
        | Request::Write(Write { msg_id, .. })
        | Request::CompareAndSet(CompareAndSet { msg_id, .. }) => *msg_id,
    }
}

fn read(msg_id: u64, key: &str, after: Option<Stamp>) -> Request {
    Request::Read(Read { msg_id, session: 2, key: key.into(), after })
}

fn write(msg_id: u64, key: &str, value: &str, clock: u64) -> Request {
    Request::Write(Write { msg_id, session: 2, key: key.into(), value: value.into(), clock })
}

fn read_ok(in_reply_to: u64, value: &str, stamp: Option<Stamp>) -> Response {
    Response::Read(ReadOk { in_reply_to, value: value.into(), stamp })
}

fn write_ok(in_reply_to: u64, stamp: Option<Stamp>) -> Response {
    Response::Write(WriteOk { in_reply_to, stamp })
}

fn succeeded(in_reply_to: u64, value: Option<&str>, stamp: Option<Stamp>) -> Did {
    Did::Completed(Completion::Ok(InvokeOk { in_reply_to, value: value.map(Value::text), stamp }))
}

/// The code and the `in_reply_to` of the one completion of a step.
fn failed(did: &[Did]) -> (ErrorCode, u64) {
    match did {
        [.., Did::Completed(Completion::Error(ErrorBody { code, in_reply_to, .. }))] => (*code, *in_reply_to),
        _ => panic!("an error at the end: {did:?}"),
    }
}

#[test]
fn one_server_is_asked_and_its_answer_ends_the_operation() {
    let mut bench = Bench::with(&[A]);
    assert_eq!(bench.put("a", "1"), [Did::Asked(A, write(1, "a", "1", 0)), Did::SetTimer(Time(AFTER_US))]);
    assert_eq!(
        bench.hear(A, &write_ok(1, Some(stamp(1, 1)))),
        [Did::CancelledTimer, succeeded(101, None, Some(stamp(1, 1)))]
    );
    assert_eq!(asked_of(&bench.get("a")), (A, &read(2, "a", Some(stamp(1, 1)))));
    assert_eq!(
        bench.hear(A, &read_ok(2, "1", Some(stamp(1, 1)))),
        [Did::CancelledTimer, succeeded(102, Some("1"), Some(stamp(1, 1)))]
    );
}

#[test]
fn a_refusal_is_handed_on_under_the_number_of_the_invocation() {
    let mut bench = Bench::with(&[A]);
    for code in [ErrorCode::KEY_DOES_NOT_EXIST, ErrorCode::DEPENDENCIES_NOT_SATISFIED, ErrorCode::NOT_SUPPORTED] {
        let sequence = msg_id(asked_of(&bench.get("a")).1);
        let refusal = ErrorBody { in_reply_to: sequence, code, text: "no".to_owned() };
        let did = bench.hear(A, &Response::Error(refusal));
        assert_eq!(did[0], Did::CancelledTimer);
        assert_eq!(failed(&did), (code, bench.invoked));
    }
}

#[test]
fn several_servers_are_drawn_from_evenly_and_always_the_same_way() {
    let drawn = || -> Vec<_> {
        let mut bench = Bench::with(&[A, B, C]);
        (0..300).map(|_| bench.server_of_a_get()).collect()
    };
    let servers = drawn();
    assert_eq!(servers, drawn());
    for server in [A, B, C] {
        let count = servers.iter().filter(|&&drawn| drawn == server).count();
        assert!((70..130).contains(&count), "{server} {count} of 300 times");
    }
}

#[test]
fn the_draw_is_the_clients_own_and_follows_the_seed() {
    let drawn = |client, seed| -> Vec<_> {
        let mut bench = Bench::of(client, seed, &[A, B, C]);
        (0..40).map(|_| bench.server_of_a_get()).collect()
    };
    assert_ne!(drawn(9, 1), drawn(8, 1));
    assert_ne!(drawn(9, 1), drawn(9, 2));
}

#[test]
fn the_draw_of_an_operation_does_not_depend_on_what_came_of_those_before() {
    let mut quick = Bench::with(&[A, B, C]);
    let mut slow = Bench::with(&[A, B, C]);
    for _ in 0..20 {
        let asked = slow.get("k");
        let sequence = msg_id(asked_of(&asked).1);
        let again = slow.run_out();
        let second = asked_of(&again).0;
        slow.hear(second, &read_ok(sequence, "v", None));
        assert_eq!(quick.server_of_a_get(), asked_of(&asked).0);
    }
}

#[test]
fn a_put_is_asked_again_only_of_the_first_server_and_as_the_same_request() {
    let mut bench = Bench::with(&[A, B, C]);
    let asked = bench.put("a", "1");
    let first = asked_of(&asked);
    for attempt in 2..=3 {
        let again = bench.run_out();
        assert_eq!(bench.now, Time((attempt - 1) * AFTER_US));
        assert_eq!(asked_of(&again), first);
    }
}

#[test]
fn a_get_goes_round_all_servers_as_the_same_request() {
    let mut bench = Bench::with(&[A, B, C]);
    let asked = bench.get("a");
    let (first, request) = asked_of(&asked);
    let mut servers = vec![first];
    for _ in 0..2 {
        let again = bench.run_out();
        assert_eq!(asked_of(&again).1, request);
        servers.push(asked_of(&again).0);
    }
    servers.sort_unstable();
    assert_eq!(servers, [A, B, C]);
    assert_eq!(asked_of(&bench.run_out()).0, first, "and round again");
}

#[test]
fn a_get_accepts_the_answer_of_a_server_that_it_asked_before() {
    let mut bench = Bench::with(&[A, B]);
    let first = asked_of(&bench.get("a")).0;
    bench.run_out();
    assert_eq!(bench.hear(first, &read_ok(1, "v", None)), [Did::CancelledTimer, succeeded(101, Some("v"), None)]);
}

#[test]
fn an_operation_is_unknown_at_its_limit_and_not_before() {
    for (operation, servers) in [
        (Operation::Put { key: "a".into(), value: "1".into() }, &[A][..]),
        (Operation::Get { key: "a".into() }, &[A]),
        (Operation::Get { key: "a".into() }, &[A, B, C]),
    ] {
        let mut bench = Bench::with(servers);
        bench.now = Time(5);
        bench.invoke(operation);
        let mut times = Vec::new();
        let last = loop {
            let did = bench.run_out();
            times.push(bench.now.0 - 5);
            if bench.timer.is_none() {
                break did;
            }
        };
        assert_eq!(times, [AFTER_US, 2 * AFTER_US, 3 * AFTER_US, LIMIT_US]);
        assert_eq!(last.len(), 1, "nobody is asked at the limit: {last:?}");
        assert_eq!(failed(&last), (ErrorCode::TIMEOUT, 101));
    }
}

#[test]
fn answers_that_come_late_change_nothing() {
    let mut bench = Bench::with(&[A]);
    bench.put("a", "1");
    while bench.timer.is_some() {
        bench.run_out();
    }
    assert_eq!(bench.hear(A, &write_ok(1, Some(stamp(7, 1)))), [], "nothing is pending");
    let asked = bench.get("a");
    assert_eq!(asked_of(&asked), (A, &read(2, "a", None)), "an unknown put is no dependency");
    assert_eq!(bench.hear(A, &write_ok(1, Some(stamp(7, 1)))), [], "another operation is pending");
    assert_eq!(
        bench.hear(A, &read_ok(2, "0", Some(stamp(3, 1)))),
        [Did::CancelledTimer, succeeded(102, Some("0"), Some(stamp(3, 1)))]
    );
    assert_eq!(bench.hear(A, &read_ok(2, "0", Some(stamp(3, 1)))), [], "the same answer a second time");
    assert_eq!(asked_of(&bench.put("b", "1")).1, &write(3, "b", "1", 3));
}

#[test]
fn a_put_is_unknown_as_soon_as_its_server_is_taken_away() {
    for left in [&[][..], &[A, B, C]] {
        let mut bench = Bench::with(&[A, B, C]);
        let server = asked_of(&bench.put("a", "1")).0;
        let left: Vec<_> = left.iter().copied().filter(|&other| other != server).collect();
        let did = bench.attach(&left);
        assert_eq!((did.len(), &did[0]), (2, &Did::CancelledTimer), "{did:?}");
        assert_eq!(failed(&did), (ErrorCode::TIMEOUT, 101));
        assert_eq!(bench.hear(server, &write_ok(1, Some(stamp(1, 1)))), []);
    }
}

#[test]
fn a_get_goes_elsewhere_when_its_server_is_taken_away_and_keeps_its_limit() {
    let mut bench = Bench::with(&[A, B]);
    let asked = bench.get("a");
    let (server, request) = asked_of(&asked);
    let other = if server == A { B } else { A };
    bench.now = Time(LIMIT_US - 10);
    assert_eq!(bench.attach(&[other]), [Did::Asked(other, request.clone()), Did::SetTimer(Time(LIMIT_US))]);
    assert_eq!(failed(&bench.run_out()), (ErrorCode::TIMEOUT, 101));
}

#[test]
fn a_get_without_any_server_left_is_unknown() {
    let mut bench = Bench::with(&[A]);
    bench.get("a");
    let did = bench.attach(&[]);
    assert_eq!((did.len(), &did[0]), (2, &Did::CancelledTimer), "{did:?}");
    assert_eq!(failed(&did), (ErrorCode::TIMEOUT, 101));
}

#[test]
fn an_operation_goes_on_when_other_servers_come_and_go() {
    let mut bench = Bench::with(&[A]);
    bench.put("a", "1");
    assert_eq!(bench.attach(&[A, B]), []);
    assert_eq!(bench.attach(&[A]), []);
    assert_eq!(asked_of(&bench.run_out()).0, A);
    assert_eq!(bench.hear(A, &write_ok(1, None)), [Did::CancelledTimer, succeeded(101, None, None)]);
}

#[test]
fn without_a_server_an_operation_ends_at_once_and_takes_no_number() {
    let mut bench = Bench::with(&[]);
    assert_eq!(failed(&bench.put("a", "1")), (ErrorCode::NO_SERVER, 101));
    assert_eq!(failed(&bench.get("a")), (ErrorCode::NO_SERVER, 102));
    bench.attach(&[A]);
    assert_eq!(msg_id(asked_of(&bench.get("a")).1), 1);
}

#[test]
fn an_operation_while_one_is_under_way_is_refused_and_does_not_disturb_it() {
    let mut bench = Bench::with(&[A]);
    bench.put("a", "1");
    let did = bench.get("a");
    assert_eq!((did.len(), failed(&did)), (1, (ErrorCode::TEMPORARILY_UNAVAILABLE, 102)));
    assert_eq!(bench.hear(A, &write_ok(1, None)), [Did::CancelledTimer, succeeded(101, None, None)]);
}

#[test]
fn the_clock_of_everything_seen_travels_with_writes() {
    let mut bench = Bench::with(&[A]);
    bench.put_and_hear("a", stamp(4, 1));
    bench.get("b");
    bench.hear(A, &read_ok(2, "v", Some(stamp(9, 2))));
    assert_eq!(asked_of(&bench.put("c", "1")).1, &write(3, "c", "1", 9));
    bench.hear(A, &write_ok(3, Some(stamp(6, 1))));
    assert_eq!(asked_of(&bench.put("c", "2")).1, &write(4, "c", "2", 9), "it never goes back");
}

#[test]
fn the_newest_write_of_each_key_travels_with_reads_of_that_key_wherever_they_go() {
    let mut bench = Bench::with(&[A]);
    bench.put_and_hear("a", stamp(4, 1));
    bench.put_and_hear("b", stamp(5, 1));
    bench.attach(&[B]);
    assert_eq!(asked_of(&bench.get("a")), (B, &read(3, "a", Some(stamp(4, 1)))));
    bench.hear(B, &read_ok(3, "newer", Some(stamp(4, 2))));
    assert_eq!(asked_of(&bench.get("a")).1, &read(4, "a", Some(stamp(4, 2))), "what it read counts too");
    bench.hear(B, &read_ok(4, "older", Some(stamp(1, 1))));
    assert_eq!(asked_of(&bench.get("a")).1, &read(5, "a", Some(stamp(4, 2))), "it never goes back");
    bench.hear(B, &read_ok(5, "v", None));
    assert_eq!(asked_of(&bench.get("b")).1, &read(6, "b", Some(stamp(5, 1))));
    bench.hear(B, &read_ok(6, "v", None));
    assert_eq!(asked_of(&bench.get("c")).1, &read(7, "c", None));
}

#[test]
fn answers_without_stamps_are_answers() {
    let mut bench = Bench::with(&[A]);
    bench.put("a", "1");
    assert_eq!(bench.hear(A, &write_ok(1, None)), [Did::CancelledTimer, succeeded(101, None, None)]);
    assert_eq!(asked_of(&bench.get("a")).1, &read(2, "a", None));
    assert_eq!(bench.hear(A, &read_ok(2, "1", None)), [Did::CancelledTimer, succeeded(102, Some("1"), None)]);
}

#[test]
fn a_compare_and_set_is_asked_and_answered() {
    let mut bench = Bench::with(&[A]);
    let operation = Operation::Cas { key: "a".into(), from: "1".into(), to: "2".into() };
    let expected = CompareAndSet { msg_id: 1, session: 2, key: "a".into(), from: "1".into(), to: "2".into() };
    assert_eq!(asked_of(&bench.invoke(operation)).1, &Request::CompareAndSet(expected));
    let answer = Response::CompareAndSet(CompareAndSetOk { in_reply_to: 1 });
    assert_eq!(bench.hear(A, &answer), [Did::CancelledTimer, succeeded(101, None, None)]);
}

#[test]
fn what_is_not_for_a_client_is_a_violation() {
    let mut session = Bench::with(&[A]).session;
    let stabilize =
        Control::Stabilize(crate::wire::control::Stabilize { round: 1, parent: None, children: Vec::new() });
    for input in [
        Input::Request { from: A, request: &read(1, "a", None) },
        Input::Timer { id: "other" },
        Input::Control(&Control::Members { servers: vec![A] }),
        Input::Control(&stabilize),
    ] {
        assert!(session.step(Time(0), input, &mut Outputs::default()).is_err());
    }
}

/// Taken for an answer, it would say that a key has no value, or that a write was taken.
#[test]
fn an_answer_to_another_kind_of_operation_is_a_violation() {
    for (response, sentence) in [
        (write_ok(1, None), "s1 answered a `read` with `write_ok`"),
        (read_ok(1, "1", Some(stamp(u64::MAX, 1))), "no run reaches"),
    ] {
        let mut bench = Bench::with(&[A]);
        bench.get("k");
        let input = Input::Response { from: A, response: &response };
        let violation = bench.session.step(bench.now, input, &mut Outputs::default()).unwrap_err();
        assert!(violation.0.contains(sentence), "{violation}");
    }
}
