//! A node's files from outside: what the master does to them when the node is dead, or its disk is at fault.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use crate::base::Environment;
use crate::node::log::MemoryFolder;

/// What `flip` changes of a byte.
const FLIPPED_BIT: u8 = 1;

/// Where a node's files are.
#[derive(Clone, Debug)]
pub enum NodeFiles {
    /// In a folder, which need not be there before the node has files.
    Folder(PathBuf),
    /// In the master's memory.
    Memory(MemoryFolder),
}

impl NodeFiles {
    /// Is there nothing yet?
    ///
    /// # Errors
    /// There is something, or nobody may look.
    pub fn check_empty(&self) -> Result<(), Environment> {
        let (is_empty, place) = match self {
            Self::Folder(folder) => match fs::read_dir(folder) {
                Ok(mut entries) => (entries.next().is_none(), folder.display().to_string()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => (true, String::new()),
                Err(error) => return Err(failed("read the folder", folder)(error)),
            },
            Self::Memory(folder) => (folder.with(|files| files.is_empty()), "memory".to_owned()),
        };
        if is_empty {
            return Ok(());
        }
        let source = io::Error::other("it is not empty: another run has left something there");
        Err(Environment { attempt: format!("use {place} for a node's files"), source })
    }

    /// The names of everything that is there, in order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>, Environment> {
        let folder = match self {
            Self::Folder(folder) => folder,
            Self::Memory(folder) => return Ok(folder.with(|files| files.keys().cloned().collect())),
        };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read the folder", folder)(error)),
        };
        let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> =
            entries.map(name).collect::<io::Result<_>>().map_err(failed("read the folder", folder))?;
        names.sort();
        Ok(names)
    }

    /// How many bytes a file has; `None` if there is no such file, but nothing, or a folder, a link, a pipe.
    ///
    /// # Errors
    /// The folder cannot be looked at.
    pub fn length(&self, name: &str) -> Result<Option<u64>, Environment> {
        match self {
            Self::Folder(folder) => match fs::symlink_metadata(folder.join(name)) {
                Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(failed("look at", &folder.join(name))(error)),
            },
            Self::Memory(folder) => Ok(folder.with(|files| files.get(name).map(|bytes| bytes.len() as u64))),
        }
    }

    /// Cuts a file off after `length` bytes, if it is longer. One that is not there has no bytes.
    ///
    /// # Errors
    /// It cannot be cut.
    pub fn cut(&self, name: &str, length: u64) -> Result<(), Environment> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                let file = match open_in_place(&path) {
                    Ok(file) => file,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                    Err(error) => return Err(failed("open", &path)(error)),
                };
                let is_longer = file.metadata().map_err(failed("look at", &path))?.len() > length;
                if is_longer { file.set_len(length).map_err(failed("cut", &path)) } else { Ok(()) }
            }
            Self::Memory(folder) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                folder.with(|files| files.get_mut(name).into_iter().for_each(|bytes| bytes.truncate(length)));
                Ok(())
            }
        }
    }

    /// Flips a bit of the byte at `offset`.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn flip(&self, name: &str, offset: u64) -> Result<(), Environment> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                let flip = || {
                    let file = open_in_place(&path)?;
                    let mut byte = [0];
                    file.read_exact_at(&mut byte, offset)?;
                    file.write_all_at(&[byte[0] ^ FLIPPED_BIT], offset)
                };
                flip().map_err(failed("flip a bit of", &path))
            }
            Self::Memory(folder) => {
                let offset = usize::try_from(offset).unwrap_or(usize::MAX);
                folder.with(|files| {
                    let byte = files.get_mut(name).and_then(|bytes| bytes.get_mut(offset));
                    byte.into_iter().for_each(|byte| *byte ^= FLIPPED_BIT);
                });
                Ok(())
            }
        }
    }

    /// Gives a file another name, in place of one that has it.
    ///
    /// # Errors
    /// It cannot be renamed.
    pub fn rename(&self, name: &str, to: &str) -> Result<(), Environment> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                fs::rename(&path, folder.join(to)).map_err(failed("rename", &path))
            }
            Self::Memory(folder) => {
                folder.with(|files| {
                    if let Some(bytes) = files.remove(name) {
                        files.insert(to.to_owned(), bytes);
                    }
                });
                Ok(())
            }
        }
    }

    /// Removes everything but the files that `keep` names.
    ///
    /// # Errors
    /// One cannot be removed.
    pub fn remove_others(&self, keep: impl Fn(&str) -> bool) -> Result<(), Environment> {
        match self {
            Self::Folder(folder) => remove_others(folder, keep),
            Self::Memory(folder) => {
                folder.with(|files| files.retain(|name, _| keep(name)));
                Ok(())
            }
        }
    }
}

/// Opens what is there without following a link, and without waiting for whoever reads from a pipe: the node may have put
/// anything in a file's place.
fn open_in_place(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    OpenOptions::new().read(true).write(true).custom_flags(flags.bits()).open(path)
}

fn remove_others(folder: &Path, keep: impl Fn(&str) -> bool) -> Result<(), Environment> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("read the folder", folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed("read the folder", folder))?;
        let path = entry.path();
        let found = entry.file_type().map_err(failed("look at", &path))?;
        if found.is_file() && entry.file_name().to_str().is_some_and(&keep) {
            continue;
        }
        let removed = if found.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(failed("remove", &path))?;
    }
    Ok(())
}

fn failed(attempt: &str, path: &Path) -> impl FnOnce(io::Error) -> Environment {
    Environment::while_trying(move || format!("{attempt} {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both() -> (tempfile::TempDir, [NodeFiles; 2]) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("log"), b"abcdef").unwrap();
        fs::create_dir(folder.path().join("other")).unwrap();
        fs::write(folder.path().join("other/file"), b"x").unwrap();
        let memory = MemoryFolder::default();
        memory.with(|files| {
            files.insert("log".to_owned(), b"abcdef".to_vec());
            files.insert("other".to_owned(), b"x".to_vec());
        });
        let files = [NodeFiles::Folder(folder.path().to_path_buf()), NodeFiles::Memory(memory)];
        (folder, files)
    }

    #[test]
    fn a_folder_and_memory_obey_alike() {
        let (_folder, both) = both();
        for files in both {
            assert!(files.check_empty().is_err());
            assert_eq!(files.length("log").unwrap(), Some(6));
            assert_eq!(files.length("none").unwrap(), None);
            files.cut("none", 0).unwrap();
            files.cut("log", 10).unwrap();
            assert_eq!(files.length("log").unwrap(), Some(6), "cutting never makes longer");
            files.cut("log", 3).unwrap();
            files.cut("none", 0).unwrap();
            files.flip("log", 0).unwrap();
            files.rename("log", "vote").unwrap();
            assert_eq!((files.length("log").unwrap(), files.length("vote").unwrap()), (None, Some(3)));
            files.remove_others(|name| name == "vote").unwrap();
            assert_eq!((files.length("other").unwrap(), files.length("vote").unwrap()), (None, Some(3)));
            match &files {
                NodeFiles::Folder(folder) => assert_eq!(fs::read(folder.join("vote")).unwrap(), b"`bc"),
                NodeFiles::Memory(folder) => folder.with(|files| assert_eq!(files["vote"], b"`bc")),
            }
        }
    }

    #[test]
    fn a_folder_that_was_never_made_holds_nothing() {
        let files = NodeFiles::Folder(PathBuf::from("/proc/none/data"));
        assert_eq!(files.length("log").unwrap(), None);
        files.check_empty().unwrap();
        files.remove_others(|_| false).unwrap();
    }
}
