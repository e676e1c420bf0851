//! The real `master` under test: how it is started, what it leaves behind, and what of it is golden.

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// The longest that any run under test may take: one that takes longer hangs.
const BOUND: Duration = Duration::from_secs(100);

/// A run under way.
pub struct Run {
    master: Child,
}

impl Run {
    /// Starts `master` with these arguments and this script on its standard input.
    pub fn start(arguments: &[&str], script: impl Into<Vec<u8>>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut master = command.spawn().expect("master starts");
        let (mut input, script) = (master.stdin.take().expect("a pipe"), script.into());
        // A master that does not read its script is found by what it says.
        thread::spawn(move || input.write_all(&script).ok());
        Self { master }
    }

    /// The process id of master.
    pub fn process(&self) -> i32 {
        i32::try_from(self.master.id()).expect("a process id")
    }

    /// What it said in the end.
    pub fn end(self) -> Output {
        let process = self.process();
        let (tell, told) = channel();
        thread::spawn(move || tell.send(self.master.wait_with_output()));
        match told.recv_timeout(BOUND) {
            Ok(output) => output.expect("master is our child"),
            Err(_) => {
                kill(process, "KILL");
                panic!("master has not ended within {BOUND:?}");
            }
        }
    }
}

/// Sends a signal to one process.
pub fn kill(process: i32, signal: &str) {
    let status = Command::new("kill").args(["-s", signal, &process.to_string()]).status().expect("kill(1)");
    assert!(status.success(), "there is no process {process}");
}

/// Exit code, standard output and standard error as one text.
pub fn golden(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("master prints UTF-8");
    let code = output.status.code().expect("master is not killed by a signal");
    format!("exit code: {code}\nstdout:\n{}stderr:\n{}", text(&output.stdout), text(&output.stderr))
}
