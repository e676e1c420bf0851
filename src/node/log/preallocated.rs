//! A file whose room on the disk is there before it is needed, so that a sync writes data and little else.
//!
//! Behind what was appended stand zeros, up to the end of the room; whoever opens the file next takes them for a torn end,
//! and cuts them off. Without the room every append makes the file longer, and every sync writes that down as well.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::FileExt as _;
use std::rc::Rc;

use nix::fcntl::{FallocateFlags, fallocate};

use crate::node::log::medium::{FolderError, LockedFolder, Medium};

/// How much room is made at once, in bytes.
const ROOM_BYTES: u64 = 16 * 1024 * 1024;

/// A file in a folder that is locked for as long as this lives.
#[derive(Debug)]
pub struct PreallocatedFile {
    file: File,
    /// Where the next bytes go.
    end: u64,
    /// Up to where there is room.
    room_end: u64,
    _lock: Rc<LockedFolder>,
}

impl PreallocatedFile {
    /// Opens the file `name` in `folder`; makes it where it is not there.
    ///
    /// # Errors
    /// It cannot be made or opened.
    pub fn open(folder: Rc<LockedFolder>, name: &str) -> Result<Self, FolderError> {
        let path = folder.path().join(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(FolderError::while_trying("open", &path))?;
        folder.sync()?;
        let end = file.metadata().map_err(FolderError::while_trying("look at", &path))?.len();
        Ok(Self { file, end, room_end: end, _lock: folder })
    }

    /// Makes room for at least so many bytes more. A file system that cannot make room in advance makes it when it is needed.
    fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        if self.end + bytes <= self.room_end {
            return Ok(());
        }
        let room = bytes.next_multiple_of(ROOM_BYTES);
        let offset = |bytes: u64| i64::try_from(bytes).map_err(io::Error::other);
        match fallocate(&self.file, FallocateFlags::empty(), offset(self.end)?, offset(room)?) {
            Ok(()) => self.room_end = self.end + room,
            Err(nix::errno::Errno::EOPNOTSUPP | nix::errno::Errno::ENOSYS) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

impl Medium for PreallocatedFile {
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.make_room(bytes.len() as u64)?;
        self.file.write_all_at(bytes, self.end)?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        (self.end, self.room_end) = (length, length);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// The file of a node that has left ends where its log does.
impl Drop for PreallocatedFile {
    fn drop(&mut self) {
        // What stays there are zeros, and the next life cuts them off.
        let _ = self.file.set_len(self.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &std::path::Path) -> PreallocatedFile {
        PreallocatedFile::open(Rc::new(LockedFolder::open(folder).unwrap()), "log").unwrap()
    }

    #[test]
    fn what_is_appended_stands_before_the_room_and_the_room_goes_with_the_node() {
        let folder = tempfile::tempdir().unwrap();
        let length = || folder.path().join("log").metadata().unwrap().len();
        let mut file = open(folder.path());
        file.append(b"one").unwrap();
        file.append(b"two").unwrap();
        file.sync().unwrap();
        assert_eq!(length(), ROOM_BYTES);
        let bytes = std::fs::read(folder.path().join("log")).unwrap();
        assert_eq!(&bytes[..6], b"onetwo");
        assert!(bytes[6..].iter().all(|byte| *byte == 0));
        drop(file);
        assert_eq!(length(), 6);
        let mut file = open(folder.path());
        assert_eq!(file.read().unwrap(), b"onetwo");
        file.truncate(3).unwrap();
        file.append(b"2").unwrap();
        drop(file);
        assert_eq!(std::fs::read(folder.path().join("log")).unwrap(), b"one2");
    }

    #[test]
    fn an_append_longer_than_the_room_makes_more_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = open(folder.path());
        let long = vec![7; usize::try_from(ROOM_BYTES).unwrap() + 1];
        file.append(&long).unwrap();
        file.append(b"x").unwrap();
        drop(file);
        assert_eq!(folder.path().join("log").metadata().unwrap().len(), ROOM_BYTES + 2);
    }
}
