//! Raft messages in both forms: their JSON is pinned, and garbage is refused.

use super::*;
use crate::base::{Incarnation, NodeName};
use crate::ledger::{Chain, RequestId};
use crate::protocol::messages::forms::{assert_both_forms, assert_taken_or_refused, garbage};
use crate::protocol::replicated::Attempt;
use crate::store::Operation;

const REQUEST: RequestId = RequestId { client: NodeName::client(5), session: u64::MAX, sequence: 3 };
const ATTEMPT: Attempt = Attempt { incarnation: Incarnation(1), number: 4 };
const LAST: Position = Position { index: 9, term: 2 };

/// A no-op, and the block of a public vector.
fn entries() -> Vec<Entry> {
    let mut chain = Chain::default();
    chain.mine(Operation::Put { key: "a".into(), value: "1".into() }, REQUEST);
    let block = chain.block(1).cloned();
    vec![Entry { term: 300, block: None }, Entry { term: 300, block }]
}

fn samples() -> Vec<RaftMessage> {
    vec![
        RaftMessage::PreVote(PreVote { term: 300, last: LAST }),
        RaftMessage::PreVoteOk(PreVoteOk { term: 300, is_granted: true, commit: 7 }),
        RaftMessage::Vote(Vote { term: 300, last: LAST, is_transfer: true }),
        RaftMessage::VoteOk(VoteOk { term: 300, is_granted: false, commit: 7 }),
        RaftMessage::Append(Rc::new(Append { term: 300, previous: LAST, entries: entries(), commit: 7 })),
        RaftMessage::Append(Rc::new(Append { term: 300, previous: LAST, entries: Vec::new(), commit: 7 })),
        RaftMessage::AppendOk(AppendOk { term: 300, index: 10, counts: true }),
        RaftMessage::AppendRefused(AppendRefused { term: 300, index: 10, hint: LAST, counts: false }),
        RaftMessage::Commit(Commit { term: 300, last: LAST }),
        RaftMessage::Heartbeat(Heartbeat { term: 300, commit: LAST, matched: Position::default(), sequence: 8 }),
        RaftMessage::HeartbeatOk(HeartbeatOk { term: 300, sequence: 8, counts: true }),
        RaftMessage::Transfer(Transfer { term: 300 }),
        RaftMessage::TimeoutNow(TimeoutNow { term: 300 }),
        RaftMessage::Pull(Pull { index: 7 }),
        RaftMessage::Entries(Rc::new(Entries { term: 300, previous: LAST, entries: entries(), more: true })),
        RaftMessage::Forward(Rc::new(Forward { request: REQUEST, operation: Operation::Get { key: "a".into() } })),
        RaftMessage::ReadIndex(ReadIndex { attempt: ATTEMPT }),
        RaftMessage::ReadIndexOk(ReadIndexOk { attempt: ATTEMPT, length: 9 }),
    ]
}

#[test]
fn every_message_has_both_forms() {
    insta::assert_snapshot!(assert_both_forms(&samples()), @r#"
    {"type":"prevote","term":300,"last":{"index":9,"term":2}}
    {"type":"prevote_ok","term":300,"is_granted":true,"commit":7}
    {"type":"vote","term":300,"last":{"index":9,"term":2},"is_transfer":true}
    {"type":"vote_ok","term":300,"is_granted":false,"commit":7}
    {"type":"append","term":300,"previous":{"index":9,"term":2},"entries":[{"term":300,"block":null},{"term":300,"block":{"operation":{"f":"put","key":"a","value":"1"},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":1,"previous":null,"hash":"0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed"}}],"commit":7}
    {"type":"append","term":300,"previous":{"index":9,"term":2},"entries":[],"commit":7}
    {"type":"append_ok","term":300,"index":10,"counts":true}
    {"type":"append_refused","term":300,"index":10,"hint":{"index":9,"term":2},"counts":false}
    {"type":"commit","term":300,"last":{"index":9,"term":2}}
    {"type":"heartbeat","term":300,"commit":{"index":9,"term":2},"matched":{"index":0,"term":0},"sequence":8}
    {"type":"heartbeat_ok","term":300,"sequence":8,"counts":true}
    {"type":"transfer","term":300}
    {"type":"timeout_now","term":300}
    {"type":"pull","index":7}
    {"type":"entries","term":300,"previous":{"index":9,"term":2},"entries":[{"term":300,"block":null},{"term":300,"block":{"operation":{"f":"put","key":"a","value":"1"},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":1,"previous":null,"hash":"0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed"}}],"more":true}
    {"type":"forward","request":{"client":"c5","session":18446744073709551615,"sequence":3},"operation":{"f":"get","key":"a"}}
    {"type":"read_index","attempt":{"incarnation":1,"number":4}}
    {"type":"read_index_ok","attempt":{"incarnation":1,"number":4},"length":9}
    "#);
}

proptest::proptest! {
    #[test]
    fn garbage_is_refused(bytes in garbage(&samples())) {
        assert_taken_or_refused::<RaftMessage>(&bytes);
    }
}

/// Whoever took one over could not raise its own above it.
#[test]
fn a_term_behind_which_there_is_none_makes_its_message_none() {
    use crate::base::limits;
    use crate::machine::Message as _;
    for (term, is_one) in [(limits::GREATEST_TERM, true), (limits::GREATEST_TERM + 1, false), (u64::MAX, false)] {
        let vote = RaftMessage::Vote(Vote { term, last: LAST, is_transfer: true });
        let mut bytes = Vec::new();
        vote.encode_binary(&mut bytes);
        assert_eq!(RaftMessage::decode_binary(&bytes).is_ok(), is_one, "{term}");
    }
}
