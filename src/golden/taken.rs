//! The snapshots of one run against their golden files, or as these: what `master run --snapshots` does.
//!
//! A run that did not pass writes none: whoever asks for it sees to that.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::base::Environment;
use crate::golden::case::GOLDEN_ENDING;
use crate::golden::comparison::{self, Comparison, Golden, GoldenFault};
use crate::golden::difference::Difference;
use crate::golden::folder::Locked;
use crate::golden::roster::Roster;
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
    /// The text of each, by name.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<String, String> {
        self.0.borrow().iter().map(|Taken { name, text, .. }| (name.clone(), text.clone())).collect()
    }

    /// Which of them are not as their golden files in `folder`, in the order in which they were taken.
    ///
    /// # Errors
    /// A file that is there cannot be read.
    pub fn compare(&self, folder: &Path) -> Result<Vec<Deviation>, Environment> {
        let mut deviations = Vec::new();
        for Taken { line, name, text } in &*self.0.borrow() {
            let path = folder.join(file_of(name));
            let what = match read(&path)? {
                Golden::Absent => What::Absent,
                Golden::Bytes(golden) => match comparison::compare(&golden, text) {
                    Comparison::Same => continue,
                    Comparison::Differs(difference) => What::Differs(difference),
                    Comparison::Fault(fault) => What::Fault(fault),
                },
            };
            deviations.push(Deviation { line: *line, name: name.clone(), path, what });
        }
        Ok(deviations)
    }

    /// Makes them the golden files in `folder`, which is made if it is absent; lines with holes stay where they match. Returns
    /// those that were written: what is as it should be is left alone.
    ///
    /// # Errors
    /// A file cannot be read or written, or has holes that are not well-formed.
    pub fn accept(&self, folder: &Path) -> Result<Vec<PathBuf>, Environment> {
        let deviations = self.compare(folder)?;
        if deviations.is_empty() {
            return Ok(Vec::new());
        }
        let texts = self.texts();
        // The run is over: nothing is under way that could be asked to leave.
        let locked = Locked::acquire(folder, &Roster::default())?;
        for Deviation { name, path, .. } in &deviations {
            let attempt = || format!("keep the holes of {}", path.display());
            let accepted = comparison::accepted(&read(path)?, &texts[name]);
            let accepted = accepted.map_err(std::io::Error::other).map_err(Environment::while_trying(attempt))?;
            locked.write(&file_of(name), &accepted)?;
        }
        Ok(deviations.into_iter().map(|deviation| deviation.path).collect())
    }
}

fn file_of(name: &str) -> String {
    format!("{name}.{GOLDEN_ENDING}")
}

fn read(path: &Path) -> Result<Golden, Environment> {
    Golden::read(path).map_err(Environment::while_trying(|| format!("read {}", path.display())))
}

/// A snapshot that is not as its golden file.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// The line of the script.
    pub line: usize,
    name: String,
    path: PathBuf,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Absent,
    Differs(Difference),
    Fault(GoldenFault),
}

/// A sentence, and what differs below it.
impl fmt::Display for Deviation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, path, what, .. } = self;
        let path = path.display();
        match what {
            What::Absent => {
                write!(formatter, "the snapshot `{name}` has no golden file: {path} is absent; --accept writes it")
            }
            What::Differs(difference) => {
                let difference = difference.to_string();
                write!(formatter, "the snapshot `{name}` differs from {path}\n{}", difference.trim_end())
            }
            What::Fault(fault) => write!(formatter, "the snapshot `{name}` cannot be compared with {path}: {fault}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

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
        let said = |deviation: Deviation| format!("{}: {deviation}", deviation.line);
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
                "8: the snapshot `b` differs from DIR/b.txt\n@@ -1,1 +1,2 @@\n y\n+z\n\\ no line break at the end of the file"
            ]
        );
        assert_eq!(after.accept(&goldens).unwrap(), [goldens.join("b.txt")]);
        // Nothing is left beside the goldens.
        assert_eq!(fs::read_dir(&goldens).unwrap().count(), 2);
        assert_eq!(fs::read_to_string(goldens.join("b.txt")).unwrap(), "y\nz");
    }
}
