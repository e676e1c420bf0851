//! What the master itself tells and asks nodes, and their answers.

use serde::{Deserialize, Serialize};

use crate::base::{Incarnation, NodeName, Span, limits};
use crate::ledger::{BlockRecord, EntryRecord, RequestRecord};
use crate::store::{Operation, Value};
use crate::wire::disk::Room;
use crate::wire::error::ErrorBody;
use crate::wire::stamp::Stamp;

/// How long a node waits, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// Until a client session asks again.
    pub retry: Span,
    /// How long a round of an election is: so long after a leader is lost, others begin to take its place.
    #[serde(default = "default_election")]
    pub election: Span,
}

impl Timeouts {
    /// Where no message takes longer than `largest_delay`.
    #[must_use]
    pub fn for_delay(largest_delay: Span) -> Self {
        Self { retry: limits::retry_after(largest_delay), election: limits::election_after(largest_delay) }
    }
}

/// For hosts that say nothing of elections.
fn default_election() -> Span {
    limits::election_after(Span(0))
}

/// Which of its ways a protocol with consensus goes, where it has several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Variant {
    /// How a `get` is answered.
    #[serde(skip_serializing_if = "Reads::is_usual")]
    pub reads: Reads,
    /// Does a server of Raft ask whether it would be elected before it raises its term?
    #[serde(skip_serializing_if = "PreVote::is_usual")]
    pub prevote: PreVote,
}

impl Variant {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// How a `get` is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// It becomes a block, and is answered when that is decided.
    #[default]
    Chain,
    /// From the store, once a majority has confirmed the leader since the `get` came; it makes no block. Source: Ongaro
    /// 2014, "Consensus: Bridging Theory and Practice", section 6.4.
    Index,
}

impl Reads {
    /// What scripts call them, the usual one first.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        vec!["chain", "index"]
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Chain, Self::Index].into_iter().zip(Self::names()).find(|(_, known)| *known == name).map(|(it, _)| it)
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Does a server of Raft ask whether it would be elected before it raises its term? Source: Ongaro 2014, section 9.6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreVote {
    /// It does.
    #[default]
    On,
    /// It raises its term at once.
    Off,
}

impl PreVote {
    /// What scripts call them, the usual one first.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        vec!["on", "off"]
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::On, Self::Off].into_iter().zip(Self::names()).find(|(_, known)| *known == name).map(|(it, _)| it)
    }

    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// `init`: the first line that a node gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "init")]
pub struct Init {
    /// To be repeated in `init_ok`.
    pub msg_id: u64,
    /// The node's own name.
    pub node_id: NodeName,
    /// All servers that are members, this node included if it is one.
    pub node_ids: Vec<NodeName>,
    /// The version of lockstep that the master offers; absent on hosts that offer none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lockstep: Option<u32>,
    /// The run's seed.
    #[serde(default)]
    pub seed: u64,
    /// How often this node was started before.
    #[serde(default)]
    pub incarnation: Incarnation,
    /// How long it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeouts: Option<Timeouts>,
    /// Which of its ways the protocol goes; absent where it goes the usual ones.
    #[serde(default, skip_serializing_if = "Variant::is_usual")]
    pub variant: Variant,
    /// Whether there is room on the node's disk; absent where there is.
    #[serde(default, skip_serializing_if = "Room::is_usual")]
    pub disk: Room,
}

/// The version of lockstep that is described in `docs/node-protocol.md`.
pub const LOCKSTEP: u32 = 1;

/// `init_ok`: the node is ready, and whether it accepts lockstep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "init_ok")]
pub struct InitOk {
    /// The `msg_id` of `init`.
    pub in_reply_to: u64,
    /// The offered version, if the node accepts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lockstep: Option<u32>,
}

/// `invoke`: a client is to carry out an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoke {
    /// To be repeated in the answer.
    pub msg_id: u64,
    /// How long the client may try.
    pub limit: Span,
    /// The operation, its fields beside these.
    #[serde(flatten)]
    pub operation: Operation,
}

/// `invoke_ok`: the operation succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "invoke_ok")]
pub struct InvokeOk {
    /// The `msg_id` of `invoke`.
    pub in_reply_to: u64,
    /// The value that was read, for a `get`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The stamp of the write that was read or taken, where the server told one: for the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
}

/// How an invoked operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Completion {
    /// It succeeded.
    Ok(InvokeOk),
    /// It did not, or nobody knows ([`ErrorCode::TIMEOUT`](crate::wire::ErrorCode::TIMEOUT)).
    Error(ErrorBody),
}

