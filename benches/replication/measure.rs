//! How replicas are measured, so that different crates can be held against each other: three replicas in one thread,
//! one of them leading before the clock starts, the same operations for everybody, all messages in memory and in order.
//!
//! Guaranteed: each contender has one run to warm up and then [`RUNS`] runs, taken in turns with the others, so that a
//! machine that drifts drifts for all; every run starts with new replicas; only the rounds are timed; after each round
//! what is applied and answered is counted, and after each run the stores of all three replicas are compared with what
//! the operations must leave.
//!
//! Deliberately missing: a network, faults, elections and clients; what is measured is the path of an operation only.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A key and the value it is to have.
pub type Operation = (String, String);

/// What a replica applies operations to.
pub type Store = BTreeMap<String, String>;

/// Three replicas in this thread, the first with a leader elected.
pub trait Replicas {
    /// Proposes all operations at the leader, then delivers all messages, first in, first out, until every operation is
    /// applied at all three replicas and the leader has an answer for each.
    fn round(&mut self, operations: &[Operation]);

    /// How many operations each replica has applied.
    fn applied(&self) -> [usize; 3];

    /// How many operations the leader has answered.
    fn answered(&self) -> usize;

    /// What each replica's store holds.
    fn stores(&self) -> [Store; 3];
}

/// Where replicas keep their logs.
pub enum Home {
    /// In memory.
    Memory,
    /// In memory and in one file per replica in this folder, which exists and is empty. What must be durable is written
    /// once per batch, then synced once with `fdatasync`, before any message that tells of it leaves.
    Files(PathBuf),
}

/// One way to replicate.
pub struct Contender {
    /// As the table names it.
    pub name: &'static str,
    /// Starts three replicas and elects a leader.
    pub start: fn(&Home) -> Box<dyn Replicas>,
}

/// Work that replicas cannot do without, done alone.
pub struct Bound {
    /// As the table names it.
    pub name: &'static str,
    /// Does it once, and returns how many operations of the row a second it allows.
    pub run: fn(Row) -> f64,
}

/// Where the contenders of a row keep their logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// [`Home::Memory`].
    Memory,
    /// [`Home::Files`].
    Files,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Where logs are.
    pub medium: Medium,
    /// Operations a round.
    pub operations: usize,
    /// Rounds of one run; with the log file a run ends after [`LONGEST`] as well, for disks differ by ten times.
    pub rounds: usize,
}

/// The rows, in the order of the table.
pub const ROWS: [Row; 6] = [
    Row { medium: Medium::Memory, operations: 1, rounds: 40_000 },
    Row { medium: Medium::Memory, operations: 64, rounds: 4_000 },
    Row { medium: Medium::Memory, operations: 1_024, rounds: 250 },
    Row { medium: Medium::Files, operations: 1, rounds: 2_000 },
    Row { medium: Medium::Files, operations: 64, rounds: 2_000 },
    Row { medium: Medium::Files, operations: 1_024, rounds: 250 },
];

/// How often each figure is taken.
pub const RUNS: usize = 7;
/// How many keys there are, used in turn.
const KEYS: usize = 1_000;
/// How long a run with the log file takes at most, but for its last round.
const LONGEST: Duration = Duration::from_millis(500);
/// The operations that are made ready before the clock runs on, in memory; with the log file it is one round.
const CHUNK: usize = 1_024;
/// The bytes of a small append.
const APPEND_BYTES: usize = 64;
/// The small appends of one run.
const APPENDS: usize = 100;

/// The same thing measured [`RUNS`] times, in the order it was measured.
pub struct Figure {
    runs: Vec<f64>,
}

impl Figure {
    /// The run in the middle.
    pub fn median(&self) -> f64 {
        self.sorted()[self.runs.len() / 2]
    }

    /// The median of the ratios of runs taken in the same turn.
    pub fn ratio(&self, other: &Figure) -> f64 {
        Figure { runs: self.runs.iter().zip(&other.runs).map(|(one, other)| one / other).collect() }.median()
    }

