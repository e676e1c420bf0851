//! The real `master` under test: how it is started, what it leaves behind, and what of it is golden.

use std::ffi::OsStr;
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;

/// The longest that any run under test may take; one that takes longer hangs.
const BOUND: Duration = Duration::from_secs(100);

/// `master` with these arguments and this script on its standard input.
pub fn master(arguments: &[&str], script: impl Into<Vec<u8>>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    command.args(arguments.iter().map(OsStr::new)).write_stdin(script.into()).timeout(BOUND);
    command.output().expect("master ends within the bound")
}

/// Exit code, standard output and standard error as one text.
pub fn golden(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("master prints UTF-8");
    let code = output.status.code().expect("master is not killed by a signal");
    format!("exit code: {code}\nstdout:\n{}stderr:\n{}", text(&output.stdout), text(&output.stderr))
}
