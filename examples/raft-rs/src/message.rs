//! What servers say to each other: raft's own messages, under names that scripts can use.

use protobuf::Message as _;
use raft::eraftpb::{Message, MessageType};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use splitbrain::machine;

/// The types of all messages that travel. `heartbeat_ok` is raft's `MsgHeartbeatResponse`: by that name transcripts know that
/// there are many, and leave it out.
const KINDS: &[&str] = &[
    "propose",
    "append",
    "append_response",
    "vote",
    "vote_response",
    "pre_vote",
    "pre_vote_response",
    "heartbeat",
    "heartbeat_ok",
    "transfer_leader",
    "timeout_now",
];

/// A message of raft's.
#[derive(Clone, Debug)]
pub struct RaftMessage {
    kind: &'static str,
    message: Message,
}

/// A message as JSON: `{"type":"append","raft":"0803…"}`.
#[derive(Serialize, Deserialize)]
struct Body<K> {
    #[serde(rename = "type")]
    kind: K,
    /// The message in raft's own encoding, two hexadecimal digits a byte.
    #[serde(with = "hex")]
    raft: Vec<u8>,
}

impl RaftMessage {
    /// `None` for what no server here sends to another.
    #[must_use]
    pub fn new(message: Message) -> Option<Self> {
        kind_of(message.get_msg_type()).map(|kind| Self { kind, message })
    }

    /// The message itself.
    #[must_use]
    pub fn inner(&self) -> &Message {
        &self.message
    }
}

fn kind_of(message_type: MessageType) -> Option<&'static str> {
    match message_type {
        MessageType::MsgPropose => Some("propose"),
        MessageType::MsgAppend => Some("append"),
        MessageType::MsgAppendResponse => Some("append_response"),
        MessageType::MsgRequestVote => Some("vote"),
        MessageType::MsgRequestVoteResponse => Some("vote_response"),
        MessageType::MsgRequestPreVote => Some("pre_vote"),
        MessageType::MsgRequestPreVoteResponse => Some("pre_vote_response"),
        MessageType::MsgHeartbeat => Some("heartbeat"),
        MessageType::MsgHeartbeatResponse => Some("heartbeat_ok"),
        MessageType::MsgTransferLeader => Some("transfer_leader"),
        MessageType::MsgTimeoutNow => Some("timeout_now"),
        // What raft tells itself.
        MessageType::MsgHup
        | MessageType::MsgBeat
        | MessageType::MsgUnreachable
        | MessageType::MsgSnapStatus
        | MessageType::MsgCheckQuorum
        // Logs are not compacted, so nobody needs a snapshot; reads go through the log.
        | MessageType::MsgSnapshot
        | MessageType::MsgReadIndex
        | MessageType::MsgReadIndexResp => None,
    }
}

impl machine::Message for RaftMessage {
    fn kinds() -> &'static [&'static str] {
        KINDS
    }

    fn kind(&self) -> &'static str {
        self.kind
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let raft = self.message.write_to_bytes().expect("memory takes any number of bytes");
        serde_json::to_writer(out, &Body { kind: self.kind, raft }).expect("two texts are JSON");
    }

    fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        KINDS.contains(&kind).then(|| {
            let Body::<String> { raft, .. } = serde_json::from_str(body)?;
            let message = Message::parse_from_bytes(&raft).map_err(serde_json::Error::custom)?;
            let is_that = |message: &Self| message.kind == kind;
            Self::new(message)
                .filter(is_that)
                .ok_or_else(|| serde_json::Error::custom("raft's message is of another type than the body"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use machine::Message as _;
    use protobuf::ProtobufEnum as _;

    fn body(kind: &str, message_type: MessageType) -> String {
        let mut message = Message { to: 2, term: 7, ..Message::default() };
        message.set_msg_type(message_type);
        let raft = message.write_to_bytes().unwrap();
        serde_json::to_string(&Body { kind, raft }).unwrap()
    }

    #[test]
    fn every_message_that_travels_is_listed_and_comes_back_as_it_was() {
        let named: Vec<_> = MessageType::values().iter().filter_map(|&it| Some((kind_of(it)?, it))).collect();
        assert_eq!(named.len(), KINDS.len());
        for (kind, message_type) in named {
            let body = body(kind, message_type);
            let message = RaftMessage::decode(kind, &body).expect("it is listed").unwrap();
            assert_eq!((message.kind(), message.inner().to, message.inner().term), (kind, 2, 7));
            let mut again = Vec::new();
            message.encode(&mut again);
            assert_eq!(String::from_utf8(again).unwrap(), body);
        }
    }

    #[test]
    fn what_is_no_message_of_its_type_is_refused() {
        assert!(RaftMessage::decode("hup", &body("hup", MessageType::MsgHup)).is_none());
        assert!(RaftMessage::decode("vote", &body("vote", MessageType::MsgAppend)).unwrap().is_err());
        assert!(RaftMessage::decode("vote", r#"{"type":"vote","raft":"0"}"#).unwrap().is_err());
    }
}
