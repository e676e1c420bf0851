//! What protocols with consensus share: a log of blocks, the table and the queue of requests, the store that the log makes,
//! how far followers are, reads without a block, and what a server reports.
//!
//! A log is a chain of blocks of which a prefix is decided. What is accepted and not decided may be taken away again by a
//! leader; the table of requests is kept over all that is accepted, and rolled back with it, so that no chain ever holds a
//! request twice, whichever leaders it met. The store is the result of the decided blocks, in order.
//!
//! Deliberately missing: what makes a block accepted or decided. That is the protocol's.

mod log;
mod messages;
mod progress;
mod queue;
mod reads;
mod refusal;
mod report;
mod requests;
mod store;

pub use log::{Beside, ReplicatedLog, part_at, respond};
pub use messages::Forward;
pub use progress::{Progress, reached_by_majority};
pub use queue::{RequestQueue, propose};
pub use reads::{Attempt, Confirmations, ReadIndex, ReadIndexOk, Reads};
pub use refusal::refuse;
pub use report::Report;
pub use requests::{Place, RequestTable};
pub use store::{Outcome, Store};
