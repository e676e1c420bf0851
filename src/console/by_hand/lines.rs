//! What is typed at a console by hand, line by line: with a line editor on a terminal, else as the lines come.
//!
//! A caller reads on a thread of its own ([`Lines::on_a_thread`]), for to wait for a line is to wait for the user. Without a
//! terminal there is no prompt, and nothing is echoed.
//!
//! Bounds: a line is at most [`limits::SCRIPT_LINE_BYTES`] long; without a line editor what is longer is not even kept.

use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::thread::{self, JoinHandle};

use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor};

use crate::base::{Environment, limits};
use crate::console::by_hand::printer::Printer;
use crate::console::by_hand::terminal::{Screen, Terminal};
use crate::console::completion::CommandNames;

/// What came from the user.
#[derive(Debug)]
pub enum Typed {
    /// A line, without its end.
    Line {
        /// Which it is, from 1.
        number: usize,
        /// What it says.
        text: String,
    },
    /// A line that cannot be read; those that follow can.
    Unreadable {
        /// Which it is, from 1.
        number: usize,
        /// Why not.
        why: Unreadable,
    },
    /// There is no more.
    End,
    /// The user pressed ^C at the prompt. Elsewhere that is a signal.
    Interrupted,
    /// There may be more, but standard input cannot be read.
    Failed(Environment),
}

/// Why a line cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is too long.
    #[error("the line is longer than {} bytes, and is not carried out", limits::SCRIPT_LINE_BYTES)]
    TooLong,
    /// It is no text.
    #[error("the line is not text in UTF-8, and is not carried out")]
    NotUtf8,
}

/// A console that has been opened.
pub struct Opened {
    /// What is typed.
    pub lines: Lines,
    /// What prints beside that.
    pub printer: Printer,
    /// What sets the terminal back. To be kept until the process ends.
    pub terminal: Terminal,
}

/// The lines of standard input.
pub struct Lines {
    prompt: String,
    from: From,
    screen: Screen,
    number: usize,
}

/// Where lines come from.
enum From {
    /// A line editor.
    Editor(Box<Editor<CommandNames, DefaultHistory>>),
    /// A terminal without one: there is a prompt all the same.
    BareTerminal,
    /// A file or a pipe.
    Pipe,
    /// Nowhere: they have ended.
    Nowhere,
}

impl Lines {
    /// Opens standard input. `prompt` is what asks for a line on a terminal, and `names` are completed there.
    ///
    /// # Errors
    /// The terminal cannot be used, or no thread can be started.
    pub fn open(prompt: &str, names: Vec<&'static str>) -> Result<Opened, Environment> {
        let screen = Screen::free();
        let terminal = Terminal::found(screen.clone());
        let (from, printer) = if !io::stdin().is_terminal() {
            (From::Pipe, Printer::plain(screen.clone()))
        } else if !io::stdout().is_terminal() {
            // What is printed goes elsewhere, and no prompt belongs there.
            (From::Pipe, Printer::plain(screen.clone()))
        } else {
            on_a_terminal(names, &screen).map_err(Environment::while_trying(|| "use the terminal".to_owned()))?
        };
        Ok(Opened { lines: Self { prompt: prompt.to_owned(), from, screen, number: 0 }, printer, terminal })
    }

    /// Waits for the next line, on a terminal with the prompt. To be called when the line before has been carried out.
    pub fn read_line(&mut self) -> Typed {
        let number = self.number + 1;
        let read = match &mut self.from {
            From::Nowhere => return Typed::End,
            From::Pipe => take_line(&mut io::stdin().lock()).map(Read::of),
            From::BareTerminal if self.screen.is_closed() => return Typed::End,
            From::BareTerminal => {
                write_prompt(&self.prompt).and_then(|()| take_line(&mut io::stdin().lock())).map(Read::of)
            }
            From::Editor(editor) => {
                if !self.screen.begin_prompt() {
                    return Typed::End;
                }
                let read = edit_line(editor, &self.prompt);
                self.screen.end_prompt();
                read
            }
        };
        let last = match read {
            Ok(Read::Line(Ok(text))) => {
                self.number = number;
                return Typed::Line { number, text };
            }
            Ok(Read::Line(Err(why))) => {
                self.number = number;
                return Typed::Unreadable { number, why };
            }
            Ok(Read::End) => Typed::End,
            Ok(Read::Interrupted) => Typed::Interrupted,
            Err(error) => Typed::Failed(Environment { attempt: "read from standard input".to_owned(), source: error }),
        };
        // A line editor that is gone keeps back nothing that is to be printed.
        self.from = From::Nowhere;
        last
    }

