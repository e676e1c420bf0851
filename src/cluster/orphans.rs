//! What a run has left at its end: it is ended with the run.
//!
//! Our own nodes start no processes, and what a program of the user's starts is its guard's to end. What is left then is
//! what was below a guard that was itself killed: it becomes a child of the master, which ends it as the run ends.
//!
//! Deliberately missing: when a guard is killed by SIGKILL, and the master too before it ends the run, what the guard's
//! program had started lives on.

use std::collections::BTreeSet;

use crate::base::Environment;
use crate::node;

/// Adopts every process that loses its parent below this one, from now on; ends them when it is dropped.
///
/// For a process that is one run: it takes every child that it has then for the run's.
#[derive(Debug)]
pub struct Orphans {
    /// The children of before: whoever became this program by `exec` may have had some.
    not_ours: BTreeSet<i32>,
}

impl Orphans {
    /// Adopts them from now on.
    ///
    /// # Errors
    /// The kernel refuses.
    pub fn adopt() -> Result<Self, Environment> {
        let refused = Environment::while_trying(|| "become the parent of processes that lose theirs".to_owned());
        node::adopt_orphans().map_err(refused)?;
        Ok(Self { not_ours: node::children().collect() })
    }
}

impl Drop for Orphans {
    fn drop(&mut self) {
        node::end_children(&self.not_ours);
    }
}
