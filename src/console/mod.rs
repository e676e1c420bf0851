//! The console: what a user at a terminal meets, and what is left of a run in files.
//!
//! Deliberately missing: the consoles of servers and clients by hand.

mod goldens;
mod prompt;
mod record;

pub use goldens::{Difference, TakenSnapshots};
pub use prompt::prompt;
pub use record::{Place, Record, Refused, TRACE};
