//! Where a node's files are: a folder of the machine, or memory.
//!
//! Both obey one rule: what was appended is there at once, for whoever opens the file next. That it is durable is in virtual time the
//! master's to say, who cuts the files of a dead node back to what its last sync covers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::fcntl::{Flock, FlockArg};

/// A file that a log is kept in.
pub trait Medium {
    /// Everything that is in it.
    ///
    /// # Errors
    /// It cannot be read.
    fn read(&mut self) -> io::Result<Vec<u8>>;

    /// Writes at its end.
    ///
    /// # Errors
    /// It cannot be written; there may then be a part of it.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Cuts it off after `length` bytes.
    ///
    /// # Errors
    /// It cannot be cut.
    fn truncate(&mut self, length: u64) -> io::Result<()>;

    /// Makes what was appended survive a loss of power. In virtual time nobody calls it: there that is the master's to
    /// say.
    ///
    /// # Errors
    /// The disk failed: nobody knows what of it will survive, and the node must not go on.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file in a folder that is locked for as long as this lives.
#[derive(Debug)]
pub struct FileMedium {
    file: File,
    _lock: LockedFolder,
}

/// A folder that no other node can have for as long as this lives.
#[derive(Debug)]
pub struct LockedFolder {
    path: PathBuf,
    handle: Flock<File>,
}

/// Why a folder cannot be a node's.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another node has it.
    #[error("the data folder {} is in use: this server runs already, or another one has it; each server needs a folder of its own", .0.display())]
    InUse(PathBuf),
    /// There is something else.
    #[error("{} is no folder; a server needs a folder of its own for its data", .0.display())]
    NoFolder(PathBuf),
    /// It, or a file in it, cannot be made, opened or locked.
    #[error("could not {attempt} {}: {source}", .path.display())]
    Io {
        /// What was attempted.
        attempt: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it did not work.
        source: io::Error,
    },
}

impl FolderError {
    /// For `map_err`.
    pub(crate) fn while_trying(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io { attempt, path, source }
    }
}

impl LockedFolder {
    /// Locks a folder; makes it where it is not there.
    ///
    /// # Errors
    /// Another node has it, or it cannot be made, opened or locked.
    pub fn open(folder: &Path) -> Result<Self, FolderError> {
        let failed = FolderError::while_trying;
        if folder.exists() && !folder.is_dir() {
            return Err(FolderError::NoFolder(folder.to_path_buf()));
        }
        fs::create_dir_all(folder).map_err(failed("make the data folder", folder))?;
        let handle = File::open(folder).map_err(failed("open the data folder", folder))?;
        // The folder and not a file in it: so there is no file that is only there to be locked.
        let lock = Flock::lock(handle, FlockArg::LockExclusiveNonblock).map_err(|(_, error)| match error {
            nix::errno::Errno::EWOULDBLOCK => FolderError::InUse(folder.to_path_buf()),
            other => failed("lock the data folder", folder)(other.into()),
        })?;
        Ok(Self { path: folder.to_path_buf(), handle: lock })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the names of the files in it survive a loss of power.
    ///
    /// # Errors
    /// The disk failed.
    pub fn sync(&self) -> Result<(), FolderError> {
        self.handle.sync_all().map_err(FolderError::while_trying("sync the data folder", &self.path))
    }
}

impl FileMedium {
    /// Opens the file `name` in `folder`; makes both where they are not there.
    ///
    /// # Errors
    /// Another node has the folder open, or it cannot be made, locked or written.
    pub fn open(folder: &Path, name: &str) -> Result<Self, FolderError> {
        let lock = LockedFolder::open(folder)?;
        let path = folder.join(name);
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path);
        Ok(Self { file: file.map_err(FolderError::while_trying("open", &path))?, _lock: lock })
    }
}

impl Medium for FileMedium {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// A node's folder in memory: its files by name. Clones share them: the node has one, the master another.
#[derive(Clone, Debug, Default)]
pub struct MemoryFolder(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl MemoryFolder {
    /// Looks at the files, or changes them.
    pub fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        act(&mut self.0.borrow_mut())
    }

    /// The file `name`, to be appended to.
    #[must_use]
    pub fn file(&self, name: &str) -> MemoryMedium {
        MemoryMedium { folder: self.clone(), name: name.to_owned() }
    }
}

/// A file of a [`MemoryFolder`].
#[derive(Clone, Debug)]
pub struct MemoryMedium {
    folder: MemoryFolder,
    name: String,
}

impl MemoryMedium {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.folder.with(|files| match files.get_mut(&self.name) {
            Some(bytes) => act(bytes),
            None => act(files.entry(self.name.clone()).or_default()),
        })
    }
}

impl Medium for MemoryMedium {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.with(|bytes| bytes.clone()))
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.with(|file| file.extend_from_slice(bytes));
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.with(|bytes| bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX)));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}
