//! Servers that are not ours, and that keep files: the master cuts them back as it does with ours.

mod binary;

use std::fs;
use std::path::Path;

use binary::{Run, golden};

/// What `master` prints for a script that must pass.
fn passes(script: String) -> String {
    let output = Run::start(&["--transcript"], script).end();
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// A server written for the shell that keeps its writes in a file, and does as it should.
const KEEPS: &str = "run \"sh tests/nodes/keeps.sh\"\n";

#[test]
fn a_server_for_the_shell_comes_back_with_what_it_synced() {
    let script = "joinServer 0\njoinClient 2 0\nput 2 a 1\ncrash 0\nrestart 0\nprintStore 0\njoinClient 2 0\nput 2 b 2\n\
                  kill 0\nrestart 0\nprintStore 0\njoinClient 2 0\ncrash 0 after 1 output\nput 2 c 3\nrestart 0\n\
                  printStore 0\njoinClient 2 0\ncrash 0 after 2 outputs\nput 2 d 4\nrestart 0\nprintStore 0\n";
    insta::assert_snapshot!(passes(KEEPS.to_owned() + script));
}

#[test]
fn a_server_for_the_shell_cuts_off_what_was_torn_and_loses_what_a_lie_left_undone() {
    let script = "joinServer 0\njoinClient 2 0\nput 2 a 1\ndisk 0 torn\ncrash 0 after 1 output\nput 2 torn 2\nrestart 0\n\
                  printStore 0\njoinClient 2 0\nput 2 b 2\ncrash 0\nrestart 0\nprintStore 0\ndisk 0 lie\njoinClient 2 0\n\
                  put 2 lost 3\ncrash 0\ndisk 0 heal\nrestart 0\nprintStore 0\nkill 0\ndisk 0 wipe\nrestart 0\n\
                  printStore 0\njoinClient 2 0\nput 2 anew 4\nprintStore 0\n";
    insta::assert_snapshot!(passes(KEEPS.to_owned() + script));
}

#[test]
fn a_slow_disk_holds_the_answers_of_a_server_for_the_shell_back() {
    let script = "joinServer 0\njoinClient 2 0\ndisk 0 slow 50ms\nput 2 a 1\ndisk 0 heal\nput 2 b 2\nprintStore 0\n";
    insta::assert_snapshot!(passes(KEEPS.to_owned() + script));
}

/// Whatever a script does to a server of ours, it does to the same server as a program of the user's.
#[test]
fn our_own_server_on_the_disk_that_it_is_given_prints_what_it_prints_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/process");
    let run =
        format!("run \"sh -c 'exec \\\"$0\\\" --data \\\"$SPLITBRAIN_DATA\\\"' {}\"\n", env!("CARGO_BIN_EXE_server"));
    // The line of `run` is one more, and so is the number of each line behind it.
    let run_line = |transcript: &str| {
        let lines = transcript.lines().filter(|line| !line.contains(" run \""));
        let without_number = |line: &str| line.split(" (line ").next().unwrap_or_default().to_owned();
        lines.map(without_number).collect::<Vec<_>>().join("\n")
    };
    let mut scripts = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let script = fs::read_to_string(&path).unwrap();
        let (built_in, foreign) = (passes(script.clone()), passes(run.clone() + &script));
        assert_eq!(run_line(&built_in), run_line(&foreign), "{}", path.display());
        scripts += 1;
    }
    assert!(scripts > 10);
}
