//! The golden files of snapshots: compared with what a run shows, or written.
//!
//! 1. A run that did not pass writes none.
//! 2. A file is there as a whole or not at all: it is written beside its place, and moved there.
//!
//! Deliberately missing: golden transcripts, and files that no snapshot names; both are for whoever runs many scripts.

use std::cell::RefCell;
use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use similar::TextDiff;

use crate::base::{Environment, limits};
use crate::trace::{Happening, Moment, Reader};

/// The snapshots that a run takes. Clones share them: one reads the run, another looks at them in the end.
#[derive(Clone, Debug, Default)]
pub struct TakenSnapshots(Rc<RefCell<Vec<Taken>>>);

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Taken {
    /// The line of the script.
    line: usize,
    name: String,
    text: String,
}

impl Reader for TakenSnapshots {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        if let Happening::Snapshot { line, name, text } = happening {
            let (name, text) = ((*name).to_owned(), (*text).to_owned());
            self.0.borrow_mut().push(Taken { line: *line, name, text });
        }
        Ok(())
    }
}

impl TakenSnapshots {
    /// Which of them are not as their golden files in `folder`, in the order in which they were taken.
    ///
    /// # Errors
    /// A file that is there cannot be read.
    pub fn compare(&self, folder: &Path) -> Result<Vec<Difference>, Environment> {
        let mut differences = Vec::new();
        for Taken { line, name, text } in &*self.0.borrow() {
            let path = golden_of(folder, name);
            let golden = read(&path)?;
            if golden.as_deref() != Some(text.as_bytes()) {
                let golden = golden.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                differences.push(Difference { line: *line, name: name.clone(), path, golden, found: text.clone() });
            }
        }
        Ok(differences)
    }

    /// Makes them the golden files in `folder`, which is made if it is absent. Returns those that were written: what is as
    /// it should be is left alone.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn accept(&self, folder: &Path) -> Result<Vec<PathBuf>, Environment> {
        let differences = self.compare(folder)?;
        for Difference { path, found, .. } in &differences {
            write(folder, path, found).map_err(Environment::while_trying(|| format!("write {}", path.display())))?;
        }
        Ok(differences.into_iter().map(|difference| difference.path).collect())
    }
}

fn golden_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.txt"))
}

/// What a file holds, if it is there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, Environment> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).map_err(Environment::while_trying(|| format!("read {}", path.display()))),
    }
}

/// Writes a file in `folder` as a whole.
fn write(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // Others may read it, as far as the user's mask lets them: it is a file as any other.
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o666)).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// A snapshot that is not as its golden file.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The line of the script.
    pub line: usize,
    name: String,
    path: PathBuf,
    /// What the file holds, if it is there.
    golden: Option<String>,
    found: String,
}

/// A sentence, and what differs below it: at most [`limits::DIFFERENCE_LINES_SHOWN`] lines.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, path, golden, found, .. } = self;
        let path = path.display();
        let Some(golden) = golden else {
            return write!(formatter, "the snapshot `{name}` has no golden file: {path} is absent; --accept writes it");
        };
        write!(formatter, "the snapshot `{name}` differs from {path}")?;
        let lines = golden.lines().count().max(found.lines().count());
        if lines > limits::DIFFERENCE_LINES_COMPARED {
            let same = golden.lines().zip(found.lines()).take_while(|(one, other)| one == other).count();
            return write!(formatter, ", first in line {}", same + 1);
        }
        let difference = TextDiff::from_lines(golden, found).unified_diff().header("golden", "found").to_string();
        let shown = limits::DIFFERENCE_LINES_SHOWN;
        difference.lines().take(shown).try_for_each(|line| write!(formatter, "\n{line}"))?;
        match difference.lines().count().saturating_sub(shown) {
            0 => Ok(()),
            more => write!(formatter, "\n... and {more} lines more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Time;

    /// Two snapshots, on the lines 7 and 8.
    fn taken(texts: [&str; 2]) -> TakenSnapshots {
        let mut taken = TakenSnapshots::default();
        for ((line, name), text) in [(7, "a"), (8, "b")].into_iter().zip(texts) {
            taken.read(Moment { event: 1, at: Time(0) }, &Happening::Snapshot { line, name, text }).unwrap();
        }
        taken
    }

    fn said(taken: &TakenSnapshots, folder: &Path) -> Vec<String> {
        let said = |difference: Difference| format!("{}: {difference}", difference.line);
        let path = folder.display().to_string();
        taken.compare(folder).unwrap().into_iter().map(said).map(|text| text.replace(&path, "DIR")).collect()
    }

    #[test]
    fn what_is_accepted_is_compared_and_only_what_differs_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let goldens = folder.path().join("not/yet/there");
        let before = taken(["x\n", "y\n"]);
        assert_eq!(
            said(&before, &goldens),
            [
                "7: the snapshot `a` has no golden file: DIR/a.txt is absent; --accept writes it",
                "8: the snapshot `b` has no golden file: DIR/b.txt is absent; --accept writes it"
            ]
        );
        assert_eq!(before.accept(&goldens).unwrap(), [goldens.join("a.txt"), goldens.join("b.txt")]);
        assert!(said(&before, &goldens).is_empty());
        let after = taken(["x\n", "y\nz"]);
        assert_eq!(
            said(&after, &goldens),
            [
                "8: the snapshot `b` differs from DIR/b.txt\n--- golden\n+++ found\n@@ -1 +1,2 @@\n y\n+z\n\\ No newline at end of file"
            ]
        );
        assert_eq!(after.accept(&goldens).unwrap(), [goldens.join("b.txt")]);
        // Nothing is left beside the goldens.
        assert_eq!(fs::read_dir(&goldens).unwrap().count(), 2);
        assert_eq!(fs::read_to_string(goldens.join("b.txt")).unwrap(), "y\nz");
    }

    #[test]
    fn what_is_shown_of_a_difference_has_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let many = |what: &str, count: usize| (0..count).map(|line| format!("{what}{line}\n")).collect::<String>();
        taken([&many("x", 300), &many("x", 20_000)]).accept(folder.path()).unwrap();
        let differ = taken([&many("y", 300), &many("x", 20_001)]);
        let said = said(&differ, folder.path());
        assert_eq!(said[0].lines().count(), 1 + limits::DIFFERENCE_LINES_SHOWN + 1);
        assert!(said[0].ends_with("\n... and 503 lines more"), "{}", said[0]);
        assert_eq!(said[1], "8: the snapshot `b` differs from DIR/b.txt, first in line 20001");
    }
}
