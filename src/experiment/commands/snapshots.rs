//! Snapshots: goldens of what servers hold.

use super::{Entry, Function, parameter};
use crate::base::NodeKind;
use crate::cluster::Stop;
use crate::experiment::block::Said;
use crate::experiment::run::Experiment;
use crate::experiment::snapshot::{Part, snapshot_of};
use crate::script::{Given, Invocation, Parameter, ParameterKind, Phase};

/// `snapshot NAME [of=SERVERS] [parts=PARTS]`
pub(super) static SNAPSHOT: Entry = Entry {
    name: "snapshot",
    aliases: &[],
    parameters: &[
        parameter("NAME", ParameterKind::SnapshotName),
        Parameter {
            name: "SERVERS",
            kind: ParameterKind::Targets(Some(NodeKind::Server)),
            given: Given::MayBeNamed("of"),
        },
        Parameter { name: "PARTS", kind: ParameterKind::SomeOf(&Part::WORDS), given: Given::MayBeNamed("parts") },
    ],
    phase: Phase::Step,
    consoles: &[],
    summary: "Shows the blockchains and stores of servers, to be kept and compared.",
    details: "Of all servers that have joined, unless some are named; servers that hold the same are said once. PARTS is \
              chain, store, or both with a comma between them. Without --snapshots it is printed; with --snapshots DIR it is \
              compared with DIR/NAME.txt, or written there with --accept. Each NAME is there once in a script.",
    example: "snapshot healed of=0,1 parts=store",
    scripts: &["snapshots/servers-that-hold-the-same-are-said-once"],
    run: Function(snapshot),
};

fn snapshot(experiment: &mut Experiment, invocation: &Invocation<Function>) -> Result<(), Stop> {
    let servers = match invocation.optional_targets(1) {
        [] => experiment.roster.servers(),
        _ => {
            let mut servers = experiment.targets(invocation, 1, |_, _| true)?;
            servers.sort_unstable();
            servers
        }
    };
    let words = invocation.optional_words(2);
    let is_wanted = |part: &Part| words.is_none_or(|words| words.contains(&part.word()));
    let text = snapshot_of(experiment, &servers, Part::EVERY.into_iter().filter(is_wanted))?;
    if text.is_empty() {
        experiment.warn("there is no server: the snapshot is empty")?;
    }
    experiment.say(Said::Snapshot(invocation.place.line, invocation.text(0).to_owned(), text))
}
