//! `--accept`: what is written, and what is left after whatever went wrong on the way.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::process::{Child, Command};

use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::ending::{WaitingScript, until};
use crate::folder::{Folder, SMALL};

/// A small script that shows what its server holds.
fn with_snapshot(name: &str) -> String {
    format!("{SMALL}snapshot {name}\n")
}

#[test]
fn goldens_that_a_script_makes_no_more_are_removed() {
    for option in ["--accept", "--bless", "--update"] {
        let folder = Folder::accepted(&[("a.txt", &with_snapshot("before"))]);
        assert_eq!(folder.names("snapshots/a"), ["before.txt", "transcript.txt"]);
        folder.write("scripts/a.txt", with_snapshot("after"));
        let said = folder.test(&[]);
        assert_eq!(said.code, 1);
        for sentence in [
            "snapshots/a/after.txt: there is no golden yet",
            "snapshots/a/before.txt: the script makes no such snapshot any more",
        ] {
            assert!(said.out.contains(sentence), "{}", said.out);
        }
        let said = folder.test(&[option]);
        assert_eq!(said.code, 0);
        assert!(said.out.contains("removed snapshots/a/before.txt\n"), "{}", said.out);
        assert_eq!(folder.names("snapshots/a"), ["after.txt", "transcript.txt"]);
        assert_eq!(folder.test(&[]).code, 0);
    }
}

#[test]
fn what_is_right_is_not_written_again() {
    let folder = Folder::accepted(&[("a.txt", SMALL)]);
    let file = folder.path().join("snapshots/a/transcript.txt");
    let before = file.metadata().unwrap().modified().unwrap();
    assert!(folder.test(&["--accept"]).out.starts_with("ok "));
    assert_eq!(file.metadata().unwrap().modified().unwrap(), before);
}

