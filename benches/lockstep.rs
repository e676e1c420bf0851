//! What a lockstep run costs: `cargo bench --bench lockstep` prints all figures of one run, the machine's load first.
//!
//! - raw round trips: one line of 200 bytes to each of ten children in turn, which send it back; blocking, pinned as a
//!   lockstep run is. This is what the pipes and the scheduler allow.
//! - lockstep events: a cluster of five servers and five clients as processes; one event is one line down with all its
//!   answers.
//! - the same with the record of the run written into a folder, as every run of `master` does.
//! - the same cluster in memory, without and with text.
//! - whole processes: from nothing to the first answered put on five servers and five clients, a course script, and a
//!   script of 2,000 puts.
//!
//! Every figure is the median of several runs, with the least and the greatest.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use splitbrain::base::{Verdict, limits};
use splitbrain::cluster::{InMemory, Interruption, Processes, Spawner};
use splitbrain::console::{Place, Record};
use splitbrain::experiment::{Experiment, Form, OnFinding, Options, Snapshots, TABLE};
use splitbrain::script::{Script, Source, parse};
use splitbrain::trace::{Reader, Sink, TraceHash};

/// The program that is measured.
const MASTER: &str = env!("CARGO_BIN_EXE_master");
/// How often each figure is taken.
const RUNS: usize = 7;
/// The bytes of a line of the raw measurement, its line break included.
const LINE_BYTES: usize = 200;
/// The argument that makes this program a child that sends lines back.
const ECHO: &str = "--echo";

