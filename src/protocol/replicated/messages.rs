//! What servers of every protocol with consensus say to each other.

use serde::{Deserialize, Serialize};

use crate::ledger::RequestId;
use crate::store::Operation;

/// `forward`: a client's request, for the leader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// The request.
    pub request: RequestId,
    /// What it asks for.
    pub operation: Operation,
}
