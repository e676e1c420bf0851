//! Texts of a YAML script as words of a line, each with its place.

use crate::script::composed::{Composed, Reads};
use crate::script::excerpt::quoted;
use crate::script::invocation::{Place, in_quotes};
use crate::script::mistake::{Mistake, Tally};
use crate::script::words::begins_comment;
use crate::script::yaml::tree::Text;

impl Text {
    /// The place of a word that begins at this byte of the text, behind so many characters.
    fn place_of(&self, word: &str, (byte, characters): (usize, usize)) -> Place {
        match self.reads {
            Reads::AsItStands => {
                let start = self.place.start + byte;
                let column = self.place.column + characters;
                Place { line: self.place.line, column, start, end: start + word.len() }
            }
            Reads::Otherwise(_) => self.place,
        }
    }

    /// Adds it to a line as one word.
    ///
    /// # Errors
    /// It is none; the mistake is in the tally.
    pub(super) fn push_as_word(&self, line: &mut Composed, tally: &mut Tally) -> Result<(), Unsound> {
        let (what, label) = if self.text.is_empty() {
            ("an empty text".to_owned(), "write a word")
        } else if self.text.contains(char::is_control) {
            (quoted(&self.text.escape_debug().to_string()), "it has a tab, a line end or another control character")
        } else if self.text.contains(' ') {
            (quoted(&self.text), "it has a blank, and a key or value of a script has none")
        } else if begins_comment(&self.text) {
            (quoted(&self.text), "in lines this would begin a comment")
        } else {
            line.push(&self.text, self.place, self.reads);
            return Ok(());
        };
        tally.add(|| {
            Mistake::new(format!("{what} is no word"), self.place).label(label).help(
                "what scripts name is a word, with no blank in it and no # or // at its beginning, in YAML as in lines\n\
                 at a console it is a literal of Python: - at: {console: c1, line: put 'a b' 'c'}",
            )
        });
        Err(Unsound)
    }

    /// Adds it to a line as the words that it holds, with blanks between them.
    ///
    /// # Errors
    /// One of them is none; the mistake is in the tally.
    pub(super) fn push_as_words(&self, line: &mut Composed, tally: &mut Tally) -> Result<(), Unsound> {
        if self.text.trim_matches(' ').is_empty() || self.text.contains(char::is_control) {
            return self.push_as_word(line, tally);
        }
        let mut sound = Ok(());
        let mut at = (0, 0);
        for word in self.text.split(' ') {
            if !word.is_empty() {
                let word = Self { text: word.to_owned(), reads: self.reads, place: self.place_of(word, at) };
                sound = word.push_as_word(line, tally).and(sound);
            }
            at = (at.0 + word.len() + 1, at.1 + word.chars().count() + 1);
        }
        sound
    }

    /// Adds it to a line as it is.
    ///
    /// # Errors
    /// A line cannot hold it; the mistake is in the tally.
    pub(super) fn push_as_line(&self, line: &mut Composed, tally: &mut Tally) -> Result<(), Unsound> {
        if self.text.trim_matches(' ').is_empty() || self.text.contains(char::is_control) {
            return self.push_as_word(line, tally);
        }
        line.push(&self.text, self.place, self.reads);
        Ok(())
    }

    /// Adds it to a line in double quotes.
    ///
    /// # Errors
    /// A line cannot hold it; the mistake is in the tally.
    pub(super) fn push_in_quotes(&self, line: &mut Composed, tally: &mut Tally) -> Result<(), Unsound> {
        if self.text.contains(char::is_control) {
            return self.push_as_word(line, tally);
        }
        let columns = self.text.chars().count();
        let reads = if let Reads::Otherwise(_) = self.reads { self.reads } else { Reads::Otherwise(columns) };
        line.push(&in_quotes(&self.text), self.place, reads);
        Ok(())
    }
}

/// A step cannot be said as a line; why not is in the tally.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsound;
