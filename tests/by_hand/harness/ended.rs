//! Processes that are given everything at once, and end.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::waiting::PATIENCE;

/// What comes of a command with this on its standard input.
#[track_caller]
pub fn ended(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("it starts");
    let id = process.id();
    let mut keyboard = process.stdin.take().expect("a pipe");
    // Who ends before has closed it.
    let _ = keyboard.write_all(input.as_bytes());
    drop(keyboard);
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(process.wait_with_output()));
    match told.recv_timeout(PATIENCE) {
        Ok(output) => output.expect("it is our child"),
        Err(_) => {
            signal(id, Signal::SIGKILL);
            panic!("{command:?} has not ended: {:?}", told.recv());
        }
    }
}

pub fn signal(process: u32, signal: Signal) {
    let process = i32::try_from(process).expect("ids of processes are small");
    kill(Pid::from_raw(process), signal).expect("it runs");
}
