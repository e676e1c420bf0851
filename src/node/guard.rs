//! The guard of a node that is a program of the user's: nothing that the program starts outlives the program, or the
//! master.
//!
//! It stands between the two, as the parent of the one and the child of the other. It passes SIGTERM on to the program,
//! and ends as the program ends: with its exit status, or by its signal. When the program ends, when the master says so,
//! and when the master is gone, it ends everything below itself, whatever group or session that is in: it has adopted
//! what lost its parent.
//!
//! Deliberately missing: what to do when the guard itself is killed by SIGKILL. The program is killed then, and the
//! master adopts the rest.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitCode, ExitStatus};

use nix::sys::prctl::set_dumpable;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, dup2_stdin, dup2_stdout};
use signal_hook::consts::{SIGCHLD, SIGKILL, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::node::descendants::{adopt_orphans, end_children, reap_all_but};
use crate::node::launch::follow;

/// What ends a guard, and everything below it: sent by the master, or by the kernel when the master is gone. A guard
/// that does not listen yet has started nothing, and dies of it.
pub const END: Signal = Signal::SIGUSR1;

/// What the watch over a program ended with.
enum Watched {
    /// The program ended. It is not waited for yet.
    Program,
    /// The guard was told to end.
    End,
}

/// Runs a program, and everything that it starts, until it ends or the master (`master`) does. The exit code is the
/// program's; if the program was killed by a signal, this process is killed by it.
///
/// # Errors
/// The kernel refuses, or the master is gone already: then nothing was started.
pub fn guard(master: i32, words: &[String]) -> io::Result<ExitCode> {
    adopt_orphans()?;
    // From here on no signal is lost: it waits until the watch looks.
    let mut signals = Signals::new([SIGCHLD, SIGTERM, END as i32])?;
    follow(master, END)?;
    let mut program = start(words)?;
    let group = Pid::from_raw(i32::try_from(program.id()).expect("a process id"));
    let watched = watch(group, &mut signals);
    // The program is not waited for yet, so that this number is still its group's. It may be the only one there.
    let _ = killpg(group, Signal::SIGKILL);
    let status = program.wait();
    end_children(&BTreeSet::new());
    match watched {
        Watched::Program => Ok(end_like(status?)),
        Watched::End => Ok(die_of(SIGKILL)),
    }
}

/// Starts the program in a group of its own, with the guard's standard input and output, which the guard gives up: the
/// pipes must end when the program closes them.
fn start(words: &[String]) -> io::Result<Child> {
    let null = File::options().read(true).write(true).open("/dev/null")?;
    let name = std::env::args_os().next().unwrap_or_default();
    let mut command = Command::new("/proc/self/exe");
    command.arg0(name).arg("node").arg("--parent").arg(std::process::id().to_string());
    let program = command.arg("exec").arg("--").args(words).process_group(0).spawn()?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    Ok(program)
}

/// Waits until the program, which leads this group, has ended, or this guard is to end.
fn watch(group: Pid, signals: &mut Signals) -> Watched {
    for signal in signals.forever() {
        match signal {
            SIGCHLD => {
                reap_all_but(group);
                if has_ended(group) {
                    return Watched::Program;
                }
            }
            SIGTERM => {
                // It may have died by itself: the next signal says so.
                let _ = killpg(group, Signal::SIGTERM);
            }
            _ => return Watched::End,
        }
    }
    Watched::End
}

/// Has this child ended? It is not waited for.
fn has_ended(child: Pid) -> bool {
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    // An error is a child that ended by a signal of which nix has no name.
    waitid(Id::Pid(child), look) != Ok(WaitStatus::StillAlive)
}

fn end_like(status: ExitStatus) -> ExitCode {
    match (status.code(), status.signal()) {
        (Some(code), _) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        (None, Some(signal)) => die_of(signal),
        (None, None) => ExitCode::FAILURE,
    }
}

/// Ends this process by a signal, without a core dump: the program has left its own, if any.
fn die_of(signal: i32) -> ExitCode {
    let _ = set_dumpable(false);
    // This knows the signals that something here may have caught; the others have their default action anyway.
    let _ = low_level::emulate_default_handler(signal);
    let _ = low_level::raise(signal);
    ExitCode::FAILURE
}
