//! Words of a shell's command line, for commands that people are told to run.

use std::path::Path;

/// A path as one word of a shell's command line.
#[must_use]
pub fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    shlex::try_quote(&path).map_or_else(|_| path.clone(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_split_is_quoted() {
        assert_eq!(quoted(Path::new("scripts/a.txt")), "scripts/a.txt");
        assert_eq!(quoted(Path::new("my scripts/a.txt")), "'my scripts/a.txt'");
    }
}
