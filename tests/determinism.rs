//! The same script gives the same bytes every time: a hundred runs of the real program beside processes that keep
//! every core busy, and one trace hash.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

const SCRIPT: &str = "scripts/network/jitter-kills-and-several-servers.txt";
const RUNS: usize = 100;

/// A process that does nothing, as fast as it can. It ends with this value, and by itself if the test is killed.
struct Busy(Child);

impl Busy {
    fn start() -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg("while kill -0 $PPID; do :; done");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("sh starts"))
    }

    fn is_running(&mut self) -> bool {
        self.0.try_wait().expect("it is our child").is_none()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Standard output and the trace hash of one run.
fn run(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_master"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .arg("--trace-hash")
        .arg(SCRIPT)
        .output()
        .expect("the program starts");
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success(), "{err}");
    let hash = err.lines().find_map(|line| line.strip_prefix("trace hash: ")).expect("a trace hash").to_owned();
    assert_eq!(hash.len(), 32);
    (String::from_utf8(output.stdout).expect("UTF-8"), hash)
}

#[test]
fn a_hundred_runs_on_a_loaded_machine_have_one_trace_hash() {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut busy: Vec<_> = (0..cores).map(|_| Busy::start()).collect();
    let mut runs: BTreeMap<(String, String), usize> = BTreeMap::new();
    for _ in 0..RUNS {
        *runs.entry(run(&[])).or_default() += 1;
    }
    assert!(busy.iter_mut().all(Busy::is_running), "the machine was not busy");
    drop(busy);
    let hashes: Vec<_> = runs.iter().map(|((_, hash), count)| (hash, count)).collect();
    assert_eq!(runs.len(), 1, "{hashes:?}");

    let (only, _) = runs.first_key_value().expect("one");
    assert_eq!(*only, run(&["--in-process"]), "in memory");
    assert_ne!(only.1, run(&["--seed", "8"]).1, "another seed is another run");
}
