//! `master fmt`: a script in its canonical form, or in the other one.

use std::io;

use splitbrain::base::{Environment, Verdict};
use splitbrain::experiment::TABLE;
use splitbrain::script;
use splitbrain::trace::Sink;

use crate::arguments::FormatArguments;
use crate::input::{read_script, refuse_missing, source};
use crate::tell;

/// Writes a script on standard output.
pub fn fmt(arguments: &FormatArguments) -> Result<Verdict, Environment> {
    if let Some(refused) = refuse_missing(arguments.script.as_deref()) {
        return Ok(refused);
    }
    let (name, bytes) = read_script(arguments.script.as_deref())?;
    let read =
        source(name, bytes, arguments.format).and_then(|source| Ok((source.notation, script::parse(&TABLE, &source)?)));
    match read {
        Ok((written_in, script)) => {
            let notation = arguments.to.unwrap_or(written_in);
            let out = Sink::new("standard output", io::stdout());
            out.bytes(script::print(&script, notation).as_bytes())?;
            out.flush()?;
            Ok(Verdict::Passed)
        }
        Err(mistakes) => {
            tell(&mistakes);
            Ok(Verdict::Mistake)
        }
    }
}
