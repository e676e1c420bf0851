//! The judge of runs can object: to each bad history in its own words, and to a good one not at all.

use splitbrain::base::NodeName;
use splitbrain::ledger::RequestId;
use splitbrain::store::Operation;

use crate::consensus::{Answer, Objection, Printed, Request, Seen};

/// A put of `a` to 1 by c1, and a get of `a` by c1, in a chain.
const PUT: &str = "1 put a 1 client=c1 request=1 nonce=1 previous=None hash=0b";
const GET: &str = "2 get a client=c1 request=2 nonce=0 previous=0b hash=cd";

fn answer(sequence: u64, operation: Operation, text: &str) -> Answer {
    let id = RequestId { client: NodeName::client(1), session: 0, sequence };
    Answer { request: Request { id, operation }, text: text.to_owned() }
}

fn put() -> Answer {
    answer(1, Operation::Put { key: "a".into(), value: "1".into() }, "success")
}

fn get(text: &str) -> Answer {
    answer(2, Operation::Get { key: "a".into() }, text)
}

/// What is wrong with a run in which these were answered, and s1, s2 and so on have shown these chains.
fn objections(answers: &[Answer], chains: &[&[&str]]) -> Vec<Objection> {
    let printed = |(server, chain): (u32, &&[&str])| Printed {
        server: format!("s{server}"),
        lines: chain.iter().map(|&line| line.to_owned()).collect(),
    };
    let mut seen = Seen::default();
    seen.answers.extend_from_slice(answers);
    seen.chains.extend((1..).zip(chains).map(printed));
    seen.objections()
}

#[test]
fn nothing_is_wrong_with_a_good_history() {
    assert_eq!(objections(&[put(), get("1")], &[&[PUT, GET], &[PUT, GET]]), []);
    assert_eq!(objections(&[put()], &[&[PUT, GET]]), [], "what was not answered may stand there");
}

#[test]
fn what_was_acknowledged_must_be_in_every_chain() {
    let lost = |server: &str| Objection::Lost { operation: "get a".to_owned(), server: server.to_owned() };
    assert_eq!(objections(&[put(), get("1")], &[&[PUT], &[PUT]]), [lost("s1"), lost("s2")]);
}

#[test]
fn chains_must_be_beginnings_of_each_other() {
    let other = "2 get a client=c2 request=1 nonce=0 previous=0b hash=cd";
    let forked = Objection::Forked("s1".to_owned(), "s2".to_owned());
    assert_eq!(objections(&[put()], &[&[PUT, GET], &[PUT, other]]), [forked]);
}

#[test]
fn no_request_may_stand_twice_in_a_chain() {
    let again = "2 put a 1 client=c1 request=1 nonce=1 previous=0b hash=ef";
    assert_eq!(objections(&[put()], &[&[PUT, again]]), [Objection::Twice("request 1 of c1".to_owned())]);
}

#[test]
fn an_answer_must_be_what_the_operation_comes_to_at_its_place() {
    let wrong = Objection::Wrong { operation: "get a".to_owned(), told: "2".to_owned(), right: "1".to_owned() };
    assert_eq!(objections(&[put(), get("2")], &[&[PUT, GET]]), [wrong]);
}

#[test]
fn nobody_may_be_behind_in_the_end() {
    assert_eq!(objections(&[put()], &[&[PUT, GET], &[PUT]]), [Objection::Behind("s2".to_owned())]);
}
