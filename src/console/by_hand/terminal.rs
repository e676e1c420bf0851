//! The terminal as it was when the process began, and whether the user is being asked there.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// How long the line editor may take to get the terminal, once it has begun.
const EDITOR_LIMIT: Duration = Duration::from_secs(1);

/// What stands in the last line of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLine {
    /// Nothing: whoever prints may write.
    Free,
    /// The prompt soon: the line editor is getting the terminal.
    Coming,
    /// The prompt, and what has been typed so far.
    Prompt,
    /// Nothing, and no prompt comes any more: the process is leaving.
    Closed,
}

impl LastLine {
    /// Must what is printed stand above a prompt?
    pub(super) fn has_prompt(self) -> bool {
        matches!(self, Self::Coming | Self::Prompt)
    }
}

/// The last line, as all threads see it.
#[derive(Clone, Debug)]
pub(super) struct Screen(Arc<(Mutex<LastLine>, Condvar)>);

impl Screen {
    pub(super) fn free() -> Self {
        Self(Arc::new((Mutex::new(LastLine::Free), Condvar::new())))
    }

    /// While this is held nobody prints, and the prompt neither comes nor goes.
    pub(super) fn hold(&self) -> MutexGuard<'_, LastLine> {
        // A thread that panicked while it printed left the flag as it is.
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line editor begins. May it?
    pub(super) fn begin_prompt(&self) -> bool {
        self.change(LastLine::Coming)
    }

    /// The line editor has the terminal.
    pub(super) fn show_prompt(&self) {
        self.change(LastLine::Prompt);
    }

    /// The line editor has given the terminal back.
    pub(super) fn end_prompt(&self) {
        self.change(LastLine::Free);
    }

    /// Does no prompt come any more?
    pub(super) fn is_closed(&self) -> bool {
        *self.hold() == LastLine::Closed
    }

    /// Once it is closed it stays that.
    fn change(&self, to: LastLine) -> bool {
        let mut last_line = self.hold();
        let is_open = *last_line != LastLine::Closed;
        if is_open {
            *last_line = to;
        }
        self.0.1.notify_all();
        is_open
    }

    /// Waits until the line editor has the terminal or has it not. It takes it after it was told that it may, and whoever
    /// sets the terminal back before that does so in vain.
    fn settled(&self) -> MutexGuard<'_, LastLine> {
        let coming = |last_line: &mut LastLine| *last_line == LastLine::Coming;
        let waited = self.0.1.wait_timeout_while(self.hold(), EDITOR_LIMIT, coming);
        waited.unwrap_or_else(PoisonError::into_inner).0
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

    /// Sets the mode back now, and no line is asked for any more. What the user has typed so far is left as it stands, on a line of its own.
    pub fn restore(&self) {
        self.0.restore();
    }
}

impl Found {
    fn restore(&self) {
        let Some(mode) = &self.mode else { return };
        let mode = mode.lock().unwrap_or_else(PoisonError::into_inner);
        let mut last_line = self.screen.settled();
        // Elsewhere the line editor has set it back itself; and a process in the background must not touch it.
        if last_line.has_prompt() {
            // A terminal that is gone has no mode, and nobody reads what is written there.
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &mode);
            let _ = io::stdout().write_all(b"\n").and_then(|()| io::stdout().flush());
        }
        *last_line = LastLine::Closed;
    }
}

impl Drop for Found {
    fn drop(&mut self) {
        self.restore();
    }
}
