//! The terminal as it was when the process began, and whether the user is being asked there.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// What stands in the last line of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLine {
    /// Nothing: whoever prints may write.
    Free,
    /// The prompt, and what has been typed so far.
    Prompt,
}

/// The last line, as all threads see it.
#[derive(Clone, Debug)]
pub(super) struct Screen(Arc<Mutex<LastLine>>);

impl Screen {
    pub(super) fn free() -> Self {
        Self(Arc::new(Mutex::new(LastLine::Free)))
    }

    /// While this is held nobody prints, and the prompt neither comes nor goes.
    pub(super) fn hold(&self) -> MutexGuard<'_, LastLine> {
        // A thread that panicked while it printed left the flag as it is.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets the terminal back to the mode in which the process found it: when the last clone is dropped, or before, for those
/// who end the process without that. Does nothing where standard input is no terminal.
#[derive(Clone)]
pub struct Terminal(Arc<Found>);

struct Found {
    mode: Option<Mutex<Termios>>,
    screen: Screen,
}

impl Terminal {
    /// Standard input as it is now.
    pub(super) fn found(screen: Screen) -> Self {
        let stdin = io::stdin();
        let mode = if stdin.is_terminal() { tcgetattr(&stdin).ok().map(Mutex::new) } else { None };
        Self(Arc::new(Found { mode, screen }))
    }

    /// Sets the mode back now. What the user has typed so far is left as it stands, on a line of its own.
    pub fn restore(&self) {
        self.0.restore();
    }
}

impl Found {
    fn restore(&self) {
        let Some(mode) = &self.mode else { return };
        let mode = mode.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last_line = self.screen.hold();
        // Elsewhere the line editor has set it back itself; and a process in the background must not touch it.
        if *last_line == LastLine::Prompt {
            // A terminal that is gone has no mode, and nobody reads what is written there.
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &mode);
            let _ = io::stdout().write_all(b"\n").and_then(|()| io::stdout().flush());
            *last_line = LastLine::Free;
        }
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        self.restore();
    }
}
