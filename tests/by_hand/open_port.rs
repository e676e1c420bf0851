//! Whoever reaches a server's port may say what he likes: his connection is closed, others are served, and memory is bounded.
//!
//! There is no authentication: who says that he is a server of the cluster is one, as far as others can tell. What such a one
//! may do is bounded here, too, as far as it is.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde::Serialize;
use splitbrain::base::{NodeName, Span, limits};
use splitbrain::protocol::multi_paxos::Ballot;
use splitbrain::protocol::multi_paxos::messages::{Heartbeat, PaxosMessage, Prepare};
use splitbrain::protocol::raft::messages::{RaftMessage, TimeoutNow, Vote};
use splitbrain::store::{Operation, Value};
use splitbrain::tcp::bounds;
use splitbrain::tcp::founding::{DiskNumber, Founding, Standing};
use splitbrain::wire::{Digest, Stamp};

use crate::harness::wire::{
    Asked, Frame, Introduction, Link, Status, assert_closed, connect, has_more_within, hear, hear_bytes, introduced,
    say,
};
use crate::harness::{Cluster, PATIENCE, eventually};

/// How much memory a server may have in use while nobody asks for much, in KiB. Measured: some 20 MiB.
const ORDINARY_KIB: u64 = 96 * 1024;
/// The same while clients ask for much and take nothing: what may wait for one of them, twice, for a buffer grows by
/// doubling.
const BACKLOG_KIB: u64 = ORDINARY_KIB + 3 * 64 * 1024;
/// How soon a client is answered, whatever others do.
const PROMPT: Duration = Duration::from_secs(10);
/// How long an answer is waited for before it is asked again: much longer than an election takes.
const ASK_AGAIN: Duration = Duration::from_secs(2);

const PAXOS: &str = "multi-paxos";

/// A real client is answered, no server has ended, and none has taken more memory than that.
#[track_caller]
fn assert_serves(cluster: &mut Cluster, memory_kib: u64) {
    let began = Instant::now();
    assert_eq!(cluster.answers(998, "put 'still' 'here'\nget 'still'\n"), ["success", "here"]);
    assert!(began.elapsed() < PROMPT, "it took {:?}", began.elapsed());
    cluster.assert_all_run();
    for id in cluster.alive() {
        let (now, most) = cluster.server(id).memory_kib();
        eprintln!("server {id}: {now} KiB, at most {most}");
        assert!(most < memory_kib, "server {id} takes {now} KiB, and took {most}");
    }
}

/// Where clients are answered: by the leader, where there is one.
fn port_of(cluster: &mut Cluster, protocol: &str) -> u16 {
    let server = if protocol == "gossip" { 1 } else { cluster.leader() };
    cluster.port(server)
}

/// Bytes that are the same every time.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(draw).take(count).collect()
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).expect("four bytes").to_be_bytes()
}

fn ask(sequence: u64, operation: Operation) -> Frame {
    Frame::Request(Asked { sequence, session: 7, operation, after: None, clock: 0 })
}

fn put(sequence: u64, key: &str, value: &str) -> Frame {
    ask(sequence, Operation::Put { key: Value::text(key), value: Value::text(value) })
}

fn get(sequence: u64, key: &str) -> Frame {
    ask(sequence, Operation::Get { key: Value::text(key) })
}

/// Waits for the answer to a request that was said, among whatever else a server tells. Says it again now and then, as clients
/// must: a server that leads no longer, as on a busy machine, forgets what it was asked.
#[track_caller]
fn assert_answered(stream: &mut TcpStream, sequence: u64, request: &[u8]) {
    let until = Instant::now() + PATIENCE;
    while !is_answered(stream, sequence) {
        assert!(Instant::now() < until, "request {sequence} is not answered");
        say(stream, request);
    }
}

/// Is a request answered before it is time to ask again?
#[track_caller]
fn is_answered(stream: &mut TcpStream, sequence: u64) -> bool {
    let until = Instant::now() + ASK_AGAIN;
    while Instant::now() < until {
        if !has_more_within(stream, ASK_AGAIN) {
            return false;
        }
        match hear(stream) {
            Some(Frame::Response(_, answered, _)) if answered == sequence => return true,
            Some(_) => {}
            None => panic!("the connection is closed, and request {sequence} is not answered"),
        }
    }
    false
}

