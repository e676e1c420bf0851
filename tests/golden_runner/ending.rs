//! How the runner ends before its time, and what it leaves: nothing.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::folder::Folder;

/// The longest that anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until it is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// A script whose server starts when it is told to, and a folder with nothing else.
pub struct WaitingScript {
    pub folder: Folder,
}

impl WaitingScript {
    /// Joins server 0, waits, and then does the rest.
    pub fn new(rest: impl std::fmt::Display) -> Self {
        let folder = Folder::with(&[]);
        let at = |name: &str| folder.path().join(name).display().to_string();
        folder.write("scripts/waits.txt", format!("run \"sh {}\"\njoinServer 0\n{rest}", at("waits.sh")));
        let master = env!("CARGO_BIN_EXE_master");
        let (started, go) = (at("started"), at("go"));
        folder.write(
            "waits.sh",
            format!(
                ": > {started}\nuntil [ -e {go} ]; do sleep 0.01; done\n\
                 exec {master} node --parent $PPID server --protocol gossip\n"
            ),
        );
        Self { folder }
    }

    pub fn until_started(&self) {
        until("the server is started", || self.folder.has("started"));
    }

    pub fn go_on(&self) {
        self.folder.write("go", "");
    }

    /// Removes what a runner that was killed has left in the folder for temporary files.
    pub fn clear_temporary(&self) {
        self.folder.clear_temporary();
    }

    /// The processes in whose command line the folder stands.
    fn processes(&self) -> Vec<String> {
        let mark = self.folder.path().display().to_string();
        let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let words = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&words).replace('\0', " "))
        });
        processes.filter(|words| words.contains(&mark)).collect()
    }
}

#[test]
fn an_interrupted_runner_leaves_no_process_and_no_file() {
    for signal in ["INT", "TERM", "HUP"] {
        let waiting = WaitingScript::new("");
        waiting.folder.write("scripts/a.txt", "joinServer 0\n");
        let runner = waiting.folder.command(&["--accept", "-j", "1"]).spawn().unwrap();
        waiting.until_started();
        assert!(!waiting.processes().is_empty());
        assert!(Command::new("kill").args(["-s", signal, &runner.id().to_string()]).status().unwrap().success());
        let said = waiting.folder.said(&runner.wait_with_output().unwrap());
        assert_eq!(said.code, 130, "{said:?}");
        assert!(said.out.contains("2 scripts: 1 accepted, interrupted, 1 not told of"), "{}", said.out);
        assert_eq!(waiting.processes(), [""; 0]);
        assert!(!waiting.folder.has("snapshots/waits"));
    }
}

#[test]
fn a_closed_standard_output_ends_the_runner() {
    let waiting = WaitingScript::new("");
    waiting.folder.write("scripts/a.txt", "joinServer 0\n");
    let mut runner = waiting.folder.command(&["-j", "2"]).spawn().unwrap();
    drop(runner.stdout.take());
    let said = waiting.folder.said(&runner.wait_with_output().unwrap());
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("could not write to standard output"), "{}", said.err);
    assert_eq!(waiting.processes(), [""; 0]);
}

/// Pipes hold 64 KiB: what nobody reads would stop a run.
#[test]
fn a_run_that_says_much_on_both_streams_ends() {
    let folder = Folder::with(&[]);
    let many: String = (0..3_000).map(|number| format!("put 9 key{number} {}\n", "x".repeat(100))).collect();
    // Each of these lines is a mistake, and each of those a line of the transcript.
    folder.write("scripts/mistakes.txt", &many);
    folder.write("scripts/long.txt", format!("joinServer 0\njoinClient 9 0\n{many}"));
    let said = folder.test(&["--accept"]);
    assert_eq!(said.code, 2);
    assert!(said.out.contains("accepted  long "), "{}", said.out);
    assert!(folder.read("snapshots/long/transcript.txt").len() > 300_000);
    assert!(said.out.lines().count() < 200, "what is shown is bounded");
}
