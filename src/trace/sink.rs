//! Where readers write: a stream that several of them may share.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};
use std::rc::Rc;

use crate::base::Environment;

/// A stream that several readers may write to. Clones share it.
#[derive(Clone)]
pub struct Sink {
    name: Rc<str>,
    stream: Rc<RefCell<dyn Write>>,
    /// Has whoever read it gone away?
    is_closed: Rc<Cell<bool>>,
}

impl Sink {
    /// `name` is what errors call it: "standard output".
    pub fn new(name: &str, stream: impl Write + 'static) -> Self {
        Self { name: name.into(), stream: Rc::new(RefCell::new(stream)), is_closed: Rc::default() }
    }

    /// Writes one line.
    ///
    /// # Errors
    /// The stream is closed, or full.
    pub fn line(&self, text: impl std::fmt::Display) -> Result<(), Environment> {
        self.attempt(writeln!(self.stream.borrow_mut(), "{text}"))
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// The stream is closed, or full.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Environment> {
        self.attempt(self.stream.borrow_mut().write_all(bytes))
    }

    /// Lets everything that was written be seen.
    ///
    /// # Errors
    /// The stream is closed, or full.
    pub fn flush(&self) -> Result<(), Environment> {
        self.attempt(self.stream.borrow_mut().flush())
    }

    /// Has whoever read it gone away, as `head` does when it has seen enough?
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    fn attempt(&self, result: io::Result<()>) -> Result<(), Environment> {
        if result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            self.is_closed.set(true);
        }
        result.map_err(Environment::while_trying(|| format!("write to {}", self.name)))
    }
}

/// A stream in memory, for those who look at what was written. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Memory(Rc<RefCell<Vec<u8>>>);

impl Memory {
    /// Everything that was written so far.
    ///
    /// # Panics
    /// If it is not UTF-8, which everything that readers write is.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).expect("readers write UTF-8")
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
