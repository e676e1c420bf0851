//! Did you mean: the known word that is nearest to what was typed.
//!
//! Of equally near words the first is chosen. Long words have no near ones, which bounds the work.
//!
//! Deliberately missing: guesses by meaning.

/// Nothing longer is compared.
const COMPARED_BYTES: usize = 64;

/// The nearest of `known`, if one is near: equal but for case, or at most a third of its letters different.
#[must_use]
pub fn nearest<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if typed.len() > COMPARED_BYTES {
        return None;
    }
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&typed, &word.to_lowercase()), word))
        .filter(|(distance, word)| distance * 3 <= typed.chars().count().max(word.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const KNOWN: [&str; 6] = ["put", "get", "e", "killServer", "breakConnection", "exit"];

    #[test]
    fn a_slip_is_understood() {
        for (typed, meant) in [
            ("putt", "put"),
            ("gte", "get"),
            ("PUT", "put"),
            ("killserver", "killServer"),
            ("break_connection", "breakConnection"),
            ("exot", "exit"),
        ] {
            assert_eq!(nearest(typed, KNOWN), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_far_has_no_neighbour() {
        for typed in ["", "x", "frobnicate", &"put".repeat(100)] {
            assert_eq!(nearest(typed, KNOWN), None, "{typed}");
        }
    }
}
