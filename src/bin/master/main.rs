//! `master`: runs a script on a cluster of nodes.
//!
//! Arguments become one library call, and its verdict the exit code.

mod arguments;
mod compare;
mod completions;
mod fmt;
mod help;
mod input;
mod node;
mod repeat;
mod replay;
mod run;
mod test;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use splitbrain::base::Verdict;
use splitbrain::cluster::{Interruption, Processes};
use splitbrain::golden::Mode;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let verdict = match arguments.command {
        None => run::run(&arguments.run),
        Some(Command::Run(run_arguments)) => run::run(&run_arguments),
        Some(Command::Fmt(format_arguments)) => fmt::fmt(&format_arguments),
        Some(Command::Test(test_arguments)) => test::test(&test_arguments),
        Some(Command::Compare(compare_arguments)) => compare::compare(&compare_arguments),
        Some(Command::Replay(replay_arguments)) => replay::replay(&replay_arguments),
        Some(Command::Help { topic, name }) => help::help(topic.as_deref(), &name),
        Some(Command::Completions { shell }) => completions::completions(shell),
        Some(Command::Node(node_arguments)) => return node::be_a_node(&node_arguments),
    };
    let verdict = verdict.unwrap_or_else(|failure| {
        tell(format_args!("error: {failure}"));
        Verdict::Environment
    });
    ExitCode::from(verdict.exit_code())
}

/// Says something on standard error. Where that is closed nobody listens, which is no reason to fail.
fn tell(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether goldens are written, as `--accept` says. Nothing where they may not be, which is told.
fn mode(accept: bool) -> Option<Mode> {
    let mode = if accept { Mode::accept() } else { Ok(Mode::Compare) };
    mode.map_err(|in_ci| tell(format_args!("error: {in_ci}"))).ok()
}

/// Nodes as processes of this very program, with what they leave in the folder `nodes`.
fn processes(nodes: PathBuf, step_limit_seconds: u64, interruption: &Interruption) -> Processes {
    let step_limit = Duration::from_secs(step_limit_seconds);
    Processes::new(PathBuf::from("/proc/self/exe"), nodes, step_limit, interruption.clone())
}
