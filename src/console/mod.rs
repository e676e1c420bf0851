//! The console: what a user at a terminal meets.
//!
//! Deliberately missing: the consoles of servers and clients by hand.

mod prompt;

pub use prompt::prompt;
