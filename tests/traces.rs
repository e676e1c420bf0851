//! One trace wherever the nodes live: every script of the repository runs on processes, in memory behind the line
//! protocol, and in memory without any line, and all three say the same.

mod files;
mod library;

use std::path::{Path, PathBuf};
use std::time::Duration;

use splitbrain::base::Verdict;
use splitbrain::cluster::{InMemory, Interruption, Processes, Spawner};
use splitbrain::experiment::Form;
use splitbrain::protocol::PROTOCOLS;
use splitbrain::trace::{Memory, Reader, TraceHash, TraceLines};
use tempfile::{TempDir, tempdir};

use files::scripts;
use library::{Run, Setup, run};

/// A trace, both as lines and as its hash.
struct Kept {
    lines: Memory,
    hash: TraceHash,
}

impl Kept {
    fn lines(&self) -> Vec<String> {
        self.lines.text().lines().map(str::to_owned).collect()
    }
}

/// Nodes as processes, which leave what they leave in a folder.
fn processes(folder: &TempDir) -> Processes {
    let executable = PathBuf::from(env!("CARGO_BIN_EXE_master"));
    Processes::new(executable, folder.path().to_owned(), Duration::from_secs(60), Interruption::default())
}

fn gossip<S: Spawner>(form: Form, spawner: S) -> Setup<S> {
    Setup { protocol: &PROTOCOLS[0], form, spawner }
}

fn traced(text: &str, form: Form, spawner: impl Spawner + 'static) -> (Run, Kept) {
    let ((writer, lines), hash) = (TraceLines::in_memory(), TraceHash::default());
    let readers: [Box<dyn Reader>; 2] = [Box::new(writer), Box::new(hash.clone())];
    let run = run(text, gossip(form, spawner), readers);
    (run, Kept { lines, hash })
}

fn assert_same_lines(path: &Path, one: &[String], other: &[String]) {
    let differs = one.iter().zip(other).position(|(one, other)| one != other);
    if let Some(index) = differs {
        panic!("{}: line {}\n{}\n{}", path.display(), index + 1, one[index], other[index]);
    }
    assert_eq!(one.len(), other.len(), "{}: one trace is longer", path.display());
}

#[test]
fn processes_and_memory_give_one_trace() {
    for (path, text) in scripts() {
        let folder = tempdir().expect("a folder");
        let (on_processes, trace) = traced(&text, Form::Plain, processes(&folder));
        let (in_memory, trace_in_memory) = traced(&text, Form::Plain, InMemory);
        let lines = trace.lines();
        assert!(lines.len() > 10, "{}: an empty trace proves nothing", path.display());
        assert_same_lines(&path, &lines, &trace_in_memory.lines());
        assert_eq!(trace.hash.text(), trace_in_memory.hash.text(), "{}", path.display());
        assert_eq!(on_processes.out, in_memory.out, "{}", path.display());
        assert_eq!(on_processes.err, in_memory.err, "{}", path.display());
        assert_eq!(on_processes.verdict, in_memory.verdict, "{}", path.display());
    }
}

/// Without lines nothing is encoded; the transcript tells times, losses and changes, and so shows any difference.
#[test]
fn memory_without_lines_prints_what_memory_with_lines_prints() {
    for (path, text) in scripts() {
        for form in [Form::Plain, Form::Transcript] {
            let (with_lines, _) = traced(&text, form, InMemory);
            let without_lines = run(&text, gossip(form, InMemory), None::<TraceHash>);
            assert_eq!(with_lines.out, without_lines.out, "{}", path.display());
            assert_eq!(with_lines.err, without_lines.err, "{}", path.display());
        }
    }
}

/// What a node begins with is known at once: servers that hold nothing agree, and no round is needed to find that out.
#[test]
fn servers_that_hold_nothing_are_stable_at_once_wherever_they_live() {
    let text = "joinServer 0\njoinServer 1\nstabilize\n";
    let expected = "0.000000 joinServer 0\n0.000000 joinServer 1\n0.000000 stabilize\n\
                    0.000000 end: 0 messages, 0 lost, 0 in flight\n";
    let folder = tempdir().expect("a folder");
    let runs = [
        traced(text, Form::Transcript, processes(&folder)).0,
        traced(text, Form::Transcript, InMemory).0,
        run(text, gossip(Form::Transcript, InMemory), None::<TraceHash>),
    ];
    for run in runs {
        assert_eq!((run.verdict, run.out.as_str()), (Verdict::Passed, expected), "{}", run.err);
    }
}

/// A check must be able to fail: another seed is another trace.
#[test]
fn another_seed_gives_another_trace() {
    let text = "joinServer 0\njoinServer 1\njoinClient 2 0\ndelay 0 1 50ms jitter 40ms\nput 2 a 1\nstabilize\n";
    let (_, one) = traced(&format!("seed 1\n{text}"), Form::Plain, InMemory);
    let (_, other) = traced(&format!("seed 2\n{text}"), Form::Plain, InMemory);
    assert_ne!(one.hash.text(), other.hash.text());
}
