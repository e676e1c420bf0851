//! A script under one protocol, and the place of its golden.

use std::path::{Path, PathBuf};

use crate::base::quoted;
use crate::protocol::Protocol;

/// The golden of what a script prints with `--transcript`, in the folder of its golden.
pub const TRANSCRIPT: &str = "transcript.txt";
/// The endings of scripts.
pub(super) const SCRIPT_ENDINGS: [&str; 3] = ["txt", "yaml", "yml"];
/// The ending of the files of a golden.
pub(super) const GOLDEN_ENDING: &str = "txt";

/// A script under one protocol, and the place of its golden.
#[derive(Clone, Debug)]
pub struct Case {
    /// The script, as commands name it: `scripts/gossip/heal.txt`.
    pub script: PathBuf,
    /// What it is called: its path below the folder of scripts, without its ending: `gossip/heal`. Of a script for several
    /// protocols with this one: `consensus/quorum-loss (multi-paxos)`.
    pub name: String,
    /// The folder of its golden: `snapshots/gossip/heal`. Of a script for several protocols one below it for each:
    /// `snapshots/consensus/quorum-loss/multi-paxos`.
    pub golden: PathBuf,
    /// The protocol that is chosen for the run, if the script is for several.
    pub protocol: Option<&'static Protocol>,
}

impl Case {
    /// The script `relative`, a path below the folder `scripts`, with its golden below `snapshots`.
    pub(super) fn new(scripts: &Path, snapshots: &Path, relative: &Path) -> Self {
        let stem = relative.with_extension("");
        let (name, golden) = (stem.display().to_string(), snapshots.join(stem));
        Self { script: scripts.join(relative), name, golden, protocol: None }
    }

    /// The same script under one of the several protocols that it is for.
    pub(super) fn under(&self, protocol: &'static Protocol) -> Self {
        let name = format!("{} ({})", self.name, protocol.name);
        Self { script: self.script.clone(), name, golden: self.golden.join(protocol.name), protocol: Some(protocol) }
    }

    /// The script as reports name it, with its protocol if that is chosen.
    #[must_use]
    pub fn shown(&self) -> String {
        let protocol = self.protocol.map(|protocol| format!(" ({})", protocol.name)).unwrap_or_default();
        format!("{}{protocol}", self.script.display())
    }

    /// The script and the choice of its protocol, as words of a command line.
    pub(super) fn words(&self) -> String {
        let protocol = self.protocol.map(|protocol| format!(" --protocol {}", protocol.name)).unwrap_or_default();
        format!("{}{protocol}", quoted(&self.script))
    }
}

/// Is this the path of a script?
pub(super) fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|ending| SCRIPT_ENDINGS.iter().any(|one| ending == *one))
}
