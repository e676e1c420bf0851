//! `master completions`: what a shell offers while `master` is typed.

use std::io;

use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _};
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

/// The command line without what nobody types, where `help commands` offers the commands of scripts. It does not take these
/// only: what it says of a name that is none is better than what the argument parser would say.
fn with_names_of_commands() -> Command {
    let whole = Arguments::command();
    let visible: Vec<_> = whole.get_subcommands().filter(|one| !one.is_hide_set()).cloned().collect();
    let names = PossibleValuesParser::new(TABLE.names());
    let topics = visible.iter().map(|one| one.get_name().to_owned()).chain(["commands".to_owned()]);
    let topics = PossibleValuesParser::new(topics);
    let bare = Command::new("master").disable_help_subcommand(true).args(whole.get_arguments().cloned());
    bare.subcommands(visible).mut_subcommand("help", |help| {
        // What is changed becomes the last: so the topic first.
        help.mut_arg("topic", |topic| topic.value_parser(topics)).mut_arg("name", |name| name.value_parser(names))
    })
}
