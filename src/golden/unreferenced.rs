//! Goldens that no script makes.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::Environment;
use crate::golden::case::{Case, GOLDEN_ENDING};

/// The files below the folder of goldens that are no script's, in order. What a script's own folder holds is judged with
/// it; what is hidden is nobody's business.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn unreferenced(snapshots: &Path, cases: &[Case]) -> Result<Vec<PathBuf>, Environment> {
    let owned: BTreeSet<_> = cases.iter().map(|case| case.golden.as_path()).collect();
    let (mut files, mut folders) = (Vec::new(), vec![snapshots.to_owned()]);
    while let Some(folder) = folders.pop() {
        let entries =
            entries(&folder).map_err(Environment::while_trying(|| format!("read the folder {}", folder.display())))?;
        for path in entries {
            let is_golden = || path.extension().is_some_and(|ending| ending == GOLDEN_ENDING);
            // A link is not followed: what it leads to is somebody else's.
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
                folders.push(path);
            } else if !(owned.contains(folder.as_path()) && is_golden()) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
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
