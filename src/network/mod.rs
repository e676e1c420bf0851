//! The network: one switch through which every message between nodes goes.
//!
//! Deliberately missing: the queue of what is in flight (that is the cluster's, with everything else that is due), and
//! who is alive.

mod link;
mod switch;

pub use link::Delay;
pub use switch::{Arrival, Switch, Verdict};
