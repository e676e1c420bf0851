//! Are goldens compared, or written? In CI nothing is written.

use std::ffi::OsStr;

/// Are goldens compared, or written?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are compared.
    Compare,
    /// Those that differ are written, where the run may be kept. [`Mode::accept`] makes it.
    Accept(Permission),
}

/// That goldens may be written: nobody else makes one than [`Mode::accept`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission(());

/// Nothing is accepted in CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no golden is written where the environment variable CI is set; accept where somebody reads what changed, and only compare \
     here"
)]
pub struct InCi;

impl Mode {
    /// To write goldens.
    ///
    /// # Errors
    /// The environment variable CI is set: every CI system sets it. Set to nothing it is not set.
    pub fn accept() -> Result<Self, InCi> {
        Self::accept_unless(std::env::var_os("CI").as_deref())
    }

    fn accept_unless(ci: Option<&OsStr>) -> Result<Self, InCi> {
        match ci.is_some_and(|value| !value.is_empty()) {
            true => Err(InCi),
            false => Ok(Self::Accept(Permission(()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_ci_nothing_is_accepted() {
        let accept = |ci: Option<&str>| Mode::accept_unless(ci.map(OsStr::new));
        assert_eq!(accept(None), Ok(Mode::Accept(Permission(()))));
        assert_eq!(accept(Some("")), Ok(Mode::Accept(Permission(()))));
        assert_eq!(accept(Some("true")), Err(InCi));
        assert_eq!(accept(Some("false")), Err(InCi));
    }
}
