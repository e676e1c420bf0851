//! What the user's programs leave running: it is ended with the run.
//!
//! A node is killed with its process group. What it started in a group or session of its own escapes that; when its
//! parent dies it becomes a child of the master, which ends it as the run ends.
//!
//! Deliberately missing: a master that is itself killed by SIGKILL ends nothing; the kernel then ends the nodes, and
//! not what they had started.

use std::collections::BTreeSet;
use std::fs;

use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::Pid;

use crate::base::Environment;

/// How deep a tree of processes is ended: each time round, the children of those that were killed come to light.
const GENERATIONS: usize = 1_000;

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
        set_child_subreaper(true).map_err(refused)?;
        Ok(Self { not_ours: children().collect() })
    }
}

impl Drop for Orphans {
    fn drop(&mut self) {
        for _ in 0..GENERATIONS {
            if is_childless() {
                return;
            }
            let ours: Vec<_> = children().filter(|child| !self.not_ours.contains(child)).map(Pid::from_raw).collect();
            if ours.is_empty() {
                return;
            }
            for orphan in ours {
                // It may have died by itself; it is waited for all the same, and that ends, for it is killed.
                let _ = kill(orphan, Signal::SIGKILL);
                let _ = waitpid(orphan, None);
            }
        }
    }
}

/// Has this process no children at all? Most runs end so, and need not look at every process there is.
fn is_childless() -> bool {
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    waitid(Id::All, look) == Err(Errno::ECHILD)
}

/// The processes whose parent is this one.
fn children() -> impl Iterator<Item = i32> {
    let own = std::process::id().to_string();
    // A process may end while it is looked at, and without /proc there is nothing to look at.
    let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
    folders.filter_map(move |folder| {
        let process = folder.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(folder.path().join("stat")).ok()?;
        // The name, in parentheses, may hold blanks and parentheses; then come the state and the parent.
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
        (parent == own).then_some(process)
    })
}
