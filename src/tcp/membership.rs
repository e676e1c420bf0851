//! What a server by hand keeps of itself beside its log: `founding.json` in its folder.
//!
//! It is written whole to a new file, synced, and put in the place of the old one; so it is the old or the new one, however
//! the machine fails. It stands on the disk before the log does.

use std::fs::{self, File};
use std::io::Write as _;

use serde::{Deserialize, Serialize};

use crate::base::{Incarnation, NodeName};
use crate::node::log::{FolderError, LockedFolder};
use crate::tcp::founding::{DiskNumber, Founding, Standing};

/// The version of the file's format.
const FORMAT: u32 = 1;
const NAME: &str = "founding.json";
const NEW_NAME: &str = "founding.json.new";

/// What the file holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    format: u32,
    /// Which cluster.
    cluster: String,
    /// What its servers run.
    protocol: String,
    /// Whose folder it is.
    node: NodeName,
    /// The number of the disk.
    disk: DiskNumber,
    /// The founding record, once there is one.
    founding: Option<Founding>,
    /// How many lives have begun that others may have heard of.
    lives: u32,
}

/// Whose folder it is.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Which cluster.
    pub cluster: &'a str,
    /// What its servers run.
    pub protocol: &'a str,
    /// Which server.
    pub node: NodeName,
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// It cannot be read or written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The file is none.
    #[error(
        "{place}: it is no founding record: {why}. Nothing was changed; put a good copy in its place, or take an empty folder"
    )]
    Unreadable {
        /// Which file.
        place: String,
        /// What does not fit.
        why: String,
    },
    /// It is another server's.
    #[error(
        "{place}: it belongs to {found}; this is {expected}. Nothing was changed; start it as that, or give another folder (--data)"
    )]
    Foreign {
        /// Which file.
        place: String,
        /// Whose it is.
        found: String,
        /// Who wants to use it.
        expected: String,
    },
    /// There is a log, and no file beside it.
    #[error(
        "{place} is missing, and there is a log beside it: what stands in it is needed to know that this is the disk which the \
         server began with. Put it back, or take an empty folder (the server then only learns)"
    )]
    Missing {
        /// Which file.
        place: String,
    },
}

impl Membership {
    /// Reads the file of a folder; makes it, with a new disk number, where the folder is empty.
    ///
    /// # Errors
    /// The folder is another server's, or damaged, or cannot be read or written.
    pub fn open(
        folder: &LockedFolder,
        identity: Identity<'_>,
        new_disk: impl FnOnce() -> std::io::Result<u64>,
    ) -> Result<Self, MembershipError> {
        let path = folder.path().join(NAME);
        let place = path.display().to_string();
        match fs::read(&path) {
            Ok(bytes) => Self::parse(&bytes, identity, place),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if folder.path().join(crate::wire::disk::FileName::log().as_str()).exists() {
                    return Err(MembershipError::Missing { place });
                }
                let disk = new_disk().map_err(FolderError::while_trying("draw a number for", &path))?;
                let Identity { cluster, protocol, node } = identity;
                let new = Self {
                    format: FORMAT,
                    cluster: cluster.to_owned(),
                    protocol: protocol.to_owned(),
                    node,
                    disk: DiskNumber(disk),
                    founding: None,
                    lives: 0,
                };
                new.write(folder)?;
                Ok(new)
            }
            Err(error) => Err(FolderError::while_trying("read", &path)(error).into()),
        }
    }

    fn parse(bytes: &[u8], identity: Identity<'_>, place: String) -> Result<Self, MembershipError> {
        let found: Self = match serde_json::from_slice(bytes) {
            Ok(found) => found,
            Err(error) => return Err(MembershipError::Unreadable { place, why: error.to_string() }),
        };
        if found.format != FORMAT {
            let why = format!("its format is {}, and not {FORMAT}", found.format);
            return Err(MembershipError::Unreadable { place, why });
        }
        let theirs = Identity { cluster: &found.cluster, protocol: &found.protocol, node: found.node };
        if theirs.in_words() != identity.in_words() {
            let (found, expected) = (theirs.in_words(), identity.in_words());
            return Err(MembershipError::Foreign { place, found, expected });
        }
        Ok(found)
    }

    fn write(&self, folder: &LockedFolder) -> Result<(), FolderError> {
        let (path, new) = (folder.path().join(NAME), folder.path().join(NEW_NAME));
        let mut text = serde_json::to_vec_pretty(self).expect("a membership is representable in JSON");
        text.push(b'\n');
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(FolderError::while_trying("write", &path))?;
        folder.sync()
    }

    /// What the others are told.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing { disk: self.disk, founding: self.founding.clone() }
    }

    /// Writes a founding record down.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn found(&mut self, folder: &LockedFolder, founding: &Founding) -> Result<(), FolderError> {
        self.founding = Some(founding.clone());
        self.write(folder)
    }

    /// The life that begins now. `has_log`: is anything left of an earlier one? A server that is no founder has had lives of
    /// which nothing is left.
    #[must_use]
    pub fn incarnation(&self, is_founder: bool, has_log: bool) -> Incarnation {
        let least = u32::from(!is_founder || has_log);
        Incarnation(self.lives.max(least))
    }

    /// Writes down that this life has begun: before anybody hears of it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(&mut self, folder: &LockedFolder, life: Incarnation) -> Result<(), FolderError> {
        self.lives = life.0.saturating_add(1);
        self.write(folder)
    }
}

