//! Prints answers on standard output and remarks on standard error, also while the user is typing.
//!
//! Guarantees:
//! 1. Lines are whole, and those of one thread are in their order, but for what 3 says.
//! 2. On a terminal with a line editor a line that comes while the user is typing stands above the prompt.
//! 3. Nobody who prints waits for the user: such a line is given to a thread that does. If the user ends his line in that
//!    very moment, it may come after later ones, up to the next prompt. If [`limits::LATE_LINES`] wait, the next is written
//!    at once, over the prompt.
//! 4. Nothing that is printed moves the cursor: control characters but line ends are escaped.

use std::io::{self, IsTerminal as _, Write};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use rustyline::ExternalPrinter;

use crate::base::{Environment, limits};
use crate::console::by_hand::terminal::Screen;
use crate::wire::printed;

/// Prints lines. Clones print to the same streams.
#[derive(Clone)]
pub struct Printer {
    screen: Screen,
    /// Where lines go while the user is typing; nowhere without a line editor.
    late: Option<SyncSender<String>>,
}

/// Where a line belongs.
#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

impl Printer {
    /// Without a line editor: each line is written at once.
    pub(super) fn plain(screen: Screen) -> Self {
        Self { screen, late: None }
    }

    /// Beside a line editor.
    ///
    /// # Errors
    /// No thread can be started.
    pub(super) fn beside(editor: impl ExternalPrinter + Send + 'static, screen: Screen) -> io::Result<Self> {
        let (late, lines) = mpsc::sync_channel(limits::LATE_LINES);
        let shared = screen.clone();
        thread::Builder::new().name("printer".to_owned()).spawn(move || print_late(&lines, editor, &shared))?;
        Ok(Self { screen, late: Some(late) })
    }

    /// Is there a line editor, at which somebody types?
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        self.late.is_some()
    }

    /// Prints an answer, of one line or several, on standard output.
    ///
    /// # Errors
    /// Standard output is closed, or full.
    pub fn answer(&self, text: &str) -> Result<(), Environment> {
        self.print(Stream::Out, text).map_err(Environment::while_trying(|| "write to standard output".to_owned()))
    }

    /// Prints a remark, of one line or several, on standard error. Where that is closed nobody listens.
    pub fn remark(&self, text: &str) {
        let _ = self.print(Stream::Err, text);
    }

    fn print(&self, stream: Stream, text: &str) -> io::Result<()> {
        // Somebody else may have written a part of it.
        let text = &text.split('\n').map(printed::on_one_line).collect::<Vec<_>>().join("\n");
        let last_line = self.screen.hold();
        if let (true, Some(late), true) = (last_line.has_prompt(), &self.late, stream.is_terminal())
            && late.try_send(text.to_owned()).is_ok()
        {
            return Ok(());
        }
        stream.write(text)
    }
}

impl Stream {
    fn is_terminal(self) -> bool {
        match self {
            Self::Out => io::stdout().is_terminal(),
            Self::Err => io::stderr().is_terminal(),
        }
    }

    fn write(self, text: &str) -> io::Result<()> {
        match self {
            Self::Out => write_line(io::stdout().lock(), text),
            Self::Err => write_line(io::stderr().lock(), text),
        }
    }
}

/// In one piece, so that no other process writes into the line.
fn write_line(mut stream: impl Write, text: &str) -> io::Result<()> {
    stream.write_all(format!("{text}\n").as_bytes())?;
    stream.flush()
}

/// Prints above the prompt what came while the user was typing.
fn print_late(lines: &Receiver<String>, mut editor: impl ExternalPrinter, screen: &Screen) {
    for line in lines {
        let last_line = screen.hold();
        if !last_line.has_prompt() {
            // A terminal that is gone shows nothing.
            let _ = Stream::Out.write(&line);
            continue;
        }
        // The editor may take it only when it asks for the next line: nobody may wait for that but this thread.
        drop(last_line);
        if editor.print(format!("{line}\n")).is_err() {
            let _ = Stream::Out.write(&line);
        }
    }
}
