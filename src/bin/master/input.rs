//! Scripts as they come in: from a file or from standard input.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use splitbrain::base::{Environment, limits};
use splitbrain::script::{Mistakes, Notation, Source};

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

/// The script that these bytes are, in the notation of this name, if the user chose one.
pub fn source(name: String, bytes: Vec<u8>, notation: Option<&str>) -> Result<Source, Mistakes> {
    let mut source = Source::from_bytes(name, bytes)?;
    if let Some(notation) = notation.and_then(Notation::named) {
        source.notation = notation;
    }
    Ok(source)
}
