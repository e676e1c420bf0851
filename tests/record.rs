//! The record of a run: what is in the folder, what stays of it, and that it is the same every time.
//!
//! Everything goes through the real `master`. The goldens, under `tests/snapshots/`, are the formats.

mod binary;
mod files;
#[path = "record/folder.rs"]
mod folder;
#[path = "record/formats.rs"]
mod formats;
#[path = "record/histories.rs"]
mod histories;
#[path = "record/what_stays.rs"]
mod what_stays;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

use binary::Run;
use files::{files_below, scripts};

/// A folder of the test's own, in which `master` runs.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// A run in this folder.
    fn master(&self, arguments: &[&str], script: &str) -> Output {
        Run::start_in(self.0.path(), arguments, script).end()
    }

    /// The record, in this folder, of a run that must end with this exit code.
    #[track_caller]
    fn record(&self, name: &str, arguments: &[&str], script: &str, code: i32) -> Record {
        let output = self.master(&[&["--out", name], arguments].concat(), script);
        assert_eq!(output.status.code(), Some(code), "{}", binary::golden(&output));
        Record::read(&self.path(name))
    }
}

/// Compares a text with its golden under `tests/snapshots/`.
#[track_caller]
fn assert_golden(name: &str, text: &str) {
    insta::assert_snapshot!(name, text);
}

/// All files of a record, by their paths in it.
#[derive(Debug, PartialEq, Eq)]
struct Record(BTreeMap<String, Vec<u8>>);

impl Record {
    fn read(folder: &Path) -> Self {
        let read = |path: PathBuf| {
            let bytes = fs::read(folder.join(&path)).expect("a file");
            (path.display().to_string(), bytes)
        };
        Self(files_below(folder).into_iter().map(read).collect())
    }

    fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    fn text(&self, name: &str) -> &str {
        std::str::from_utf8(&self.0[name]).expect("UTF-8")
    }

    /// The lines of a file of JSON, each parsed.
    fn objects(&self, name: &str) -> Vec<Value> {
        self.text(name).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The same without what nodes have left, which nodes in memory do not.
    fn without_nodes(mut self) -> Self {
        self.0.retain(|name, _| !name.starts_with("nodes/"));
        self
    }
}
