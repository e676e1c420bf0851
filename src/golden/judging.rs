//! One script: its runs against each other, and against its golden.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use crate::base::{Environment, quoted};
use crate::golden::case::{Case, TRANSCRIPT};
use crate::golden::comparison::{Comparison, Golden, GoldenFault, accepted, compare};
use crate::golden::difference::Difference;
use crate::golden::discovery::Selection;
use crate::golden::folder::{Locked, golden_files};
use crate::golden::mode::Mode;
use crate::golden::outcome::{Finding, Outcome, Status, Variation, What};
use crate::golden::process::{End, Files, Run, Runs};
use crate::golden::wall::WallTime;

/// Judges scripts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judge<'a> {
    pub(super) selection: &'a Selection,
    pub(super) runs: &'a Runs,
    pub(super) mode: Mode,
    pub(super) repeat: NonZeroU32,
    /// Where snapshots of runs go on their way.
    pub(super) temporary: &'a Path,
}

impl Judge<'_> {
    /// Runs a script, and judges it. `position` is its own among all scripts.
    pub(super) fn judge(&self, case: &Case, position: usize) -> Outcome {
        let mut outcome = Outcome {
            case: case.clone(),
            status: Status::Passed,
            end: None,
            wall: WallTime::default(),
            findings: Vec::new(),
            complaints: String::new(),
            accept: None,
            repeat: format!("master -v {}", case.words()),
        };
        if let Err(failure) = self.judge_into(&mut outcome, position) {
            outcome.status = Status::Environment;
            outcome.findings.push(trouble(&case.script, failure.to_string()));
        }
        outcome
    }

    fn judge_into(&self, outcome: &mut Outcome, position: usize) -> Result<(), Environment> {
        let first = self.run(outcome, position, 1)?;
        outcome.end = Some(first.end);
        for number in 2..=self.repeat.get() {
            let run = self.run(outcome, position, number)?;
            let varies = variations(&outcome.case, &first, &run);
            if !varies.is_empty() {
                outcome.status = Status::NotDeterministic;
                let say = |(path, how)| Finding { path, what: What::Varies { run: number, how } };
                outcome.findings.extend(varies.into_iter().map(say));
                outcome.complaints = own_complaints(if first.end == End::Code(0) { &run } else { &first });
                outcome.repeat = self.command(&outcome.case, &format!("--repeat {}", self.repeat));
                return Ok(());
            }
        }
        outcome.status = Status::of_end(first.end);
        if outcome.status == Status::Passed {
            return self.judge_files(outcome, &first.files);
        }
        outcome.complaints = own_complaints(&first);
        outcome.findings.extend(explain_end(&outcome.case.script, first.end));
        self.show_departure(outcome, &first.files)
    }

    fn run(&self, outcome: &mut Outcome, position: usize, number: u32) -> Result<Run, Environment> {
        let run = self.runs.run(&outcome.case, &self.temporary.join(format!("{position}-{number}")))?;
        outcome.wall = outcome.wall + run.wall;
        Ok(run)
    }

    /// A run that did not pass is not held against its golden; where it departs from it is evidence.
    fn show_departure(&self, outcome: &mut Outcome, files: &Files) -> Result<(), Environment> {
        match outcome.status {
            Status::Failed | Status::NodeFault | Status::Undecided => {}
            Status::Mistake | Status::Environment => return Ok(()),
            Status::Passed | Status::Accepted | Status::New | Status::Differs | Status::NotDeterministic => {
                unreachable!("the run has not passed")
            }
        }
        let differs = findings(&outcome.case, files)?.into_iter().filter(|finding| match finding.what {
            What::Differs(_) => true,
            What::Missing { .. }
            | What::NotMade
            | What::Fault(_)
            | What::Written
            | What::Removed
            | What::Varies { .. }
            | What::Trouble(_) => false,
        });
        outcome.findings.extend(differs);
        Ok(())
    }

    fn judge_files(&self, outcome: &mut Outcome, files: &Files) -> Result<(), Environment> {
        let findings = findings(&outcome.case, files)?;
        let is_trouble = |finding: &Finding| matches!(finding.what, What::Trouble(_));
        outcome.status = match findings.as_slice() {
            [] => return Ok(()),
            some if some.iter().any(is_trouble) => Status::Failed,
            [one, ..] if matches!(one.what, What::Missing { .. }) && golden_files(&outcome.case.golden)?.is_empty() => {
                Status::New
            }
            _ => Status::Differs,
        };
        match self.mode {
            Mode::Accept(_) if outcome.status != Status::Failed => self.accept(outcome, &findings, files),
            Mode::Accept(_) | Mode::Compare => {
                if outcome.status != Status::Failed {
                    // What holds the run against its golden again; without that a run has nothing to fail by.
                    outcome.repeat = self.command(&outcome.case, "");
                    let is_by_hand = |finding: &Finding| matches!(finding.what, What::Fault(GoldenFault::Holes(_)));
                    let accept = || self.command(&outcome.case, "--accept");
                    outcome.accept = (!findings.iter().any(is_by_hand)).then(accept);
                }
                outcome.findings.extend(findings);
                Ok(())
            }
        }
    }

    /// Writes and removes what is not as this run has it.
    fn accept(&self, outcome: &mut Outcome, findings: &[Finding], files: &Files) -> Result<(), Environment> {
        let folder = Locked::acquire(&outcome.case.golden, &self.runs.roster)?;
        outcome.status = Status::Accepted;
        for Finding { path, what } in findings {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a golden has a name");
            let what = match files.get(name) {
                None => {
                    folder.remove(name)?;
                    What::Removed
                }
                Some(bytes) => match accepted(&read(path)?, text(bytes).expect("it was compared")) {
                    Ok(text) => {
                        folder.write(name, &text)?;
                        What::Written
                    }
                    Err(fault) => {
                        outcome.status = Status::Differs;
                        // A fault would be said twice.
                        if !matches!(what, What::Fault(_)) {
                            outcome.findings.push(Finding { path: path.clone(), what: what.clone() });
                        }
                        cannot_be_accepted(fault)
                    }
                },
            };
            outcome.findings.push(Finding { path: path.clone(), what });
        }
        Ok(())
    }

    /// The command line that runs the script again.
    fn command(&self, case: &Case, options: &str) -> String {
        let mut command = "master test".to_owned();
        let Selection { scripts, snapshots, .. } = self.selection;
        for (folder, name) in [(scripts, SCRIPTS), (snapshots, SNAPSHOTS)] {
            if folder != Path::new(name) {
                command.push_str(&format!(" --{name} {}", quoted(folder)));
            }
        }
        format!("{command} {} {options}", case.words()).trim_end().to_owned()
    }
}

