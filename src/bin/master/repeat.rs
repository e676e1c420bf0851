//! The command line that repeats a run, as `master` prints it on standard error.
//!
//! Deliberately missing: a script that came through a pipe, which nobody can read again.

use std::fs;
use std::path::{Path, PathBuf};

use splitbrain::base::{limits, quoted};
use splitbrain::protocol::Protocol;

use crate::arguments::{CompareArguments, ComparisonFormat, RunArguments, StepLimit};

/// The command line that repeats this run.
pub fn repeat_line(arguments: &RunArguments) -> String {
    let mut line = String::from("master");
    let RunArguments {
        script,
        seed,
        protocol,
        transcript,
        trace_hash,
        in_process,
        out,
        force: _,
        fail_fast,
        snapshots,
        accept,
        format,
        step_limit,
    } = arguments;
    if let Some(seed) = seed {
        line.push_str(&format!(" --seed {seed}"));
    }
    if let Some(protocol) = protocol {
        line.push_str(&format!(" --protocol {protocol}"));
    }
    let switches = [
        (transcript, "--transcript"),
        (trace_hash, "--trace-hash"),
        (in_process, "--in-process"),
        (fail_fast, "--fail-fast"),
    ];
    for (given, option) in switches {
        if *given {
            line.push_str(&format!(" {option}"));
        }
    }
    if let Some(folder) = out {
        // The folder holds the record of this run then.
        line.push_str(&format!(" --out {} --force", quoted(folder)));
    }
    if let Some(folder) = snapshots {
        line.push_str(&format!(" --snapshots {}{}", quoted(folder), if *accept { " --accept" } else { "" }));
    }
    if let Some(format) = format {
        line.push_str(&format!(" --format {format}"));
    }
    line + &step_limit_of(step_limit) + &input(script.as_deref())
}

/// The command line that repeats this comparison.
pub fn repeat_comparison_line(arguments: &CompareArguments) -> String {
    let CompareArguments { script, protocols, seed, in_process, format, step_limit } = arguments;
    let mut line = String::from("master compare");
    if !protocols.is_empty() {
        line.push_str(&format!(" --protocols {}", protocols.join(",")));
    }
    if let Some(seed) = seed {
        line.push_str(&format!(" --seed {seed}"));
    }
    if *in_process {
        line.push_str(" --in-process");
    }
    match format {
        ComparisonFormat::Human => {}
        ComparisonFormat::Json => line.push_str(" --format json"),
    }
    line + &step_limit_of(step_limit) + &input(script.as_deref())
}

/// The command line that does what a comparison does under one protocol.
pub fn repeat_under_line(arguments: &CompareArguments, protocol: &Protocol) -> String {
    let CompareArguments { script, protocols: _, seed, in_process, format: _, step_limit } = arguments;
    let mut line = String::from("master");
    if let Some(seed) = seed {
        line.push_str(&format!(" --seed {seed}"));
    }
    line.push_str(&format!(" --protocol {}", protocol.name));
    if *in_process {
        line.push_str(" --in-process");
    }
    line + &step_limit_of(step_limit) + &input(script.as_deref())
}

fn step_limit_of(step_limit: &StepLimit) -> String {
    match step_limit.seconds {
        limits::STEP_WALL_SECONDS => String::new(),
        seconds => format!(" --step-limit {seconds}"),
    }
}

/// The script, as it comes in.
fn input(script: Option<&Path>) -> String {
    match (script.filter(|path| *path != Path::new("-")), script_behind_standard_input()) {
        (Some(path), _) => format!(" {}", quoted(path)),
        (None, Some(path)) => format!(" < {}", quoted(&path)),
        (None, None) => " < SCRIPT (it came through a pipe)".to_owned(),
    }
}

/// The file that standard input is, if it is one; as seen from the working directory.
fn script_behind_standard_input() -> Option<PathBuf> {
    let path = fs::read_link("/proc/self/fd/0").ok().filter(|path| path.is_file())?;
    let here = std::env::current_dir().ok()?;
    Some(path.strip_prefix(here).map(Path::to_path_buf).unwrap_or(path))
}
