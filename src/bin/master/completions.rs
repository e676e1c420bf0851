//! `master completions`: what a shell offers while `master` is typed.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_complete::{Shell, generate};
use splitbrain::base::{Environment, Verdict};
use splitbrain::experiment::TABLE;
use splitbrain::trace::Sink;

use crate::arguments::Arguments;

/// Prints the completions of a shell.
pub fn completions(shell: Shell) -> Result<Verdict, Environment> {
    let mut text = Vec::new();
    generate(shell, &mut what_is_typed(), "master", &mut text);
    let out = Sink::new("standard output", io::stdout());
    out.bytes(&text)?;
    out.flush()?;
    Ok(Verdict::Passed)
}

/// The command line without what nobody types, and with the topics of help. Those are subcommands here, for the completions
/// of some shells offer no values of arguments.
fn what_is_typed() -> Command {
    let whole = Arguments::command();
    let visible = || whole.get_subcommands().filter(|one| !one.is_hide_set());
    let bare = Command::new("master").disable_help_subcommand(true).args(whole.get_arguments().cloned());
    let others = visible().filter(|one| one.get_name() != "help").cloned();
    bare.subcommands(others).subcommand(help(visible()))
}

fn help<'a>(subcommands: impl Iterator<Item = &'a Command>) -> Command {
    let topics = subcommands.map(|one| described(one.get_name().to_owned(), one.get_about().map(ToString::to_string)));
    let commands = TABLE
        .commands
        .iter()
        .flat_map(|command| command.names().map(|name| described(name.to_owned(), Some(command.summary.to_owned()))));
    let commands = described("commands".to_owned(), Some("What a script may say".to_owned())).subcommands(commands);
    Command::new("help").disable_help_subcommand(true).subcommands(topics).subcommand(commands)
}

fn described(name: String, about: Option<String>) -> Command {
    let command = Command::new(name).disable_help_subcommand(true).disable_help_flag(true);
    about.into_iter().fold(command, |command, about| command.about(about))
}
