//! The folder of a golden: what is in it, and how it is written.
//!
//! A file is written under a name that nothing looks at (`.transcript.txt.XXXXXX.partial`), synced, and then renamed: after a
//! crash at any point it is the old one or the new one. Who writes holds a lock on the folder, so that what another runner
//! has begun is never taken for the leftover of a crash.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::base::Environment;
use crate::base::limits::GOLDEN_LOCK_WALL_SECONDS;
use crate::golden::case::GOLDEN_ENDING;
use crate::golden::roster::Roster;
use crate::golden::wall::{Stopwatch, pause};

/// The ending of a file that is being written.
const PARTIAL: &str = ".partial";
/// Who may read and write a golden, before the umask takes some of it away.
const MODE: u32 = 0o666;

/// The names of the files of a golden that are in its folder. Folders in it are other scripts', and what is hidden is
/// nobody's.
///
/// # Errors
/// The folder is there, and cannot be read.
pub(super) fn golden_files(folder: &Path) -> Result<BTreeSet<String>, Environment> {
    let is_golden = |name: &String| {
        let path = folder.join(name);
        !name.starts_with('.') && path.extension().is_some_and(|ending| ending == GOLDEN_ENDING) && !path.is_dir()
    };
    Ok(names(folder)?.into_iter().filter(is_golden).collect())
}

/// The names in a folder, which may be absent.
fn names(folder: &Path) -> Result<Vec<String>, Environment> {
    let read = || match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    read().map_err(Environment::while_trying(|| format!("read the folder {}", folder.display())))
}

/// The folder of a golden, which nobody else writes.
pub(super) struct Locked<'a> {
    folder: &'a Path,
    _lock: Flock<File>,
}

impl<'a> Locked<'a> {
    /// Makes the folder if it is absent, waits until nobody else writes it, and removes what a crash has left. The roster
    /// says whether the runner is interrupted: then nothing is written any more.
    ///
    /// # Errors
    /// It cannot be made or locked, somebody else writes it for too long, or the runner is interrupted.
    pub(super) fn acquire(folder: &'a Path, roster: &Roster) -> Result<Self, Environment> {
        let lock = lock(folder, roster)
            .map_err(Environment::while_trying(|| format!("make and lock the folder {}", folder.display())))?;
        for name in names(folder)?.iter().filter(|name| name.starts_with('.') && name.ends_with(PARTIAL)) {
            remove(&folder.join(name))?;
        }
        Ok(Self { folder, _lock: lock })
    }

    /// Writes a file: wholly, or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Environment> {
        write_whole(self.folder, name, text)
    }

    /// Removes a file.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(super) fn remove(&self, name: &str) -> Result<(), Environment> {
        remove(&self.folder.join(name))
    }
}

/// Locks a folder, which is made if it is absent.
fn lock(folder: &Path, roster: &Roster) -> io::Result<Flock<File>> {
    let waiting = Stopwatch::start();
    go_on(roster)?;
    fs::create_dir_all(folder)?;
    let mut file = File::open(folder)?;
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return go_on(roster).map(|()| lock),
            Err((same, Errno::EWOULDBLOCK | Errno::EINTR)) => file = same,
            Err((_, error)) => return Err(error.into()),
        }
        go_on(roster)?;
        if waiting.is_over_seconds(GOLDEN_LOCK_WALL_SECONDS) {
            let words = format!(
                "another process has held a lock on it for {GOLDEN_LOCK_WALL_SECONDS} s; accept again when that has ended"
            );
            return Err(io::Error::new(io::ErrorKind::TimedOut, words));
        }
        pause();
    }
}

/// An interrupted runner does not go on to write.
fn go_on(roster: &Roster) -> io::Result<()> {
    match roster.is_leaving() {
        true => Err(io::Error::new(io::ErrorKind::Interrupted, "the runner is interrupted")),
        false => Ok(()),
    }
}

/// Writes a file into a folder: wholly, or not at all.
///
/// # Errors
/// It cannot be written.
pub(super) fn write_whole(folder: &Path, name: &str, text: &str) -> Result<(), Environment> {
    let path = folder.join(name);
    let write = || {
        let mut partial = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(PARTIAL)
            .permissions(Permissions::from_mode(MODE))
            .tempfile_in(folder)?;
        partial.write_all(text.as_bytes())?;
        partial.as_file().sync_all()?;
        partial.persist(&path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(Environment::while_trying(|| format!("write {}", path.display())))
}

fn remove(path: &Path) -> Result<(), Environment> {
    fs::remove_file(path).map_err(Environment::while_trying(|| format!("remove {}", path.display())))
}
