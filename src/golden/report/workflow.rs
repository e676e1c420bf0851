//! For GitHub Actions: a workflow command for each script that is not well, which becomes a note at that script.
//!
//! It stands beside the report for people, which has everything; the line of the note is the one that the script's run
//! named on standard error, if it named one.

use crate::base::Environment;
use crate::golden::case::Case;
use crate::golden::outcome::{Finding, Outcome};
use crate::golden::report::Report;
use crate::golden::suite::Summary;
use crate::trace::Sink;

/// For GitHub Actions.
pub struct WorkflowCommands {
    out: Sink,
}

impl WorkflowCommands {
    /// To this stream.
    #[must_use]
    pub fn new(out: Sink) -> Self {
        Self { out }
    }
}

impl Report for WorkflowCommands {
    fn outcome(&mut self, outcome: &Outcome) -> Result<(), Environment> {
        if outcome.status.is_well() {
            return Ok(());
        }
        let Outcome { case, status, findings, complaints, accept, repeat, .. } = outcome;
        let line = line_named(case, complaints).map(|line| format!(",line={line}")).unwrap_or_default();
        let mut message = complaints.clone();
        for Finding { path, what } in findings {
            let place = what.line().map(|line| format!(":{line}")).unwrap_or_default();
            message.push_str(&format!("{}{place}: {}\n", path.display(), what.sentence()));
            message.push_str(&what.difference().map(ToString::to_string).unwrap_or_default());
        }
        message.extend(accept.iter().map(|accept| format!("accept: {accept}\n")));
        message.push_str(&format!("repeat: {repeat}"));
        let protocol = case.protocol.map(|protocol| format!(" under {}", protocol.name)).unwrap_or_default();
        let title = format!("{}{protocol}", status.words());
        let (file, title) = (property(&case.script.display().to_string()), property(&title));
        self.out.line(format_args!("::error file={file}{line},title={title}::{}", data(&message)))
    }

    fn end(&mut self, summary: &Summary) -> Result<(), Environment> {
        for path in &summary.unreferenced {
            let file = property(&path.display().to_string());
            self.out.line(format_args!("::error file={file},title=unreferenced::no script makes this golden"))?;
        }
        self.out.flush()
    }
}

/// The first line of the script that its run named: `scripts/heal.txt:12`.
fn line_named(case: &Case, complaints: &str) -> Option<usize> {
    let name = format!("{}:", case.script.display());
    complaints.match_indices(&name).find_map(|(at, _)| {
        let digits: String = complaints[at + name.len()..].chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}

/// A message, as one line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, within its commas and colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("a: 50%\r\nb::c"), "a: 50%25%0D%0Ab::c");
        assert_eq!(property("a,b:c\n"), "a%2Cb%3Ac%0A");
    }

    #[test]
    fn the_line_is_the_one_that_was_named() {
        let case = Case::new(Path::new("scripts"), Path::new("snapshots"), Path::new("a.txt"));
        let named = |text| line_named(&case, text);
        assert_eq!(named("repeat: scripts/a.txt\nfailed: scripts/a.txt:12: x\nfailed: scripts/a.txt:14: y"), Some(12));
        assert_eq!(named(" --> scripts/a.txt:3:5"), Some(3));
        assert_eq!(named("scripts/a.txt: nothing"), None);
    }
}
