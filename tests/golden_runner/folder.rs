//! A folder with scripts and goldens, and `master test` in it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A script that passes, and prints `a:1`.
pub const SMALL: &str = "joinServer 0\njoinClient 1 0\nput 1 a 1\nprintStore 0\n";

/// How a line begins that says where the record of a run is.
const RECORD: &str = "| record: ";

/// A folder with scripts and goldens. What runs in it keeps its temporary files in another one.
pub struct Folder {
    folder: TempDir,
    temporary: TempDir,
}

impl Folder {
    /// With these scripts, by their paths below `scripts`.
    pub fn with(scripts: &[(&str, &str)]) -> Self {
        let folder = Self { folder: tempfile::tempdir().unwrap(), temporary: tempfile::tempdir().unwrap() };
        for (path, text) in scripts {
            folder.write(&format!("scripts/{path}"), text);
        }
        folder
    }

    /// With these scripts and the goldens that `master` itself writes for them.
    pub fn accepted(scripts: &[(&str, &str)]) -> Self {
        let folder = Self::with(scripts);
        assert_eq!(folder.test(&["--accept"]).code, 0);
        folder
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn has(&self, path: &str) -> bool {
        self.path().join(path).exists()
    }

    /// The names in a folder, in order.
    pub fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path().join(path)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Removes all temporary files.
    pub fn clear_temporary(&self) {
        for entry in fs::read_dir(self.temporary.path()).unwrap() {
            fs::remove_dir_all(entry.unwrap().path()).unwrap();
        }
    }

    /// `master test` with these arguments, to be started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
        command.current_dir(self.path()).env("TMPDIR", self.temporary.path());
        for variable in ["CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command.arg("test").args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What `master test` says with these arguments.
    pub fn test(&self, arguments: &[&str]) -> Said {
        self.said(&self.command(arguments).output().unwrap())
    }

    /// What it said.
    pub fn said(&self, output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let code = output.status.code().expect("it is not killed");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        for entry in fs::read_dir(self.temporary.path()).unwrap() {
            // The record of a run in which a node or the environment failed stays; of the runner itself nothing does.
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            let is_record = out.contains(RECORD) && !name.starts_with("splitbrain-test-");
            assert!(is_record, "{name} is left behind\n{out}");
            fs::remove_dir_all(&path).unwrap();
        }
        Said { code, out, err }
    }
}

/// What the runner said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// All of it, without times.
    pub fn golden(&self) -> String {
        format!("exit code: {}\nstdout:\n{}stderr:\n{}", self.code, without_times(&self.out), self.err)
    }
}

/// `0.03 s` becomes `[time]`.
fn without_times(text: &str) -> String {
    let is_of_time = |letter: char| letter.is_ascii_digit() || letter == '.';
    let mut parts = text.split(" s").peekable();
    let mut shown = String::new();
    while let Some(part) = parts.next() {
        let number = part.len() - part.trim_end_matches(is_of_time).len();
        let before = &part[..part.len() - number];
        let ends = parts.peek().is_some_and(|next| next.is_empty() || next.starts_with(['\n', ')']));
        match (parts.peek(), ends && number > 3) {
            (_, true) => shown.push_str(&format!("{before}[time]")),
            (Some(_), false) => shown.push_str(&format!("{part} s")),
            (None, false) => shown.push_str(part),
        }
    }
    shown
}
