//! `master test`: scripts against their goldens.

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use splitbrain::base::{Environment, Verdict};
use splitbrain::cluster::{Interruption, Orphans};
use splitbrain::golden::{
    self, Human, Json, Junit, Mode, Report, Reports, Selection, Suite, Unusable, WorkflowCommands,
};
use splitbrain::protocol::Protocol;
use splitbrain::trace::Sink;

use crate::arguments::{Color, Format, TestArguments};
use crate::{mode, tell};

/// Holds scripts against their goldens, or writes these.
pub fn test(arguments: &TestArguments) -> Result<Verdict, Environment> {
    let Some(mode) = mode(arguments.accept) else { return Ok(Verdict::Mistake) };
    // First of all: a signal must leave neither a process nor a temporary folder behind.
    let _orphans = Orphans::adopt()?;
    let interruption = Interruption::listen()?;
    match golden::test(&suite(arguments, mode), &interruption, &mut reports(arguments)) {
        Ok(verdict) => Ok(verdict),
        Err(Unusable::Environment(failure)) => Err(failure),
        Err(unusable) => {
            tell(format_args!("error: {unusable}"));
            Ok(unusable.verdict())
        }
    }
}

fn suite(arguments: &TestArguments, mode: Mode) -> Suite {
    Suite {
        selection: Selection {
            scripts: arguments.scripts.clone(),
            snapshots: arguments.snapshots.clone(),
            paths: arguments.paths.clone(),
            filters: arguments.filter.clone(),
            protocol: arguments.protocol.as_deref().and_then(Protocol::named),
            shard: arguments.shard,
        },
        program: PathBuf::from("/proc/self/exe"),
        jobs: arguments.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
        repeat: arguments.repeat,
        mode,
    }
}

fn reports(arguments: &TestArguments) -> Reports {
    let choice = match arguments.color {
        Color::Auto => AutoStream::choice(&io::stdout()),
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
    };
    let out = Sink::new("standard output", AutoStream::new(io::stdout(), choice));
    let mut reports: Vec<Box<dyn Report>> = match arguments.format {
        Format::Human => vec![Box::new(Human::new(out))],
        Format::Json => vec![Box::new(Json::new(out))],
        Format::Github => vec![Box::new(Human::new(out.clone())), Box::new(WorkflowCommands::new(out))],
    };
    reports.extend(arguments.junit.clone().map(|path| Box::new(Junit::new(path)) as Box<dyn Report>));
    Reports::new(reports)
}
