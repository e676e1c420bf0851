//! A script carried out in memory.

use std::collections::BTreeMap;

use crate::base::Verdict;
use crate::cluster::{InMemory, Interruption};
use crate::experiment::{self, Form, Function, OnFinding, Snapshots, TABLE, Transcript, carry_out, check, own_program};
use crate::golden::TakenSnapshots;
use crate::library::Outcome;
use crate::protocol::Protocol;
use crate::script::{self, Invocation, Mistake, Mistakes, Script, Source};
use crate::trace::{Memory, Reader, Sink};

/// What mistakes and warnings call a script that has no name.
const NAME: &str = "script";

/// How a script is run; by default as it says itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What reports call the script, such as its path; `script` if it is empty.
    pub name: String,
    /// The seed of everything that is drawn; it wins over the script's. At most
    /// [`GREATEST_SEED`](crate::base::limits::GREATEST_SEED).
    pub seed: Option<u64>,
    /// What servers run; it wins over the script's.
    pub protocol: Option<&'static Protocol>,
}

/// Carries out a script, in lines or in YAML, with all nodes in this program's memory.
///
/// A script with mistakes starts nothing: the outcome's verdict is [`Verdict::Mistake`], and all of them are reported.
///
/// ```
/// use splitbrain::base::Verdict;
/// use splitbrain::{Options, run};
///
/// let script = "cluster servers=2 clients=2\ncut s1 s2\nput c1 x 1\nsnapshot parted parts=store\n";
/// let outcome = run(script, &Options::default());
/// assert_eq!(outcome.snapshots["parted"], "s1: store of 1 key\n  x: 1\ns2: empty store\n");
///
/// let outcome = run("heel\n", &Options { name: "heel.txt".to_owned(), ..Options::default() });
/// assert_eq!(outcome.verdict, Verdict::Mistake);
/// assert!(outcome.reported.contains("did you mean `heal`?"));
/// ```
pub fn run(script: &str, options: &Options) -> Outcome {
    let name = if options.name.is_empty() { NAME } else { &options.name };
    match read(name, script, options.protocol) {
        Ok(script) => carried_out(&script, options),
        Err(mistakes) => Outcome {
            verdict: Verdict::Mistake,
            printed: String::new(),
            transcript: String::new(),
            snapshots: BTreeMap::new(),
            reported: format!("{mistakes}\n"),
        },
    }
}

/// A script without mistakes, that starts no process.
fn read(name: &str, text: &str, protocol: Option<&'static Protocol>) -> Result<Script<Function>, Mistakes> {
    let source = Source::from_bytes(name, text.as_bytes().to_vec())?;
    let script = script::parse(&TABLE, &source)?;
    let mut mistakes = check(&script.invocations, protocol);
    mistakes.extend(own_program(&script.invocations).map(starts_a_process));
    if mistakes.is_empty() { Ok(script) } else { Err(Mistakes::gather(&source, mistakes)) }
}

fn starts_a_process(invocation: &Invocation<Function>) -> Mistake {
    Mistake::new("`run` starts a process, and this run has none", invocation.place)
        .label("not in a program's own memory")
        .help("remove it, or carry the script out with `master`")
}

fn carried_out(script: &Script<Function>, options: &Options) -> Outcome {
    let (printed, transcript, reported) = (Memory::default(), Memory::default(), Memory::default());
    let sink = |name: &str, memory: &Memory| Sink::new(name, memory.clone());
    let taken = TakenSnapshots::default();
    let readers: [Box<dyn Reader>; 2] =
        [Box::new(Transcript::new(sink("the transcript", &transcript), Snapshots::Apart)), Box::new(taken.clone())];
    let verdict = carry_out(
        script,
        experiment::Options {
            seed: options.seed,
            protocol: options.protocol,
            form: Form::Plain,
            snapshots: Snapshots::Printed,
            on_finding: OnFinding::GoOn,
            spawner: Box::new(InMemory),
            interruption: Interruption::default(),
            out: sink("standard output", &printed),
            err: sink("standard error", &reported),
        },
        readers,
    );
    Outcome {
        verdict,
        printed: printed.text(),
        transcript: transcript.text(),
        snapshots: taken.texts(),
        reported: reported.text(),
    }
}
