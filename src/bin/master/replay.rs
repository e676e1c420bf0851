//! `master replay`: the trace of a record carried out again.

mod by_hand;

use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use splitbrain::base::{Environment, Verdict};
use splitbrain::cluster::{self, InMemory, Interruption, Orphans, Replayed};
use splitbrain::console::TRACE;
use splitbrain::trace::{Ending, Sink};

use crate::arguments::ReplayArguments;
use crate::{processes, tell};

/// Carries a trace out again, and says whether it is the same.
pub fn replay(arguments: &ReplayArguments) -> Result<Verdict, Environment> {
    let path = trace_in(&arguments.record);
    let name = path.display();
    let opened = fs::File::open(&path);
    let mut trace = BufReader::new(opened.map_err(Environment::while_trying(|| format!("read the trace {name}")))?);
    if by_hand::begins(&mut trace) {
        return by_hand::replay(&name, trace);
    }
    let result = if arguments.in_process {
        cluster::replay(trace, &mut InMemory)
    } else {
        let _orphans = Orphans::adopt()?;
        let interruption = Interruption::listen()?;
        let nodes = tempfile::tempdir().map_err(Environment::while_trying(|| "make a temporary folder".to_owned()))?;
        interruption.take_along(nodes.path());
        let mut spawner = processes(nodes.path().to_owned(), arguments.step_limit.seconds, &interruption);
        let result = cluster::replay(trace, &mut spawner);
        if interruption.happened() {
            return Ok(Verdict::Interrupted);
        }
        result
    };
    match result {
        Ok(Replayed { steps, nodes, ending }) => {
            let counted = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
            let (steps, nodes) = (counted(steps, "step"), counted(nodes as u64, "node"));
            let (end, verdict) = match ending {
                Ending::End => (String::new(), Verdict::Passed),
                Ending::Stopped(reason) => {
                    (format!("\nthe run stopped there, in a step that is not in the trace: {reason}"), Verdict::Passed)
                }
                Ending::Missing => {
                    ("\nthe trace has no end: what came after is not there".to_owned(), Verdict::Undecided)
                }
            };
            let text = format!("{name}: {steps} of {nodes}, the same again{end}");
            Sink::new("standard output", io::stdout()).line(text)?;
            Ok(verdict)
        }
        Err(stop) => {
            tell(format_args!("error: {name}: {stop}"));
            Ok(stop.verdict())
        }
    }
}

/// The trace of a record, or the file itself.
fn trace_in(record: &Path) -> PathBuf {
    if record.is_dir() { record.join(TRACE) } else { record.to_owned() }
}
