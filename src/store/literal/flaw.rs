//! What can be wrong with a literal, and where.

use std::ops::Range;

use crate::base::limits;

/// A flaw, and the bytes of the text where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{flaw}")]
pub struct Misread {
    /// What is wrong.
    pub flaw: Flaw,
    /// Where, in bytes of the text that was read.
    pub range: Range<usize>,
}

impl Misread {
    pub(super) fn new<T>(flaw: Flaw, range: Range<usize>) -> Result<T, Self> {
        Err(Self { flaw, range })
    }
}

/// What can be wrong with a literal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Nothing stands there.
    #[error("a literal is missing")]
    Missing,
    /// A letter that begins no literal.
    #[error("no literal begins with `{0}`")]
    NoBeginning(char),
    /// A name: the quotes were forgotten.
    #[error("`{0}` is a name, and no literal")]
    Name(String),
    /// No quote ends the text.
    #[error("the closing quote is missing")]
    OpenText,
    /// No bracket ends what one began.
    #[error("the closing `{0}` is missing")]
    Open(char),
    /// Two members stand side by side.
    #[error("a comma is missing")]
    NoComma,
    /// A key of a dict has no value.
    #[error("a colon and a value are missing behind this key")]
    NoColon,
    /// A member of a set has a value.
    #[error("a set has no values, and a dict has one for each key")]
    Mixed,
    /// Something stands behind the literal.
    #[error("something touches the literal")]
    Behind,
    /// An escape that Python does not know in this form either.
    #[error("this escape is not complete")]
    Escape,
    /// `\N{…}`
    #[error("a letter cannot be named here")]
    NamedLetter,
    /// `'\ud800'`
    #[error("half a surrogate pair is no letter")]
    Surrogate,
    /// `b'a'`
    #[error("bytes are no value here")]
    Bytes,
    /// `f'a'`
    #[error("a text that is made of others is no literal")]
    Formatted,
    /// `1x`, `1__0`, `0o9`
    #[error("this is not a number")]
    NoNumber,
    /// `007`
    #[error("an integer does not begin with 0")]
    LeadingZero,
    /// `1j`
    #[error("complex numbers are no values here")]
    Complex,
    /// More digits than Python takes.
    #[error("an integer has at most {max} digits", max = limits::LITERAL_DIGITS)]
    TooManyDigits,
    /// `1e999`
    #[error("the number is too large for a float")]
    TooLarge,
    /// Brackets within brackets without end.
    #[error("literals nest at most {max} deep", max = limits::LITERAL_DEPTH)]
    TooDeep,
    /// `{[]: 1}`
    #[error("what can change is neither a key of a dict nor a member of a set")]
    Unhashable,
}
