//! Multi-Paxos messages in both forms: their JSON is pinned, and garbage is refused.

use super::*;
use crate::base::{Incarnation, NodeName};
use crate::ledger::{Chain, RequestId};
use crate::protocol::messages::forms::{assert_both_forms, assert_taken_or_refused, garbage};
use crate::protocol::replicated::Attempt;
use crate::store::{Operation, Value};

const BALLOT: Ballot = Ballot { number: 3, server: NodeName::server(1) };
const REQUEST: RequestId = RequestId { client: NodeName::client(5), session: u64::MAX, sequence: 3 };
const ATTEMPT: Attempt = Attempt { incarnation: Incarnation(1), number: 4 };

/// Two of the public vectors.
fn blocks() -> Vec<Rc<Block>> {
    let mut chain = Chain::default();
    chain.mine(Operation::Put { key: "a".into(), value: "1".into() }, REQUEST);
    chain.mine(Operation::Get { key: "a".into() }, REQUEST);
    chain.blocks_after(0).to_vec()
}

fn samples() -> Vec<PaxosMessage> {
    let extent = Extent { accepted: Some(BALLOT), length: 9, decided: 7, has_copied: true };
    let operation =
        Operation::Cas { key: Value::Integer(i64::MIN), from: "é".into(), to: Value::from_literal("()").unwrap() };
    let answer =
        |leader| HeartbeatOk { round: 300, ballot: BALLOT, is_candidate: true, counts: false, leader, decided: 7 };
    let accept = |blocks, base, more| Accept { ballot: BALLOT, skip: 7, blocks, base, more };
    vec![
        PaxosMessage::Heartbeat(Heartbeat { round: 300 }),
        PaxosMessage::HeartbeatOk(answer(None)),
        PaxosMessage::HeartbeatOk(answer(Some(BALLOT))),
        PaxosMessage::Prepare(Prepare { ballot: BALLOT }),
        PaxosMessage::Promise(Promise { ballot: BALLOT, extent }),
        PaxosMessage::Pull(Pull { ballot: None, skip: 7 }),
        PaxosMessage::Blocks(Rc::new(Blocks { ballot: None, skip: 0, blocks: blocks(), more: true })),
        PaxosMessage::Accept(Rc::new(accept(Vec::new(), Some(2), false))),
        PaxosMessage::Accept(Rc::new(accept(blocks(), None, true))),
        PaxosMessage::Accepted(Accepted { ballot: BALLOT, length: 9 }),
        PaxosMessage::Decide(Decide { ballot: BALLOT, length: 9 }),
        PaxosMessage::Forward(Rc::new(Forward { request: REQUEST, operation })),
        PaxosMessage::ReadIndex(ReadIndex { attempt: ATTEMPT }),
        PaxosMessage::ReadIndexOk(ReadIndexOk { attempt: ATTEMPT, length: 9 }),
        PaxosMessage::Confirm(Confirm { ballot: BALLOT, sequence: 8 }),
        PaxosMessage::ConfirmOk(ConfirmOk { ballot: BALLOT, sequence: 8 }),
    ]
}

#[test]
fn every_message_has_both_forms() {
    insta::assert_snapshot!(assert_both_forms(&samples()), @r#"
    {"type":"heartbeat","round":300}
    {"type":"heartbeat_ok","round":300,"ballot":{"number":3,"server":"s1"},"is_candidate":true,"counts":false,"leader":null,"decided":7}
    {"type":"heartbeat_ok","round":300,"ballot":{"number":3,"server":"s1"},"is_candidate":true,"counts":false,"leader":{"number":3,"server":"s1"},"decided":7}
    {"type":"prepare","ballot":{"number":3,"server":"s1"}}
    {"type":"promise","ballot":{"number":3,"server":"s1"},"extent":{"accepted":{"number":3,"server":"s1"},"length":9,"decided":7,"has_copied":true}}
    {"type":"pull","ballot":null,"skip":7}
    {"type":"blocks","ballot":null,"skip":0,"blocks":[{"operation":{"f":"put","key":"a","value":"1"},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":1,"previous":null,"hash":"0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed"},{"operation":{"f":"get","key":"a"},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":0,"previous":"0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed","hash":"cde46c0b2755f1c637c293771be34e3d29441645b9ba1e11db2214f653b53b84"}],"more":true}
    {"type":"accept","ballot":{"number":3,"server":"s1"},"skip":7,"blocks":[],"base":2,"more":false}
    {"type":"accept","ballot":{"number":3,"server":"s1"},"skip":7,"blocks":[{"operation":{"f":"put","key":"a","value":"1"},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":1,"previous":null,"hash":"0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed"},{"operation":{"f":"get","key":"a"},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":0,"previous":"0b54378838c72c2121b6b129276a7a5b22798e3de208cc4e46da2b3e618556ed","hash":"cde46c0b2755f1c637c293771be34e3d29441645b9ba1e11db2214f653b53b84"}],"base":null,"more":true}
    {"type":"accepted","ballot":{"number":3,"server":"s1"},"length":9}
    {"type":"decide","ballot":{"number":3,"server":"s1"},"length":9}
    {"type":"forward","request":{"client":"c5","session":18446744073709551615,"sequence":3},"operation":{"f":"cas","key":-9223372036854775808,"from":"é","to":{"literal":"()"}}}
    {"type":"read_index","attempt":{"incarnation":1,"number":4}}
    {"type":"read_index_ok","attempt":{"incarnation":1,"number":4},"length":9}
    {"type":"confirm","ballot":{"number":3,"server":"s1"},"sequence":8}
    {"type":"confirm_ok","ballot":{"number":3,"server":"s1"},"sequence":8}
    "#);
}

proptest::proptest! {
    #[test]
    fn garbage_is_refused(bytes in garbage(&samples())) {
        assert_taken_or_refused::<PaxosMessage>(&bytes);
    }
}

/// Whoever took one over could not raise its own above it.
#[test]
fn a_ballot_behind_which_there_is_none_makes_its_message_none() {
    use crate::base::limits;
    use crate::machine::Message as _;
    for (number, is_one) in [(limits::GREATEST_TERM, true), (limits::GREATEST_TERM + 1, false), (u64::MAX, false)] {
        let prepare = PaxosMessage::Prepare(Prepare { ballot: Ballot { number, ..BALLOT } });
        let mut bytes = Vec::new();
        prepare.encode_binary(&mut bytes);
        assert_eq!(PaxosMessage::decode_binary(&bytes).is_ok(), is_one, "{number}");
    }
}
