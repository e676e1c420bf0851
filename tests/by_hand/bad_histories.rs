//! Histories and chains with one thing wrong: the checker finds it, and nothing else.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use splitbrain::base::NodeName;
use splitbrain::store::{Operation, Value};

use crate::harness::chain::{self, Block};
use crate::harness::{Answered, Asked, violations};

/// Three operations of two clients, one after the other, and the chain that comes of them at two servers.
struct Case {
    history: Vec<Asked>,
    chains: BTreeMap<u32, Vec<Block>>,
}

fn asked(client: u32, sequence: u64, operation: Operation, times: (u64, Option<(u64, &str)>)) -> Asked {
    // The same for all: only the order counts.
    let zero = EPOCH.with(|epoch| *epoch);
    let at = |milliseconds| zero + Duration::from_millis(milliseconds);
    let answered = times.1.map(|(time, text)| Answered { at: at(time), text: text.to_owned() });
    Asked { request: (NodeName::client(client), sequence), operation, began: at(times.0), answered }
}

thread_local! {
    static EPOCH: Instant = Instant::now();
}

fn put(key: &str, value: i64) -> Operation {
    Operation::Put { key: key.into(), value: Value::Integer(value) }
}

fn get(key: &str) -> Operation {
    Operation::Get { key: key.into() }
}

fn chain_of(lines: &[&str]) -> Vec<Block> {
    let mut previous = "None".to_owned();
    let mut printed = Vec::new();
    for (height, line) in (1..).zip(lines) {
        printed.push(format!("{height} {line} nonce=1 previous={previous} hash=h{height}"));
        previous = format!("h{height}");
    }
    chain::read(&printed)
}

const RIGHT: [&str; 3] = ["put a =1 client=c1 request=1", "get a client=c2 request=1", "put a =2 client=c1 request=2"];

impl Case {
    fn right() -> Self {
        let history = vec![
            asked(1, 1, put("a", 1), (0, Some((1, "success")))),
            asked(2, 1, get("a"), (2, Some((3, "1")))),
            asked(1, 2, put("a", 2), (4, Some((5, "success")))),
        ];
        Self::of(history, &RIGHT)
    }

    fn of(history: Vec<Asked>, lines: &[&str]) -> Self {
        let chains = [(1, chain_of(lines)), (2, chain_of(lines))].into();
        Self { history, chains }
    }

    fn with_chain(lines: &[&str]) -> Self {
        Self::of(Self::right().history, lines)
    }

    fn found(&self) -> Vec<String> {
        violations(&self.history, &self.chains).iter().map(ToString::to_string).collect()
    }
}

#[test]
fn a_right_history_is_right() {
    assert_eq!(Case::right().found(), [""; 0]);
}

#[test]
fn an_operation_without_an_answer_may_be_in_the_chain_or_not() {
    let mut case = Case::right();
    case.history[2].answered = None;
    assert_eq!(case.found(), [""; 0]);
    let case = Case::of(case.history, &RIGHT[..2]);
    assert_eq!(case.found(), [""; 0]);
}

#[test]
fn chains_that_differ_are_found() {
    let mut case = Case::right();
    case.chains.insert(2, chain_of(&RIGHT[..2]));
    assert_eq!(case.found(), ["the chains of servers 1 and 2 differ at height 3"]);
    let mut case = Case::right();
    case.chains.get_mut(&1).unwrap()[1].hash = "x".to_owned();
    assert!(
        case.found().contains(&"the chains of servers 2 and 1 differ at height 2".to_owned()),
        "{:?}",
        case.found()
    );
}

#[test]
fn a_block_that_points_elsewhere_is_found() {
    let mut case = Case::right();
    for chain in case.chains.values_mut() {
        chain[1].previous = "h9".to_owned();
    }
    assert_eq!(case.found(), ["block 2 does not point to the block before, or has another height"]);
}

#[test]
fn a_block_that_nobody_asked_is_found() {
    let lines = [RIGHT.as_slice(), &["put a =3 client=c9 request=1"]].concat();
    assert_eq!(Case::with_chain(&lines).found(), ["nobody asked for block 4: put a =3"]);
}

