//! SIGINT, SIGTERM and SIGHUP: every node is ended, then the run.
//!
//! A thread waits for the signal and ends every node on the roster. The master's main thread, wherever it is
//! blocked on a node, reads the end of that node's pipe, sees that the run is interrupted, and leaves by its usual way.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::base::{Environment, Verdict};
use crate::cluster::node_process::NodeProcess;

/// Whether the run is interrupted, and which nodes live. Clones share both.
#[derive(Clone, Debug, Default)]
pub struct Interruption {
    happened: Arc<AtomicBool>,
    roster: Arc<Mutex<BTreeSet<NodeProcess>>>,
    temporary: Arc<Mutex<Option<PathBuf>>>,
}

impl Interruption {
    /// Listens to the signals from now on. A second one ends the master at once.
    ///
    /// # Errors
    /// The signals cannot be caught.
    pub fn listen() -> Result<Self, Environment> {
        let interruption = Self::default();
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
            .map_err(Environment::while_trying(|| "catch SIGINT, SIGTERM and SIGHUP".to_owned()))?;
        let its_own = interruption.clone();
        std::thread::spawn(move || {
            for _signal in signals.forever() {
                if its_own.happened.swap(true, Ordering::AcqRel) {
                    its_own.remove_temporary();
                    std::process::exit(i32::from(Verdict::Interrupted.exit_code()));
                }
                its_own.end_all();
            }
        });
        Ok(interruption)
    }

    /// Is the run interrupted?
    #[must_use]
    pub fn happened(&self) -> bool {
        self.happened.load(Ordering::Acquire)
    }

    /// This folder goes with the run, also where the master ends at once.
    pub fn take_along(&self, temporary: &Path) {
        *self.temporary.lock().unwrap_or_else(PoisonError::into_inner) = Some(temporary.to_owned());
    }

    fn remove_temporary(&self) {
        if let Some(folder) = self.temporary.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // The main thread may be at the same; whoever is second finds nothing.
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// A node was started.
    pub(super) fn enter(&self, process: NodeProcess) {
        self.roster().insert(process);
        // The signal may have come between the start and the line above: then nobody else ends this node.
        if self.happened() {
            process.end();
        }
    }

    /// A node is no more.
    pub(super) fn remove(&self, process: NodeProcess) {
        self.roster().remove(&process);
    }

    fn end_all(&self) {
        for process in self.roster().iter() {
            process.end();
        }
    }

    fn roster(&self) -> MutexGuard<'_, BTreeSet<NodeProcess>> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second signal ends the master at once, and nobody else would remove it.
    #[test]
    fn the_temporary_folder_goes_with_the_run() {
        let folder = tempfile::tempdir().unwrap().keep();
        fs::write(folder.join("file"), "").unwrap();
        let interruption = Interruption::default();
        interruption.take_along(&folder);
        interruption.remove_temporary();
        assert!(!folder.exists());
        interruption.remove_temporary();
    }
}
