//! What `master` says about itself.

use std::process::Command;

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
fn the_commands_of_scripts() {
    insta::assert_snapshot!(help(&["help", "commands"]));
}

#[test]
fn one_command() {
    insta::assert_snapshot!(help(&["help", "commands", "delay"]));
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
