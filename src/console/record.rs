//! The record of a run: a folder with everything that it was given, printed and did.
//!
//! `docs/record.md` describes what is in it. Two runs of one script give the same bytes, so nothing in it names a path,
//! a process or the time of day.
//!
//! What stays of it:
//! 1. A folder that the user named stays, however the run ends.
//! 2. A temporary folder goes with the run, unless a node or the environment failed: then it is told where it is.
//! 3. Of a run in which splitbrain itself panics a temporary folder stays as well: it is what a report needs.

mod folder;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::base::{Environment, Verdict};
use crate::experiment::{PlainOutput, Snapshots, Transcript};
use crate::trace::{History, Reader, Sink, TraceLines};

pub use folder::{Place, Refused, TRACE};

/// How many bytes of a file are gathered before they are written.
const GATHERED_BYTES: usize = 64 * 1024;

/// The record of a run under way.
pub struct Record {
    folder: PathBuf,
    /// The folder, if it goes with the run.
    temporary: Option<TempDir>,
    script: Sink,
}

impl Record {
    /// Begins a record.
    ///
    /// # Errors
    /// The user chose a folder that cannot be one, or the file system fails.
    pub fn begin(place: &Place) -> Result<Self, Refused> {
        let (folder, temporary) = folder::prepare(place)?;
        folder::make(&folder.join(folder::NODES))?;
        let script = open(&folder, folder::SCRIPT)?;
        Ok(Self { folder, temporary, script })
    }

    /// Where the script goes: all of it, or what is typed, line by line.
    #[must_use]
    pub fn script(&self) -> &Sink {
        &self.script
    }

    /// The folder that holds a folder for each node.
    #[must_use]
    pub fn nodes(&self) -> PathBuf {
        self.folder.join(folder::NODES)
    }

    /// The folder, if it goes with the run.
    #[must_use]
    pub fn temporary(&self) -> Option<&Path> {
        self.temporary.as_ref().map(TempDir::path)
    }

    /// The readers of the trace that write the rest of it.
    ///
    /// # Errors
    /// A file cannot be made.
    pub fn readers(&self) -> Result<Vec<Box<dyn Reader>>, Environment> {
        let open = |name| open(&self.folder, name);
        Ok(vec![
            Box::new(PlainOutput::new(open(folder::STDOUT)?, Snapshots::Printed)),
            Box::new(Transcript::new(open(folder::TRANSCRIPT)?, Snapshots::Printed)),
            Box::new(TraceLines::new(open(folder::TRACE)?)?),
            Box::new(History::new(open(folder::HISTORY)?)?),
        ])
    }

    /// Ends the record of a run that ended so. Tells where it is, if it stays although the user named no folder.
    ///
    /// # Errors
    /// The temporary folder cannot be removed.
    pub fn conclude(mut self, verdict: Verdict) -> Result<Option<PathBuf>, Environment> {
        let Some(temporary) = self.temporary.take() else { return Ok(None) };
        if needs_evidence(verdict) {
            return Ok(Some(temporary.keep()));
        }
        let path = temporary.path().display().to_string();
        temporary.close().map_err(Environment::while_trying(|| format!("remove the folder {path}")))?;
        Ok(None)
    }
}

/// Is it likely that somebody has to find out how the run could end so?
fn needs_evidence(verdict: Verdict) -> bool {
    match verdict {
        Verdict::NodeFault | Verdict::Environment => true,
        Verdict::Passed | Verdict::Undecided | Verdict::Failed | Verdict::Interrupted | Verdict::Mistake => false,
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take().filter(|_| std::thread::panicking()) {
            // Where standard error is closed nobody listens.
            let _ = writeln!(io::stderr(), "record: {}", temporary.keep().display());
        }
    }
}

/// A new file of the record.
fn open(folder: &Path, name: &str) -> Result<Sink, Environment> {
    let path = folder.join(name);
    let file = File::create_new(&path)
        .map_err(Environment::while_trying(|| format!("make the file {} of the record", path.display())))?;
    Ok(Sink::new(&path.display().to_string(), BufWriter::with_capacity(GATHERED_BYTES, file)))
}

#[cfg(test)]
mod tests;