impl Identity<'_> {
    fn in_words(self) -> String {
        let Self { cluster, protocol, node } = self;
        format!("{} of the cluster {cluster:?}, which runs {protocol}", node.in_words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: Identity<'_> = Identity { cluster: "main", protocol: "raft", node: NodeName::server(1) };

    #[test]
    fn what_is_written_is_there_in_the_next_life() {
        let folder = tempfile::tempdir().unwrap();
        let locked = LockedFolder::open(&folder.path().join("server-1")).unwrap();
        let open = || Membership::open(&locked, IDENTITY, || Ok(7));
        let mut first = open().unwrap();
        assert_eq!(first.standing(), Standing { disk: DiskNumber(7), founding: None });
        assert_eq!(first.incarnation(true, false), Incarnation(0));
        let founding = Founding { disks: [(NodeName::server(1), DiskNumber(7))].into() };
        first.found(&locked, &founding).unwrap();
        first.begin(&locked, Incarnation(0)).unwrap();
        let second = Membership::open(&locked, IDENTITY, || panic!("the disk has its number")).unwrap();
        assert_eq!(second, first);
        assert_eq!(second.incarnation(true, true), Incarnation(1));
    }

    #[test]
    fn a_life_that_nobody_heard_of_is_no_life_and_one_without_its_disk_is_a_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let locked = LockedFolder::open(folder.path()).unwrap();
        let new = Membership::open(&locked, IDENTITY, || Ok(7)).unwrap();
        assert_eq!(new.incarnation(true, true), Incarnation(1), "its log was begun");
        assert_eq!(new.incarnation(false, false), Incarnation(1), "it lost its disk");
    }

    #[test]
    fn the_folder_of_another_server_and_a_damaged_one_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let locked = LockedFolder::open(folder.path()).unwrap();
        let _ = Membership::open(&locked, IDENTITY, || Ok(7)).unwrap();
        let refused = |identity| Membership::open(&locked, identity, || Ok(8)).unwrap_err().to_string();
        let text = refused(Identity { node: NodeName::server(2), ..IDENTITY });
        assert!(
            text.contains("it belongs to server 1 of the cluster \"main\", which runs raft; this is server 2"),
            "{text}"
        );
        assert!(refused(Identity { protocol: "gossip", ..IDENTITY }).contains("which runs gossip"));
        fs::write(folder.path().join(NAME), "{").unwrap();
        assert!(refused(IDENTITY).contains("it is no founding record"), "{}", refused(IDENTITY));
        fs::remove_file(folder.path().join(NAME)).unwrap();
        fs::write(folder.path().join("log"), "x").unwrap();
        assert!(refused(IDENTITY).contains("is missing, and there is a log beside it"), "{}", refused(IDENTITY));
    }
}
