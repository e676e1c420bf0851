//! What `master test` costs: `cargo bench --bench runner` runs 100 small scripts against their goldens, and says how long
//! that takes. The goal is 5 s on two processors.
//!
//! A script starts two servers and a client, puts a value through a partition, heals it and prints both stores. The figure
//! is the median of several runs, with the least and the greatest.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// How many scripts there are.
const SCRIPTS: usize = 100;
/// How often the figure is taken.
const RUNS: usize = 5;
/// What the median must not exceed.
const GOAL: Duration = Duration::from_secs(5);

const SCRIPT: &str = "joinServer 0\njoinServer 1\nbreakConnection 0 1\njoinClient 2 0\nput 2 a 1\ncreateConnection 0 1\n\
                      stabilize\nprintStore 0\nprintStore 1\n";

fn main() {
    println!("load before: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("scripts")).expect("a folder of our own");
    for number in 0..SCRIPTS {
        fs::write(folder.path().join(format!("scripts/{number:03}.txt")), SCRIPT).expect("a folder of our own");
    }
    test(folder.path(), &["--accept"]);
    let mut figures: Vec<_> = (0..RUNS).map(|_| test(folder.path(), &[])).collect();
    figures.sort();
    let (least, median, greatest) = (figures[0], figures[RUNS / 2], figures[RUNS - 1]);
    println!(
        "{SCRIPTS} small scripts: {median:.2?} ({least:.2?} to {greatest:.2?}, {RUNS} runs; goal: at most {GOAL:?})"
    );
    println!("load after: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    assert!(median <= GOAL, "the goal is missed");
}

/// Runs all scripts, which pass; on two processors if there are more.
fn test(folder: &Path, arguments: &[&str]) -> Duration {
    let begin = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    command.current_dir(folder).env_remove("CI").args(["test", "-j", "2"]).args(arguments);
    let Output { status, stdout, .. } = command.output().expect("master starts");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stdout));
    begin.elapsed()
}