#[test]
fn who_does_not_begin_with_an_introduction_is_closed() {
    let mut cluster = Cluster::of_three(PAXOS);
    let half_a_frame = [length(100).as_slice(), &[0; 50]].concat();
    let mut silent: Vec<_> = (1..=3).map(|server| connect(cluster.port(server))).collect();
    silent.iter_mut().for_each(|stream| say(stream, &half_a_frame));

    let mut openings: Vec<Vec<u8>> = (1..=8).map(|seed| noise(seed, 10_000)).collect();
    // Frames, as far as their lengths go, of whatever.
    openings.extend((1..=8).map(|seed| [length(8000).as_slice(), &noise(seed, 10_000)].concat()));
    openings.push(vec![0; 10_000]);
    openings.push(vec![0xff; 10_000]);
    openings.push(length(u32::MAX as usize).to_vec());
    openings.push(length(bounds::FIRST_FRAME_BYTES + 1).to_vec());
    openings.push(length(0).to_vec());
    openings.push(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec());
    openings.push(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec());
    openings.push(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec());
    openings.push([&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], noise(9, 507).as_slice()].concat());
    openings.extend([get(1, "a"), Frame::Nominate, Frame::Refused("go".to_owned())].map(|frame| frame.bytes()));
    for server in 1..=3 {
        for opening in &openings {
            let mut stream = connect(cluster.port(server));
            say(&mut stream, opening);
            assert_closed(&mut stream);
            let mut gone = connect(cluster.port(server));
            say(&mut gone, &opening[..opening.len() / 2]);
        }
    }
    assert_serves(&mut cluster, ORDINARY_KIB);
    // Nobody waits for ever.
    silent.iter_mut().for_each(assert_closed);
}

#[test]
fn introductions_that_do_not_fit_are_refused_with_the_reason() {
    let mut cluster = Cluster::of_three(PAXOS);
    let client = Introduction::of_client(PAXOS, 5);
    let standing = Standing { disk: DiskNumber(1), founding: None };
    let server = |number| Introduction::of_server(PAXOS, number, standing.clone());
    let cases = [
        (Introduction { version: 2, ..client.clone() }, "it speaks version 2"),
        (Introduction { product: "etcd".to_owned(), ..client.clone() }, "it does not speak as servers and clients"),
        (Introduction { cluster: "lab".to_owned(), ..client.clone() }, "it is of the cluster \"lab\""),
        (Introduction { protocol: "raft".to_owned(), ..client.clone() }, "it was started with --protocol raft"),
        (Introduction { protocol: "\u{1b}[2Jraft\n".to_owned(), ..client.clone() }, "--protocol \\u{1b}[2Jraft\\n,"),
        (Introduction { servers: Vec::new(), ..client.clone() }, "it takes servers  for the cluster's"),
        (Introduction { standing: Some(standing.clone()), ..client.clone() }, "its introduction contradicts itself"),
        (Introduction { session: None, ..client.clone() }, "its introduction contradicts itself"),
        (Introduction { session: Some(1), ..server(3) }, "its introduction contradicts itself"),
        (server(4), "which is none of the cluster's"),
        (server(2), "and so does server 2"),
        (server(1), "the one with the greater number connects"),
        (Introduction { delay: Span(u64::MAX), ..server(3) }, "give all the same --delay"),
    ];
    for (introduction, expected) in cases {
        let mut stream = connect(cluster.port(2));
        say(&mut stream, &introduction.bytes());
        match hear(&mut stream) {
            Some(Frame::Refused(why)) => assert!(why.contains(expected), "{why}"),
            other => panic!("{introduction:?} is answered with {other:?}"),
        }
        assert_closed(&mut stream);
    }
    // Of a client that is there twice the later one stays. Who leads answers.
    let leader = port_of(&mut cluster, PAXOS);
    let of_session = |session| Introduction { session: Some(session), ..client.clone() };
    let mut first = introduced(leader, &of_session(10));
    let mut second = introduced(leader, &of_session(11));
    assert_closed(&mut first);
    let mut late = connect(leader);
    say(&mut late, &of_session(9).bytes());
    assert!(matches!(hear(&mut late), Some(Frame::Refused(why)) if why.contains("started again elsewhere")));
    let mut again = introduced(leader, &of_session(11));
    assert_closed(&mut second);
    let request = get(1, "a").bytes();
    say(&mut again, &request);
    assert_answered(&mut again, 1, &request);
    cluster.server(2).wait_for_remark("--protocol \\u{1b}[2Jraft\\n,");
    assert!(!cluster.server(2).remarks().join("\n").contains('\u{1b}'), "it shows what a stranger wrote as it stands");
    assert_serves(&mut cluster, ORDINARY_KIB);
}

