//! The real `master` under test: how it is started, what it leaves behind, and what of it is golden.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// The longest that any run under test may take: one that takes longer hangs.
const BOUND: Duration = Duration::from_secs(100);

/// A run under way.
pub struct Run {
    master: Child,
    /// Where it keeps what it keeps for the time of a run.
    temporary: TempDir,
}

impl Run {
    /// Starts `master` with these arguments and this script on its standard input.
    pub fn start(arguments: &[&str], script: impl Into<Vec<u8>>) -> Self {
        Self::start_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments, script)
    }

    /// The same in another folder than that of this repository.
    pub fn start_in(folder: &Path, arguments: &[&str], script: impl Into<Vec<u8>>) -> Self {
        Self::begin(master_in(folder).args(arguments), script)
    }

    /// The same with whatever else the command says.
    pub fn begin(command: &mut Command, script: impl Into<Vec<u8>>) -> Self {
        let temporary = tempfile::tempdir().expect("a folder");
        command.env("TMPDIR", temporary.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut master = command.spawn().expect("master starts");
        let (mut input, script) = (master.stdin.take().expect("a pipe"), script.into());
        // A master that does not read its script is found by what it says.
        thread::spawn(move || input.write_all(&script).ok());
        Self { master, temporary }
    }

    /// The process id of master.
    pub fn process(&self) -> i32 {
        i32::try_from(self.master.id()).expect("a process id")
    }

    /// What it said in the end. It has left no file behind, but for what it may leave, and has told so.
    pub fn end(self) -> Output {
        let process = self.process();
        let (tell, told) = channel();
        thread::spawn(move || tell.send(self.master.wait_with_output()));
        match told.recv_timeout(BOUND) {
            Ok(output) => {
                let output = output.expect("master is our child");
                assert_left(self.temporary.path(), &output);
                output
            }
            Err(_) => {
                kill(process, "KILL");
                panic!("master has not ended within {BOUND:?}");
            }
        }
    }
}

/// `master`, to be started in a folder, and not in CI, wherever the tests run.
pub fn master_in(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    command.current_dir(folder).env_remove("CI");
    command
}

/// What a master that has ended has left in the folder for temporary files: nothing, unless a node or the environment
/// failed; then the record of the run, which the last line on standard error names.
pub fn assert_left(temporary: &Path, output: &Output) {
    let left: Vec<_> =
        temporary.read_dir().expect("our own folder").map(|entry| entry.expect("an entry").path()).collect();
    match output.status.code() {
        Some(3 | 4) => {
            let named: Vec<_> = record_of(output).into_iter().collect();
            assert_eq!(left, named, "what is left behind is what is named: {output:#?}");
        }
        Some(_) => assert!(left.is_empty(), "{left:?} is left behind"),
        // It was killed.
        None => {}
    }
}

/// The record that the last line on standard error names.
pub fn record_of(output: &Output) -> Option<PathBuf> {
    let err = String::from_utf8_lossy(&output.stderr);
    err.lines().last()?.strip_prefix(RECORD).map(PathBuf::from)
}

/// How the line begins that says where the record of a run is.
const RECORD: &str = "record: ";

/// Sends a signal to one process.
pub fn kill(process: i32, signal: &str) {
    let status = Command::new("kill").args(["-s", signal, &process.to_string()]).status().expect("kill(1)");
    assert!(status.success(), "there is no process {process}");
}

/// Exit code, standard output and standard error as one text, in which the path of a temporary folder does not stand.
pub fn golden(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("master prints UTF-8");
    let code = output.status.code().expect("master is not killed by a signal");
    let mut err = text(&output.stderr);
    if let Some(record) = record_of(output) {
        err = err.replace(&format!("{RECORD}{}", record.display()), &format!("{RECORD}[folder]"));
    }
    format!("exit code: {code}\nstdout:\n{}stderr:\n{err}", text(&output.stdout))
}
