//! A pseudo-terminal: one end is a process's, at the other a test presses keys.

use std::fs::File;
use std::io::Write as _;
use std::process::Stdio;

use nix::pty::{OpenptyResult, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

pub struct PseudoTerminal {
    ends: OpenptyResult,
}

impl PseudoTerminal {
    pub fn open() -> Self {
        Self { ends: openpty(None, None).expect("a terminal") }
    }

    /// The end of a process.
    pub fn stream(&self) -> Stdio {
        self.ends.slave.try_clone().expect("its end of the terminal").into()
    }

    /// The other end: the keyboard and the screen.
    pub fn other_end(&self) -> File {
        self.ends.master.try_clone().expect("the terminal's other end").into()
    }

    pub fn press(&self, keys: &str) {
        self.other_end().write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Is it in the mode in which terminals are when no line editor has them?
    pub fn is_ordinary(&self) -> bool {
        let flags = tcgetattr(&self.ends.master).expect("a terminal").local_flags;
        flags.contains(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG)
    }
}