#[test]
fn a_client_that_says_what_clients_do_not_say_is_closed() {
    let mut cluster = Cluster::of_three(PAXOS);
    let stamp = Stamp { clock: u64::MAX, server: NodeName::server(9), incarnation: splitbrain::base::Incarnation(9) };
    let cases = [
        Introduction::of_client(PAXOS, 5).bytes(),
        Frame::Refused("no".to_owned()).bytes(),
        Frame::Peer(Vec::new()).bytes(),
        Frame::Peer(bytes_of(&prepare(1))).bytes(),
        Frame::Response(1, 2, 3).bytes(),
        Frame::Status(Status::default()).bytes(),
        Frame::Founding(Founding { disks: BTreeMap::new() }).bytes(),
        Frame::Link(Link::Cut).bytes(),
        Frame::Digest(Digest(5)).bytes(),
        Frame::Exchange(1).bytes(),
        noise(1, 10_000),
        [length(8000).as_slice(), &noise(2, 10_000)].concat(),
        length(0).to_vec(),
        length(bounds::REQUEST_FRAME_BYTES + 1).to_vec(),
        [get(1, "a").bytes(), noise(3, 100)].concat(),
    ];
    for (number, what) in (0..).zip(cases) {
        let mut stream = introduced(cluster.port(1), &Introduction::of_client(PAXOS, 100 + number));
        say(&mut stream, &what);
        assert_closed(&mut stream);
    }
    // Numbers of any size are only numbers.
    let leader = port_of(&mut cluster, PAXOS);
    let mut stream =
        introduced(leader, &Introduction { session: Some(u64::MAX), ..Introduction::of_client(PAXOS, u32::MAX) });
    let greatest = Asked {
        sequence: u64::MAX,
        session: u64::MAX,
        operation: Operation::Get { key: Value::Integer(i64::MIN) },
        after: Some(stamp),
        clock: u64::MAX,
    };
    let request = Frame::Request(greatest).bytes();
    say(&mut stream, &request);
    assert_answered(&mut stream, u64::MAX, &request);
    assert_serves(&mut cluster, ORDINARY_KIB);
}

/// What comes in one piece with an introduction may be longer than an introduction.
#[test]
fn the_longest_request_is_answered_also_right_behind_the_introduction() {
    let mut cluster = Cluster::of_three(PAXOS);
    let leader = port_of(&mut cluster, PAXOS);
    let long = "v".repeat(bounds::REQUEST_FRAME_BYTES - 100);
    // Whoever asks again does so as somebody else, from the introduction on.
    let is_answered_at_once = (5..15).any(|number| {
        let mut stream = connect(leader);
        say(&mut stream, &[Introduction::of_client(PAXOS, number).bytes(), put(1, "long", &long).bytes()].concat());
        is_answered(&mut stream, 1)
    });
    assert!(is_answered_at_once);
    assert_eq!(cluster.answers(50, "get 'long'\n"), [long]);
    // Many at once, at one that has to give them to the leader, while the leader gives it those that it has.
    let (before, leads) = (cluster.depth(1), cluster.leader());
    let follower = if leads == 1 { 2 } else { 1 };
    let mut clients: Vec<_> =
        (100..124).map(|number| introduced(cluster.port(follower), &Introduction::of_client(PAXOS, number))).collect();
    let request = put(1, "long", &"w".repeat(bounds::REQUEST_FRAME_BYTES - 100)).bytes();
    clients.iter_mut().for_each(|stream| say(stream, &request));
    clients.iter_mut().for_each(|stream| assert_answered(stream, 1, &request));
    for server in 1..=3 {
        eventually(&format!("server {server} holds them"), || cluster.depth(server) >= before + 24);
    }
    // The chain holds 25 of those, in memory, too.
    assert_serves(&mut cluster, BACKLOG_KIB);
}