impl Completion {
    /// The `msg_id` of the `invoke` that it answers.
    #[must_use]
    pub fn in_reply_to(&self) -> u64 {
        match self {
            Self::Ok(InvokeOk { in_reply_to, .. }) | Self::Error(ErrorBody { in_reply_to, .. }) => *in_reply_to,
        }
    }
}

/// `stabilize`: a server's place in the tree along which a component's stores are gathered and spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stabilize {
    /// Which attempt this is, from 1 for each run; servers repeat it to each other.
    pub round: u64,
    /// Where to send what was gathered; none for the root.
    pub parent: Option<NodeName>,
    /// Whom to wait for, and where to send the result.
    pub children: Vec<NodeName>,
}

/// What the master orders a node to do: each is a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Control {
    /// To a client: carry out an operation.
    Invoke(Invoke),
    /// To a client: these are your servers from now on.
    Attach {
        /// In ascending order.
        servers: Vec<NodeName>,
    },
    /// To a server: these are all servers from now on, you included.
    Members {
        /// In ascending order.
        servers: Vec<NodeName>,
    },
    /// To a server: take part in making the stores of a component equal.
    Stabilize(Stabilize),
    /// To a server with consensus: try to lead.
    Nominate,
}

impl Control {
    /// The body's `type`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invoke(_) => "invoke",
            Self::Attach { .. } => "attach",
            Self::Members { .. } => "members",
            Self::Stabilize(_) => "stabilize",
            Self::Nominate => "nominate",
        }
    }

    /// Decodes a body of the type `kind`; `None` if no order has this type.
    ///
    /// # Errors
    /// The body has the type of an order, and not its shape.
    pub fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        #[derive(Deserialize)]
        struct Servers {
            servers: Vec<NodeName>,
        }
        match kind {
            "invoke" => Some(serde_json::from_str(body).map(Self::Invoke)),
            "attach" => Some(serde_json::from_str(body).map(|Servers { servers }| Self::Attach { servers })),
            "members" => Some(serde_json::from_str(body).map(|Servers { servers }| Self::Members { servers })),
            "stabilize" => Some(serde_json::from_str(body).map(Self::Stabilize)),
            "nominate" => Some(Ok(Self::Nominate)),
            _ => None,
        }
    }
}

/// What of a server is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Its keys with their values.
    Store,
    /// Its decided blocks.
    Chain,
    /// All blocks of its log, decided or not.
    Log,
    /// The requests that wait there to be decided.
    Queue,
}

impl std::fmt::Display for Part {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Store => "store",
            Self::Chain => "chain",
            Self::Log => "log",
            Self::Queue => "queue",
        })
    }
}

/// `inspect`: show a part of your state. Not an event: no time passes, nothing else is put out, nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "inspect")]
pub struct Inspect {
    /// To be repeated in the answer.
    pub msg_id: u64,
    /// What to show.
    pub part: Part,
    /// How many entries or blocks to skip: those that earlier answers showed.
    pub skip: u64,
}

/// `inspect_ok`: a piece of the part that was asked for, in the part's own order. The field of that part is there even
/// if it is empty: an answer without it is a mistake, and must not pass for an empty store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "inspect_ok")]
pub struct InspectOk {
    /// The `msg_id` of `inspect`.
    pub in_reply_to: u64,
    /// Keys with their values, for [`Part::Store`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<Vec<(Value, Value)>>,
    /// Blocks, for [`Part::Chain`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Vec<BlockRecord>>,
    /// Blocks, decided or not, for [`Part::Log`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<EntryRecord>>,
    /// Requests, for [`Part::Queue`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Vec<RequestRecord>>,
    /// Is there more behind this piece?
    #[serde(default)]
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(control: &Control, expected: &str) {
        assert_eq!(serde_json::to_string(control).unwrap(), expected);
        assert_eq!(&Control::decode(control.kind(), expected).unwrap().unwrap(), control);
    }

    #[test]
    fn orders_are_what_the_documentation_says() {
        let operation = Operation::Put { key: "a".into(), value: "1".into() };
        round_trip(
            &Control::Invoke(Invoke { msg_id: 7, limit: Span::seconds(10), operation }),
            r#"{"type":"invoke","msg_id":7,"limit":10000000,"f":"put","key":"a","value":"1"}"#,
        );
        round_trip(&Control::Attach { servers: vec![NodeName::server(0)] }, r#"{"type":"attach","servers":["s0"]}"#);
        round_trip(
            &Control::Stabilize(Stabilize { round: 1, parent: None, children: vec![NodeName::server(1)] }),
            r#"{"type":"stabilize","round":1,"parent":null,"children":["s1"]}"#,
        );
    }
}
