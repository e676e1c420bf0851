//! `master run`: a script carried out, with its record.

use std::io::{self, BufWriter, IsTerminal as _};
use std::path::Path;

use splitbrain::base::{Environment, Verdict};
use splitbrain::cluster::{InMemory, Interruption, Orphans, Spawner};
use splitbrain::console::{Place, Record, Refused, prompt};
use splitbrain::experiment::{Form, Function, OnFinding, Options, Snapshots, TABLE, carry_out, check, own_program};
use splitbrain::golden::{Mode, TakenSnapshots};
use splitbrain::protocol::Protocol;
use splitbrain::script::{self, Mistakes, Script, Source};
use splitbrain::trace::{Reader, Sink, TraceHash};

use crate::arguments::RunArguments;
use crate::input::{is_standard_input, read_script, refuse_missing, source};
use crate::repeat::repeat_line;
use crate::{mode, processes, tell};

/// Runs a script, or the prompt.
pub fn run(arguments: &RunArguments) -> Result<Verdict, Environment> {
    let Some(mode) = mode(arguments.accept) else { return Ok(Verdict::Mistake) };
    if is_standard_input(arguments.script.as_deref()) && io::stdin().is_terminal() {
        return recorded(arguments, mode, |recording| {
            prompt(options(arguments, recording), recording.readers()?, recording.record.script().clone())
        });
    }
    if let Some(refused) = refuse_missing(arguments.script.as_deref()) {
        return Ok(refused);
    }
    let (name, bytes) = read_script(arguments.script.as_deref())?;
    let source = source(name, bytes.clone(), arguments.format);
    let script = match source.and_then(|source| read(&source, chosen_protocol(arguments))) {
        Ok(script) => script,
        Err(mistakes) => {
            tell(&mistakes);
            return Ok(Verdict::Mistake);
        }
    };
    if let Some(own) = own_program(&script.invocations).filter(|_| arguments.in_process) {
        tell(format_args!(
            "error: {}:{}: `run` starts a process, and --in-process starts none; leave out one of them",
            script.source_name, own.place.line
        ));
        return Ok(Verdict::Mistake);
    }
    recorded(arguments, mode, |recording| {
        tell(format_args!("repeat: {}", repeat_line(arguments)));
        if script.invocations.is_empty() {
            tell(format_args!("warning: {}: the script holds no command", script.source_name));
        }
        recording.record.script().bytes(&bytes)?;
        recording.record.script().flush()?;
        Ok(carry_out(&script, options(arguments, recording), recording.readers()?))
    })
}

/// The protocol that the user chose, if any.
fn chosen_protocol(arguments: &RunArguments) -> Option<&'static Protocol> {
    arguments.protocol.as_deref().and_then(Protocol::named)
}

/// A script, if nothing is wrong with it where its servers run what it says, or what the user `chose`.
fn read(source: &Source, chose: Option<&'static Protocol>) -> Result<Script<Function>, Mistakes> {
    let script = script::parse(&TABLE, source)?;
    match check(&script.invocations, chose) {
        mistakes if mistakes.is_empty() => Ok(script),
        mistakes => Err(Mistakes::gather(source, mistakes)),
    }
}

/// What a run is recorded with.
struct Recording {
    record: Record,
    hash: Option<TraceHash>,
    snapshots: TakenSnapshots,
    /// Are they compared with their goldens, or become these?
    mode: Mode,
    interruption: Interruption,
    out: Sink,
}

impl Recording {
    /// Who follows the run beside standard output and standard error.
    fn readers(&self) -> Result<Vec<Box<dyn Reader>>, Environment> {
        let mut readers = self.record.readers()?;
        readers.push(Box::new(self.snapshots.clone()));
        readers.extend(self.hash.clone().map(|hash| Box::new(hash) as Box<dyn Reader>));
        Ok(readers)
    }
}

