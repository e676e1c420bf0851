//! The folder of a record: where it may be, and what of an earlier record in it is removed.
//!
//! Only what a record itself has made is ever removed, by its names: the folder may be one with other things in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::base::{Environment, NodeName};

/// The script, as it was read or typed.
pub(super) const SCRIPT: &str = "script.txt";
/// What commands print.
pub(super) const STDOUT: &str = "stdout.txt";
/// The transcript.
pub(super) const TRANSCRIPT: &str = "transcript.txt";
/// The trace.
pub const TRACE: &str = "trace.jsonl";
/// The history.
pub(super) const HISTORY: &str = "history.jsonl";
/// The folder with a folder for each node.
pub(super) const NODES: &str = "nodes";
/// What the folder of a node holds: its log, and its disk.
const NODE_LOG: &str = "log";
const NODE_DISK: &str = "data";

/// Where the record of a run goes.
#[derive(Clone, Debug)]
pub enum Place {
    /// Into a temporary folder.
    Temporary,
    /// Into this folder, which is absent or empty; its parents are made.
    Absent(PathBuf),
    /// Into this folder, in place of the record of an earlier run; other files in it are left alone.
    Replaced(PathBuf),
}

/// Why there is no record, and no run.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The user chose a folder that holds something.
    #[error(
        "--out {}: the folder is not empty, it holds `{entry}`; name one that is absent or empty, or say --force, which \
         replaces the record of an earlier run and leaves other files alone",
        path.display()
    )]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// The first of its entries.
        entry: String,
    },
    /// The user chose what is no folder.
    #[error(
        "--out {}: this is no folder, and a record is one; name one that is absent (it is made, with its parents) or \
         empty",
        path.display()
    )]
    NotAFolder {
        /// What it is.
        path: PathBuf,
    },
    /// The file system fails.
    #[error(transparent)]
    Environment(#[from] Environment),
}

/// The folder of a record, ready for it; with what removes it again, if it is temporary.
pub(super) fn prepare(place: &Place) -> Result<(PathBuf, Option<TempDir>), Refused> {
    let path = match place {
        Place::Temporary => {
            let temporary = make_temporary()?;
            return Ok((temporary.path().to_owned(), Some(temporary)));
        }
        Place::Absent(path) => {
            expect_folder(path)?;
            expect_empty(path)?;
            path
        }
        Place::Replaced(path) => {
            expect_folder(path)?;
            remove_earlier_record(path)?;
            path
        }
    };
    Ok((path.clone(), None))
}

fn make_temporary() -> Result<TempDir, Environment> {
    let made = tempfile::Builder::new().prefix("splitbrain-").tempdir();
    made.map_err(Environment::while_trying(|| {
        format!("make a folder for the record of the run in {}", std::env::temp_dir().display())
    }))
}

/// Makes a folder, and its parents; it may be there already.
pub(super) fn make(path: &Path) -> Result<(), Environment> {
    fs::create_dir_all(path)
        .map_err(Environment::while_trying(|| format!("make the folder {} for the record", path.display())))
}

/// What is absent becomes a folder.
fn expect_folder(path: &Path) -> Result<(), Refused> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Refused::NotAFolder { path: path.to_owned() }),
        // What is wrong with the path, if anything is, shows here.
        Err(_) => Ok(make(path)?),
    }
}

fn expect_empty(path: &Path) -> Result<(), Refused> {
    match entries(path)?.into_iter().next() {
        Some(entry) => Err(Refused::NotEmpty { path: path.to_owned(), entry }),
        None => Ok(()),
    }
}

/// The names of what a folder holds, in order.
fn entries(path: &Path) -> Result<Vec<String>, Environment> {
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    let names: io::Result<Vec<_>> = fs::read_dir(path).and_then(|folder| folder.map(name).collect());
    let mut names = names.map_err(Environment::while_trying(|| format!("read the folder {}", path.display())))?;
    names.sort();
    Ok(names)
}

fn remove_earlier_record(path: &Path) -> Result<(), Environment> {
    for name in [SCRIPT, STDOUT, TRANSCRIPT, TRACE, HISTORY] {
        remove_file(&path.join(name))?;
    }
    let nodes = path.join(NODES);
    if !is_folder(&nodes) {
        return Ok(());
    }
    for name in entries(&nodes)? {
        let node = nodes.join(&name);
        if name.parse::<NodeName>().is_ok() && is_folder(&node) {
            remove_file(&node.join(NODE_LOG))?;
            let disk = node.join(NODE_DISK);
            or_absent(fs::remove_dir_all(&disk), &disk)?;
            // It stays if somebody has put something else in it.
            let _ = fs::remove_dir(&node);
        }
    }
    Ok(())
}

/// Is it a folder? A link to one is none: it leads to what is somebody else's.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn remove_file(path: &Path) -> Result<(), Environment> {
    or_absent(fs::remove_file(path), path)
}

/// What was to be removed may be absent.
fn or_absent(removed: io::Result<()>, path: &Path) -> Result<(), Environment> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(Environment::while_trying(|| {
            format!("remove {}, of the record of an earlier run", path.display())
        })),
    }
}
