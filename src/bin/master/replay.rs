//! `master replay`: the trace of a record carried out again.

use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use splitbrain::base::{Environment, Outcome};
use splitbrain::cluster::{self, InMemory, Interruption, Orphans, Replayed};
use splitbrain::console::TRACE;
use splitbrain::trace::Sink;

use crate::arguments::ReplayArguments;
use crate::{processes, tell};

/// Carries a trace out again, and says whether it is the same.
pub fn replay(arguments: &ReplayArguments) -> Result<Outcome, Environment> {
    let path = trace_in(&arguments.record);
    let name = path.display();
    let opened = fs::File::open(&path);
    let trace = BufReader::new(opened.map_err(Environment::while_trying(|| format!("read the trace {name}")))?);
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
            return Ok(Outcome::Interrupted);
        }
        result
    };
    match result {
        Ok(Replayed { steps, nodes }) => {
            let text = format!("{name}: {steps} steps of {nodes} nodes, the same again");
            Sink::new("standard output", io::stdout()).line(text)?;
            Ok(Outcome::Passed)
        }
        Err(stop) => {
            tell(format_args!("error: {name}: {stop}"));
            Ok(stop.outcome())
        }
    }
}

/// The trace of a record, or the file itself.
fn trace_in(record: &Path) -> PathBuf {
    if record.is_dir() { record.join(TRACE) } else { record.to_owned() }
}
