//! Carries out a script on servers of raft-rs: `cargo run -- tests/scripts/a-leader-that-crashes-is-replaced.txt`.

use std::process::ExitCode;

use splitbrain::base::Verdict;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("error: which script? A path is missing, such as tests/scripts/all-crash-and-come-back.txt");
        return ExitCode::from(Verdict::Mistake.exit_code());
    };
    let script = match std::fs::read_to_string(&path) {
        Ok(script) => script,
        Err(error) => {
            eprintln!("error: could not read {path}: {error}");
            return ExitCode::from(Verdict::Environment.exit_code());
        }
    };
    let outcome = raft_rs_under_splitbrain::cluster().with_name(path).run(&script);
    print!("{outcome}");
    eprint!("{}", outcome.reported);
    ExitCode::from(outcome.verdict.exit_code())
}
