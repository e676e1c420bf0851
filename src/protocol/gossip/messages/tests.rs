//! Gossip messages in both forms: their JSON is pinned, and garbage is refused.

use super::*;
use crate::base::{Incarnation, NodeName};
use crate::protocol::messages::forms::{assert_both_forms, assert_taken_or_refused, garbage};

fn entry(key: Value, value: Value) -> Entry {
    let stamp = Stamp { clock: 7, server: NodeName::server(1), incarnation: Incarnation(2) };
    let request = RequestId { client: NodeName::client(5), session: u64::MAX, sequence: 3 };
    Entry { key, value, stamp, request, nonce: Nonce(12) }
}

fn samples() -> Vec<GossipMessage> {
    let text = entry("a".into(), "Grüße".into());
    let others = entry(Value::Integer(-5), Value::from_literal("[1, 'a']").unwrap());
    let piece = |phase, entries, more| GossipMessage::Stabilize(Rc::new(Piece { round: 300, phase, entries, more }));
    vec![
        GossipMessage::Write(Replicated { entry: text.clone() }),
        piece(Phase::Gather, vec![text, others], true),
        piece(Phase::Spread, Vec::new(), false),
    ]
}

#[test]
fn every_message_has_both_forms() {
    insta::assert_snapshot!(assert_both_forms(&samples()), @r#"
    {"type":"write","entry":{"key":"a","value":"Grüße","stamp":{"clock":7,"server":"s1","incarnation":2},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":12}}
    {"type":"stabilize","round":300,"phase":"gather","entries":[{"key":"a","value":"Grüße","stamp":{"clock":7,"server":"s1","incarnation":2},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":12},{"key":-5,"value":{"literal":"[1, 'a']"},"stamp":{"clock":7,"server":"s1","incarnation":2},"request":{"client":"c5","session":18446744073709551615,"sequence":3},"nonce":12}],"more":true}
    {"type":"stabilize","round":300,"phase":"spread","entries":[],"more":false}
    "#);
}

proptest::proptest! {
    #[test]
    fn garbage_is_refused(bytes in garbage(&samples())) {
        assert_taken_or_refused::<GossipMessage>(&bytes);
    }
}
