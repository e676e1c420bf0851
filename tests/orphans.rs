//! No orphans: however a run ends, by SIGKILL of the master too, no process of the cluster outlives it; not even what
//! programs of the user's have started, in whatever group or session.
//!
//! Those programs are shell scripts of `tests/nodes/`; the first line of each says what it starts. A process is known
//! by its number and start time if it was below the master before the end, or by a word that only one run's have.

mod binary;

use std::collections::BTreeMap;
use std::path::Path;
use std::thread::{self, sleep};
use std::time::Duration;
use std::{fs, process};

use nix::sys::signal::{self, Signal};
use nix::unistd::{Pid, getpgid};
use tempfile::TempDir;

use binary::{Run, golden, kill};

/// How long what is ended because the master was killed may take to be gone.
const DEATH_WALL_LIMIT: Duration = Duration::from_secs(1);
/// The longest that anything else may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// After how long something is looked at again.
const GLANCE: Duration = Duration::from_millis(5);

/// A run in its middle, with all its nodes.
struct Midway {
    run: Run,
    cluster: Cluster,
    _folder: TempDir,
}

/// How the processes of one run are known.
struct Cluster {
    master: i32,
    mark: String,
    /// The processes below the master in the middle of the run, and their start times.
    known: BTreeMap<i32, u64>,
}

impl Midway {
    /// Nodes of ours only, which have more to do than anybody waits for.
    fn of_ours() -> Self {
        let script = format!("protocol gossip\njoinServer 0\njoinClient 1 0\n{}", "put 1 a 1\n".repeat(300_000));
        let run = Run::start(&[], script);
        wait_until("the client runs", || {
            below(run.process()).keys().any(|&node| command_line(node).starts_with("c1 "))
        });
        Self::of(run, mark("ours"), tempfile::tempdir().expect("a folder"))
    }

    /// A server and a client of ours, this node as s2, then these lines, and a node with which the run stands still.
    fn with(node: &str, lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = mark(node);
        let [started, reached] = ["started", "reached"].map(|name| folder.path().join(name));
        let script = format!(
            "protocol gossip\njoinServer 0\njoinClient 1 0\n{}joinServer 2\n{lines}{}joinServer 3\n",
            run_line(node, &mark, &started),
            run_line("stalls", &mark, &reached)
        );
        let run = Run::start(&[], script);
        wait_until("the run stands still", || reached.exists());
        Self::of(run, mark, folder)
    }

    fn of(run: Run, mark: String, folder: TempDir) -> Self {
        let master = run.process();
        Self { run, cluster: Cluster { master, mark, known: below(master) }, _folder: folder }
    }

    /// Kills the master: nothing can be done by it any more.
    fn kill(self) {
        assert!(self.cluster.left().len() >= 2, "there is something to end: {:?}", self.cluster.left());
        // Most processes would leave at the end of their input, which is nobody's merit.
        let _held_open: Vec<_> = self.cluster.known.keys().filter_map(|&process| hold_input_open(process)).collect();
        kill(self.cluster.master, "KILL");
        assert_eq!(self.run.end().status.code(), None);
        for _ in 0..DEATH_WALL_LIMIT.as_millis() / GLANCE.as_millis() {
            if self.cluster.left().is_empty() {
                return;
            }
            sleep(GLANCE);
        }
        self.cluster.assert_nothing_left();
    }

    /// Waits for the master's end, by which everything must have ended.
    fn end(self, code: i32) -> String {
        let output = self.run.end();
        self.cluster.assert_nothing_left();
        assert_eq!(output.status.code(), Some(code), "{}", golden(&output));
        golden(&output)
    }
}

impl Cluster {
    /// The processes of the run that live, and their command lines.
    fn left(&self) -> BTreeMap<i32, String> {
        let parent = format!("--parent\0{}\0", self.master);
        let is_ours = |process: i32| {
            let is_known =
                self.known.get(&process).is_some_and(|start| Some(*start) == Stat::of(process).map(|s| s.start));
            is_known || words(process).contains(&parent) || words(process).contains(&self.mark)
        };
        let ours = processes().filter(|&process| process != self.master && is_ours(process) && is_alive(process));
        ours.map(|process| (process, command_line(process))).collect()
    }

    /// The process with this beginning of its command line.
    fn process(&self, line: &str) -> i32 {
        let left = self.left();
        *left.iter().find(|(_, its)| its.starts_with(line)).unwrap_or_else(|| panic!("{line} in {left:#?}")).0
    }

    #[track_caller]
    fn assert_nothing_left(&self) {
        let left = self.left();
        // Whoever starts others is not always there to be killed.
        for process in (0..100).flat_map(|_| self.left().into_keys()) {
            let _ = signal::kill(Pid::from_raw(process), Signal::SIGKILL);
        }
        assert!(left.is_empty(), "processes outlived the run: {left:#?}");
    }
}

/// A word that only the processes of one run have, in their command line or their environment.
fn mark(node: &str) -> String {
    format!("orphans-{node}-{}-{:?}", process::id(), thread::current().id())
}

/// The line of a script that makes servers this node, which makes the file when it is where it should be.
fn run_line(node: &str, mark: &str, file: &Path) -> String {
    format!("run \"sh tests/nodes/{node}.sh {mark} '{}'\"\n", file.display())
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
        if holds() {
            return;
        }
        sleep(GLANCE);
    }
    panic!("not within {PATIENCE:?}: {what}");
}

fn processes() -> impl Iterator<Item = i32> {
    let folders = fs::read_dir("/proc").expect("this is Linux");
    folders.filter_map(|folder| folder.ok()?.file_name().to_str()?.parse().ok())
}

