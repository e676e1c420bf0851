//! What a process does before it is a node: tie its life to the master's.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use nix::unistd::{Pid, getppid};

/// Makes the kernel kill this process when the main thread of its parent ends, however it ends: the master's, or the
/// guard's of a program of the user's.
///
/// # Errors
/// The kernel refuses, or the parent (`parent`) is gone already.
pub fn follow_parent(parent: i32) -> io::Result<()> {
    follow(parent, Signal::SIGKILL)
}

/// Makes the kernel send this process a signal when the main thread of its parent ends.
pub(super) fn follow(parent: i32, signal: Signal) -> io::Result<()> {
    set_pdeathsig(signal)?;
    // It may have died between starting this process and the line above: nobody would send the signal then.
    if getppid() == Pid::from_raw(parent) { Ok(()) } else { Err(io::Error::other("the parent process is gone")) }
}

/// Becomes a program that is no part of splitbrain. The parent-death signal stays in force. Returns only on failure.
#[must_use]
pub fn exec(words: &[String]) -> io::Error {
    match words.split_first() {
        Some((program, arguments)) => {
            let error = Command::new(program).args(arguments).exec();
            io::Error::new(error.kind(), format!("could not start the program `{program}`: {error}"))
        }
        None => io::Error::new(io::ErrorKind::InvalidInput, "no program to run"),
    }
}