fn main() {
    if std::env::args().any(|argument| argument == ECHO) {
        return echo();
    }
    println!("load before: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    let script = load(2_000);
    let folder = tempfile::tempdir().expect("a folder");
    // Making a spawner pins this thread; the raw children and the nodes inherit that.
    drop(spawner(Home::Processes, folder.path().to_owned()));
    let raw = measure("raw round trips", "/s", || raw_round_trips(40_000));
    let processes =
        measure("lockstep events, ten processes", "/s", || events_a_second(&script, Home::Processes, Follower::None));
    println!("ratio lockstep / raw: {:.2} (goal: at least 0.40)", processes / raw);
    measure("lockstep events, ten processes, with the record", "/s", || {
        events_a_second(&script, Home::Processes, Follower::Record)
    });
    measure("in-process events, without text", "/s", || events_a_second(&script, Home::Memory, Follower::None));
    measure("in-process events, with text", "/s", || events_a_second(&script, Home::Memory, Follower::Hash));
    measure("in-process events, with the record", "/s", || events_a_second(&script, Home::Memory, Follower::Record));
    let first_put = write_script(folder.path(), "first-put.txt", &format!("{}put 6 a 1\n", cluster()));
    let two_thousand = write_script(folder.path(), "puts.txt", &puts(2_000));
    let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/cs380d/input4.txt");
    measure("five servers, five clients, first answered put", " ms", || whole_process(&first_put));
    measure("scripts/cs380d/input4.txt, whole process", " ms", || whole_process(&course));
    measure("2,000 puts, whole process", " ms", || whole_process(&two_thousand));
    println!("load after: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
}

/// Prints a figure, and returns its median.
fn measure(name: &str, unit: &str, mut run: impl FnMut() -> f64) -> f64 {
    run();
    let mut figures: Vec<_> = (0..RUNS).map(|_| run()).collect();
    figures.sort_by(f64::total_cmp);
    let (least, median, greatest) = (figures[0], figures[RUNS / 2], figures[RUNS - 1]);
    println!("{name}: {median:.1}{unit} ({least:.1} to {greatest:.1}, {RUNS} runs)");
    median
}

/// Joins servers 1 to 5 and clients 6 to 10.
fn cluster() -> String {
    let mut text = String::new();
    for server in 1..=5 {
        writeln!(text, "joinServer {server}").expect("memory");
    }
    for client in 6..=10 {
        writeln!(text, "joinClient {client} {}", client - 5).expect("memory");
    }
    text
}

/// A cluster, and so many puts through all clients in turn.
fn puts(count: usize) -> String {
    let mut text = cluster();
    for number in 0..count {
        writeln!(text, "put {} key{} value{number}", 6 + number % 5, number % 500).expect("memory");
    }
    text
}

fn load(count: usize) -> Script<splitbrain::experiment::Function> {
    let source = Source::from_bytes("puts", puts(count).into_bytes()).expect("a script");
    parse(&TABLE, &source).expect("a right script")
}

/// Who follows the run.
#[derive(Clone, Copy)]
enum Follower {
    /// Nobody: in memory nothing is rendered as text.
    None,
    /// The hash of everything.
    Hash,
    /// The record of a run, in a temporary folder.
    Record,
}

/// Where nodes live.
#[derive(Clone, Copy)]
enum Home {
    Processes,
    Memory,
}

/// Processes leave what they leave in the folder `nodes`.
fn spawner(home: Home, nodes: PathBuf) -> Box<dyn Spawner> {
    let step_limit = Duration::from_secs(limits::STEP_WALL_SECONDS);
    match home {
        Home::Processes => Box::new(Processes::new(PathBuf::from(MASTER), nodes, step_limit, Interruption::default())),
        Home::Memory => Box::new(InMemory),
    }
}

/// Carries the script out, and counts only the puts: joining is another figure.
fn events_a_second(script: &Script<splitbrain::experiment::Function>, home: Home, follower: Follower) -> f64 {
    let record = Record::begin(&Place::Temporary).expect("a folder");
    let readers: Vec<Box<dyn Reader>> = match follower {
        Follower::None => Vec::new(),
        Follower::Hash => vec![Box::new(TraceHash::default())],
        Follower::Record => record.readers().expect("files"),
    };
    let options = Options {
        seed: None,
        protocol: None,
        form: Form::Plain,
        snapshots: Snapshots::Printed,
        on_finding: OnFinding::GoOn,
        spawner: spawner(home, record.nodes()),
        interruption: Interruption::default(),
        out: Sink::new("nowhere", io::sink()),
        err: Sink::new("standard error", io::stderr()),
    };
    let mut experiment = Experiment::new(options, "puts");
    readers.into_iter().for_each(|reader| experiment.follow(reader));
    let (joins, puts) = script.invocations.split_at(10);
    for invocation in joins {
        experiment.carry_out(invocation).expect("nodes join");
    }
    let (events, start) = (experiment.events(), Instant::now());
    for invocation in puts {
        experiment.carry_out(invocation).expect("puts are answered");
    }
    let (events, elapsed) = (experiment.events() - events, start.elapsed());
    experiment.end().expect("nodes leave");
    events as f64 / elapsed.as_secs_f64()
}

/// A child that sends lines back.
struct Echo {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

fn raw_round_trips(count: usize) -> f64 {
    let this = std::env::current_exe().expect("this program");
    let mut children: Vec<_> = (0..10)
        .map(|_| {
            let mut child = Command::new(&this)
                .arg(ECHO)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("a child that sends lines back");
            let input = child.stdin.take().expect("a pipe");
            let output = BufReader::new(child.stdout.take().expect("a pipe"));
            Echo { child, input, output }
        })
        .collect();
    let line = [vec![b'x'; LINE_BYTES - 1], vec![b'\n']].concat();
    let mut answer = Vec::with_capacity(LINE_BYTES);
    let start = Instant::now();
    for number in 0..count {
        let echo = &mut children[number % 10];
        answer.clear();
        echo.input.write_all(&line).expect("the child reads");
        echo.output.read_until(b'\n', &mut answer).expect("the child answers");
        assert_eq!(answer.len(), LINE_BYTES);
    }
    let elapsed = start.elapsed();
    for Echo { mut child, input, .. } in children {
        drop(input);
        child.wait().expect("the child leaves");
    }
    count as f64 / elapsed.as_secs_f64()
}

fn echo() {
    let mut input = io::stdin().lock();
    let mut output = io::stdout().lock();
    let mut line = Vec::with_capacity(LINE_BYTES);
    while input.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        output.write_all(&line).expect("the master reads");
        output.flush().expect("the master reads");
        line.clear();
    }
}

fn write_script(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("a script is written");
    path
}

/// The milliseconds of a whole run of `master`, from its start to its end.
fn whole_process(script: &Path) -> f64 {
    let start = Instant::now();
    let status = Command::new(MASTER)
        .arg(script)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the master is started");
    let elapsed = start.elapsed();
    assert_eq!(status.code(), Some(i32::from(Verdict::Passed.exit_code())));
    elapsed.as_secs_f64() * 1_000.0
}