    /// The median with the least and the greatest.
    fn text(&self) -> String {
        let sorted = self.sorted();
        format!("{:>9.0}/s ({:.0} to {:.0})", self.median(), sorted[0], sorted[sorted.len() - 1])
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.runs.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// Measures and prints one row: operations a second of each contender, and as a multiple of the contender `reference`, then
/// of each bound. Bounds are taken in the same turns: a ratio to one that was measured a minute earlier says as much about
/// the machine as about the replicas.
pub fn compare(row: Row, contenders: &[Contender], reference: &str, bounds: &[Bound]) -> Vec<Figure> {
    let reference = contenders.iter().position(|contender| contender.name == reference).expect("a contender's name");
    let turn = || -> Vec<f64> {
        let contenders = contenders.iter().map(|contender| run(row, contender));
        contenders.chain(bounds.iter().map(|bound| (bound.run)(row))).collect()
    };
    turn();
    let turns: Vec<_> = (0..RUNS).map(|_| turn()).collect();
    let figure = |place: usize| Figure { runs: turns.iter().map(|turn| turn[place]).collect() };
    let figures: Vec<_> = (0..contenders.len() + bounds.len()).map(figure).collect();
    let names = contenders.iter().map(|contender| contender.name).chain(bounds.iter().map(|bound| bound.name));
    println!("{}", row.title());
    for (name, figure) in names.zip(&figures) {
        let ratio = figure.ratio(&figures[reference]);
        println!("  {name:<30} {:<36} {ratio:.2} x {}", figure.text(), contenders[reference].name);
    }
    figures
}

/// Measures and prints how often a second a small append to a file can be made durable: the bound of a thread that has
/// to wait for each.
pub fn disk() -> Figure {
    let folder = tempfile::tempdir().expect("a folder");
    let runs = (0..=RUNS).map(|number| appends_a_second(&folder.path().join(number.to_string()))).skip(1).collect();
    let figure = Figure { runs };
    println!("the disk: {} appends of {APPEND_BYTES} bytes, each with fdatasync", figure.text().trim_start());
    figure
}

/// The machine's load, where it tells.
pub fn load() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}

impl Row {
    /// What the table calls it.
    pub fn title(&self) -> String {
        let medium = match self.medium {
            Medium::Memory => "in memory",
            Medium::Files => "with the log file",
        };
        format!(
            "{medium}, operations a round: {}, operations/s ({} rounds a run at most)",
            self.operations, self.rounds
        )
    }
}

/// Operations a second of one run with new replicas; panics if they did not do what they were asked.
fn run(row: Row, contender: &Contender) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let (home, chunk, longest) = match row.medium {
        Medium::Memory => (Home::Memory, CHUNK.max(row.operations), Duration::MAX),
        Medium::Files => (Home::Files(folder.path().to_owned()), row.operations, LONGEST),
    };
    let mut replicas = (contender.start)(&home);
    let total = row.operations * row.rounds;
    let mut elapsed = Duration::ZERO;
    let mut done = 0;
    while done < total && elapsed < longest {
        let chunk: Vec<_> = (done..total).take(chunk).map(operation).collect();
        let start = Instant::now();
        for operations in chunk.chunks(row.operations) {
            replicas.round(operations);
            done += operations.len();
            // In the timed part, for a few nanoseconds: nobody may leave a part of a round to the next.
            assert_eq!(replicas.applied(), [done; 3], "{}: a round ends when all have applied it", contender.name);
            assert_eq!(replicas.answered(), done, "{}: the leader answers every operation", contender.name);
        }
        elapsed += start.elapsed();
    }
    let expected: Store = (0..done).map(operation).collect();
    for store in replicas.stores() {
        assert!(store == expected, "{}: a store is not what the operations leave", contender.name);
    }
    if row.medium == Medium::Files {
        check_files(folder.path(), done, contender.name);
    }
    done as f64 / elapsed.as_secs_f64()
}

/// There are three files, and each is as long as the values at least.
fn check_files(folder: &Path, done: usize, name: &str) {
    let files: Vec<_> = fs::read_dir(folder).expect("the folder").map(|file| file.expect("an entry")).collect();
    assert_eq!(files.len(), 3, "{name}: one file per replica");
    for file in files {
        let bytes = file.metadata().expect("a file").len();
        assert!(bytes >= done as u64 * 16, "{name}: a file of {bytes} bytes holds fewer than the values of a run");
    }
}

/// The operation at a place in the run; its value has 16 bytes and is no other's.
pub fn operation(place: usize) -> Operation {
    (format!("key{:04}", place % KEYS), format!("{place:016}"))
}

/// Appends to a new file, each append made durable before the next.
fn appends_a_second(path: &Path) -> f64 {
    let mut file = File::create_new(path).expect("a file");
    let start = Instant::now();
    for _ in 0..APPENDS {
        file.write_all(&[b'a'; APPEND_BYTES]).expect("an append");
        file.sync_data().expect("a durable append");
    }
    APPENDS as f64 / start.elapsed().as_secs_f64()
}