/// What `/proc` says of a process.
struct Stat {
    state: String,
    parent: i32,
    start: u64,
}

impl Stat {
    /// None if there is no such process.
    fn of(process: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name, in parentheses, may hold blanks and parentheses.
        let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        Some(Self { state: fields[0].to_owned(), parent: fields[1].parse().ok()?, start: fields[19].parse().ok()? })
    }
}

/// A zombie is dead: nobody has asked for its exit status yet.
fn is_alive(process: i32) -> bool {
    Stat::of(process).is_some_and(|stat| !["Z", "X"].contains(&stat.state.as_str()))
}

/// All processes below this one, and their start times.
fn below(ancestor: i32) -> BTreeMap<i32, u64> {
    let all: BTreeMap<_, _> = processes().filter_map(|process| Some((process, Stat::of(process)?))).collect();
    let is_below = |process: &i32| {
        let line = std::iter::successors(Some(*process), |process| all.get(process).map(|stat| stat.parent));
        line.skip(1).take(all.len()).any(|above| above == ancestor)
    };
    all.iter().filter(|(process, _)| is_below(process)).map(|(process, stat)| (*process, stat.start)).collect()
}

/// Opens the pipe that is a process's standard input, if it is one, for writing: so it does not end with the writer.
fn hold_input_open(process: i32) -> Option<fs::File> {
    let path = format!("/proc/{process}/fd/0");
    let is_pipe = fs::read_link(&path).is_ok_and(|target| target.display().to_string().starts_with("pipe:"));
    if is_pipe { fs::OpenOptions::new().write(true).open(path).ok() } else { None }
}

/// A process's command line and environment, each word with a NUL at its end; empty if it is dead.
fn words(process: i32) -> String {
    let read = |name| fs::read(Path::new("/proc").join(process.to_string()).join(name)).unwrap_or_default();
    String::from_utf8_lossy(&[read("cmdline"), read("environ")].concat()).into_owned()
}

fn command_line(process: i32) -> String {
    fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default().replace('\0', " ")
}

#[test]
fn each_node_leads_a_process_group() {
    let Midway { run, cluster, _folder } = Midway::with("starts_a_child", "");
    for node in ["s0 ", "c1 ", "sh tests/nodes/starts_a_child.sh "] {
        let process = Pid::from_raw(cluster.process(node));
        assert_eq!(getpgid(Some(process)), Ok(process), "{node}");
    }
    kill(cluster.master, "TERM");
    assert_eq!(run.end().status.code(), Some(130));
}

// SIGKILL of the master in the middle of a run.

#[test]
fn nodes_of_ours_die_with_the_master() {
    Midway::of_ours().kill();
}

#[test]
fn a_child_of_a_node_dies_with_the_master() {
    Midway::with("starts_a_child", "").kill();
}

#[test]
fn a_process_in_a_session_of_its_own_dies_with_the_master() {
    Midway::with("starts_a_session", "").kill();
}

#[test]
fn a_daemon_dies_with_the_master() {
    Midway::with("starts_a_daemon", "").kill();
}

#[test]
fn processes_that_go_on_starting_others_die_with_the_master() {
    Midway::with("starts_many", "").kill();
}

#[test]
fn a_node_that_ignores_sigterm_and_the_end_of_its_input_dies_with_the_master() {
    Midway::with("stubborn", "").kill();
}

// Other ends.

#[test]
fn a_server_that_is_killed_leaves_nothing_while_the_run_goes_on() {
    let midway = Midway::with("starts_a_daemon", "killServer 2\n");
    let left = midway.cluster.left();
    midway.kill();
    let is_its = |line: &String| line.starts_with("s2 ") || line.contains("daemon.sh") || line.contains("sleep");
    assert!(!left.values().any(is_its), "it lived on: {left:#?}");
}

#[test]
fn an_interrupted_master_leaves_nothing() {
    for signal in ["INT", "TERM", "HUP"] {
        let midway = Midway::with("starts_many", "");
        kill(midway.cluster.master, signal);
        midway.end(130);
    }
}

#[test]
fn a_run_that_fails_leaves_nothing() {
    let midway = Midway::with("starts_a_daemon", "");
    kill(midway.cluster.process("sh tests/nodes/stalls.sh"), "ALRM");
    assert!(midway.end(3).contains("error: s3: it died: killed by signal 14 (SIGALRM)\n"));
}

/// What is below it then becomes the master's, which ends it with the run.
#[test]
fn a_guard_that_is_killed_leaves_nothing() {
    let midway = Midway::with("starts_a_daemon", "");
    kill(midway.cluster.process("s2 node"), "KILL");
    kill(midway.cluster.process("s3 node"), "KILL");
    assert!(midway.end(3).contains("error: s3: it died: killed by signal 9 (SIGKILL)\n"));
}

/// A guard that is stopped is woken up to do it.
#[test]
fn a_guard_that_is_stopped_leaves_nothing() {
    let midway = Midway::with("starts_a_daemon", "");
    kill(midway.cluster.process("s2 node"), "STOP");
    kill(midway.cluster.master, "TERM");
    midway.end(130);
}

#[test]
fn the_end_of_a_run_leaves_nothing() {
    for node in ["starts_a_session", "starts_a_daemon", "starts_many"] {
        let (mark, folder) = (mark(node), tempfile::tempdir().expect("a folder"));
        let script = run_line(node, &mark, &folder.path().join("started")) + "joinServer 0\n";
        let run = Run::start(&[], script);
        let cluster = Cluster { master: run.process(), mark, known: BTreeMap::new() };
        Midway { run, cluster, _folder: folder }.end(0);
    }
}
