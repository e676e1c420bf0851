//! What a client asked, and what it was answered.

use std::time::Instant;

use splitbrain::base::NodeName;
use splitbrain::store::Operation;

/// Who asked, and as the how-manieth operation of its session: no two operations of a history share one.
pub type Request = (NodeName, u64);

/// An operation of a client.
#[derive(Clone, Debug)]
pub struct Asked {
    pub request: Request,
    pub operation: Operation,
    /// Before it was typed.
    pub began: Instant,
    /// Nothing if nobody waited for that.
    pub answered: Option<Answered>,
}

/// An answer, and when it was read.
#[derive(Clone, Debug)]
pub struct Answered {
    pub at: Instant,
    pub text: String,
}
