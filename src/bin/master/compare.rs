//! `master compare`: one script under several protocols, one after the other, and their figures side by side.

use std::io::{self, BufWriter};

use splitbrain::base::{Environment, Verdict};
use splitbrain::cluster::{InMemory, Interruption, Orphans, Spawner};
use splitbrain::experiment::{
    Column, Comparison, Form, Function, OnFinding, Options, Snapshots, TABLE, carry_out, check, check_comparable,
    protocols_to_compare,
};
use splitbrain::protocol::Protocol;
use splitbrain::script::{self, Mistakes, Script, Source};
use splitbrain::trace::{Memory, Sink, Statistics};

use crate::arguments::{CompareArguments, ComparisonFormat};
use crate::input::{read_script, refuse_missing, source};
use crate::repeat::{repeat_comparison_line, repeat_under_line};
use crate::{processes, tell};

/// Compares protocols, once it is known that the script can be carried out under each.
pub fn compare(arguments: &CompareArguments) -> Result<Verdict, Environment> {
    if let Some(refused) = refuse_missing(arguments.script.as_deref()).or_else(|| refuse_twice(arguments)) {
        return Ok(refused);
    }
    let (name, bytes) = read_script(arguments.script.as_deref())?;
    let read = source(name, bytes, None).and_then(|source| read(&source).map(|script| (source, script)));
    let (source, script) = match read {
        Ok(read) => read,
        Err(mistakes) => {
            tell(&mistakes);
            return Ok(Verdict::Mistake);
        }
    };
    let protocols = protocols(arguments, &script);
    if let Some(refused) = refuse_impossible(&source, &script, &protocols) {
        return Ok(refused);
    }
    tell(format_args!("repeat: {}", repeat_comparison_line(arguments)));
    if script.invocations.is_empty() {
        tell(format_args!("warning: {}: the script holds no command", script.source_name));
    }
    let comparison = carry_out_under(arguments, &script, &protocols)?;
    let verdict = comparison.verdict();
    if verdict == Verdict::Interrupted {
        return Ok(verdict);
    }
    let out = Sink::new("standard output", BufWriter::new(io::stdout()));
    match arguments.format {
        ComparisonFormat::Human => out.bytes(comparison.table().as_bytes())?,
        ComparisonFormat::Json => out.line(comparison.object())?,
    }
    out.flush()?;
    Ok(verdict)
}

/// A script, if nothing is wrong with it whatever its servers run, and if that is for others to say.
fn read(source: &Source) -> Result<Script<Function>, Mistakes> {
    let script = script::parse(&TABLE, source)?;
    match check_comparable(&script.invocations) {
        None => Ok(script),
        Some(mistake) => Err(Mistakes::gather(source, vec![mistake])),
    }
}

/// Those that the user named, or those that the script suggests.
fn protocols(arguments: &CompareArguments, script: &Script<Function>) -> Vec<&'static Protocol> {
    if arguments.protocols.is_empty() {
        protocols_to_compare(&script.invocations)
    } else {
        arguments.protocols.iter().filter_map(|name| Protocol::named(name)).collect()
    }
}

/// Says that a protocol is named twice, if one is.
fn refuse_twice(arguments: &CompareArguments) -> Option<Verdict> {
    let names = &arguments.protocols;
    let (_, twice) = names.iter().enumerate().find(|(index, name)| names[..*index].contains(name))?;
    tell(format_args!("error: --protocols names {twice} twice; name each protocol once"));
    Some(Verdict::Mistake)
}

/// Says under which of these protocols the script is a mistake, if it is one under any.
fn refuse_impossible(source: &Source, script: &Script<Function>, protocols: &[&'static Protocol]) -> Option<Verdict> {
    let mut possible = Vec::new();
    for protocol in protocols {
        match check(&script.invocations, Some(protocol)) {
            mistakes if mistakes.is_empty() => possible.push(protocol.name),
            mistakes => {
                tell(format_args!("under {}:\n{}", protocol.name, Mistakes::gather(source, mistakes)));
            }
        }
    }
    if possible.len() == protocols.len() {
        return None;
    }
    if !possible.is_empty() {
        let possible = possible.join(",");
        tell(format_args!("help: this script can be carried out with `--protocols {possible}`"));
    }
    Some(Verdict::Mistake)
}

/// Carries the script out under one protocol after the other, unless it is interrupted.
fn carry_out_under(
    arguments: &CompareArguments,
    script: &Script<Function>,
    protocols: &[&'static Protocol],
) -> Result<Comparison, Environment> {
    let _orphans = if arguments.in_process { None } else { Some(Orphans::adopt()?) };
    // First of all: a signal must not leave a temporary folder behind.
    let interruption = Interruption::listen()?;
    let mut comparison = Comparison::default();
    for protocol in protocols {
        let column = carry_out_once(arguments, script, (protocol, &interruption))?;
        comparison.columns.push(column);
        if interruption.happened() {
            break;
        }
    }
    Ok(comparison)
}

fn carry_out_once(
    arguments: &CompareArguments,
    script: &Script<Function>,
    (protocol, interruption): (&'static Protocol, &Interruption),
) -> Result<Column, Environment> {
    let nodes = tempfile::tempdir().map_err(Environment::while_trying(|| "make a temporary folder".to_owned()))?;
    interruption.take_along(nodes.path());
    let spawner: Box<dyn Spawner> = if arguments.in_process {
        Box::new(InMemory)
    } else {
        Box::new(processes(nodes.path().to_owned(), arguments.step_limit.seconds, interruption))
    };
    let (statistics, said) = (Statistics::default(), Memory::default());
    let options = Options {
        seed: arguments.seed,
        protocol: Some(protocol),
        form: Form::Plain,
        snapshots: Snapshots::Apart,
        on_finding: OnFinding::GoOn,
        spawner,
        interruption: interruption.clone(),
        out: Sink::new("nowhere", io::sink()),
        err: Sink::new("memory", said.clone()),
    };
    let verdict = carry_out(script, options, [statistics.clone()]);
    let said = said.text();
    if !said.is_empty() {
        tell(format_args!("under {}:\n{}", protocol.name, said.trim_end()));
    }
    if !matches!(verdict, Verdict::Passed | Verdict::Interrupted) {
        tell(format_args!("repeat: {}", repeat_under_line(arguments, protocol)));
    }
    Ok(Column { protocol, verdict, figures: statistics.figures() })
}
