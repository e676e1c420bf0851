//! The network: one switch through which every message between nodes goes.
//!
//! Deliberately missing: the queue of what is in flight and of what is held (those are the cluster's, with everything
//! else that is due), and who is alive.

mod aspect;
mod cuts;
mod delay;
mod distribution;
mod fault;
mod link;
mod order;
mod partition;
mod rate;
mod selection;
mod switch;
mod verdict;

pub use cuts::Layer;
pub use delay::Delay;
pub use distribution::Distribution;
pub use fault::{Chance, Fault, Gate, Ordered};
pub use link::{DirectedLink, Standing, both_ways, have_link};
pub use order::{CommandName, IdleOrder, Order};
pub use partition::Division;
pub use selection::Selection;
pub use switch::{Cut, Switch};
pub use verdict::{Arrival, AtArrival, Exemption, Manner, Pace, Sending, Transit, Verdict};
