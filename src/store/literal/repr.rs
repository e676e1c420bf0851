//! How Python prints texts and floats within other literals.

use std::fmt::{self, Write};

/// Letters that Python escapes for what they are in Unicode: control characters, formats, surrogates, private use, and
/// separators but for the blank.
const UNPRINTABLE: &[(u32, u32)] = &[
    (0x0000, 0x001f),
    (0x007f, 0x00a0),
    (0x00ad, 0x00ad),
    (0x0600, 0x0605),
    (0x061c, 0x061c),
    (0x06dd, 0x06dd),
    (0x070f, 0x070f),
    (0x0890, 0x0891),
    (0x08e2, 0x08e2),
    (0x1680, 0x1680),
    (0x180e, 0x180e),
    (0x2000, 0x200f),
    (0x2028, 0x202f),
    (0x205f, 0x2064),
    (0x2066, 0x206f),
    (0x3000, 0x3000),
    (0xd800, 0xf8ff),
    (0xfeff, 0xfeff),
    (0xfff9, 0xfffb),
    (0x110bd, 0x110bd),
    (0x110cd, 0x110cd),
    (0x13430, 0x1343f),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0001, 0xe0001),
    (0xe0020, 0xe007f),
    (0xf0000, 0xffffd),
    (0x10_0000, 0x10_fffd),
];

fn is_printable(letter: char) -> bool {
    let number = u32::from(letter);
    // Almost all letters are of these, and need no search.
    (0x20..0x7f).contains(&number) || !UNPRINTABLE.iter().any(|&(first, last)| (first..=last).contains(&number))
}

/// A text in single quotes, or in double ones if it holds single ones and no double ones.
pub(super) fn write_text(text: &str, formatter: &mut impl Write) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    formatter.write_char(quote)?;
    for letter in text.chars() {
        let number = u32::from(letter);
        match letter {
            '\\' => formatter.write_str("\\\\")?,
            '\n' => formatter.write_str("\\n")?,
            '\r' => formatter.write_str("\\r")?,
            '\t' => formatter.write_str("\\t")?,
            _ if letter == quote => write!(formatter, "\\{quote}")?,
            _ if is_printable(letter) => formatter.write_char(letter)?,
            _ if number < 0x100 => write!(formatter, "\\x{number:02x}")?,
            _ if number < 0x1_0000 => write!(formatter, "\\u{number:04x}")?,
            _ => write!(formatter, "\\U{number:08x}")?,
        }
    }
    formatter.write_char(quote)
}

/// The fewest digits that mean this number, with an exponent below 10^-4 and from 10^16 on (CPython's
/// `float_repr_style` "short").
pub(super) fn write_float(number: f64, formatter: &mut impl Write) -> fmt::Result {
    let shortest = format!("{number:e}");
    // Of two that are as short and as near, Python takes the even one. Rounded to so many digits, a tie goes there.
    let digits = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    let even = format!("{number:.places$e}", places = digits - 1);
    let text = if even.parse() == Ok(number) { even } else { shortest };
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (mantissa, exponent) = text.split_once('e').expect("this format has an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a small integer");
    let digits = mantissa.replace('.', "");
    formatter.write_str(sign)?;
    match exponent {
        -4..=-1 => {
            let zeros = exponent.unsigned_abs() as usize - 1;
            write!(formatter, "0.{:0<zeros$}{digits}", "")
        }
        0..=15 => {
            let places = exponent.unsigned_abs() as usize + 1;
            let padded = format!("{digits:0<places$}");
            let (whole, fraction) = padded.split_at(places);
            write!(formatter, "{whole}.{}", if fraction.is_empty() { "0" } else { fraction })
        }
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            write!(formatter, "{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
    }
}
