//! Literals of Python: what a student types at a console, and what Python would print of it.
//!
//! [`read`] takes one literal from the beginning of a text; a [`Literal`] is displayed as its Python repr. Read and
//! displayed, a literal is the same again.
//!
//! What is guaranteed:
//! 1. Whatever the text, reading ends: literals nest at most [`limits::LITERAL_DEPTH`] deep, and an integer has at most
//!    [`limits::LITERAL_DIGITS`] digits, which is Python's own limit.
//! 2. The repr is the one that CPython prints, but for the order of a set, which there is another one from run to run:
//!    here the members stand in the order of [`Value`]s. Letters that Unicode has not assigned yet are printed as they
//!    stand; each version of Python knows others.
//! 3. Members of a set and keys of a dict are the same where Python says so: `1`, `1.0` and `True` are. The first one
//!    stays, with the last value.
//!
//! Deliberately missing: bytes, complex numbers, names, operators, calls (but `set()`), and texts side by side that are
//! one text: in a list that is a comma that was forgotten.

mod flaw;
mod numbers;
mod reader;
mod repr;
mod texts;

#[cfg(test)]
mod tests;

use std::fmt;

pub use flaw::{Flaw, Misread};
pub use reader::read;

use crate::store::value::Value;

#[cfg(doc)]
use crate::base::limits;

/// A literal, as a tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `None`
    None,
    /// `True` or `False`
    Boolean(bool),
    /// An integer: its decimal digits without leading zeros, behind a `-` if it is less than 0.
    Integer(String),
    /// A number with a point or an exponent; never infinite.
    Float(f64),
    /// A text.
    Text(String),
    /// `(1, 2)`
    Tuple(Vec<Literal>),
    /// `[1, 2]`
    List(Vec<Literal>),
    /// `{1, 2}`, in the order of values, none of them twice.
    Set(Vec<Literal>),
    /// `{'a': 1}`, in the order in which it was written, no key twice.
    Dictionary(Vec<(Literal, Literal)>),
}

impl Literal {
    /// The value that it is.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::text(text),
            Self::Integer(digits) => match digits.parse() {
                Ok(integer) => Value::Integer(integer),
                Err(_) => Value::Literal(digits.as_str().into()),
            },
            Self::None
            | Self::Boolean(_)
            | Self::Float(_)
            | Self::Tuple(_)
            | Self::List(_)
            | Self::Set(_)
            | Self::Dictionary(_) => Value::Literal(self.to_string().into()),
        }
    }

    /// A text that two literals share exactly if Python takes one for the other as a key; none if it takes neither.
    fn identity(&self) -> Option<String> {
        match self {
            Self::Boolean(truth) => Some(u8::from(*truth).to_string()),
            // A number without a fraction is written with all its digits then, as the integer is.
            Self::Float(number) if number.fract() == 0.0 => Some(format!("{:.0}", number + 0.0)),
            Self::None | Self::Integer(_) | Self::Float(_) | Self::Text(_) => Some(self.to_string()),
            Self::Tuple(members) => {
                let members: Option<Vec<_>> = members.iter().map(Self::identity).collect();
                Some(format!("({})", members?.join(",")))
            }
            Self::List(_) | Self::Set(_) | Self::Dictionary(_) => None,
        }
    }
}

/// As Python prints it within a list: `'a'`, `1.0`, `{'phone': -5}`.
impl fmt::Display for Literal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => formatter.write_str("None"),
            Self::Boolean(true) => formatter.write_str("True"),
            Self::Boolean(false) => formatter.write_str("False"),
            Self::Integer(digits) => formatter.write_str(digits),
            Self::Float(number) => repr::write_float(*number, formatter),
            Self::Text(text) => repr::write_text(text, formatter),
            Self::Tuple(members) => match members.as_slice() {
                [only] => write!(formatter, "({only},)"),
                members => write_all('(', members, ')', formatter),
            },
            Self::List(members) => write_all('[', members, ']', formatter),
            Self::Set(members) if members.is_empty() => formatter.write_str("set()"),
            Self::Set(members) => write_all('{', members, '}', formatter),
            Self::Dictionary(pairs) => {
                write_all('{', pairs.iter().map(|(key, value)| Pair(key, value)), '}', formatter)
            }
        }
    }
}

/// `'a': 1`
struct Pair<'a>(&'a Literal, &'a Literal);

impl fmt::Display for Pair<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.0, self.1)
    }
}

fn write_all(
    open: char,
    members: impl IntoIterator<Item = impl fmt::Display>,
    close: char,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(formatter, "{open}")?;
    for (index, member) in members.into_iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(formatter, "{comma}{member}")?;
    }
    write!(formatter, "{close}")
}
