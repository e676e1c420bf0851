//! Shells: what stands between a machine and the world.
//!
//! Deliberately missing: the TCP shell and wall-clock time; they come with servers by hand.

mod descendants;
mod guard;
mod launch;
mod line_node;
mod program;
pub mod stdio;

pub use descendants::{adopt_orphans, children, end_children};
pub use guard::{END, guard};
pub use launch::{exec, follow_parent};
pub use line_node::{LineNode, NodeError};
pub use program::{client, server};
