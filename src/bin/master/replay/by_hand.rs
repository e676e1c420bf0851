//! `master replay` of what a server or client by hand has written down.

use std::fmt::Display;
use std::io::{self, BufRead};

use splitbrain::base::{Environment, Verdict};
use splitbrain::tcp::recording::{self, Different, End, Replayed};
use splitbrain::trace::Sink;

use crate::tell;

/// Is it the recording of a node by hand, and not the trace of a run? Nothing of it is taken out.
pub fn begins(file: &mut impl BufRead) -> bool {
    let first = file.fill_buf().unwrap_or_default();
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    std::str::from_utf8(line).is_ok_and(recording::is_recording)
}

/// Carries it out again, and says whether it is the same.
pub fn replay(name: &impl Display, file: impl BufRead) -> Result<Verdict, Environment> {
    match recording::replay(file) {
        Ok(Replayed { node, inputs, outputs, end }) => {
            let (end, verdict) = match end {
                End::Whole => (String::new(), Verdict::Passed),
                End::Unanswered => (
                    "\nthe node was killed at the last input, or before what came of it was written".to_owned(),
                    Verdict::Passed,
                ),
                End::Refused(why) => (format!("\nthe node refuses the last input, as it did: {why}"), Verdict::Passed),
                End::Panicked => ("\nthe node's own code fails at the last input".to_owned(), Verdict::NodeFault),
            };
            let node = node.in_words();
            let text = format!("{name}: {inputs} inputs and {outputs} outputs of {node}, the same again{end}");
            Sink::new("standard output", io::stdout()).line(text)?;
            Ok(verdict)
        }
        Err(error @ Different::Unreadable { .. }) => {
            tell(format_args!("error: {name}: {error}"));
            Ok(Verdict::Mistake)
        }
        Err(error @ Different::Output { .. }) => {
            tell(format_args!("error: {name}: {error}"));
            Ok(Verdict::NodeFault)
        }
    }
}
