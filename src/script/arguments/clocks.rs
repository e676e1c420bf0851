//! What is said of clocks: how fast they run, and how far they jump.

use crate::base::offset::NotAnOffset;
use crate::base::{ClockRate, Offset, Span};
use crate::script::arguments::ArgumentReader;
use crate::script::invocation::Argument;
use crate::script::words::Word;

impl<F> ArgumentReader<'_, F> {
    /// A factor, in millionths.
    pub(super) fn factor(&mut self, word: &Word<'_>) -> Argument {
        match word.text.parse::<ClockRate>() {
            Ok(rate) => Argument::Number(rate.0),
            Err(reason) => {
                self.refuse(word, "is not a rate", &reason.to_string());
                Argument::Absent
            }
        }
    }

    /// A length of time with its sign.
    pub(super) fn offset(&mut self, word: &Word<'_>) -> Argument {
        match word.text.parse::<Offset>() {
            Ok(offset) => Argument::Offset(offset),
            Err(NotAnOffset::NoSign) if word.text.parse::<Span>().is_ok() => {
                let text = word.text;
                self.refuse(word, "has no sign", &format!("expected +{text} to go ahead, or -{text} to go back"));
                Argument::Absent
            }
            Err(reason) => {
                self.refuse(word, "is not an offset", &reason.to_string());
                Argument::Absent
            }
        }
    }
}
