//! `master help`: of the program, of its subcommands, and of the commands of scripts.

use std::io;

use clap::CommandFactory as _;
use splitbrain::base::{Environment, Verdict};
use splitbrain::experiment::{nearest_command, reference, reference_of, reference_of_yaml};
use splitbrain::trace::Sink;

use crate::arguments::Arguments;
use crate::tell;

/// Explains a topic.
pub fn help(topic: Option<&str>, name: &[String]) -> Result<Verdict, Environment> {
    let text = match (topic, name.join(" ").as_str()) {
        (Some("commands"), "") => reference(),
        (Some("commands"), name) => match reference_of(name) {
            Some(text) => text,
            None => {
                let near = nearest_command(name).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                tell(format_args!("error: there is no command `{name}`; {near}`master help commands` lists them"));
                return Ok(Verdict::Mistake);
            }
        },
        (Some("yaml"), _) => reference_of_yaml(),
        (Some(topic), _) => match subcommand_help(topic).or_else(|| reference_of(topic)) {
            Some(text) => text,
            None => {
                tell(format_args!(
                    "error: there is no help on `{topic}`; try `master help`, `master help commands` or `master help yaml`"
                ));
                return Ok(Verdict::Mistake);
            }
        },
        (None, _) => Arguments::command().render_help().to_string(),
    };
    Sink::new("standard output", io::stdout()).line(text.trim_end())?;
    Ok(Verdict::Passed)
}

fn subcommand_help(name: &str) -> Option<String> {
    let mut arguments = Arguments::command();
    // Built, so that its usage begins with the program's name.
    arguments.build();
    arguments.find_subcommand_mut(name).map(|command| command.render_help().to_string())
}
