//! Every script under `scripts/` has its goldens under `snapshots/`, in a folder of the same relative path: its transcript,
//! and each snapshot that it takes.
//!
//! `ACCEPT=1 cargo test --test golden` writes those that differ; read every line before you keep one.

mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use similar::TextDiff;
use tempfile::TempDir;

use files::{files_below, scripts};

/// Scripts that end with another exit code than 0, by their paths under `scripts/`.
const OTHER_EXIT_CODES: &[(&str, i32)] = &[("network/stabilize-that-does-not-converge-fails.txt", 1)];
/// Scripts that are real input of a course: they are kept as they are, without a first line of ours.
const REAL_INPUT: &[&str] = &["cs380d/input.txt", "cs380d/input2.txt", "cs380d/input3.txt", "cs380d/input4.txt"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the transcript is called among the goldens of its script.
const TRANSCRIPT: &str = "transcript.txt";

/// The goldens of `heal.txt` are in the folder `heal`.
fn goldens_of(script: &Path) -> PathBuf {
    root().join("snapshots").join(script.with_extension(""))
}

/// The files in a folder, with their texts; none if it is absent.
fn texts_in(folder: &Path) -> BTreeMap<PathBuf, String> {
    let files = if folder.is_dir() { files_below(folder) } else { BTreeSet::new() };
    files.into_iter().map(|file| (file.clone(), fs::read_to_string(folder.join(file)).unwrap())).collect()
}

/// What a script prints, through the real binary, and its exit code.
fn run(script: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_master"))
        .current_dir(root())
        // There nothing may be accepted.
        .env_remove("CI")
        .args(arguments)
        .arg(Path::new("scripts").join(script))
        .output()
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn every_script_has_its_goldens() {
    let accept = std::env::var_os("ACCEPT").is_some_and(|value| value == "1");
    let mut differences = Vec::new();
    for (script, _) in scripts() {
        let folder = TempDir::new().unwrap();
        let snapshots = folder.path().to_str().unwrap();
        let (transcript, code) = run(&script, &["--transcript", "--snapshots", snapshots, "--accept"]);
        let name = script.display().to_string();
        let expected_code = OTHER_EXIT_CODES.iter().find(|(other, _)| *other == name).map_or(0, |(_, code)| *code);
        if code != Some(expected_code) {
            differences.push(format!("{name}: exit code {code:?}, and {expected_code} was expected"));
        }
        let mut found = texts_in(folder.path());
        found.insert(TRANSCRIPT.into(), transcript);
        let mut goldens = texts_in(&goldens_of(&script));
        for (file, found) in found {
            let golden = goldens.remove(&file).unwrap_or_default();
            if golden == found {
                continue;
            }
            if accept {
                fs::create_dir_all(goldens_of(&script)).unwrap();
                fs::write(goldens_of(&script).join(file), found).unwrap();
            } else {
                let difference = TextDiff::from_lines(&golden, &found);
                let difference = difference.unified_diff().header("golden", "found").to_string();
                differences.push(format!("{name} differs from its golden {}:\n{difference}", file.display()));
            }
        }
        differences.extend(goldens.keys().map(|file| format!("{name} takes no snapshot for {}", file.display())));
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn no_golden_is_without_its_script() {
    let folders: BTreeSet<_> = scripts().iter().map(|(script, _)| script.with_extension("")).collect();
    let goldens = files_below(&root().join("snapshots"));
    let orphans: Vec<_> = goldens.iter().filter(|golden| !folders.contains(golden.parent().unwrap())).collect();
    assert!(orphans.is_empty(), "{orphans:?}");
}

#[test]
fn every_script_of_ours_says_first_what_it_shows() {
    for (script, text) in scripts() {
        let name = script.display().to_string();
        if REAL_INPUT.contains(&name.as_str()) {
            continue;
        }
        let first: String = text.lines().take_while(|line| line.starts_with('#')).collect();
        assert!(first.contains("(COURSES ") || first.contains("(DESIGN "), "{name} names no sentence: {first}");
    }
}

/// What a grader compares is the transcript's answers, and nothing else.
#[test]
fn plain_output_is_what_the_transcript_says_was_printed() {
    for (script, _) in scripts() {
        let (plain, _) = run(&script, &[]);
        let (transcript, _) = run(&script, &["-v"]);
        let mut is_at_console = false;
        let printed = transcript.lines().filter_map(|line| {
            if let Some((_, command)) = line.split_once(' ').filter(|(time, _)| !time.is_empty()) {
                let node = command.split_once(": ").map(|(node, _)| node.trim_start_matches(['s', 'c']));
                is_at_console = node.is_some_and(|number| number.parse::<u32>().is_ok());
            }
            line.strip_prefix("         | ").map(|text| (is_at_console, text))
        });
        // Among others an answer stands behind its command.
        let answer = |line: &str| match line.split_once(": ") {
            Some((command, answer)) if command.starts_with("put ") => answer.to_owned(),
            _ => line.to_owned(),
        };
        // A console prints what became of a put, and a script does not.
        let is_printed = |(at_console, line): &(bool, &str)| {
            *at_console || (answer(line) != "success" && !answer(line).starts_with("ERR_"))
        };
        let printed: String = printed.filter(is_printed).map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(plain, printed, "{}", script.display());
    }
}
