//! Goldens that no script makes.
//!
//! Whoever reads of them is told how to remove them. So nothing counts that is not surely a golden: files of another ending,
//! what is hidden, what a link leads to, and the folder of scripts if it is below that of goldens.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::Environment;
use crate::golden::case::{GOLDEN_ENDING, TRANSCRIPT};
use crate::golden::discovery::Selection;

/// The goldens that are no script's, in order. What a folder holds that is `owned` is judged with its script.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn unreferenced(selection: &Selection, owned: &BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, Environment> {
    let Selection { scripts, snapshots, .. } = selection;
    let scripts = fs::canonicalize(scripts).ok();
    let is_of_scripts = |folder: &Path| scripts.is_some() && fs::canonicalize(folder).ok() == scripts;
    let contents = contents(snapshots, scripts.as_deref());
    let (mut files, mut folders) = (Vec::new(), vec![snapshots.clone()]);
    while let Some(folder) = folders.pop() {
        if is_of_scripts(&folder) {
            continue;
        }
        let entries =
            entries(&folder).map_err(Environment::while_trying(|| format!("read the folder {}", folder.display())))?;
        let may_hold_goldens = match contents {
            Contents::Goldens => true,
            Contents::Anything => entries.iter().any(|path| path.ends_with(TRANSCRIPT)),
        };
        let is_orphaned = may_hold_goldens && !owned.contains(folder.as_path());
        for path in entries {
            let is_golden = || path.extension().is_some_and(|ending| ending == GOLDEN_ENDING);
            // A link is not followed: what it leads to is somebody else's.
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
                folders.push(path);
            } else if is_orphaned && is_golden() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// What the folder of goldens is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contents {
    /// For goldens.
    Goldens,
    /// For scripts and more, too: there only files beside a transcript are goldens.
    Anything,
}

fn contents(snapshots: &Path, scripts: Option<&Path>) -> Contents {
    match (fs::canonicalize(snapshots), scripts) {
        (Ok(snapshots), Some(scripts)) if scripts.starts_with(&snapshots) => Contents::Anything,
        (Ok(_) | Err(_), Some(_) | None) => Contents::Goldens,
    }
}

/// What a folder holds and does not hide. It may be absent.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths: Vec<_> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    let is_hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    Ok(paths.into_iter().filter(|path| !is_hidden(path)).collect())
}
