//! Arguments that are one number, with or without a unit.

use crate::base::{Span, limits};
use crate::script::arguments::ArgumentReader;
use crate::script::invocation::Argument;
use crate::script::words::{Quotes, Word};
use crate::script::{percent, rate};

impl<F> ArgumentReader<'_, F> {
    pub(super) fn duration(&mut self, word: &Word<'_>) -> Argument {
        match word.text.parse::<Span>() {
            Ok(span) => Argument::Duration(span),
            Err(reason) => {
                self.refuse(word, "is not a duration", &reason.to_string());
                Argument::Absent
            }
        }
    }

    pub(super) fn seed(&mut self, word: &Word<'_>) -> Argument {
        let digits = word.text.bytes().all(|byte| byte.is_ascii_digit());
        match word.text.parse::<u64>() {
            Ok(seed) if digits && seed <= limits::GREATEST_SEED => Argument::Number(seed),
            Ok(_) | Err(_) => {
                let expected = format!("a seed is a whole number from 0 to {}", limits::GREATEST_SEED);
                self.refuse(word, "is not a seed", &expected);
                Argument::Absent
            }
        }
    }

    pub(super) fn percent(&mut self, word: &Word<'_>) -> Argument {
        match percent::parse(word.text) {
            Some(millionths) => Argument::Number(millionths),
            None => {
                self.refuse(word, "is not a percentage", "expected 0% to 100%, such as 5% or 0.25%");
                Argument::Absent
            }
        }
    }

    pub(super) fn number(&mut self, word: &Word<'_>) -> Argument {
        let digits = word.text.bytes().all(|byte| byte.is_ascii_digit());
        match word.text.parse::<u64>() {
            Ok(number) if digits => Argument::Number(number),
            Ok(_) | Err(_) => {
                self.refuse(word, "is not a number", &format!("expected a whole number from 0 to {}", u64::MAX));
                Argument::Absent
            }
        }
    }

    /// A number, and the word for what is counted.
    pub(super) fn count(&mut self, unit: &'static str, word: &Word<'_>) -> Argument {
        let number = self.number(word);
        match self.next(Quotes::Ordinary) {
            Some(found) if found.text == unit || Some(found.text) == unit.strip_suffix('s') => number,
            Some(found) => {
                self.refuse(&found, "stands in the wrong place", &format!("expected `{unit}`"));
                Argument::Absent
            }
            None => {
                self.report_missing_after(word, unit);
                Argument::Absent
            }
        }
    }

    pub(super) fn rate(&mut self, word: &Word<'_>) -> Argument {
        match rate::parse(word.text) {
            Some(rate) => Argument::Number(rate),
            None => {
                let expected = "expected a whole number of bit, kbit, mbit or gbit a second, such as 64kbit, or off";
                self.refuse(word, "is not a rate", expected);
                Argument::Absent
            }
        }
    }
}
