//! A script and the place of its golden.

use std::path::{Path, PathBuf};

/// The golden of what a script prints with `--transcript`, in the folder of its golden.
pub const TRANSCRIPT: &str = "transcript.txt";
/// The endings of scripts.
pub(super) const SCRIPT_ENDINGS: [&str; 3] = ["txt", "yaml", "yml"];
/// The ending of the files of a golden.
pub(super) const GOLDEN_ENDING: &str = "txt";

/// A script and the place of its golden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The script, as commands name it: `scripts/gossip/heal.txt`.
    pub script: PathBuf,
    /// What it is called: its path below the folder of scripts, without its ending: `gossip/heal`.
    pub name: String,
    /// The folder of its golden: `snapshots/gossip/heal`.
    pub golden: PathBuf,
}

impl Case {
    /// The script `relative`, a path below the folder `scripts`, with its golden below `snapshots`.
    pub(super) fn new(scripts: &Path, snapshots: &Path, relative: &Path) -> Self {
        let stem = relative.with_extension("");
        Self { script: scripts.join(relative), name: stem.display().to_string(), golden: snapshots.join(stem) }
    }
}

/// Is this the path of a script?
pub(super) fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|ending| SCRIPT_ENDINGS.iter().any(|one| ending == *one))
}
