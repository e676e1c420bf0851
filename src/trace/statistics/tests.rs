//! Figures of small histories that are counted by hand.

use super::*;
use crate::base::Incarnation;
use crate::trace::{Account, MessageName, Requests, Runs};
use crate::wire::ErrorBody;
use crate::wire::control::InvokeOk;

const CLIENT: NodeName = NodeName::client(1);
const A: NodeName = NodeName::server(1);
const B: NodeName = NodeName::server(2);

/// What a reader is told.
enum Told {
    Start(NodeName),
    Begin(Operation),
    End(Option<ErrorCode>),
    Lead(Option<(NodeName, u64)>),
    Send(&'static str, u64),
    Over,
}

fn figures(told: &[(u64, Told)]) -> Figures {
    let mut statistics = Statistics::default();
    for (at, told) in told {
        let at = Time(*at);
        let mut read = |happening: &Happening<'_>| statistics.read(Moment { event: 1, at }, happening).unwrap();
        match told {
            Told::Start(node) => {
                read(&Happening::Started { node: *node, incarnation: Incarnation(0), runs: Runs::Session(None) });
            }
            Told::Begin(operation) => read(&Happening::Invoked { client: CLIENT, operation }),
            Told::End(error) => {
                let completion = match error {
                    None => Completion::Ok(InvokeOk { in_reply_to: 1, value: None, stamp: None }),
                    Some(code) => Completion::Error(ErrorBody { in_reply_to: 1, code: *code, text: String::new() }),
                };
                let requests = Requests::default();
                read(&Happening::Completed { client: CLIENT, completion: &completion, requests });
            }
            Told::Lead(leader) => {
                let leader = leader.map(|(server, term)| Leader { server, term: Some(term) });
                statistics.measure(at, &Measure::Leads { leader });
            }
            Told::Send(kind, bytes) => {
                let message = MessageName { from: A, to: B, kind };
                statistics.measure(at, &Measure::Sent { message, bytes: *bytes });
            }
            Told::Over => read(&Happening::End { account: Account::default() }),
        }
    }
    statistics.figures()
}

fn get() -> Operation {
    Operation::Get { key: "k".into() }
}

fn put() -> Operation {
    Operation::Put { key: "k".into(), value: "v".into() }
}

#[test]
fn time_without_a_leader_begins_with_the_first_server() {
    let figures = figures(&[
        (5, Told::Start(CLIENT)),
        (10, Told::Start(A)),
        (20, Told::Start(B)),
        (110, Told::Lead(Some((A, 1)))),
        (200, Told::Lead(None)),
        (230, Told::Lead(Some((B, 2)))),
        (300, Told::Lead(None)),
        (301, Told::Over),
        (302, Told::Over),
    ]);
    assert_eq!(figures.time_without_leader, Span(100 + 30 + 1));
    assert_eq!(figures.leader_changes, 1);
}

#[test]
fn without_a_server_there_is_nobody_to_miss() {
    assert_eq!(figures(&[(5, Told::Start(CLIENT)), (100, Told::Over)]).time_without_leader, Span(0));
}

#[test]
fn a_change_is_another_server_or_a_greater_term() {
    let leaders = [(A, 1), (A, 1), (A, 3), (B, 3), (A, 2)];
    let told = leaders.map(|leader| (1, Told::Lead(Some(leader))));
    assert_eq!(figures(&told).leader_changes, 3);
}

#[test]
fn an_answer_is_one_whatever_it_says_and_a_limit_is_none() {
    let figures = figures(&[
        (0, Told::Begin(put())),
        (4, Told::End(None)),
        (4, Told::Begin(get())),
        (6, Told::End(Some(ErrorCode::KEY_DOES_NOT_EXIST))),
        (6, Told::Begin(put())),
        (7, Told::End(Some(ErrorCode::PRECONDITION_FAILED))),
        (7, Told::Begin(get())),
        (99, Told::End(Some(ErrorCode::TIMEOUT))),
        (99, Told::Begin(get())),
        (99, Told::End(Some(ErrorCode::NO_SERVER))),
        (99, Told::Begin(put())),
        (100, Told::Over),
    ]);
    assert_eq!((figures.answered, figures.unknown, figures.without_server), (3, 2, 1));
    let percentiles = |latencies: &Latencies| [50, 90, 100].map(|percent| latencies.percentile(percent));
    assert_eq!(percentiles(&figures.latencies), [Some(Span(2)), Some(Span(4)), Some(Span(4))]);
    assert_eq!(percentiles(&figures.get_latencies), [Some(Span(2)); 3]);
}

#[test]
fn percentiles_are_nearest_ranks() {
    let mut latencies = Latencies::default();
    assert_eq!(latencies.percentile(50), None);
    (1..=10).rev().for_each(|length| latencies.add(Span(length)));
    let of = |percent| latencies.percentile(percent).unwrap().0;
    assert_eq!([of(50), of(51), of(90), of(91), of(99), of(100)], [5, 6, 9, 10, 10, 10]);
}

#[test]
fn what_is_sent_is_counted_by_type() {
    let figures = figures(&[(0, Told::Send("b", 7)), (0, Told::Send("a", 10)), (0, Told::Send("b", 5))]);
    let traffic: Vec<_> = figures.traffic.iter().map(|(kind, of)| (kind.as_str(), of.messages, of.bytes)).collect();
    assert_eq!(traffic, [("a", 1, 10), ("b", 2, 12)]);
    assert_eq!(figures.total_traffic(), Traffic { messages: 3, bytes: 22 });
}
