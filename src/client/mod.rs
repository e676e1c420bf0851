//! Client sessions: what stands between a user's operation and the servers.

mod exchange;
pub mod queue;
pub mod session;

pub use queue::QueueSession;
pub use session::Session;
