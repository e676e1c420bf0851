//! What protocols call their messages. The scripts of these tests name them as Multi-Paxos does; the others have the same
//! messages under names of their own.

use splitbrain::protocol::{Agreement, PROTOCOLS, Protocol, multi_paxos, raft};

/// What Multi-Paxos calls a message, and what another protocol calls the one that does the same.
type Words = &'static [(&'static str, &'static str)];

const OF_RAFT: Words = &[
    ("prepare", "vote"),
    ("promise", "vote_ok"),
    ("accept", "append"),
    ("accepted", "append_ok"),
    ("decide", "commit"),
    ("blocks", "entries"),
];

/// All protocols with consensus that come with splitbrain.
pub fn protocols() -> impl Iterator<Item = &'static Protocol> {
    PROTOCOLS.iter().filter(|protocol| protocol.agreement == Agreement::Consensus)
}

/// What a protocol calls a message that has this name in Multi-Paxos; also one whose servers have a bug.
pub fn word<'w>(protocol: &Protocol, name: &'w str) -> &'w str {
    let words: Words = match protocol.message_types {
        types if types == multi_paxos::PROTOCOL.message_types => &[],
        types if types == raft::PROTOCOL.message_types => OF_RAFT,
        _ => panic!("say here what {} calls its messages", protocol.name),
    };
    words.iter().find(|(paxos, _)| *paxos == name).map_or(name, |(_, other)| other)
}

/// A script in the words of a protocol: nothing else in it is called as messages are.
pub fn in_words_of(protocol: &Protocol, script: &str) -> String {
    let line = |line: &str| line.split(' ').map(|name| word(protocol, name)).collect::<Vec<_>>().join(" ");
    script.lines().map(|text| format!("{}\n", line(text))).collect()
}
