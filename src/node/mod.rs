//! Shells: what stands between a machine and the world.
//!
//! Deliberately missing: the TCP shell and wall-clock time; they come with servers by hand.

mod effect;
mod launch;
mod line_node;
pub mod log;
mod program;
mod shell;
pub mod stdio;

pub use effect::Effect;
pub use launch::{exec, follow_parent};
pub use line_node::{LineNode, NodeError};
pub use program::{client, server};
pub use shell::{DATA_FOLDER, DEFAULT_CLUSTER, Shell, ShellError, Storage, storage_from_environment, storage_in};
