//! The log file of one replica: records are gathered, written in one call, and synced once.

use std::fs::{File, OpenOptions};
use std::io::Write as _;

use crate::measure::Home;

/// How soon a record must be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// Before the next message leaves.
    Now,
    /// Together with the next record that must be durable now.
    Later,
}

/// An append-only file with the records that are not written yet.
pub struct Journal {
    file: File,
    batch: Vec<u8>,
    due: bool,
}

impl Journal {
    /// The file of a replica, or none in memory.
    pub fn of(home: &Home, replica: u64) -> Option<Journal> {
        match home {
            Home::Memory => None,
            Home::Files(folder) => {
                let path = folder.join(format!("replica-{replica}"));
                let file = OpenOptions::new().append(true).create_new(true).open(path).expect("a log file");
                Some(Journal { file, batch: Vec::new(), due: false })
            }
        }
    }

    /// Adds a record: a byte that tells its kind, then what `encode` appends.
    pub fn record(&mut self, durable: Durable, kind: u8, encode: impl FnOnce(&mut Vec<u8>)) {
        self.due |= durable == Durable::Now;
        self.batch.push(kind);
        encode(&mut self.batch);
    }

    /// Makes the batch durable, if anything in it must be.
    pub fn settle(&mut self) {
        if self.due {
            self.file.write_all(&self.batch).expect("an append to the log file");
            self.file.sync_data().expect("a durable log file");
            self.batch.clear();
            self.due = false;
        }
    }
}
