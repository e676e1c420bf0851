//! `master fmt`: scripts of both forms are written again, and the other way round, and mean the same.

mod binary;
mod files;

use std::fs;
use std::path::Path;
use std::process::Output;

use binary::{Run, golden};
use splitbrain::experiment::{Function, TABLE, listed_protocols};
use splitbrain::script::{self, Notation, Script, Source};

use files::scripts;

fn read(name: &str, text: &str) -> Script<Function> {
    let source = Source::from_bytes(name, text.as_bytes().to_vec()).unwrap();
    script::parse(&TABLE, &source).unwrap_or_else(|mistakes| panic!("{text}\n{mistakes}"))
}

fn canonical(script: &Script<Function>) -> Vec<String> {
    script.invocations.iter().map(script::Invocation::canonical).collect()
}

fn formatted(arguments: &[&str], script: &str) -> String {
    let output: Output = Run::start(arguments, script).end();
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_script_is_written_in_both_forms_and_read_again() {
    for (path, text) in scripts() {
        let name = path.display().to_string();
        let script = read(&name, &text);
        for notation in Notation::ALL {
            let printed = script::print(&script, notation);
            let again = read("printed", &printed);
            assert_eq!(canonical(&again), canonical(&script), "{name}\n{printed}");
            assert_eq!(again.remarks, script.remarks, "{name}\n{printed}");
            assert_eq!(script::print(&again, notation), printed, "{name}");
        }
    }
}

const LINES: &str = "# What it shows.\ncluster servers=3 clients=2 // of three\n\nasync a = put c1 x 1\nawait a\n\
                     when s1 sends write to s2: cut s1 s2\npar\nput c1 y 2\nkill s1,s2\nend\npartition s1 | s2 s3\n\
                     c1: put 'a b' [1, \"it's\"]\nrun \"python3 a.py \\\"x\\\"\"\n# The end.\n";

#[test]
fn lines_become_yaml() {
    let script = LINES.replace("run \"python3 a.py \\\"x\\\"\"\n", "");
    insta::assert_snapshot!(formatted(&["fmt", "--to", "yaml"], &script));
}

#[test]
fn yaml_becomes_lines() {
    let yaml = "# What it shows.\ncluster:\n  servers: 2\n  clients: 1 # one\nnetwork:\n  - delay: {messages: s1 -> s2, delay: 5ms}\n\
                steps:\n  - put: {client: c1, key: x, value: 1}\n\n  - at: {console: s1, line: printBlockchain} # there\n";
    insta::assert_snapshot!(formatted(&["fmt", "--to", "lines"], yaml));
}

#[test]
fn without_a_form_a_script_keeps_its_own() {
    assert_eq!(formatted(&["fmt"], "cluster( servers=2 )\nkill  s1\n"), "cluster servers=2\nkill s1\n");
    assert_eq!(formatted(&["fmt"], "steps: [joinServer: 0]\n"), "steps:\n  - joinServer: 0\n");
}

#[test]
fn a_script_with_mistakes_is_not_written() {
    let output = Run::start(&["fmt", "--to", "yaml"], "joinServer 0\nput 1 x\n").end();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), b"".as_slice()), "{}", golden(&output));
}

#[test]
fn what_a_script_is_written_in_can_be_said() {
    // A node of this name has not joined, so as lines it is a mistake; as YAML it has no such key.
    let said = |arguments: &[&str]| golden(&Run::start(arguments, "steps: [stabilize]\n").end());
    assert!(said(&["--format", "lines"]).contains("there is no command `steps:`"));
    assert!(said(&["--format", "yaml"]).contains("exit code: 0"), "{}", said(&["--format", "yaml"]));
    assert!(said(&["--format", "yaml"]).contains("repeat: master --format yaml"), "{}", said(&["--format", "yaml"]));
}

/// The transcript of a script is the same in both forms, through the real binary.
#[test]
fn every_script_in_yaml_gives_the_transcript_that_it_gives_in_lines() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, text) in scripts() {
        let name = path.display().to_string();
        let yaml = folder.path().join("script.yaml");
        let script = read(&name, &text);
        fs::write(&yaml, script::print(&script, Notation::Yaml)).unwrap();
        let (yaml, taken) = (yaml.display().to_string(), folder.path().join("snapshots").display().to_string());
        let output = Run::start(&["--transcript", "--snapshots", &taken, "--accept", &yaml], "").end();
        let mut golden = root.join("snapshots").join(path.with_extension(""));
        // Of several protocols the first one ran.
        if let [first, _, ..] = listed_protocols(&script.invocations).as_slice() {
            golden.push(first.name);
        }
        let expected = fs::read_to_string(golden.join("transcript.txt"));
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected.unwrap(), "{name}");
    }
}
