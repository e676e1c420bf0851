//! The console: what a user at a terminal meets, and what is left of a run in files.
//!
//! Deliberately missing: what carries out the orders that are typed at a server or client by hand.

pub mod by_hand;

mod completion;
mod prompt;
mod record;

pub use prompt::prompt;
pub use record::{Place, Record, Refused, TRACE};