#[test]
fn an_operation_that_was_altered_is_found() {
    let lines = [RIGHT[0], RIGHT[1], "put a =3 client=c1 request=2"];
    let expected = ["block 3 is put a =3, and put a =2 was asked", "put a =2 of c1 was answered, and is in no block"];
    assert_eq!(Case::with_chain(&lines).found(), expected);
}

#[test]
fn a_request_that_was_carried_out_twice_is_found() {
    let lines = [RIGHT.as_slice(), &[RIGHT[0]]].concat();
    assert_eq!(Case::with_chain(&lines).found(), ["block 4 holds a request that stands in block 1: put a =1"]);
}

#[test]
fn a_lost_operation_is_found() {
    assert_eq!(Case::with_chain(&RIGHT[..2]).found(), ["put a =2 of c1 was answered, and is in no block"]);
}

#[test]
fn a_wrong_answer_is_found() {
    for (which, operation, text, expected) in
        [(1, "get a", "KEY_DOES_NOT_EXIST", "1"), (1, "get a", "2", "1"), (0, "put a =1", "TIMEOUT", "success")]
    {
        let mut case = Case::right();
        case.history[which].answered.as_mut().unwrap().text = text.to_owned();
        let height = which + 1;
        let sentence = format!("block {height}, {operation}, was answered {text:?}; there it is {expected:?}");
        assert_eq!(case.found(), [sentence]);
    }
}

#[test]
fn a_comparison_is_carried_out_where_it_stands() {
    let cas = |from, to| Operation::Cas { key: "a".into(), from: Value::Integer(from), to: Value::Integer(to) };
    let history = vec![
        asked(1, 1, cas(1, 2), (0, Some((1, "KEY_DOES_NOT_EXIST")))),
        asked(1, 2, put("a", 1), (2, Some((3, "success")))),
        asked(1, 3, cas(1, 2), (4, Some((5, "success")))),
        asked(1, 4, cas(1, 3), (6, Some((7, "success")))),
    ];
    let lines = [
        "cas a =1 =2 client=c1 request=1",
        "put a =1 client=c1 request=2",
        "cas a =1 =2 client=c1 request=3",
        "cas a =1 =3 client=c1 request=4",
    ];
    let expected = ["block 4, cas a =1 =3, was answered \"success\"; there it is \"PRECONDITION_FAILED\""];
    assert_eq!(Case::of(history, &lines).found(), expected);
}

#[test]
fn an_order_against_real_time_is_found() {
    let history =
        vec![asked(1, 1, put("a", 1), (0, Some((1, "success")))), asked(2, 1, put("b", 1), (2, Some((3, "success"))))];
    let lines = ["put b =1 client=c2 request=1", "put a =1 client=c1 request=1"];
    let expected = ["block 2, put a =1, was answered before block 1 was asked"];
    assert_eq!(Case::of(history.clone(), &lines).found(), expected);
    // One without an answer was asked, too.
    let mut unanswered = history;
    unanswered[1].answered = None;
    assert_eq!(Case::of(unanswered, &lines).found(), expected);
}

#[test]
fn operations_at_the_same_time_may_stand_in_any_order() {
    let history =
        vec![asked(1, 1, put("a", 1), (0, Some((3, "success")))), asked(2, 1, put("b", 1), (2, Some((4, "success"))))];
    let lines = ["put b =1 client=c2 request=1", "put a =1 client=c1 request=1"];
    assert_eq!(Case::of(history, &lines).found(), [""; 0]);
}

#[test]
fn blocks_are_read_from_their_end() {
    let line = r#"7 put k "a client=c2 hash=3" client=c1 request=4 nonce=9 previous=p hash=h"#;
    let [block] = &chain::read(&[line.to_owned()])[..] else { panic!("one line is one block") };
    assert_eq!(block.operation, r#"put k "a client=c2 hash=3""#);
    assert_eq!((block.height, block.request), (7, (NodeName::client(1), 4)));
}
