//! For CI systems: the XML of JUnit, with a test case for each script, and each of several protocols.

use std::path::{Path, PathBuf};

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::base::{Environment, Verdict};
use crate::golden::folder::write_whole;
use crate::golden::outcome::{Finding, Outcome};
use crate::golden::report::Report;
use crate::golden::suite::Summary;

/// What the suite is called.
const NAME: &str = "splitbrain";

/// For CI systems, into a file.
pub struct Junit {
    path: PathBuf,
    suite: TestSuite,
}

impl Junit {
    /// Into this file, whose folder is there. It is written at the end.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, suite: TestSuite::new(NAME) }
    }
}

impl Report for Junit {
    fn outcome(&mut self, outcome: &Outcome) -> Result<(), Environment> {
        let Outcome { case, status, wall, complaints, .. } = outcome;
        let (folder, name) = case.name.rsplit_once('/').unwrap_or(("", &case.name));
        let mut test = TestCase::new(name, status_of(outcome));
        // A class name is never empty: some readers leave such a case out.
        test.set_classname(if folder.is_empty() { NAME } else { folder }).set_time((*wall).into());
        test.add_property(("script", case.script.display().to_string().as_str()));
        if let Some(protocol) = case.protocol {
            test.add_property(("protocol", protocol.name));
        }
        if !status.is_well() && !complaints.is_empty() {
            test.set_system_err(complaints.as_str());
        }
        self.suite.add_test_case(test);
        Ok(())
    }

    fn end(&mut self, summary: &Summary) -> Result<(), Environment> {
        for path in &summary.unreferenced {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message("no script makes this golden").set_type("unreferenced");
            let mut test = TestCase::new(path.display().to_string(), status);
            test.set_classname("unreferenced");
            self.suite.add_test_case(test);
        }
        self.suite.set_time(summary.wall.into());
        let mut report = quick_junit::Report::new(NAME);
        report.set_time(summary.wall.into()).add_test_suite(self.suite.clone());
        let attempt = || format!("write {} as XML", self.path.display());
        let text = report.to_string().map_err(std::io::Error::other).map_err(Environment::while_trying(attempt))?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        write_whole(folder, &name, &text)
    }
}

/// A finding is a failure; what says nothing about the script is an error.
fn status_of(outcome: &Outcome) -> TestCaseStatus {
    let kind = match outcome.status.verdict() {
        Verdict::Passed => return TestCaseStatus::success(),
        Verdict::Failed | Verdict::NodeFault => NonSuccessKind::Failure,
        Verdict::Undecided | Verdict::Environment | Verdict::Interrupted | Verdict::Mistake => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    let mut text = String::new();
    for Finding { path, what } in &outcome.findings {
        text.push_str(&format!("{}: {}\n", path.display(), what.sentence()));
        text.push_str(&what.difference().map(ToString::to_string).unwrap_or_default());
    }
    // Many readers show the message, and nothing else.
    let cause = text.lines().chain(outcome.complaints.lines()).find(|line| !line.trim().is_empty());
    let words = outcome.status.words();
    let message = cause.map_or_else(|| words.clone(), |cause| format!("{words}: {cause}"));
    text.extend(outcome.accept.iter().map(|accept| format!("accept: {accept}\n")));
    text.push_str(&format!("repeat: {}\n", outcome.repeat));
    status.set_message(message).set_type(outcome.status.name()).set_description(text);
    status
}
