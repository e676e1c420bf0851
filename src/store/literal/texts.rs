//! Texts in quotes, single or three of a kind, with Python's escapes.

use crate::store::literal::Literal;
use crate::store::literal::flaw::{Flaw, Misread};

/// The text whose quote is the byte `start` of `line`, and the byte behind it.
pub(super) fn read(line: &str, start: usize) -> Result<(Literal, usize), Misread> {
    quoted(line, start, Escapes::Resolved)
}

/// The same, with a prefix before its quote: `r'…'` keeps backslashes, `u'…'` says nothing.
pub(super) fn read_prefixed(line: &str, start: usize) -> Result<(Literal, usize), Misread> {
    let length = line[start..].find(['\'', '"']).unwrap_or_default();
    let prefix = &line[start..start + length];
    let here = start..start + length;
    match prefix.to_ascii_lowercase().as_str() {
        "r" => quoted(line, start + length, Escapes::Kept),
        "u" => quoted(line, start + length, Escapes::Resolved),
        "b" | "br" | "rb" => Misread::new(Flaw::Bytes, here),
        "f" | "fr" | "rf" => Misread::new(Flaw::Formatted, here),
        _ => Misread::new(Flaw::Name(prefix.to_owned()), here),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    Resolved,
    Kept,
}

fn quoted(line: &str, start: usize, escapes: Escapes) -> Result<(Literal, usize), Misread> {
    let quote = &line[start..=start];
    let three = quote.repeat(3);
    let closing = if line[start..].starts_with(&three) { three.as_str() } else { quote };
    let mut text = String::new();
    let mut at = start + closing.len();
    loop {
        let rest = &line[at..];
        if rest.starts_with(closing) {
            return Ok((Literal::Text(text), at + closing.len()));
        }
        let mut letters = rest.chars();
        match (letters.next(), letters.next()) {
            (None, _) | (Some('\\'), None) => return Misread::new(Flaw::OpenText, start..line.trim_end().len()),
            (Some('\\'), Some(escaped)) if escapes == Escapes::Kept => {
                text.extend(['\\', escaped]);
                at += 1 + escaped.len_utf8();
            }
            (Some('\\'), Some(_)) => at = escape(line, at, &mut text)?,
            (Some(letter), _) => {
                text.push(letter);
                at += letter.len_utf8();
            }
        }
    }
}

/// Appends what the escape at `at` stands for, and returns the byte behind it.
fn escape(line: &str, at: usize, text: &mut String) -> Result<usize, Misread> {
    let letter = line[at + 1..].chars().next().unwrap_or_default();
    let behind = at + 1 + letter.len_utf8();
    let simple = match letter {
        '\\' | '\'' | '"' => letter,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0'..='7' => return octal(line, at, text),
        'x' => return hexadecimal(line, at, 2, text),
        'u' => return hexadecimal(line, at, 4, text),
        'U' => return hexadecimal(line, at, 8, text),
        'N' => return Misread::new(Flaw::NamedLetter, at..behind),
        // Python keeps both.
        other => {
            text.extend(['\\', other]);
            return Ok(behind);
        }
    };
    text.push(simple);
    Ok(behind)
}

/// One to three digits.
fn octal(line: &str, at: usize, text: &mut String) -> Result<usize, Misread> {
    let digits = line[at + 1..].bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let end = at + 1 + digits;
    push_number(&line[at + 1..end], 8, at..end, text)
}

fn hexadecimal(line: &str, at: usize, digits: usize, text: &mut String) -> Result<usize, Misread> {
    let found = line[at + 2..].bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
    let end = at + 2 + found;
    if found < digits {
        Misread::new(Flaw::Escape, at..end)
    } else {
        push_number(&line[at + 2..end], 16, at..end, text)
    }
}

fn push_number(digits: &str, radix: u32, range: std::ops::Range<usize>, text: &mut String) -> Result<usize, Misread> {
    let number = u32::from_str_radix(digits, radix).unwrap_or(u32::MAX);
    match char::from_u32(number) {
        Some(letter) => {
            text.push(letter);
            Ok(range.end)
        }
        None if (0xd800..0xe000).contains(&number) => Misread::new(Flaw::Surrogate, range),
        None => Misread::new(Flaw::Escape, range),
    }
}
