//! Shells: what stands between a machine and the world.
//!
//! Deliberately missing: the TCP shell and wall-clock time; they come with servers by hand.

mod launch;
mod line_node;
mod program;
pub mod stdio;

pub use launch::{exec, follow_parent};
pub use line_node::{LineNode, NodeError};
pub use program::{client, server};
