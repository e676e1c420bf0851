//! The files of snapshots, through the real `master`: compared with `--snapshots DIR`, and written with `--accept`.

mod binary;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use binary::{Run, golden, master_in};
use tempfile::TempDir;

/// Two servers that do not hold the same, and a snapshot of each part.
const SCRIPT: &str = "joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 a 1\ncut 0 1\nput 2 b 2\n\
                      snapshot stores parts=store\nput 2 c 3\nsnapshot chains parts=chain of=1\n";

/// Runs `master` in a folder with this script in it, and with the variable CI as it is given.
fn run_with_ci(ci: Option<&str>, folder: &TempDir, script: &str, arguments: &[&str]) -> Output {
    fs::write(folder.path().join("a.txt"), script).unwrap();
    let mut command = master_in(folder.path());
    command.envs(ci.map(|ci| ("CI", ci))).args(arguments).arg("a.txt");
    Run::begin(&mut command, "").end()
}

fn run(folder: &TempDir, script: &str, arguments: &[&str]) -> Output {
    run_with_ci(None, folder, script, arguments)
}

/// The files in a folder, by their names.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
    entries.map(|entry| (name(&entry), fs::read_to_string(entry.path()).unwrap())).collect()
}

#[test]
fn what_is_accepted_passes_until_something_changes() {
    let folder = TempDir::new().unwrap();
    let accepted = run(&folder, SCRIPT, &["--snapshots", "golden/deep", "--accept"]);
    insta::assert_snapshot!("goldens_accepted", golden(&accepted));
    let goldens = texts(&folder.path().join("golden/deep"));
    assert_eq!(
        goldens.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect::<Vec<_>>(),
        [
            ("chains.txt", "s1: chain of 1 block\n  1 put a 1 (c2, request 1)\n"),
            ("stores.txt", "s0: store of 2 keys\n  a: 1\n  b: 2\ns1: store of 1 key\n  a: 1\n")
        ]
    );
    let again = run(&folder, SCRIPT, &["run", "--transcript", "--snapshots", "golden/deep"]);
    assert_eq!(again.status.code(), Some(0), "{}", golden(&again));
    // What is as it was is not written.
    let nothing_new = run(&folder, SCRIPT, &["--snapshots", "golden/deep", "--bless"]);
    assert!(!golden(&nothing_new).contains("accepted"), "{}", golden(&nothing_new));

    fs::remove_file(folder.path().join("golden/deep/chains.txt")).unwrap();
    let changed = SCRIPT.replace("put 2 b 2", "put 2 b 7");
    insta::assert_snapshot!("goldens_differ", golden(&run(&folder, &changed, &["--snapshots", "golden/deep"])));
    let before = texts(&folder.path().join("golden/deep"));
    assert_eq!(before.len(), 1, "to compare writes nothing");
}

#[test]
fn a_run_that_does_not_pass_writes_nothing() {
    let folder = TempDir::new().unwrap();
    // Nobody is a majority.
    let failing = "cluster servers=3 protocol=multi-paxos\nkill s1,s2\nstabilize\nsnapshot a\n";
    let output = run(&folder, failing, &["--snapshots", "golden", "--update"]);
    assert_eq!(output.status.code(), Some(1), "{}", golden(&output));
    assert!(golden(&output).contains("accepted: nothing, for the run did not pass"), "{}", golden(&output));
    assert!(!folder.path().join("golden").exists());
}

#[test]
fn in_ci_nothing_is_accepted() {
    let folder = TempDir::new().unwrap();
    let refused = run_with_ci(Some("true"), &folder, SCRIPT, &["--snapshots", "golden", "--accept"]);
    insta::assert_snapshot!("goldens_in_ci", golden(&refused));
    assert!(!folder.path().join("golden").exists());
    let empty = run_with_ci(Some(""), &folder, SCRIPT, &["--snapshots", "golden", "--accept"]);
    assert_eq!(empty.status.code(), Some(0), "{}", golden(&empty));
    let compared = run_with_ci(Some("true"), &folder, SCRIPT, &["--snapshots", "golden"]);
    assert_eq!(compared.status.code(), Some(0), "{}", golden(&compared));
}

#[test]
fn to_accept_says_where() {
    let output = Run::start(&["--accept"], SCRIPT).end();
    assert_eq!(output.status.code(), Some(2));
    assert!(golden(&output).contains("--snapshots <DIR>"), "{}", golden(&output));
}

#[test]
fn a_script_through_a_pipe_is_named_as_one() {
    let folder = TempDir::new().unwrap();
    let output = golden(&Run::start_in(folder.path(), &["--snapshots", "."], SCRIPT).end());
    assert!(output.contains("failed: standard input:7: the snapshot `stores` has no golden file"), "{output}");
}

#[test]
fn a_golden_that_cannot_be_read_or_written_is_named() {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("golden/stores.txt")).unwrap();
    let output = run(&folder, SCRIPT, &["--snapshots", "golden"]);
    assert_eq!(output.status.code(), Some(4), "{}", golden(&output));
    assert!(golden(&output).contains("error: could not read golden/stores.txt: "), "{}", golden(&output));
    let output = run(&folder, SCRIPT, &["--snapshots", "a.txt", "--accept"]);
    assert_eq!(output.status.code(), Some(4), "{}", golden(&output));
    assert!(golden(&output).contains("error: could not "), "{}", golden(&output));
}