    /// Reads on a thread of its own, and gives what is typed to `take`, which returns when it has been carried out. Ends
    /// with the lines, or when `take` says so.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn on_a_thread(
        mut self,
        mut take: impl FnMut(Typed) -> ControlFlow<()> + Send + 'static,
    ) -> Result<JoinHandle<()>, Environment> {
        let read = move || {
            loop {
                let typed = self.read_line();
                let is_last = !matches!(typed, Typed::Line { .. } | Typed::Unreadable { .. });
                if take(typed).is_break() || is_last {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("lines".to_owned()).spawn(read);
        thread.map_err(Environment::while_trying(|| "start the thread that reads lines".to_owned()))
    }
}

/// What one attempt to read gave.
enum Read {
    Line(Result<String, Unreadable>),
    End,
    Interrupted,
}

impl Read {
    fn of(line: Option<Result<String, Unreadable>>) -> Self {
        line.map_or(Self::End, Self::Line)
    }
}

/// A terminal, with the line editor if it can have one.
fn on_a_terminal(names: Vec<&'static str>, screen: &Screen) -> io::Result<(From, Printer)> {
    // Pasted lines are lines: each is carried out at its end, as if it had been typed.
    let config = Config::builder().bracketed_paste(false).build();
    let mut editor = Editor::with_config(config).map_err(io::Error::other)?;
    let shown = screen.clone();
    editor.set_helper(Some(CommandNames::new(names).when_shown(move || shown.show_prompt())));
    match editor.create_external_printer() {
        Ok(beside) => Ok((From::Editor(Box::new(editor)), Printer::beside(beside, screen.clone())?)),
        // A terminal of a kind that moves no cursor.
        Err(_) => Ok((From::BareTerminal, Printer::plain(screen.clone()))),
    }
}

fn write_prompt(prompt: &str) -> io::Result<()> {
    io::stdout().write_all(prompt.as_bytes())?;
    io::stdout().flush()
}

/// The next line from a line editor.
fn edit_line(editor: &mut Editor<CommandNames, DefaultHistory>, prompt: &str) -> io::Result<Read> {
    match editor.readline(prompt) {
        Ok(line) if line.len() > limits::SCRIPT_LINE_BYTES => Ok(Read::Line(Err(Unreadable::TooLong))),
        Ok(line) => {
            // A line that is not kept in the history is only harder to repeat.
            let _ = editor.add_history_entry(&line);
            Ok(Read::Line(Ok(line)))
        }
        Err(ReadlineError::Eof) => Ok(Read::End),
        Err(ReadlineError::Interrupted) => Ok(Read::Interrupted),
        Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
            Ok(Read::Line(Err(Unreadable::NotUtf8)))
        }
        Err(error) => Err(io::Error::other(error)),
    }
}

/// The next line without its end, LF or CRLF; the last one may have none. Nothing at the end.
fn take_line(reader: &mut impl BufRead) -> io::Result<Option<Result<String, Unreadable>>> {
    let (mut line, mut bytes) = (Vec::new(), 0);
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = memchr::memchr(b'\n', buffer);
        let is_over = end.is_some() || buffer.is_empty();
        let piece = &buffer[..end.unwrap_or(buffer.len())];
        bytes += piece.len();
        // One byte more may be the carriage return of the line's end.
        if bytes <= limits::SCRIPT_LINE_BYTES + 1 {
            line.extend_from_slice(piece);
        }
        let taken = end.map_or(piece.len(), |end| end + 1);
        reader.consume(taken);
        if is_over && taken == 0 && bytes == 0 {
            return Ok(None);
        }
        if is_over {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
        bytes -= 1;
    }
    if bytes > limits::SCRIPT_LINE_BYTES {
        return Ok(Some(Err(Unreadable::TooLong)));
    }
    Ok(Some(String::from_utf8(line).map_err(|_| Unreadable::NotUtf8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(bytes: &[u8]) -> Vec<Result<String, Unreadable>> {
        // Pieces of seven bytes: no line comes as a whole.
        let mut reader = io::BufReader::with_capacity(7, bytes);
        std::iter::from_fn(|| take_line(&mut reader).expect("a slice can be read")).collect()
    }

    #[test]
    fn a_line_ends_with_lf_or_crlf_or_with_the_input() {
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(lines_of(b""), []);
        assert_eq!(lines_of(b"\n"), [ok("")]);
        assert_eq!(lines_of(b"get 'a'\r\n\nput 'a' 1"), [ok("get 'a'"), ok(""), ok("put 'a' 1")]);
        assert_eq!(lines_of("größe\n".as_bytes()), [ok("größe")]);
    }

    #[test]
    fn what_is_no_text_or_too_long_is_refused_and_the_next_line_is_read() {
        let longest = vec![b'a'; limits::SCRIPT_LINE_BYTES];
        let input = [longest.as_slice(), b"\r\n", &longest, b"b\nc\n\xff\xfe\nd\n", &longest, &longest].concat();
        let read = lines_of(&input);
        assert!(read[0].as_ref().is_ok_and(|line| line.len() == limits::SCRIPT_LINE_BYTES));
        let [too_long, not_utf8] = [Unreadable::TooLong, Unreadable::NotUtf8].map(Err);
        assert_eq!(read[1..], [too_long.clone(), Ok("c".to_owned()), not_utf8, Ok("d".to_owned()), too_long]);
    }
}
