//! A text as a scalar of YAML.

use crate::script::yaml::tree::is_null;

/// What has a meaning of its own somewhere in a flow collection.
const INDICATORS: [char; 10] = [',', '[', ']', '{', '}', '"', '\'', '#', ':', '\\'];

/// A text that has no control characters as a scalar that may stand anywhere, also between brackets: with quotes where it
/// needs them.
pub(super) fn flow_scalar(text: &str) -> String {
    let begins_plain = text.starts_with(|first: char| first.is_alphanumeric() || "_./+$".contains(first));
    let is_plain = begins_plain && !text.contains(INDICATORS) && !text.ends_with(' ') && !is_null(text);
    if is_plain {
        text.to_owned()
    } else if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_quotes_where_it_needs_them() {
        for plain in ["a", "s1 -> s3", "s1 s2 | s3", "1.5", "+5s", "/x", "true", "é"] {
            assert_eq!(flow_scalar(plain), plain);
        }
        let quoted = [
            ("", "\"\""),
            ("null", "\"null\""),
            ("~", "\"~\""),
            ("-1", "\"-1\""),
            ("a:b", "\"a:b\""),
            ("s1,s2", "\"s1,s2\""),
            ("it's", "\"it's\""),
            ("a\"b", "'a\"b'"),
            ("a\"b'c", "'a\"b''c'"),
            ("a\\b", "'a\\b'"),
            ("a ", "\"a \""),
            ("*", "\"*\""),
        ];
        for (text, expected) in quoted {
            assert_eq!(flow_scalar(text), expected);
        }
    }
}
