//! For people: a line for each script, then everything that is not well, then how many of each.

use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use crate::base::limits::UNREFERENCED_SHOWN;
use crate::base::{Environment, quoted};
use crate::golden::case::Case;
use crate::golden::difference::{Difference, Side};
use crate::golden::lines::visible_text;
use crate::golden::outcome::{Finding, Outcome, Status};
use crate::golden::report::Report;
use crate::golden::suite::{Course, Summary};
use crate::trace::Sink;

/// How wide the column of what became of scripts is.
const STATUS_WIDTH: usize = 9;
/// How wide the column of their names is at most.
const NAME_WIDTH: usize = 80;
/// How many of the first, and of the last lines on standard error are shown.
const COMPLAINTS_SHOWN: usize = 20;

const BOLD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();

/// For people.
pub struct Human {
    out: Sink,
    name_width: usize,
    /// What is to be said at the end of scripts that are not well.
    troubles: Vec<String>,
}

impl Human {
    /// To this stream, with the escapes of colours; the stream removes them if it wants none.
    #[must_use]
    pub fn new(out: Sink) -> Self {
        Self { out, name_width: 0, troubles: Vec::new() }
    }
}

impl Report for Human {
    fn begin(&mut self, cases: &[Case]) -> Result<(), Environment> {
        let widths = cases.iter().map(|case| case.name.chars().count());
        self.name_width = widths.max().unwrap_or(0).min(NAME_WIDTH);
        Ok(())
    }

    fn outcome(&mut self, outcome: &Outcome) -> Result<(), Environment> {
        let Outcome { case, status, wall, findings, .. } = outcome;
        let style = style_of(*status);
        let word = if *status == Status::Passed { "ok".to_owned() } else { status.words() };
        let name_width = self.name_width;
        self.out.line(format_args!("{style}{word:STATUS_WIDTH$}{style:#} {:name_width$}  {wall}", case.name))?;
        for Finding { path, what } in findings.iter().filter(|finding| finding.what.is_done()) {
            self.out.line(format_args!("{:STATUS_WIDTH$} {} {}", "", what.sentence(), path.display()))?;
        }
        if !status.is_well() {
            self.troubles.push(trouble(outcome));
        }
        self.out.flush()
    }

    fn end(&mut self, summary: &Summary) -> Result<(), Environment> {
        for trouble in &self.troubles {
            self.out.line(format_args!("\n{}", trouble.trim_end()))?;
        }
        if !summary.unreferenced.is_empty() {
            self.out.line(format_args!("\n{}", orphans(&summary.unreferenced).trim_end()))?;
        }
        self.out.line(format_args!("\n{}", total(summary)))?;
        self.out.flush()
    }
}

fn style_of(status: Status) -> Style {
    match status {
        Status::Passed => GOOD,
        Status::New | Status::Accepted => NEW,
        Status::Differs
        | Status::NotDeterministic
        | Status::Failed
        | Status::NodeFault
        | Status::Undecided
        | Status::Mistake
        | Status::Environment => BAD,
    }
}

/// Everything about a script that is not well.
fn trouble(outcome: &Outcome) -> String {
    let Outcome { case, status, findings, complaints, accept, repeat, .. } = outcome;
    let mut text = format!("{BOLD}{}: {}{BOLD:#}\n", status.words(), case.shown());
    for line in bounded(visible_text(complaints)) {
        text.push_str(&format!("  {FAINT}|{FAINT:#} {line}\n"));
    }
    for Finding { path, what } in findings.iter().filter(|finding| !finding.what.is_done()) {
        text.push_str(&format!("  {}: {}\n", path.display(), what.sentence()));
        text.push_str(&what.difference().map(coloured).unwrap_or_default());
    }
    if let Some(accept) = accept {
        text.push_str(&format!("  accept: {accept}\n"));
    }
    text.push_str(&format!("  repeat: {repeat}\n"));
    text
}

/// The first lines and the last.
fn bounded(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(2 * COMPLAINTS_SHOWN);
    if more > 1 {
        lines.splice(COMPLAINTS_SHOWN..COMPLAINTS_SHOWN + more, [format!("… {more} more lines")]);
    }
    lines
}

fn coloured(difference: &Difference) -> String {
    let mut text = String::new();
    for hunk in &difference.hunks {
        text.push_str(&format!("  {FAINT}{}{FAINT:#}\n", hunk.header()));
        for line in &hunk.lines {
            let style = match line.side {
                Side::Both => Style::new(),
                Side::Golden => BAD,
                Side::Found => GOOD,
                Side::Aside | Side::Remark => FAINT,
            };
            text.push_str(&format!("  {style}{}{}{style:#}\n", line.side.mark(), line.text));
        }
    }
    if let Some(rest) = difference.rest() {
        text.push_str(&format!("  {rest}\n"));
    }
    text
}

/// Goldens that no script makes, and how to remove them.
fn orphans(unreferenced: &[PathBuf]) -> String {
    let mut text = format!("{BOLD}goldens that no script makes:{BOLD:#}\n");
    let shown = &unreferenced[..unreferenced.len().min(UNREFERENCED_SHOWN)];
    // A shell takes it for a comment: the command that is shown is whole.
    let (more, comment) = match unreferenced.len() - shown.len() {
        0 => (String::new(), String::new()),
        more => (format!("  … and {more} more\n"), format!(" # and {more} more")),
    };
    for path in shown {
        text.push_str(&format!("  {}\n", path.display()));
    }
    let paths: Vec<_> = shown.iter().map(|path| quoted(path)).collect();
    text.push_str(&format!("{more}  remove: rm {}{comment}\n", paths.join(" ")));
    text
}

/// `37 scripts: 35 passed, 1 differs, 1 new`; `37 scripts, 40 cases: …` where scripts are for several protocols.
fn total(summary: &Summary) -> String {
    let Summary { scripts, cases, counts, unreferenced, wall, course } = summary;
    let mut parts: Vec<_> = counts.iter().map(|(status, count)| format!("{count} {}", status.words())).collect();
    let told: usize = counts.values().sum();
    match course {
        Course::Interrupted => parts.push(format!("interrupted, {} not told of", cases - told)),
        Course::Whole if parts.is_empty() => parts.push("nothing to do".to_owned()),
        Course::Whole => {}
    }
    match unreferenced.len() {
        0 => {}
        1 => parts.push("1 golden that no script makes".to_owned()),
        count => parts.push(format!("{count} goldens that no script makes")),
    }
    let noun = if *scripts == 1 { "script" } else { "scripts" };
    let cases = if cases == scripts { String::new() } else { format!(", {cases} cases") };
    format!("{scripts} {noun}{cases}: {} ({wall})", parts.join(", "))
}
