//! Rates as scripts write them, in bits a second: `1mbit` is 1,000,000. The units are those of `tc`.

/// The units, the largest first.
const UNITS: [(&str, u64); 4] = [("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1_000), ("bit", 1)];
/// No rate: a link carries everything at once.
const OFF: &str = "off";

/// A whole number with a unit; 0 for `off`; `None` if the text is neither, or more than fits.
pub(super) fn parse(text: &str) -> Option<u64> {
    if text == OFF {
        return Some(0);
    }
    let (unit, bits) = UNITS.into_iter().find(|(unit, _)| text.ends_with(unit))?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(bits).filter(|rate| *rate > 0)
}

/// The text of a rate, in the largest unit of which it is a whole number.
#[must_use]
pub fn text(rate: u64) -> String {
    if rate == 0 {
        return OFF.to_owned();
    }
    let (unit, bits) = UNITS.into_iter().find(|(_, bits)| rate.is_multiple_of(*bits)).expect("1 divides all");
    format!("{}{unit}", rate / bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_and_its_text_are_one() {
        for (written, rate) in
            [("1mbit", 1_000_000), ("64kbit", 64_000), ("1500bit", 1_500), ("off", 0), ("2gbit", 2_000_000_000)]
        {
            assert_eq!((parse(written), text(rate).as_str()), (Some(rate), written));
        }
        assert_eq!((parse("1000kbit"), parse("01bit")), (Some(1_000_000), Some(1)));
    }

    #[test]
    fn what_is_no_rate_is_none() {
        for text in
            ["", "bit", "1", "0bit", "-1bit", "+1bit", "1.5mbit", "1mb", "1 mbit", "1mbps", "99999999999gbit", "é1bit"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
