//! Integers of any size and floats, with a sign.

use std::ops::Range;

use crate::base::limits;
use crate::store::literal::Literal;
use crate::store::literal::flaw::{Flaw, Misread};

/// The number that begins at the byte `start` of `line`, and the byte behind it.
pub(super) fn read(line: &str, start: usize) -> Result<(Literal, usize), Misread> {
    let rest = &line[start..];
    let sign = usize::from(rest.starts_with(['+', '-']));
    let end = start + sign + length(&rest[sign..]);
    let (is_negative, digits, here) = (rest.starts_with('-'), &line[start + sign..end], start..end);
    if !digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        let letter = rest.chars().next().unwrap_or_default();
        return Misread::new(Flaw::NoBeginning(letter), start..start + letter.len_utf8());
    }
    let prefix = digits.get(..2).unwrap_or_default().to_ascii_lowercase();
    let literal = match prefix.as_str() {
        "0x" => integer(&digits[2..], 16, is_negative, here)?,
        "0o" => integer(&digits[2..], 8, is_negative, here)?,
        "0b" => integer(&digits[2..], 2, is_negative, here)?,
        _ if digits.ends_with(['j', 'J']) => return Misread::new(Flaw::Complex, here),
        _ if digits.contains(['.', 'e', 'E']) => float(digits, is_negative, here)?,
        _ => integer(digits, 10, is_negative, here)?,
    };
    Ok((literal, end))
}

/// How far letters go that a number has, or that touch one.
fn length(rest: &str) -> usize {
    let is_hexadecimal = rest.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    let mut before = ' ';
    for (at, letter) in rest.char_indices() {
        let is_sign = matches!(letter, '+' | '-') && matches!(before, 'e' | 'E') && !is_hexadecimal;
        if !(letter.is_alphanumeric() || matches!(letter, '_' | '.') || is_sign) {
            return at;
        }
        before = letter;
    }
    rest.len()
}

/// Python's rule for `_`: between two digits, or behind `0x` and its like.
fn without_underscores(digits: &str, may_lead: bool) -> Option<String> {
    let is_placed = !digits.ends_with('_') && !digits.contains("__") && (may_lead || !digits.starts_with('_'));
    (is_placed && !digits.is_empty()).then(|| digits.replace('_', ""))
}

fn integer(digits: &str, radix: u32, is_negative: bool, here: Range<usize>) -> Result<Literal, Misread> {
    let digits = without_underscores(digits, radix != 10);
    let Some(digits) = digits.filter(|digits| digits.chars().all(|digit| digit.is_digit(radix))) else {
        return Misread::new(Flaw::NoNumber, here);
    };
    let significant = digits.trim_start_matches('0');
    if radix == 10 && significant.len() < digits.len() && !significant.is_empty() {
        return Misread::new(Flaw::LeadingZero, here);
    }
    // No base has fewer digits than a quarter of the decimal ones; so nothing long is converted only to be refused.
    if significant.len() > limits::LITERAL_DIGITS * 4 {
        return Misread::new(Flaw::TooManyDigits, here);
    }
    let decimal = if radix == 10 { significant.to_owned() } else { decimal(significant, radix) };
    if decimal.len() > limits::LITERAL_DIGITS {
        return Misread::new(Flaw::TooManyDigits, here);
    }
    Ok(Literal::Integer(match (decimal.is_empty(), is_negative) {
        (true, _) => "0".to_owned(),
        (false, true) => format!("-{decimal}"),
        (false, false) => decimal,
    }))
}

/// The decimal digits of a number in another base, without leading zeros.
fn decimal(digits: &str, radix: u32) -> String {
    const LIMB: u64 = 1_000_000_000;
    let mut limbs: Vec<u64> = Vec::new();
    for digit in digits.chars().filter_map(|digit| digit.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let sum = *limb * u64::from(radix) + carry;
            (*limb, carry) = (sum % LIMB, sum / LIMB);
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let text: String = limbs.iter().rev().map(|limb| format!("{limb:09}")).collect();
    text.trim_start_matches('0').to_owned()
}

fn float(digits: &str, is_negative: bool, here: Range<usize>) -> Result<Literal, Misread> {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (mantissa, ""),
    };
    let part = |digits: &str| match digits {
        "" => Some(String::new()),
        _ => without_underscores(digits, false).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())),
    };
    let exponent = match exponent {
        None => Some("0".to_owned()),
        Some(exponent) => {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let sign = if exponent.starts_with('-') { "-" } else { "" };
            part(unsigned).filter(|digits| !digits.is_empty()).map(|digits| format!("{sign}{digits}"))
        }
    };
    let (Some(whole), Some(fraction), Some(exponent)) = (part(whole), part(fraction), exponent) else {
        return Misread::new(Flaw::NoNumber, here);
    };
    if whole.is_empty() && fraction.is_empty() {
        return Misread::new(Flaw::NoNumber, here);
    }
    let Ok(number) = format!("0{whole}.{fraction}0e{exponent}").parse::<f64>() else {
        return Misread::new(Flaw::NoNumber, here);
    };
    if number.is_infinite() {
        return Misread::new(Flaw::TooLarge, here);
    }
    Ok(Literal::Float(if is_negative { -number } else { number }))
}