#[test]
fn in_ci_nothing_is_written_and_nothing_is_run() {
    let folder = Folder::with(&[("a.txt", SMALL)]);
    let in_ci =
        |value: &str, arguments: &[&str]| folder.said(&folder.command(arguments).env("CI", value).output().unwrap());
    let said = in_ci("true", &["--accept"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("the environment variable CI is set"), "{}", said.err);
    assert!(!folder.has("snapshots"));
    assert_eq!(in_ci("true", &[]).code, 1, "a golden that is missing is a failure");
    assert!(!folder.has("snapshots"));
    assert_eq!(in_ci("", &["--accept"]).code, 0, "set to nothing it is not set");
    assert_eq!(in_ci("true", &[]).code, 0);
}

/// The runner dies while it writes: a limit on the length of files ends it at the hundredth byte.
#[test]
fn a_crash_while_a_golden_is_written_leaves_the_old_one() {
    let waiting = WaitingScript::new(SMALL.replace("joinServer 0\n", ""));
    let folder = &waiting.folder;
    folder.write("snapshots/waits/transcript.txt", "old\n");
    let mut runner = folder.command(&["--accept"]).spawn().unwrap();
    waiting.until_started();
    let process = runner.id().to_string();
    // No call of the standard library sets a limit of a process that runs already.
    let limited = Command::new("prlimit").args(["--pid", &process, "--fsize=100", "--core=0"]).status();
    assert!(limited.expect("the program prlimit, of util-linux").success());
    waiting.go_on();
    let status = runner.wait().unwrap();
    assert_eq!(status.code(), None, "it was killed");

    assert_eq!(folder.read("snapshots/waits/transcript.txt"), "old\n");
    let partials = || folder.names("snapshots/waits").into_iter().filter(|name| name.ends_with(".partial")).count();
    assert_eq!(partials(), 1, "it died in the middle");
    waiting.clear_temporary();
    let said = folder.test(&[]);
    assert!(said.out.contains("differs: ") && !said.out.contains("partial"), "{}", said.out);
    assert_eq!(folder.test(&["--accept"]).code, 0);
    assert_eq!(partials(), 0);
    assert_eq!(folder.test(&[]).code, 0);
}

#[test]
fn two_runners_may_accept_at_once() {
    let names: Vec<_> = (0..12).map(|number| format!("{number}.txt")).collect();
    let text = with_snapshot("end");
    let scripts: Vec<_> = names.iter().map(|name| (name.as_str(), text.as_str())).collect();
    let folder = Folder::with(&scripts);
    let runners = [folder.command(&["--accept"]).spawn(), folder.command(&["--accept"]).spawn()];
    for runner in runners {
        let output = runner.unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    for number in 0..12 {
        assert_eq!(folder.names(&format!("snapshots/{number}")), ["end.txt", "transcript.txt"]);
    }
    assert_eq!(folder.test(&[]).code, 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_the_others_are_told_of() {
    let folder = Folder::with(&[("a.txt", SMALL), ("b.txt", SMALL)]);
    std::fs::create_dir(folder.path().join("snapshots")).unwrap();
    // Nobody makes a file there, root neither.
    symlink("/proc/self", folder.path().join("snapshots/a")).unwrap();
    let said = folder.test(&["--accept"]);
    assert_eq!(said.code, 4);
    assert!(said.out.contains("could not write snapshots/a/transcript.txt: "), "{}", said.out);
    assert!(said.out.contains("accepted  b "), "{}", said.out);
    assert!(folder.has("snapshots/b/transcript.txt"));
}

/// Somebody who holds a lock on the folder of the golden of `a`, and a runner that waits for it.
fn runner_that_waits(folder: &Folder) -> (Flock<File>, Child) {
    folder.write("snapshots/a/.transcript.txt.begun.partial", "0.0");
    let path = folder.path().join("snapshots/a").canonicalize().unwrap();
    let lock = Flock::lock(File::open(&path).unwrap(), FlockArg::LockExclusive).map_err(|(_, error)| error).unwrap();
    let runner = folder.command(&["--accept"]).spawn().unwrap();
    let descriptors = format!("/proc/{}/fd", runner.id());
    until("the runner wants the lock", || {
        let mut entries = std::fs::read_dir(&descriptors).unwrap();
        entries.any(|entry| entry.and_then(|entry| std::fs::read_link(entry.path())).is_ok_and(|target| target == path))
    });
    (lock, runner)
}

/// A leftover is removed under a lock only: what another runner has begun is none.
#[test]
fn a_folder_that_somebody_writes_is_waited_for() {
    let folder = Folder::with(&[("a.txt", SMALL)]);
    let (lock, runner) = runner_that_waits(&folder);
    assert!(folder.has("snapshots/a/.transcript.txt.begun.partial"));
    drop(lock);
    assert_eq!(runner.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(folder.names("snapshots/a"), ["transcript.txt"]);
}

#[test]
fn an_interrupted_runner_does_not_wait_and_writes_nothing() {
    let folder = Folder::with(&[("a.txt", SMALL)]);
    let (lock, runner) = runner_that_waits(&folder);
    kill(Pid::from_raw(runner.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let said = folder.said(&runner.wait_with_output().unwrap());
    assert_eq!(said.code, 130, "{said:?}");
    drop(lock);
    assert_eq!(folder.names("snapshots/a"), [".transcript.txt.begun.partial"]);
}

#[test]
fn a_folder_that_somebody_holds_for_too_long_is_named() {
    let folder = Folder::with(&[("a.txt", SMALL)]);
    let (_lock, runner) = runner_that_waits(&folder);
    let said = folder.said(&runner.wait_with_output().unwrap());
    assert_eq!(said.code, 4, "{said:?}");
    let sentence = "could not make and lock the folder snapshots/a: another process has held a lock on it for 10 s; accept again \
                    when that has ended";
    assert!(said.out.contains(sentence), "{}", said.out);
    assert_eq!(folder.names("snapshots/a"), [".transcript.txt.begun.partial"]);
}
