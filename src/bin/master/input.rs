//! Scripts as they come in: from a file or from standard input.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use clap::CommandFactory as _;
use splitbrain::base::{Environment, Verdict, limits};
use splitbrain::script::{Mistakes, Notation, Source, nearest};

use crate::arguments::Arguments;
use crate::tell;

/// Does this path, or none, stand for standard input?
pub fn is_standard_input(path: Option<&Path>) -> bool {
    path.is_none_or(|path| path == Path::new("-"))
}

/// The name of a script and its bytes, from a file or from standard input.
pub fn read_script(path: Option<&Path>) -> Result<(String, Vec<u8>), Environment> {
    // One byte over the limit is enough to know that it is exceeded.
    let bound = limits::SCRIPT_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let path = path.filter(|path| !is_standard_input(Some(path)));
    let name = path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    let result = match path {
        Some(path) => fs::File::open(path).and_then(|file| file.take(bound).read_to_end(&mut bytes)),
        None => io::stdin().lock().take(bound).read_to_end(&mut bytes),
    };
    result.map_err(Environment::while_trying(|| format!("read the script {name}")))?;
    Ok((name, bytes))
}

/// Says that there is no such script, if there is none: a mistake of whoever typed it, who may have meant a subcommand.
pub fn refuse_missing(path: Option<&Path>) -> Option<Verdict> {
    let path = path.filter(|path| !is_standard_input(Some(path)) && !path.exists())?;
    let name = path.display().to_string();
    let command = Arguments::command();
    let meant = nearest(&name, command.get_subcommands().filter(|one| !one.is_hide_set()).map(clap::Command::get_name));
    let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `master {meant}`?"));
    tell(format_args!("error: there is no script {name}{meant}"));
    Some(Verdict::Mistake)
}

/// The script that these bytes are, in this notation, if the user chose one.
pub fn source(name: String, bytes: Vec<u8>, notation: Option<Notation>) -> Result<Source, Mistakes> {
    let mut source = Source::from_bytes(name, bytes)?;
    source.notation = notation.unwrap_or(source.notation);
    Ok(source)
}
