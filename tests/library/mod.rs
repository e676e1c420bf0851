//! Runs of whole scripts through the library, with what they print kept.

use splitbrain::base::Verdict;
use splitbrain::cluster::{Interruption, Spawner};
use splitbrain::experiment::{Form, OnFinding, Options, Snapshots, TABLE, carry_out};
use splitbrain::protocol::Protocol;
use splitbrain::script::{self, Source};
use splitbrain::trace::{Memory, Reader, Sink};

/// What came of a run.
pub struct Run {
    /// How it ended.
    pub verdict: Verdict,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// What a run needs beside its script.
pub struct Setup<S> {
    /// What servers run.
    pub protocol: &'static Protocol,
    /// What standard output carries.
    pub form: Form,
    /// Where nodes come from.
    pub spawner: S,
}

/// Carries a script out; it must be without mistakes.
pub fn run<R: Reader + 'static>(
    text: &str,
    setup: Setup<impl Spawner + 'static>,
    readers: impl IntoIterator<Item = R>,
) -> Run {
    let source = Source::from_bytes("script", text.as_bytes().to_vec()).expect("a script is UTF-8");
    let script = script::parse(&TABLE, &source).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let (out, err) = (Memory::default(), Memory::default());
    let Setup { protocol, form, spawner } = setup;
    let options = Options {
        seed: None,
        protocol: Some(protocol),
        form,
        snapshots: Snapshots::Printed,
        on_finding: OnFinding::GoOn,
        spawner: Box::new(spawner),
        interruption: Interruption::default(),
        out: Sink::new("standard output", out.clone()),
        err: Sink::new("standard error", err.clone()),
    };
    let verdict = carry_out(&script, options, readers);
    Run { verdict, out: out.text(), err: err.text() }
}
