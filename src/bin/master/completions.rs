//! `master completions`: what a shell offers while `master` is typed.

use std::io;

use clap::CommandFactory as _;
use clap::builder::PossibleValuesParser;
use clap_complete::{Shell, generate};
use splitbrain::base::{Environment, Verdict};
use splitbrain::experiment::TABLE;
use splitbrain::trace::Sink;

use crate::arguments::Arguments;

/// Prints the completions of a shell.
pub fn completions(shell: Shell) -> Result<Verdict, Environment> {
    let mut text = Vec::new();
    generate(shell, &mut with_names_of_commands(), "master", &mut text);
    let out = Sink::new("standard output", io::stdout());
    out.bytes(&text)?;
    out.flush()?;
    Ok(Verdict::Passed)
}

/// The command line, where `help commands` offers the commands of scripts. It does not take these only: what it says of a
/// name that is none is better than what the argument parser would say.
fn with_names_of_commands() -> clap::Command {
    let names = PossibleValuesParser::new(TABLE.names());
    let subcommands: Vec<_> = Arguments::command().get_subcommands().map(|one| one.get_name().to_owned()).collect();
    let topics =
        PossibleValuesParser::new(subcommands.into_iter().filter(|name| name != "node").chain(["commands".to_owned()]));
    Arguments::command().mut_subcommand("help", |help| {
        // What is changed becomes the last: so the topic first.
        help.mut_arg("topic", |topic| topic.value_parser(topics)).mut_arg("name", |name| name.value_parser(names))
    })
}
