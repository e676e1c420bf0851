//! What `master` says about itself.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use splitbrain::experiment::TABLE;
use splitbrain::script::{Choice, ParameterKind};

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_master")).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_options() {
    insta::assert_snapshot!(help(&["help"]));
}

#[test]
fn the_options_of_the_test_runner() {
    insta::assert_snapshot!(help(&["test", "--help"]));
}

#[test]
fn the_options_of_a_comparison() {
    insta::assert_snapshot!(help(&["compare", "--help"]));
}

#[test]
fn completions_know_subcommands_options_and_the_commands_of_scripts() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = help(&["completions", shell]);
        for word in
            ["replay", "compare", "protocols", "transcript", "accept", "commands"].into_iter().chain(TABLE.names())
        {
            assert!(text.contains(word), "{shell} does not offer `{word}`");
        }
        assert!(!text.contains("guard"), "{shell} offers what nobody types");
    }
    let mut bash = match Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn() {
        Ok(bash) => bash,
        Err(_) => return eprintln!("skipped: there is no bash"),
    };
    bash.stdin.take().unwrap().write_all(help(&["completions", "bash"]).as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success(), "bash does not understand its completions");
}

#[test]
fn the_commands_of_scripts() {
    insta::assert_snapshot!(help(&["help", "commands"]));
}

#[test]
fn one_command() {
    insta::assert_snapshot!(help(&["help", "commands", "delay"]));
}

#[test]
fn commands_that_crash_and_restart() {
    insta::assert_snapshot!(help(&["help", "commands", "crash"]) + &help(&["help", "commands", "restart"]));
}

#[test]
fn commands_that_pause_and_resume() {
    insta::assert_snapshot!(help(&["help", "commands", "pause"]) + &help(&["help", "commands", "resume"]));
}

#[test]
fn the_faults_of_a_disk() {
    insta::assert_snapshot!(help(&["help", "commands", "disk"]));
}

#[test]
fn the_clock_of_a_node() {
    insta::assert_snapshot!(help(&["help", "commands", "clock"]));
}

/// A fault that a script may order, and that nobody explains, would be a riddle.
#[test]
fn every_fault_is_explained_in_the_page_about_faults() {
    let page = include_str!("../docs/faults.md");
    let disk = TABLE.find("disk").expect("a command");
    let choices = disk.parameters.iter().find_map(|parameter| match parameter.kind {
        ParameterKind::Choice(choices) => Some(choices),
        _ => None,
    });
    let choices = choices.expect("the faults of a disk");
    assert!(choices.len() >= 7);
    for Choice { word, parameter } in choices {
        let behind = parameter.map(|parameter| format!(" {}", parameter.name)).unwrap_or_default();
        assert!(page.contains(&format!("\n- `{word}{behind}`: ")), "docs/faults.md does not explain `{word}`");
    }
    for change in ["rate FACTOR", "jump OFFSET"] {
        assert!(page.contains(&format!("\n- `clock NODE {change}`: ")), "{change}");
    }
    for command in ["kill", "crash", "restart", "pause", "resume"] {
        assert!(TABLE.find(command).is_some() && page.contains(&format!("\n- `{command} S")), "{command}");
    }
}

#[test]
fn every_script_in_the_page_about_faults_is_there() {
    let page = include_str!("../docs/faults.md");
    let scripts: Vec<_> = page.split("](../").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(scripts.len() > 15, "{scripts:?}");
    for script in scripts {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(script).is_file(), "{script}");
    }
}

#[test]
fn a_command_by_its_other_name() {
    assert_eq!(help(&["help", "commands", "sleep"]), help(&["help", "commands", "wait"]));
}

/// One text for all: `help`, `--help`, and the help of the subcommand that does the same.
#[test]
fn the_option_and_the_subcommand_say_the_same() {
    assert_eq!(help(&["--help"]), help(&["help"]));
    assert!(help(&["help", "run"]).contains("--transcript"));
}
