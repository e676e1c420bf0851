//! What became of a script.

use std::path::PathBuf;

use crate::base::Verdict;
use crate::golden::case::Case;
use crate::golden::comparison::GoldenFault;
use crate::golden::difference::Difference;
use crate::golden::process::End;
use crate::golden::wall::WallTime;

/// What became of a script, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Its run is as its golden has it.
    Passed,
    /// Its golden was written.
    Accepted,
    /// It has no golden yet.
    New,
    /// Its run is not as its golden has it.
    Differs,
    /// Two runs of it are not the same.
    NotDeterministic,
    /// An expectation or a check failed.
    Failed,
    /// A node died unasked, or broke the protocol.
    NodeFault,
    /// A limit was reached.
    Undecided,
    /// The script is wrong.
    Mistake,
    /// The machine underneath failed, or the run ended in a way in which none should.
    Environment,
}

impl Status {
    /// Its name in reports that machines read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Accepted => "accepted",
            Self::New => "new",
            Self::Differs => "differs",
            Self::NotDeterministic => "not-deterministic",
            Self::Failed => "failed",
            Self::NodeFault => "node-fault",
            Self::Undecided => "undecided",
            Self::Mistake => "mistake",
            Self::Environment => "environment",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn words(self) -> String {
        self.name().replace('-', " ")
    }

    /// What the runner's exit code says of it.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Passed | Self::Accepted => Verdict::Passed,
            Self::New | Self::Differs | Self::NotDeterministic | Self::Failed => Verdict::Failed,
            Self::NodeFault => Verdict::NodeFault,
            Self::Undecided => Verdict::Undecided,
            Self::Mistake => Verdict::Mistake,
            Self::Environment => Verdict::Environment,
        }
    }

    /// Is all well?
    #[must_use]
    pub fn is_well(self) -> bool {
        self.verdict() == Verdict::Passed
    }

    /// What the end of a run says of its script, before its golden is looked at. An exit code that no run should have is
    /// nobody's finding.
    pub(super) fn of_end(end: End) -> Self {
        match end.verdict() {
            Some(Verdict::Passed) => Self::Passed,
            Some(Verdict::Failed) => Self::Failed,
            Some(Verdict::NodeFault) => Self::NodeFault,
            Some(Verdict::Undecided) => Self::Undecided,
            Some(Verdict::Mistake) => Self::Mistake,
            Some(Verdict::Environment | Verdict::Interrupted) | None => Self::Environment,
        }
    }
}

/// What became of a script.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The script.
    pub case: Case,
    /// What became of it.
    pub status: Status,
    /// How its run ended. None: it was not run to an end.
    pub end: Option<End>,
    /// How long its runs took.
    pub wall: WallTime,
    /// What is to be said of it, file by file.
    pub findings: Vec<Finding>,
    /// What its run said on standard error; empty if all is well.
    pub complaints: String,
    /// The command that accepts it, if it can be accepted.
    pub accept: Option<String>,
    /// The command that repeats it.
    pub repeat: String,
}

/// Something to be said of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file: of a golden, or the script.
    pub path: PathBuf,
    /// What is to be said.
    pub what: What,
}

/// What there is to be said of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The golden is missing.
    Missing {
        /// How many lines it would have.
        lines: usize,
    },
    /// The golden is not what was found.
    Differs(Difference),
    /// The golden is not made any more.
    NotMade,
    /// The golden cannot be compared.
    Fault(GoldenFault),
    /// The golden was written.
    Written,
    /// The golden was removed.
    Removed,
    /// A run is not as the first one.
    Varies {
        /// The number of that run, from 1.
        run: u32,
        /// What of it.
        how: Variation,
    },
    /// What else is wrong, in words.
    Trouble(String),
}

/// In what two runs of a script differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variation {
    /// In what they print.
    Text(Difference),
    /// In whether there is such a file at all, or how they end; in words.
    Words(String),
}

impl What {
    /// The sentence that says it.
    #[must_use]
    pub fn sentence(&self) -> String {
        let lines = |count: usize| format!("{count} {}", if count == 1 { "line" } else { "lines" });
        match self {
            Self::Missing { lines: count } => format!("there is no golden yet; it would have {}", lines(*count)),
            Self::Differs(_) => "golden (-) and run (+) differ".to_owned(),
            Self::NotMade => "the script makes no such snapshot any more".to_owned(),
            Self::Fault(fault) => fault.to_string(),
            Self::Written => "written".to_owned(),
            Self::Removed => "removed".to_owned(),
            Self::Varies { run, how: Variation::Text(_) } => format!("run 1 (-) and run {run} (+) differ"),
            Self::Varies { run, how: Variation::Words(words) } => format!("run 1 and run {run} differ: {words}"),
            Self::Trouble(words) => words.clone(),
        }
    }

    /// The lines that differ, if that is what is said.
    #[must_use]
    pub fn difference(&self) -> Option<&Difference> {
        match self {
            Self::Differs(difference) | Self::Varies { how: Variation::Text(difference), .. } => Some(difference),
            Self::Missing { .. }
            | Self::NotMade
            | Self::Fault(_)
            | Self::Written
            | Self::Removed
            | Self::Varies { how: Variation::Words(_), .. }
            | Self::Trouble(_) => None,
        }
    }

    /// The line of the file that is meant, if one is.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Differs(difference) => Some(difference.first_line()),
            Self::Fault(fault) => Some(fault.line()),
            Self::Missing { .. }
            | Self::NotMade
            | Self::Written
            | Self::Removed
            | Self::Varies { .. }
            | Self::Trouble(_) => None,
        }
    }

    /// Has accepting done it?
    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::Written | Self::Removed => true,
            Self::Missing { .. }
            | Self::Differs(_)
            | Self::NotMade
            | Self::Fault(_)
            | Self::Varies { .. }
            | Self::Trouble(_) => false,
        }
    }
}
