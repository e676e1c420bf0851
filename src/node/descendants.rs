//! What a process has started, by itself or through others: adopted when it loses its parent, and ended.
//!
//! A process in a group or session of its own is in nobody's reach, and one whose parent has ended is nobody's child,
//! unless a process above it asked the kernel for it. Such a one finds it among its children, sooner or later: nothing
//! below it can leave but by ending.
//!
//! Deliberately missing: an end of processes that this user may not signal.

use std::collections::BTreeSet;
use std::{fs, io};

use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::Pid;

/// How often children are looked for: each time round, the children of those that were killed come to light.
const ROUNDS: usize = 1_000;

/// Makes every process below this one that loses its parent a child of this one, from now on.
///
/// # Errors
/// The kernel refuses.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(true)?)
}

/// Ends all children but these, then those that it adopts because of that, until there are none.
pub fn end_children(spared: &BTreeSet<i32>) {
    for _ in 0..ROUNDS {
        if is_childless() {
            return;
        }
        // Each is killed as soon as it is found: one that starts another and leaves, again and again, would be gone.
        let found = children().filter(|child| !spared.contains(child)).map(Pid::from_raw);
        let (killed, refused): (Vec<_>, Vec<_>) = found.partition(|&child| kill(child, Signal::SIGKILL).is_ok());
        // Such a one may have been missed this time, but only if none is spared is it clear that there is one.
        if killed.is_empty() && !(refused.is_empty() && spared.is_empty()) {
            return;
        }
        for child in killed {
            // That ends, for it is killed; an error means that it was waited for already.
            let _ = waitpid(child, None);
        }
    }
}

/// Waits for the children that have ended, except for this one, which keeps its number until it is waited for.
pub fn reap_all_but(child: Pid) {
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    while let Some(ended) = waitid(Id::All, look).ok().and_then(|status| status.pid()) {
        if ended == child || waitpid(ended, Some(WaitPidFlag::WNOHANG)).is_err() {
            return;
        }
    }
}

/// Has this process no children at all? Mostly it is so, and then not every process there is has to be looked at.
fn is_childless() -> bool {
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    waitid(Id::All, look) == Err(Errno::ECHILD)
}

/// The processes whose parent is this one.
pub fn children() -> impl Iterator<Item = i32> {
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
