//! What both forms of a protocol's messages are held to.

use proptest::prelude::*;

use crate::machine::Message;
use crate::wire::envelope::kind_of;

/// Numbers that are long where a length is due.
const GREAT_LENGTHS: [u64; 3] = [1 << 32, 1 << 60, u64::MAX];

/// Holds messages, of each type at least one, in the order of the protocol's list: each comes back from its JSON and from
/// its bytes, of which none may lack, follow, or say a great length. Returns the JSON, a line for each.
pub fn assert_both_forms<M: Message + PartialEq>(samples: &[M]) -> String {
    let mut kinds: Vec<_> = samples.iter().map(Message::kind).collect();
    kinds.dedup();
    assert_eq!(kinds, M::kinds(), "of each type a message, in this order");
    assert!(M::decode("nonsense", "{}").is_none());
    samples.iter().for_each(assert_binary);
    samples.iter().map(|message| assert_json(message) + "\n").collect()
}

fn assert_json<M: Message + PartialEq>(message: &M) -> String {
    let mut json = Vec::new();
    message.encode(&mut json);
    let json = String::from_utf8(json).unwrap();
    let kind = kind_of(&json).unwrap();
    assert_eq!(kind, message.kind());
    assert_eq!(&M::decode(&kind, &json).expect("a listed type").unwrap(), message);
    json
}

fn assert_binary<M: Message + PartialEq>(message: &M) {
    let bytes = encoded(message);
    let place = M::kinds().iter().position(|kind| *kind == message.kind());
    assert_eq!(place, Some(bytes[0].into()), "a message begins with its place in the list");
    assert_eq!(M::decode_binary(&bytes).as_ref(), Ok(message));
    for length in 0..bytes.len() {
        assert!(M::decode_binary(&bytes[..length]).is_err(), "{message:?} is taken from {length} of its bytes");
    }
    assert!(M::decode_binary(&[&bytes[..], &[0]].concat()).is_err(), "{message:?} is taken with a byte behind it");
    for at in 0..bytes.len() {
        for length in GREAT_LENGTHS {
            let length = postcard::to_stdvec(&length).unwrap();
            assert_taken_or_refused::<M>(&[&bytes[..at], &length, &bytes[at + 1..]].concat());
        }
    }
}

/// Any bytes are refused, or are a message that comes back.
pub fn assert_taken_or_refused<M: Message + PartialEq>(bytes: &[u8]) {
    if let Ok(message) = M::decode_binary(bytes) {
        assert_eq!(M::decode_binary(&encoded(&message)), Ok(message));
    }
}

fn encoded<M: Message>(message: &M) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode_binary(&mut bytes);
    bytes
}

/// Bytes that nobody wrote: any at all, behind the place of a message, and in the middle of what one of the samples is.
pub fn garbage<M: Message>(samples: &[M]) -> impl Strategy<Value = Vec<u8>> {
    let places = 0..samples.len() as u8 + 1;
    let messages: Vec<_> = samples.iter().map(encoded).collect();
    let any_bytes = || prop::collection::vec(any::<u8>(), 0..64);
    let small_bytes = prop::collection::vec(0..4_u8, 0..64);
    let behind =
        (places, prop_oneof![any_bytes(), small_bytes]).prop_map(|(place, rest)| [&[place], &rest[..]].concat());
    let within = (prop::sample::select(messages), any::<prop::sample::Index>(), 0..4_usize, any_bytes());
    let within = within.prop_map(|(mut message, at, removed, mut added)| {
        let at = at.index(message.len());
        added.truncate(4);
        message.splice(at..(at + removed).min(message.len()), added);
        message
    });
    prop_oneof![any_bytes(), behind, within]
}
