//! For programs: one object a line, for each script and then for all. docs/golden-tests.md describes the fields.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::Environment;
use crate::golden::outcome::{Finding, Outcome, What};
use crate::golden::process::End;
use crate::golden::report::Report;
use crate::golden::suite::{Course, Summary};
use crate::trace::Sink;

/// For programs.
pub struct Json {
    out: Sink,
}

impl Json {
    /// To this stream.
    #[must_use]
    pub fn new(out: Sink) -> Self {
        Self { out }
    }

    fn object(&self, object: &impl Serialize) -> Result<(), Environment> {
        self.out.line(serde_json::to_string(object).expect("texts and numbers become JSON"))?;
        self.out.flush()
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Object<'a> {
    Script {
        script: String,
        name: &'a str,
        protocol: Option<&'static str>,
        status: &'static str,
        exit_code: Option<i32>,
        wall_us: u64,
        files: Vec<FileObject>,
        stderr: &'a str,
        accept: Option<&'a str>,
        repeat: &'a str,
    },
    Summary {
        scripts: usize,
        cases: usize,
        statuses: BTreeMap<&'static str, usize>,
        unreferenced: Vec<String>,
        interrupted: bool,
        wall_us: u64,
        exit_code: u8,
    },
}

#[derive(Serialize)]
struct FileObject {
    path: String,
    finding: &'static str,
    text: String,
    line: Option<usize>,
    difference: Option<String>,
}

impl FileObject {
    fn of(Finding { path, what }: &Finding) -> Self {
        let finding = match what {
            What::Missing { .. } => "missing",
            What::Differs(_) => "differs",
            What::NotMade => "not-made",
            What::Fault(_) => "fault",
            What::Written => "written",
            What::Removed => "removed",
            What::Varies { .. } => "varies",
            What::Trouble(_) => "trouble",
        };
        Self {
            path: path.display().to_string(),
            finding,
            text: what.sentence(),
            line: what.line(),
            difference: what.difference().map(ToString::to_string),
        }
    }
}

impl Report for Json {
    fn outcome(&mut self, outcome: &Outcome) -> Result<(), Environment> {
        let Outcome { case, status, end, wall, findings, complaints, accept, repeat } = outcome;
        self.object(&Object::Script {
            script: case.script.display().to_string(),
            name: &case.name,
            protocol: case.protocol.map(|protocol| protocol.name),
            status: status.name(),
            exit_code: end.and_then(|end| match end {
                End::Code(code) => Some(code),
                End::Signal(_) => None,
            }),
            wall_us: wall.microseconds(),
            files: findings.iter().map(FileObject::of).collect(),
            stderr: complaints,
            accept: accept.as_deref(),
            repeat,
        })
    }

    fn end(&mut self, summary: &Summary) -> Result<(), Environment> {
        let Summary { scripts, cases, counts, unreferenced, wall, course } = summary;
        self.object(&Object::Summary {
            scripts: *scripts,
            cases: *cases,
            statuses: counts.iter().map(|(status, count)| (status.name(), *count)).collect(),
            unreferenced: unreferenced.iter().map(|path| path.display().to_string()).collect(),
            interrupted: *course == Course::Interrupted,
            wall_us: wall.microseconds(),
            exit_code: summary.verdict().exit_code(),
        })
    }
}
