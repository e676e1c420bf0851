//! Percentages as scripts write them, in millionths: `5%` is 50,000.

const ONE_PERCENT: u64 = 10_000;
const PLACES: usize = 4;

/// A percentage from 0 to 100 with at most four places behind the point; `None` if the text is none.
pub(super) fn parse(text: &str) -> Option<u64> {
    let number = text.strip_suffix('%')?;
    let (whole, places) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |digits: &str, most: usize| {
        (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(whole, 3) || !is_number(places, PLACES) {
        return None;
    }
    let places: u64 = format!("{places:0<PLACES$}").parse().ok()?;
    let millionths = whole.parse::<u64>().ok()? * ONE_PERCENT + places;
    (millionths <= 100 * ONE_PERCENT).then_some(millionths)
}

/// The text of a percentage, without zeros at its end.
#[must_use]
pub fn text(millionths: u64) -> String {
    let (whole, places) = (millionths / ONE_PERCENT, millionths % ONE_PERCENT);
    let places = format!("{places:0PLACES$}");
    match places.trim_end_matches('0') {
        "" => format!("{whole}%"),
        places => format!("{whole}.{places}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_and_its_text_are_one() {
        let pairs = [("0%", 0), ("5%", 50_000), ("0.25%", 2_500), ("99.9999%", 999_999), ("100%", 1_000_000)];
        for (written, millionths) in pairs {
            assert_eq!((parse(written), text(millionths).as_str()), (Some(millionths), written));
        }
        assert_eq!(parse("05.50%"), Some(55_000));
    }

    #[test]
    fn what_is_no_percentage_is_none() {
        for text in ["", "%", "5", "-1%", "+1%", "101%", "100.0001%", "1.%", ".5%", "1.23456%", "1,5%", "5 %", "1000%"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
