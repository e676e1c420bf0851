//! A line that is one JSON object, written field by field into a buffer that is used again for the next.
//!
//! Every run writes such a line for every step, so nothing is built in memory first, and what is JSON already is copied
//! as it is.

use serde::Serialize;

use crate::wire::envelope::write_json;

/// The line. Fields stand in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct ObjectLine {
    bytes: Vec<u8>,
}

impl ObjectLine {
    /// Forgets the last line, and begins one.
    pub fn begin(&mut self) -> &mut Self {
        self.bytes.clear();
        self
    }

    /// A field; `name` is one that needs no escapes.
    pub fn field(&mut self, name: &str, value: impl Serialize) -> &mut Self {
        self.name(name);
        write_json(&mut self.bytes, &value);
        self
    }

    /// A field, if there is a value for it.
    pub fn field_if_any(&mut self, name: &str, value: Option<impl Serialize>) -> &mut Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// A field whose value is a line of JSON, with or without its end; `null` if the line is empty.
    pub fn json(&mut self, name: &str, line: &[u8]) -> &mut Self {
        self.name(name);
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        self.bytes.extend_from_slice(if line.is_empty() { b"null" } else { line });
        self
    }

    /// A field whose value is the list of lines of JSON, each with its end.
    pub fn json_list(&mut self, name: &str, lines: &[u8]) -> &mut Self {
        self.name(name);
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', lines) {
            self.bytes.push(if start == 0 { b'[' } else { b',' });
            self.bytes.extend_from_slice(&lines[start..end]);
            start = end + 1;
        }
        self.bytes.extend_from_slice(if start == 0 { b"[]" } else { b"]" });
        self
    }

    /// The whole line, with its end.
    pub fn end(&mut self) -> &[u8] {
        self.bytes.extend_from_slice(b"}\n");
        &self.bytes
    }

    fn name(&mut self, name: &str) {
        self.bytes.extend_from_slice(if self.bytes.is_empty() { b"{\"" } else { b",\"" });
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_their_order_and_json_as_it_came() {
        let mut line = ObjectLine::default();
        line.begin().field("left", "over").end();
        let text = line
            .begin()
            .field("text", "a \"b\"\n")
            .field_if_any("nothing", None::<u64>)
            .json("line", b"{ \"x\" : 1.0 }\n")
            .json("none", b"")
            .json_list("lines", b"{\"a\":1}\n{}\n")
            .json_list("no_lines", b"")
            .end();
        let expected = concat!(
            r#"{"text":"a \"b\"\n","line":{ "x" : 1.0 },"none":null,"#,
            r#""lines":[{"a":1},{}],"no_lines":[]}"#,
            "\n"
        );
        assert_eq!(String::from_utf8_lossy(text), expected);
    }
}
