//! How far a clock jumps, as scripts write it: `+5s` ahead, `-200ms` back.

use std::fmt;
use std::str::FromStr;

use crate::base::time::{NotASpan, Span};

/// A length of time with its direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offset {
    /// Into what is to come.
    Ahead(Span),
    /// Into what was.
    Back(Span),
}

/// The sign, then the canonical text of the length. This is the canonical text of an offset.
impl fmt::Display for Offset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead(span) => write!(formatter, "+{span}"),
            Self::Back(span) => write!(formatter, "-{span}"),
        }
    }
}

/// Why a text is no offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnOffset {
    /// It does not say in which direction.
    #[error("an offset begins with its sign, + or -, such as +5s or -200ms")]
    NoSign,
    /// What follows the sign is not a number followed by a unit.
    #[error("after its sign an offset is a number and its unit, us, ms, s or min, such as +50ms or -1.5s")]
    Shape,
    /// What follows the sign is a length of time that is too fine or too long.
    #[error(transparent)]
    Span(NotASpan),
}

impl From<NotASpan> for NotAnOffset {
    fn from(reason: NotASpan) -> Self {
        match reason {
            NotASpan::Shape => Self::Shape,
            NotASpan::TooFine | NotASpan::TooLong => Self::Span(reason),
        }
    }
}

impl FromStr for Offset {
    type Err = NotAnOffset;

    fn from_str(text: &str) -> Result<Self, NotAnOffset> {
        if let Some(span) = text.strip_prefix('+') {
            Ok(Self::Ahead(span.parse()?))
        } else if let Some(span) = text.strip_prefix('-') {
            Ok(Self::Back(span.parse()?))
        } else {
            Err(NotAnOffset::NoSign)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_and_its_text_are_one() {
        let offsets = [
            ("+5s", Offset::Ahead(Span::seconds(5))),
            ("-200ms", Offset::Back(Span::milliseconds(200))),
            ("+0s", Offset::Ahead(Span(0))),
            ("-0s", Offset::Back(Span(0))),
            ("-1000000s", Offset::Back(Span::seconds(1_000_000))),
        ];
        for (text, offset) in offsets {
            assert_eq!((text.parse(), offset.to_string().as_str()), (Ok(offset), text));
        }
        assert_eq!("+1.5s".parse(), Ok(Offset::Ahead(Span(1_500_000))));
    }

    #[test]
    fn what_is_no_offset_is_refused() {
        for text in ["", "5s", "s", " +5s", "−5s"] {
            assert_eq!(text.parse::<Offset>(), Err(NotAnOffset::NoSign), "{text}");
        }
        for text in ["+", "-", "+5", "--5s", "+-5s", "+ 5s"] {
            assert_eq!(text.parse::<Offset>(), Err(NotAnOffset::Shape), "{text}");
        }
        assert_eq!("-0.5us".parse::<Offset>(), Err(NotAnOffset::Span(NotASpan::TooFine)));
        assert_eq!("+1000001s".parse::<Offset>(), Err(NotAnOffset::Span(NotASpan::TooLong)));
    }
}
