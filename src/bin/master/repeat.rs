//! The command line that repeats a run, as `master` prints it on standard error.
//!
//! Deliberately missing: a script that came through a pipe, which nobody can read again.

use std::fs;
use std::path::{Path, PathBuf};

use splitbrain::base::{limits, quoted};

use crate::arguments::RunArguments;

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
    if step_limit.seconds != limits::STEP_WALL_SECONDS {
        line.push_str(&format!(" --step-limit {}", step_limit.seconds));
    }
    if let Some(format) = format {
        line.push_str(&format!(" --format {format}"));
    }
    match (script.as_deref().filter(|path| *path != Path::new("-")), script_behind_standard_input()) {
        (Some(path), _) => line.push_str(&format!(" {}", quoted(path))),
        (None, Some(path)) => line.push_str(&format!(" < {}", quoted(&path))),
        (None, None) => line.push_str(" < SCRIPT (it came through a pipe)"),
    }
    line
}

/// The file that standard input is, if it is one; as seen from the working directory.
fn script_behind_standard_input() -> Option<PathBuf> {
    let path = fs::read_link("/proc/self/fd/0").ok().filter(|path| path.is_file())?;
    let here = std::env::current_dir().ok()?;
    Some(path.strip_prefix(here).map(Path::to_path_buf).unwrap_or(path))
}
