//! Client sessions: what stands between a user's operation and the servers.

pub mod session;

pub use session::Session;
