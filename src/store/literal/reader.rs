//! Reads a literal: what begins where, and what stands between brackets.

use std::collections::BTreeMap;

use crate::base::limits;
use crate::store::literal::flaw::{Flaw, Misread};
use crate::store::literal::{Literal, numbers, texts};

/// The literal that `text` begins with, and how many bytes it takes. What stands behind it is not looked at.
///
/// # Errors
/// What is wrong with it.
pub fn read(text: &str) -> Result<(Literal, usize), Misread> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let literal = reader.literal()?;
    Ok((literal, reader.at))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// What stands between braces.
enum Member {
    Single(Literal),
    Pair(Literal, Literal),
}

impl<'t> Reader<'t> {
    fn literal(&mut self) -> Result<Literal, Misread> {
        let start = self.at;
        let Some(first) = self.peek() else { return Misread::new(Flaw::Missing, start..start) };
        match first {
            '\'' | '"' => self.take(texts::read),
            '0'..='9' | '.' | '+' | '-' => self.take(numbers::read),
            '(' => self.within(Self::tuple),
            '[' => self.within(|reader, open| Ok(Literal::List(reader.members(open, ']')?.0))),
            '{' => self.within(Self::braces),
            letter if letter.is_alphabetic() || letter == '_' => self.word(),
            other => Misread::new(Flaw::NoBeginning(other), start..start + other.len_utf8()),
        }
    }

    /// Goes on behind what `read` takes from here.
    fn take(
        &mut self,
        read: impl FnOnce(&'t str, usize) -> Result<(Literal, usize), Misread>,
    ) -> Result<Literal, Misread> {
        let (literal, end) = read(self.text, self.at)?;
        self.at = end;
        Ok(literal)
    }

    /// `None`, `True`, `False`, `set()`, or what comes before a quote.
    fn word(&mut self) -> Result<Literal, Misread> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        let (word, behind) = rest.split_at(length);
        if behind.starts_with(['\'', '"']) && length <= 2 {
            return self.take(texts::read_prefixed);
        }
        self.at += length;
        match word {
            "None" => Ok(Literal::None),
            "True" => Ok(Literal::Boolean(true)),
            "False" => Ok(Literal::Boolean(false)),
            "set" if behind.starts_with("()") => {
                self.at += 2;
                Ok(Literal::Set(Vec::new()))
            }
            _ => Misread::new(Flaw::Name(word.to_owned()), start..self.at),
        }
    }

    /// Reads what stands within the bracket here, one level deeper.
    fn within(&mut self, read: impl FnOnce(&mut Self, usize) -> Result<Literal, Misread>) -> Result<Literal, Misread> {
        let open = self.at;
        if self.depth == limits::LITERAL_DEPTH {
            return Misread::new(Flaw::TooDeep, open..open + 1);
        }
        self.depth += 1;
        self.at += 1;
        let literal = read(self, open);
        self.depth -= 1;
        literal
    }

    /// A tuple; a single literal without a comma is only in parentheses.
    fn tuple(&mut self, open: usize) -> Result<Literal, Misread> {
        let (mut members, ends_with_comma) = self.members(open, ')')?;
        match members.pop() {
            Some(only) if members.is_empty() && !ends_with_comma => Ok(only),
            last => {
                members.extend(last);
                Ok(Literal::Tuple(members))
            }
        }
    }

    /// All up to the closing bracket, and whether a comma stands before that.
    fn members(&mut self, open: usize, close: char) -> Result<(Vec<Literal>, bool), Misread> {
        let mut members = Vec::new();
        let mut after_comma = false;
        while !self.closes(open, close)? {
            members.push(self.literal()?);
            after_comma = self.separator(open, close)?;
        }
        Ok((members, after_comma))
    }

    /// A dict or a set: the first member says which.
    fn braces(&mut self, open: usize) -> Result<Literal, Misread> {
        let (mut pairs, mut members): (Unique<(Literal, Literal)>, Unique<Literal>) = Default::default();
        while !self.closes(open, '}')? {
            let start = self.at;
            let (identity, member) = self.member()?;
            let here = start..self.at;
            match member {
                Member::Single(_) if !pairs.items.is_empty() => return Misread::new(Flaw::NoColon, here),
                Member::Pair(..) if !members.items.is_empty() => return Misread::new(Flaw::Mixed, here),
                Member::Single(member) => drop(members.place(identity, || member)),
                Member::Pair(key, value) => {
                    if let Some(known) = pairs.place(identity, || (key, value.clone())) {
                        known.1 = value;
                    }
                }
            }
            self.separator(open, '}')?;
        }
        if members.items.is_empty() {
            return Ok(Literal::Dictionary(pairs.items));
        }
        members.items.sort_by_cached_key(Literal::value);
        Ok(Literal::Set(members.items))
    }

    /// A key with its value, or a member of a set; and what Python knows it by.
    fn member(&mut self) -> Result<(String, Member), Misread> {
        let start = self.at;
        let first = self.literal()?;
        let Some(identity) = first.identity() else { return Misread::new(Flaw::Unhashable, start..self.at) };
        self.skip_blanks();
        if self.peek() != Some(':') {
            return Ok((identity, Member::Single(first)));
        }
        self.at += 1;
        self.skip_blanks();
        Ok((identity, Member::Pair(first, self.literal()?)))
    }

    /// Passes the closing bracket, if it is here.
    fn closes(&mut self, open: usize, close: char) -> Result<bool, Misread> {
        self.skip_blanks();
        match self.peek() {
            None => Misread::new(Flaw::Open(close), open..open + 1),
            Some(letter) if letter == close => {
                self.at += 1;
                Ok(true)
            }
            Some(_) => Ok(false),
        }
    }

    /// Passes the comma behind a member; there is none before the closing bracket.
    fn separator(&mut self, open: usize, close: char) -> Result<bool, Misread> {
        self.skip_blanks();
        match self.peek() {
            None => Misread::new(Flaw::Open(close), open..open + 1),
            Some(',') => {
                self.at += 1;
                Ok(true)
            }
            Some(letter) if letter == close => Ok(false),
            Some(letter) => Misread::new(Flaw::NoComma, self.at..self.at + letter.len_utf8()),
        }
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }
}

/// Items in the order in which they came, none of them twice.
struct Unique<T> {
    items: Vec<T>,
    places: BTreeMap<String, usize>,
}

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T> Unique<T> {
    /// Adds an item, unless there is one of this identity: then it is returned.
    fn place(&mut self, identity: String, make: impl FnOnce() -> T) -> Option<&mut T> {
        match self.places.entry(identity) {
            std::collections::btree_map::Entry::Occupied(known) => Some(&mut self.items[*known.get()]),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(self.items.len());
                self.items.push(make());
                None
            }
        }
    }
}
