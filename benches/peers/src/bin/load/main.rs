//! The load generator of `benches/etcd.sh`: clients that put or get in a closed loop at three servers that run already.
//!
//! - `load run`: one measurement, printed as one line of JSON.
//! - `load table FILE`: lines of `load run`, as medians and ratios in Markdown.
//! - `load disk FOLDER`: how many times a second a disk makes a small write durable.
//! - `load ports COUNT`: free ports of the loopback interface.
//!
//! Guaranteed: everybody is measured by the same loop, with the same keys and values, and every client reads at its end
//! what its keys have to be, so that nobody gains by losing writes.
//!
//! Deliberately missing: starting servers and ending them, which is the script's part.

mod arguments;
mod disk;
mod drive;
mod etcd;
mod figure;
mod ours;
mod ports;
mod system;
mod table;
mod usage;

use std::fs;
use std::process::ExitCode;

use clap::Parser as _;
use tokio::runtime;
use tokio::task::LocalSet;

use arguments::{Arguments, Command, Run};
use figure::Figure;
use system::Failure;

fn main() -> ExitCode {
    match carry_out(Arguments::parse().command) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("load: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Does what is asked for, and returns what is to be printed.
fn carry_out(command: Command) -> Result<String, Failure> {
    match command {
        Command::Run(run) => Ok(format!("{}\n", serde_json::to_string(&measure(&run)?)?)),
        Command::Table { file } => {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let figures = text.lines().map(serde_json::from_str).collect::<Result<Vec<Figure>, _>>()?;
            Ok(table::markdown(&figures))
        }
        Command::Disk { folder } => disk::measure(&folder),
        Command::Ports { count } => ports::free(count),
    }
}

/// One measurement, on a runtime of its own, on this thread: clients of ours stay on theirs.
fn measure(run: &Run) -> Result<Figure, Failure> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, drive::measure(run))
}