/// The folder of all scripts, and the option that names another.
pub const SCRIPTS: &str = "scripts";
/// The folder of all goldens, and the option that names another.
pub const SNAPSHOTS: &str = "snapshots";

fn cannot_be_accepted(fault: GoldenFault) -> What {
    match fault {
        GoldenFault::Holes(fault) => What::Fault(GoldenFault::Holes(fault)),
        GoldenFault::ConflictMarkers { .. } | GoldenFault::NotUtf8 { .. } | GoldenFault::LineEnds => What::Trouble(
            format!("the holes of a golden are kept when it is accepted, and this one cannot be read: {fault}"),
        ),
    }
}

fn trouble(path: &Path, words: String) -> Finding {
    Finding { path: path.to_owned(), what: What::Trouble(words) }
}

/// What a run says on standard error, without how it would be repeated and what it accepted: those are the runner's to say.
fn own_complaints(run: &Run) -> String {
    const NOT_ITS_OWN: [&str; 2] = ["repeat: ", "accepted: "];
    let text = run.complaints.text();
    text.split_inclusive('\n').filter(|line| !NOT_ITS_OWN.iter().any(|start| line.starts_with(start))).collect()
}

/// What nothing on standard error says about the end of a run.
fn explain_end(script: &Path, end: End) -> Option<Finding> {
    match end {
        End::Signal(signal) => Some(trouble(script, format!("the run was killed by signal {signal}"))),
        End::Code(code) if end.verdict().is_none() => {
            Some(trouble(script, format!("the run ended with the exit code {code}, which is a bug of splitbrain")))
        }
        End::Code(_) => None,
    }
}

/// What is to be said of each file of a golden, the transcript's first.
fn findings(case: &Case, files: &Files) -> Result<Vec<Finding>, Environment> {
    let mut findings = Vec::new();
    let (transcript, snapshots): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| *name == TRANSCRIPT);
    for (name, bytes) in transcript.into_iter().chain(snapshots) {
        let path = case.golden.join(name);
        let found = match text(bytes) {
            Ok(found) => found,
            Err(words) => {
                findings.push(trouble(&path, words.to_owned()));
                continue;
            }
        };
        let what = match read(&path)? {
            Golden::Absent => What::Missing { lines: found.lines().count() },
            Golden::Bytes(golden) => match compare(&golden, found) {
                Comparison::Same => continue,
                Comparison::Differs(difference) => What::Differs(difference),
                Comparison::Fault(fault) => What::Fault(fault),
            },
        };
        findings.push(Finding { path, what });
    }
    let made = |name: &String| files.contains_key(name);
    let not_made = golden_files(&case.golden)?.into_iter().filter(|name| !made(name));
    findings.extend(not_made.map(|name| Finding { path: case.golden.join(name), what: What::NotMade }));
    Ok(findings)
}

/// What a run made, if it can be a golden.
fn text(bytes: &Option<Vec<u8>>) -> Result<&str, &'static str> {
    let bytes = bytes.as_ref().ok_or("the run printed more than a golden may hold, which is 64 MiB")?;
    std::str::from_utf8(bytes).map_err(|_| "what the run printed is not UTF-8, and a golden is")
}

fn read(path: &Path) -> Result<Golden, Environment> {
    Golden::read(path).map_err(Environment::while_trying(|| format!("read the golden {}", path.display())))
}

/// In what a run differs from the first.
fn variations(case: &Case, first: &Run, run: &Run) -> Vec<(PathBuf, Variation)> {
    let mut variations = Vec::new();
    if first.end != run.end {
        let words = format!("the one {}, the other {}", first.end, run.end);
        variations.push((case.script.clone(), Variation::Words(words)));
    }
    for name in first.files.keys().chain(run.files.keys().filter(|name| !first.files.contains_key(*name))) {
        let how = match (first.files.get(name), run.files.get(name)) {
            (Some(one), Some(other)) if one == other => continue,
            (Some(one), Some(other)) => match (text(one), text(other)) {
                (Ok(one), Ok(other)) => Difference::between(one, other).map(Variation::Text),
                (Err(_), _) | (_, Err(_)) => Some(Variation::Words("what they print is no text to compare".to_owned())),
            },
            (None, _) | (_, None) => Some(Variation::Words("only one of them makes this snapshot".to_owned())),
        };
        variations.extend(how.map(|how| (case.golden.join(name), how)));
    }
    variations
}
