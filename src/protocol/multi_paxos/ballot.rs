//! Ballots: who leads, and since when.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::NodeName;
use crate::protocol::messages::read_term;

/// A ballot. Ballots are ordered by number, then by server; no two servers share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ballot {
    /// Grows with each attempt to lead.
    #[serde(deserialize_with = "read_term")]
    pub number: u64,
    /// Whose it is.
    pub server: NodeName,
}

impl Ballot {
    /// The ballot of a server that has raised none: the first leader of a cluster leads with its own.
    #[must_use]
    pub const fn first(server: NodeName) -> Self {
        Self { number: 0, server }
    }

    /// The least ballot of `server` that is above this one.
    #[must_use]
    pub fn next(self, server: NodeName) -> Self {
        Self { number: self.number + 1, server }
    }
}

/// `3.s1`
impl fmt::Display for Ballot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.number, self.server)
    }
}