/// A run with its record: begun before it, and concluded when nothing of it lives that could still write to it.
fn recorded(
    arguments: &RunArguments,
    mode: Mode,
    run: impl FnOnce(&Recording) -> Result<Verdict, Environment>,
) -> Result<Verdict, Environment> {
    let orphans = if arguments.in_process { None } else { Some(Orphans::adopt()?) };
    // First of all: a signal must not leave a temporary folder behind.
    let interruption = Interruption::listen()?;
    let record = match Record::begin(&place(arguments)) {
        Ok(record) => record,
        Err(Refused::Environment(failure)) => return Err(failure),
        Err(refused @ (Refused::NotEmpty { .. } | Refused::NotAFolder { .. })) => {
            tell(format_args!("error: {refused}"));
            return Ok(Verdict::Mistake);
        }
    };
    record.temporary().into_iter().for_each(|folder| interruption.take_along(folder));
    let out = Sink::new("standard output", BufWriter::new(io::stdout()));
    let hash = arguments.trace_hash.then(TraceHash::default);
    let recording = Recording { record, hash, snapshots: TakenSnapshots::default(), mode, interruption, out };
    let verdict = run(&recording).unwrap_or_else(|failure| {
        tell(format_args!("error: {failure}"));
        Verdict::Environment
    });
    drop(orphans);
    let verdict = conclude_snapshots(arguments, &recording, verdict);
    if let Some(hash) = &recording.hash {
        tell(format_args!("trace hash: {}", hash.text()));
    }
    // Who closes standard output has seen enough, and looks for nothing.
    let evidence = if recording.out.is_closed() { Verdict::Interrupted } else { verdict };
    match recording.record.conclude(evidence) {
        Ok(Some(path)) => tell(format_args!("record: {}", path.display())),
        Ok(None) => {}
        Err(failure) => tell(format_args!("warning: {failure}")),
    }
    Ok(verdict)
}

/// Compares the snapshots of a run that ended so, or accepts them. What has become of the run by that?
fn conclude_snapshots(arguments: &RunArguments, recording: &Recording, verdict: Verdict) -> Verdict {
    let Some(folder) = &arguments.snapshots else { return verdict };
    let Recording { snapshots, mode, .. } = recording;
    let concluded = match (mode, verdict) {
        (Mode::Accept(_), Verdict::Passed) => accept(folder, snapshots),
        (Mode::Accept(_), _) => {
            tell("accepted: nothing, for the run did not pass");
            Ok(verdict)
        }
        (Mode::Compare, _) => compare(arguments, folder, snapshots),
    };
    let concluded = concluded.unwrap_or_else(|failure| {
        tell(format_args!("error: {failure}"));
        Verdict::Environment
    });
    verdict.max(concluded)
}

fn accept(folder: &Path, snapshots: &TakenSnapshots) -> Result<Verdict, Environment> {
    for path in snapshots.accept(folder)? {
        tell(format_args!("accepted: {}", path.display()));
    }
    Ok(Verdict::Passed)
}

fn compare(arguments: &RunArguments, folder: &Path, snapshots: &TakenSnapshots) -> Result<Verdict, Environment> {
    let differences = snapshots.compare(folder)?;
    let script = arguments.script.as_deref().filter(|path| *path != Path::new("-"));
    let script = script.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    for difference in &differences {
        tell(format_args!("failed: {script}:{}: {difference}", difference.line));
    }
    Ok(if differences.is_empty() { Verdict::Passed } else { Verdict::Failed })
}

/// Where the record goes.
fn place(arguments: &RunArguments) -> Place {
    match &arguments.out {
        None => Place::Temporary,
        Some(folder) if arguments.force => Place::Replaced(folder.clone()),
        Some(folder) => Place::Absent(folder.clone()),
    }
}

fn options(arguments: &RunArguments, recording: &Recording) -> Options {
    let interruption = recording.interruption.clone();
    let spawner: Box<dyn Spawner> = if arguments.in_process {
        Box::new(InMemory)
    } else {
        Box::new(processes(recording.record.nodes(), arguments.step_limit.seconds, &interruption))
    };
    Options {
        seed: arguments.seed,
        protocol: chosen_protocol(arguments),
        form: if arguments.transcript { Form::Transcript } else { Form::Plain },
        snapshots: if arguments.snapshots.is_some() { Snapshots::Apart } else { Snapshots::Printed },
        on_finding: if arguments.fail_fast { OnFinding::LeaveOut } else { OnFinding::GoOn },
        spawner,
        interruption,
        out: recording.out.clone(),
        err: Sink::new("standard error", io::stderr()),
    }
}
