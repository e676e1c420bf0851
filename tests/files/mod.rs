//! The files below a folder, and the scripts of this repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All files below a folder, by their paths in it.
pub fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let (mut files, mut folders) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).expect("it is in it").to_owned());
            }
        }
    }
    files
}

/// All scripts of this repository in the order of their paths, which are those under `scripts/`.
pub fn scripts() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(folder.join(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, text)
    };
    let scripts: Vec<_> = files_below(&folder).into_iter().map(read).collect();
    assert!(scripts.len() > 10, "only {} scripts were found", scripts.len());
    scripts
}