/// Asks for far more than the bounds, and takes nothing of it.
fn assert_bounded_for_who_takes_nothing(protocol: &'static str) {
    const ASKED: u64 = 1500;
    let mut cluster = Cluster::of_three(protocol);
    let long = "v".repeat(900_000);
    let asked: Vec<u16> = match protocol {
        "gossip" => (1..=3).map(|server| cluster.port(server)).collect(),
        _ => vec![port_of(&mut cluster, protocol)],
    };
    let mut greedy: Vec<_> =
        asked.iter().map(|port| introduced(*port, &Introduction::of_client(protocol, 5))).collect();
    for stream in &mut greedy {
        let request = put(1, "long", &long).bytes();
        say(stream, &request);
        assert_answered(stream, 1, &request);
        // 1.3 GB of answers.
        let gets: Vec<u8> = (2..2 + ASKED).flat_map(|sequence| get(sequence, "long").bytes()).collect();
        say(stream, &gets);
    }
    for _ in 0..3 {
        assert_serves(&mut cluster, BACKLOG_KIB);
    }
    drop(greedy);
    assert_serves(&mut cluster, BACKLOG_KIB);
}

#[test]
fn who_takes_none_of_his_answers_costs_no_more_than_a_bound_under_gossip() {
    assert_bounded_for_who_takes_nothing("gossip");
}

#[test]
fn who_takes_none_of_his_answers_costs_no_more_than_a_bound_under_consensus() {
    assert_bounded_for_who_takes_nothing(PAXOS);
}

#[test]
fn connections_of_any_number_leave_room_for_others() {
    let mut cluster = Cluster::of_three(PAXOS);
    for number in 0..5000 {
        drop(connect(cluster.port(number % 3 + 1)));
    }
    assert_serves(&mut cluster, ORDINARY_KIB);
    let idle: Vec<_> = (0..500).map(|_| connect(cluster.port(1))).collect();
    assert_serves(&mut cluster, ORDINARY_KIB);
    drop(idle);
    let mut clients: Vec<_> =
        (0..500).map(|number| introduced(cluster.port(1), &Introduction::of_client(PAXOS, 1000 + number))).collect();
    assert_serves(&mut cluster, ORDINARY_KIB);
    // Half a request of each, and then silence.
    let half = [length(60_000).as_slice(), &[3; 30_000]].concat();
    clients.iter_mut().for_each(|stream| say(stream, &half));
    assert_serves(&mut cluster, ORDINARY_KIB + 64 * 1024);
    drop(clients);
    assert_serves(&mut cluster, ORDINARY_KIB + 64 * 1024);
}

/// A Multi-Paxos message of an impostor, that leads nowhere by itself.
fn prepare(number: u64) -> PaxosMessage {
    PaxosMessage::Prepare(Prepare { ballot: Ballot { number, server: NodeName::server(3) } })
}

fn bytes_of(message: &impl Serialize) -> Vec<u8> {
    postcard::to_allocvec(message).expect("messages are representable")
}

/// He takes the place of server 3 while that is not there.
fn impostor(cluster: &Cluster, protocol: &str, at: u32, founding: Option<Founding>) -> TcpStream {
    let introduction = Introduction::of_server(protocol, 3, Standing { disk: DiskNumber(99), founding });
    introduced(cluster.port(at), &introduction)
}

#[test]
fn who_says_that_he_is_a_server_is_closed_for_garbage_and_for_numbers_that_none_can_follow() {
    for (protocol, far) in [
        (PAXOS, bytes_of(&prepare(u64::MAX))),
        (PAXOS, bytes_of(&prepare(limits::GREATEST_TERM + 1))),
        ("raft", bytes_of(&RaftMessage::TimeoutNow(TimeoutNow { term: u64::MAX }))),
        ("raft", bytes_of(&RaftMessage::Vote(Vote { term: u64::MAX, last: Default::default(), is_transfer: true }))),
    ] {
        let mut cluster = Cluster::of_three(protocol);
        cluster.kill(3);
        let cases = [
            Frame::Peer(far).bytes(),
            Frame::Peer(Vec::new()).bytes(),
            Frame::Peer(noise(4, 10_000)).bytes(),
            Frame::Peer(vec![0xff; 100]).bytes(),
            length(bounds::PEER_FRAME_BYTES + 1).to_vec(),
            noise(5, 10_000),
            put(1, "a", "b").bytes(),
            Frame::Response(1, 2, 3).bytes(),
            Frame::Refused("go away".to_owned()).bytes(),
            Introduction::of_client(protocol, 5).bytes(),
        ];
        for at in [1, 2] {
            for what in &cases {
                let mut stream = impostor(&cluster, protocol, at, None);
                say(&mut stream, what);
                assert_closed(&mut stream);
            }
        }
        assert_serves(&mut cluster, ORDINARY_KIB);
        cluster.start(3);
        assert_serves(&mut cluster, ORDINARY_KIB);
        let depth = cluster.depth(1);
        eventually("server 3 is with the others again", || cluster.depth(3) >= depth);
    }
}

