//! What is said about keys and values at a console that are no literals of Python.

use crate::store::Value;
use crate::store::literal::Flaw;

/// What every help for such a mistake begins with.
pub(super) const AT_CONSOLES: &str =
    "at a console keys and values are literals of Python: 'a', 1, 2.5, None, [1, 'a'], {'a': 1}";

/// What to write for a name.
pub(super) fn in_place_of_name(name: &str) -> String {
    match name {
        "true" | "TRUE" => "write True".to_owned(),
        "false" | "FALSE" => "write False".to_owned(),
        "null" | "none" | "nil" | "NULL" => "write None".to_owned(),
        _ => format!("write {} for the text", Value::text(name).repr()),
    }
}

/// What would be right.
pub(super) fn what_would_be_right(flaw: &Flaw) -> String {
    match flaw {
        Flaw::Missing => "a literal is expected here".to_owned(),
        Flaw::NoBeginning(',' | ')' | ']' | '}' | ':') => "a literal is expected before this".to_owned(),
        Flaw::NoBeginning('+' | '-') => "a number is expected behind this, at once".to_owned(),
        Flaw::NoBeginning(_) => "a text stands in quotes".to_owned(),
        Flaw::Name(name) => in_place_of_name(name),
        Flaw::OpenText => "the text begins here".to_owned(),
        Flaw::Open(_) => "it begins here".to_owned(),
        Flaw::NoComma => "a comma is expected before this, or in a dict a colon".to_owned(),
        Flaw::NoColon => "write KEY: VALUE".to_owned(),
        Flaw::Mixed => "remove the value, or give each key one".to_owned(),
        Flaw::Behind => "remove this, or put a blank before it".to_owned(),
        Flaw::Escape => "write \\\\ for a backslash".to_owned(),
        Flaw::NamedLetter => "write the letter itself".to_owned(),
        Flaw::Surrogate => "write the letter itself, or \\U and eight digits".to_owned(),
        Flaw::Bytes => "remove this for a text".to_owned(),
        Flaw::Formatted => "remove this".to_owned(),
        Flaw::NoNumber => "put it in quotes for a text".to_owned(),
        Flaw::LeadingZero => "remove the zeros, or put it in quotes for a text".to_owned(),
        Flaw::Complex => "remove the letter, or put it in quotes for a text".to_owned(),
        Flaw::TooManyDigits => "too many digits".to_owned(),
        Flaw::TooLarge => "at most about 1.8e308".to_owned(),
        Flaw::TooDeep => "one too many".to_owned(),
        Flaw::Unhashable => "a list, a set or a dict; a tuple would do".to_owned(),
    }
}
