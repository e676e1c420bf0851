//! A node's log: the records that its machine keeps, in one file, a [frame](frame) for each sync.
//!
//! The first record of the first frame names the protocol, the cluster and the node: the disk of another is refused,
//! and left as it is.
//!
//! In virtual time a loss of power is the master's doing, who then cuts the file; so there a sync is only told. In real time
//! it is carried out ([`Log::make_durable`]).
//!
//! Deliberately missing: compaction; a chain is kept whole by purpose.

pub mod frame;
mod medium;
mod preallocated;

pub use medium::{FileMedium, FolderError, LockedFolder, Medium, MemoryFolder, MemoryMedium};
pub use preallocated::PreallocatedFile;

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use crate::base::NodeName;
use crate::wire::disk::{DiskOutput, FileName, Room};

/// The version of the log's format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// Whose log it is: its first record, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The version of the log's format.
    format: u32,
    /// What the node runs.
    pub protocol: String,
    /// Which cluster it is of.
    pub cluster: String,
    /// Which node it is.
    pub node: NodeName,
}

impl Owner {
    /// Of a log of the present format.
    #[must_use]
    pub fn new(protocol: &str, cluster: &str, node: NodeName) -> Self {
        Self { format: FORMAT, protocol: protocol.to_owned(), cluster: cluster.to_owned(), node }
    }
}

/// `server 1 of the cluster "main", which runs gossip`.
impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, cluster, node, format: _ } = self;
        write!(formatter, "{} of the cluster {cluster:?}, which runs {protocol}", node.in_words())
    }
}

/// Why a log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It cannot be read.
    #[error("{place}: could not read it: {source}")]
    Unreadable {
        /// Which file.
        place: String,
        /// Why not.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("{place}: could not {attempt} it: {source}; nothing that was acknowledged is lost")]
    Unwritable {
        /// Which file.
        place: String,
        /// What was attempted.
        attempt: &'static str,
        /// Why it did not work.
        source: io::Error,
    },
    /// A frame in its middle is bad.
    #[error("{place}: {corrupt}. Nothing was changed; put a good copy in its place, or take an empty folder")]
    Corrupt {
        /// Which file.
        place: String,
        /// Which frame.
        corrupt: frame::Corrupt,
    },
    /// It belongs to another node.
    #[error(
        "{place}: it belongs to {found}; this is {expected}. Nothing was changed; each server needs a folder of its own"
    )]
    Foreign {
        /// Which file.
        place: String,
        /// Whose it is.
        found: Box<Owner>,
        /// Who wants to use it.
        expected: Box<Owner>,
    },
    /// It is something else, or of another version.
    #[error(
        "{place}: this is no log of splitbrain's of format {FORMAT}. Nothing was changed; each server needs a folder of \
         its own"
    )]
    Unknown {
        /// Which file.
        place: String,
    },
}

/// How a log is opened.
pub struct Opening<'o> {
    /// Whose it is.
    pub owner: &'o Owner,
    /// Whether there is room on the disk.
    pub room: Room,
    /// What errors call it.
    pub place: String,
}

/// A log that is open.
pub struct Log {
    medium: Box<dyn Medium>,
    place: String,
    file: FileName,
    room: Room,
    /// The sequence number of the next frame.
    frames: u64,
    length: u64,
    /// What goes into the next frame.
    records: Vec<Vec<u8>>,
    /// What goes into the first frame before them, as long as that is not written.
    founding: Option<Vec<u8>>,
    frame: Vec<u8>,
}

/// A log as it was found.
pub struct Opened {
    /// The log.
    pub log: Log,
    /// The records of the node's earlier lives.
    pub records: Vec<Vec<u8>>,
    /// That a torn end was cut off, if there was one.
    pub cut: Option<DiskOutput>,
}

impl Log {
    /// Opens a log. One that holds nothing becomes its owner's.
    ///
    /// # Errors
    /// The log is corrupt, or another's, or cannot be read.
    pub fn open(mut medium: Box<dyn Medium>, opening: Opening<'_>) -> Result<Opened, LogError> {
        let Opening { owner, room, place } = opening;
        let bytes = medium.read().map_err(|source| LogError::Unreadable { place: place.clone(), source })?;
        let recovered =
            frame::recover(&bytes).map_err(|corrupt| LogError::Corrupt { place: place.clone(), corrupt })?;
        let frame::Recovered { mut records, frames, length } = recovered;
        if frames == 0 && !frame::may_be_torn(&bytes) {
            return Err(LogError::Unknown { place });
        }
        let mut log = Self {
            medium,
            place,
            file: FileName::log(),
            room,
            frames,
            length: length as u64,
            records: Vec::new(),
            founding: None,
            frame: Vec::new(),
        };
        if records.is_empty() {
            log.founding = Some(serde_json::to_vec(owner).expect("an owner is representable in JSON"));
        } else {
            log.check_owner(&records.remove(0), owner)?;
        }
        let cut = if length < bytes.len() { Some(log.cut_torn_end()?) } else { None };
        Ok(Opened { log, records, cut })
    }

    fn check_owner(&self, first: &[u8], expected: &Owner) -> Result<(), LogError> {
        let place = self.place.clone();
        match serde_json::from_slice::<Owner>(first) {
            Ok(found) if found == *expected => Ok(()),
            Ok(found) if found.format == FORMAT => {
                Err(LogError::Foreign { place, found: Box::new(found), expected: Box::new(expected.clone()) })
            }
            Ok(_) | Err(_) => Err(LogError::Unknown { place }),
        }
    }

    fn cut_torn_end(&mut self) -> Result<DiskOutput, LogError> {
        self.medium.truncate(self.length).map_err(|source| self.failed("cut the torn end off", source))?;
        Ok(DiskOutput::Truncate { file: self.file.clone(), length: self.length })
    }

    /// What errors call it.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Adds a record to the next frame.
    pub fn add(&mut self, record: Vec<u8>) {
        self.records.push(record);
    }

    /// Writes the next frame, if there is anything to be written.
    ///
    /// # Errors
    /// There is no room, or the file cannot be written.
    pub fn append(&mut self) -> Result<Option<DiskOutput>, LogError> {
        if self.records.is_empty() {
            return Ok(None);
        }
        self.records.splice(0..0, self.founding.take());
        self.frame.clear();
        frame::write(self.frames, &self.records, &mut self.frame);
        let result = match self.room {
            Room::Space => self.medium.append(&self.frame),
            Room::Full => Err(io::Error::from(io::ErrorKind::StorageFull)),
        };
        result.map_err(|source| self.failed("append to", source))?;
        self.records.clear();
        self.frames += 1;
        self.length += self.frame.len() as u64;
        Ok(Some(DiskOutput::Append { file: self.file.clone(), length: self.length }))
    }

    /// What says that everything that was appended is to survive.
    #[must_use]
    pub fn sync(&self) -> DiskOutput {
        DiskOutput::Sync { file: self.file.clone() }
    }

    /// Carries the sync out, in real time.
    ///
    /// # Errors
    /// The disk failed: the node must not go on.
    pub fn make_durable(&mut self) -> Result<(), LogError> {
        self.medium.sync().map_err(|source| self.failed("sync", source))
    }

    /// Whether there is room on the disk from now on.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
    }

    fn failed(&self, attempt: &'static str, source: io::Error) -> LogError {
        LogError::Unwritable { place: self.place.clone(), attempt, source }
    }
}

#[cfg(test)]
mod tests;
