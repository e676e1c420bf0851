//! Shells: what stands between a machine and the world.
//!
//! Deliberately missing: the shell on sockets, in real time; that is [`crate::tcp`].

mod descendants;
mod effect;
mod guard;
mod launch;
mod line_node;
pub mod log;
mod program;
mod shell;
pub mod stdio;

pub use descendants::{adopt_orphans, children, end_children};
pub use effect::Effect;
pub use guard::{END, guard};
pub use launch::{exec, follow_parent};
pub use line_node::{LineNode, NodeError};
pub use program::{client, client_in_session, server};
pub use shell::{DATA_FOLDER, DEFAULT_CLUSTER, Shell, ShellError, Storage, storage_from_environment, storage_in};
