//! What a script expects: `stores equal`, `not alive s3`, `get c1 x == 1`.
//!
//! ```text
//! get C KEY == VALUE         what `get` would print behind `KEY:`
//! leader count == N          how many servers say that they lead
//! leader == S                who leads
//! stores equal [SERVERS]     of all live servers, or of these
//! chains equal [SERVERS]
//! chain S prefix-of S        the blocks of the first are the first ones of the second
//! alive S
//! answered NAME              an operation that `async` began
//! ```
//!
//! Deliberately missing: whether it holds.

use std::fmt;

use crate::script::invocation::NodeReference;
use crate::script::targets::{Role, Target, in_a_list};

/// Something that a script expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Whether it is to hold.
    pub sense: Sense,
    /// What it is about.
    pub claim: Claim,
}

/// Is a claim to hold?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// It is.
    Holds,
    /// It is not.
    HoldsNot,
}

/// A claim about servers and clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A get of this client is answered so.
    Get {
        /// The client.
        client: NodeReference,
        /// The key.
        key: String,
        /// What stands behind `KEY:` where the answer is printed.
        value: String,
    },
    /// So many servers say that they lead.
    LeaderCount(u64),
    /// This server leads.
    Leader(NodeReference),
    /// These servers hold equal stores; nobody means all that live.
    StoresEqual(Vec<Target>),
    /// These servers hold equal chains; nobody means all that live.
    ChainsEqual(Vec<Target>),
    /// The chain of a server is the beginning of another one's.
    Prefix {
        /// The server with the shorter chain.
        of: NodeReference,
        /// The other one.
        whole: NodeReference,
    },
    /// This server is alive.
    Alive(NodeReference),
    /// The operation of this name has its answer.
    Answered(String),
}

/// The words of claims.
pub(super) const NOT: &str = "not";
pub(super) const EQUALS: &str = "==";
pub(super) const COUNT: &str = "count";
pub(super) const EQUAL: &str = "equal";
pub(super) const PREFIX_OF: &str = "prefix-of";
pub(super) const GET: &str = "get";
pub(super) const LEADER: &str = "leader";
pub(super) const STORES: &str = "stores";
pub(super) const CHAINS: &str = "chains";
pub(super) const CHAIN: &str = "chain";
pub(super) const ALIVE: &str = "alive";
pub(super) const ANSWERED: &str = "answered";
/// Those with which a claim begins.
pub(super) const SUBJECTS: [&str; 7] = [GET, LEADER, STORES, CHAINS, CHAIN, ALIVE, ANSWERED];

impl Claim {
    /// Whom it is about, where that may be several servers.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        match self {
            Self::StoresEqual(targets) | Self::ChainsEqual(targets) => targets,
            Self::Get { .. }
            | Self::LeaderCount(_)
            | Self::Leader(_)
            | Self::Prefix { .. }
            | Self::Alive(_)
            | Self::Answered(_) => &[],
        }
    }

    /// Does it ask who leads?
    #[must_use]
    pub fn is_about_leaders(&self) -> bool {
        match self {
            Self::LeaderCount(_) | Self::Leader(_) => true,
            Self::Get { .. }
            | Self::StoresEqual(_)
            | Self::ChainsEqual(_)
            | Self::Prefix { .. }
            | Self::Alive(_)
            | Self::Answered(_) => false,
        }
    }
}

impl Expectation {
    /// The parts that it names.
    pub(super) fn roles(&self) -> Vec<Role> {
        self.claim.targets().iter().filter_map(Target::role).collect()
    }
}

/// As a script writes it.
impl fmt::Display for Expectation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sense {
            Sense::Holds => write!(formatter, "{}", self.claim),
            Sense::HoldsNot => write!(formatter, "{NOT} {}", self.claim),
        }
    }
}

/// As a script writes it.
impl fmt::Display for Claim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |targets: &[Target]| match targets {
            [] => String::new(),
            targets => format!(" {}", in_a_list(targets)),
        };
        match self {
            Self::Get { client, key, value } => {
                write!(formatter, "{GET} {} {key} {EQUALS} {value}", client.canonical())
            }
            Self::LeaderCount(count) => write!(formatter, "{LEADER} {COUNT} {EQUALS} {count}"),
            Self::Leader(server) => write!(formatter, "{LEADER} {EQUALS} {}", server.canonical()),
            Self::StoresEqual(targets) => write!(formatter, "{STORES} {EQUAL}{}", of(targets)),
            Self::ChainsEqual(targets) => write!(formatter, "{CHAINS} {EQUAL}{}", of(targets)),
            Self::Prefix { of, whole } => {
                write!(formatter, "{CHAIN} {} {PREFIX_OF} {}", of.canonical(), whole.canonical())
            }
            Self::Alive(server) => write!(formatter, "{ALIVE} {}", server.canonical()),
            Self::Answered(name) => write!(formatter, "{ANSWERED} {name}"),
        }
    }
}
