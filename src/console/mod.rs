//! The console: what a user at a terminal meets, and what is left of a run in files.
//!
//! Deliberately missing: the consoles of servers and clients by hand.

mod prompt;
mod record;

pub use prompt::prompt;
pub use record::{Place, Record, Refused, TRACE};
