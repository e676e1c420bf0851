//! Every script under `scripts/` has its goldens under `snapshots/`, in a folder of the same relative path: its transcript,
//! and each snapshot that it takes. `master test` says the same; here it is a test among the others.
//!
//! `ACCEPT=1 cargo test --test golden` writes those that differ; read every line before you keep one.

mod files;

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use splitbrain::base::Verdict;
use splitbrain::cluster::Interruption;
use splitbrain::golden::{self, Human, Mode, Reports, SCRIPTS, SNAPSHOTS, Selection, Suite};
use splitbrain::trace::{Memory, Sink};

use files::scripts;

/// Scripts that are real input of a course: they are kept as they are, without a first line of ours.
const REAL_INPUT: &[&str] = &["cs380d/input.txt", "cs380d/input2.txt", "cs380d/input3.txt", "cs380d/input4.txt"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a script prints, through the real binary, and its exit code.
fn run(script: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_master"))
        .current_dir(root())
        .args(arguments)
        .arg(Path::new("scripts").join(script))
        .output()
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn every_script_has_its_goldens_and_every_golden_its_script() {
    // Tests of one package run in its folder, where the scripts are.
    assert_eq!(std::env::current_dir().unwrap(), root());
    let accept = std::env::var_os("ACCEPT").is_some_and(|value| value == "1");
    let suite = Suite {
        selection: Selection {
            scripts: PathBuf::from(SCRIPTS),
            snapshots: PathBuf::from(SNAPSHOTS),
            paths: Vec::new(),
            filters: Vec::new(),
            protocol: None,
            shard: None,
        },
        program: PathBuf::from(env!("CARGO_BIN_EXE_master")),
        jobs: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        repeat: NonZeroU32::MIN,
        mode: if accept { Mode::accept().unwrap_or_else(|in_ci| panic!("{in_ci}")) } else { Mode::Compare },
    };
    let text = Memory::default();
    let mut reports = Reports::new(vec![Box::new(Human::new(Sink::new("memory", text.clone())))]);
    let verdict = golden::test(&suite, &Interruption::default(), &mut reports).unwrap();
    assert_eq!(verdict, Verdict::Passed, "{}", text.text());
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
        let (mut is_at_console, mut must_fail) = (false, false);
        let printed = transcript.lines().filter_map(|line| {
            if let Some((_, command)) = line.split_once(' ').filter(|(time, _)| !time.is_empty()) {
                let node = command.split_once(": ").map(|(node, _)| node.trim_start_matches(['s', 'c']));
                is_at_console = node.is_some_and(|number| number.parse::<u32>().is_ok());
                must_fail = command.starts_with("! ");
            }
            // A command that must fail prints nothing.
            line.strip_prefix("         | ").filter(|_| !must_fail).map(|text| (is_at_console, text))
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
