//! How a run can end, and which exit code says so.
//!
//! Three failures are never mixed: a *mistake* in the script or its use, the *environment*, and a *finding*. A bug of
//! splitbrain itself panics.

use std::io;

/// How a run ended. Ordered as section 7 of the design ranks them: of several that apply, the greatest is reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Everything was carried out, and nothing was found wrong.
    #[default]
    Passed,
    /// No verdict: a limit was reached.
    Undecided,
    /// An expectation failed, or a stabilize did not converge.
    Failed,
    /// A node died unasked, or broke the node protocol.
    NodeFault,
    /// The machine underneath failed: a file, a process, a closed standard output.
    Environment,
    /// SIGINT, SIGTERM or SIGHUP.
    Interrupted,
    /// A mistake in the script or on the command line: nothing was started.
    Mistake,
}

impl Verdict {
    /// The exit code of the process.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Mistake => 2,
            Self::NodeFault => 3,
            Self::Environment => 4,
            Self::Undecided => 5,
            Self::Interrupted => 130,
        }
    }

    /// Its name in reports that machines read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Undecided => "undecided",
            Self::Failed => "failed",
            Self::NodeFault => "node-fault",
            Self::Environment => "environment",
            Self::Interrupted => "interrupted",
            Self::Mistake => "mistake",
        }
    }

    /// What the exit code of a process says; that of a process that is not `master` may say nothing.
    #[must_use]
    pub fn of_exit_code(code: i32) -> Option<Self> {
        const VERDICTS: [Verdict; 7] = [
            Verdict::Passed,
            Verdict::Undecided,
            Verdict::Failed,
            Verdict::NodeFault,
            Verdict::Environment,
            Verdict::Interrupted,
            Verdict::Mistake,
        ];
        VERDICTS.into_iter().find(|verdict| i32::from(verdict.exit_code()) == code)
    }
}

/// The machine underneath failed: what was attempted, on what, and why it did not work.
#[derive(Debug, thiserror::Error)]
#[error("could not {attempt}: {source}")]
pub struct Environment {
    /// What was attempted, with the path, command or stream that it was attempted on.
    pub attempt: String,
    /// Why it did not work.
    pub source: io::Error,
}

impl Environment {
    /// For `map_err`: `.map_err(Environment::while_trying(|| format!("write {path}")))`.
    pub fn while_trying<E: Into<io::Error>>(attempt: impl FnOnce() -> String) -> impl FnOnce(E) -> Self {
        move |error| Self { attempt: attempt(), source: error.into() }
    }
}