#[test]
fn a_founding_record_from_outside_changes_nothing_of_one_that_is_there() {
    let mut cluster = Cluster::of_three(PAXOS);
    cluster.kill(3);
    let record = |cluster: &Cluster| {
        [1, 2].map(|id| fs::read_to_string(cluster.data(id).join("founding.json")).expect("a record"))
    };
    let before = record(&cluster);
    let of = |numbers: &[(u32, u64)]| {
        let disks = numbers.iter().map(|(server, disk)| (NodeName::server(*server), DiskNumber(*disk))).collect();
        Some(Founding { disks })
    };
    for foreign in [of(&[(1, 1), (2, 2), (3, 99)]), of(&[(3, 99)])] {
        let standing = Standing { disk: DiskNumber(99), founding: foreign.clone() };
        let mut stream = connect(cluster.port(1));
        say(&mut stream, &Introduction::of_server(PAXOS, 3, standing).bytes());
        match hear(&mut stream) {
            Some(Frame::Refused(why)) => assert!(why.contains("another founding of the cluster"), "{why}"),
            other => panic!("{other:?}"),
        }
        assert_closed(&mut stream);
        let mut stream = impostor(&cluster, PAXOS, 1, None);
        say(&mut stream, &Frame::Founding(foreign.expect("there is one")).bytes());
        assert_closed(&mut stream);
    }
    let strangers: Vec<_> = (10..200).map(|number| (number, 7)).collect();
    for harmless in [None, of(&[]), of(&strangers)] {
        drop(impostor(&cluster, PAXOS, 2, harmless));
    }
    assert_serves(&mut cluster, ORDINARY_KIB);
    assert_eq!(record(&cluster), before);
    cluster.start(3);
    cluster.wait_for_role(3, "follower");
}

/// Two clients each write with the greatest clock that there is: under gossip a write is stamped with one above it.
#[test]
fn a_client_that_names_the_greatest_clock_ends_no_server_of_gossip() {
    let mut cluster = Cluster::of_three("gossip");
    for server in 1..=3 {
        for clock in [limits::GREATEST_CLOCK - 1, limits::GREATEST_CLOCK, u64::MAX] {
            let mut stream = introduced(
                cluster.port(server),
                &Introduction { session: Some(clock), ..Introduction::of_client("gossip", 5) },
            );
            let (key, value) = (Value::text("far"), Value::text("out"));
            let operation = Operation::Put { key, value };
            say(
                &mut stream,
                &Frame::Request(Asked { sequence: 1, session: clock, operation, after: None, clock }).bytes(),
            );
            // An answer, or the end.
            while matches!(hear_bytes(&mut stream), Some(body) if !body.starts_with(&[4])) {}
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
    cluster.assert_all_run();
    assert_eq!(cluster.answers(6, "get 'far'\nget 'first'\n")[0], "out");
    cluster.kill(2);
    cluster.start(2);
    eventually("it comes back with what it kept", || cluster.store(2).contains(&"far:out".to_owned()));
    cluster.assert_all_run();
}

/// A server says nothing to who has not spoken, and a heartbeat of an impostor is answered to him only.
#[test]
fn an_impostors_heartbeat_is_a_heartbeat() {
    let mut cluster = Cluster::of_three(PAXOS);
    cluster.kill(3);
    let mut stream = impostor(&cluster, PAXOS, 1, None);
    let heartbeat = PaxosMessage::Heartbeat(Heartbeat { round: u64::MAX });
    say(&mut stream, &Frame::Peer(bytes_of(&heartbeat)).bytes());
    loop {
        match hear(&mut stream) {
            Some(Frame::Peer(bytes)) => {
                let message: PaxosMessage = postcard::from_bytes(&bytes).expect("a message");
                if matches!(message, PaxosMessage::HeartbeatOk(answer) if answer.round == u64::MAX) {
                    break;
                }
            }
            Some(_) => {}
            None => panic!("it is closed"),
        }
    }
    assert_serves(&mut cluster, ORDINARY_KIB);
}
