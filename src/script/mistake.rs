//! What is wrong in a script: a sentence, the place, and what would be right.
//!
//! At most [`limits::MISTAKES_SHOWN`] are kept and shown, in the order of the script; the rest are counted, and cost no
//! more than that. The text does not depend on the terminal.
//!
//! Deliberately missing: colours, and failures that are not a script's fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::base::limits;
use crate::script::excerpt::Excerpt;
use crate::script::invocation::Place;
use crate::script::names::SoughtId;
use crate::script::source::Source;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What stands beside the caret; may be empty.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
    /// Another place that explains it, and how.
    pub also: Option<(Place, String)>,
}

impl Mistake {
    /// A mistake without label, help and other place.
    #[must_use]
    pub fn new(message: impl Into<String>, place: Place) -> Self {
        Self { message: message.into(), place, label: String::new(), help: None, also: None }
    }

    /// Says something beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Points to another place as well.
    #[must_use]
    pub fn also(mut self, place: Place, what: impl Into<String>) -> Self {
        self.also = Some((place, what.into()));
        self
    }

    /// The lines that are shown with it.
    fn lines(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.place.line).chain(self.also.iter().map(|(place, _)| place.line))
    }
}

/// All mistakes of a script, with the lines that are shown: at least one.
#[derive(Clone, Debug)]
pub struct Mistakes {
    source_name: String,
    shown: Vec<Mistake>,
    count: usize,
    lines: BTreeMap<usize, String>,
}

impl Mistakes {
    /// These mistakes of that source.
    #[must_use]
    pub fn gather(source: &Source, mistakes: Vec<Mistake>) -> Self {
        let mut tally = Tally::default();
        for mistake in mistakes {
            tally.add(|| mistake);
        }
        tally.into_mistakes(source)
    }

    /// These mistakes of one line, which is typed by itself.
    #[must_use]
    pub fn of_line(source_name: &str, (number, text): (usize, &str), mistakes: Vec<Mistake>) -> Self {
        let mut gathered = Self::gather(&Source::empty(source_name), mistakes);
        gathered.lines.insert(number, text.to_owned());
        gathered
    }

    /// Those that are shown, in the order of the script.
    #[must_use]
    pub fn shown(&self) -> &[Mistake] {
        &self.shown
    }

    /// Those that are shown as text, a blank line between two, without the last line that counts them.
    #[must_use]
    pub fn reports(&self) -> String {
        let reports: Vec<_> = self.shown.iter().map(|mistake| self.report(mistake)).collect();
        reports.join("\n")
    }

    /// One mistake as text, as compilers draw it, with a line end.
    fn report(&self, mistake: &Mistake) -> String {
        let width = mistake.lines().max().map_or(1, |line| line.to_string().len());
        let mut report = title(Level::ERROR, &mistake.message);
        report.push_str(&self.origin(mistake.place, width));
        report.push_str(&self.drawing(mistake, width));
        if let Some((place, what)) = &mistake.also {
            report.push_str(&title(Level::NOTE, what));
            report.push_str(&self.origin(*place, width));
            let note = Mistake::new("", *place);
            report.push_str(&self.drawing(&note, width));
        }
        report
    }

    /// `  --> script.txt:3:5`. Written here, for the drawn line may be an excerpt, and its columns not the script's.
    fn origin(&self, place: Place, width: usize) -> String {
        let name: String =
            self.source_name.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect();
        format!("{:width$}--> {name}:{}:{}\n", "", place.line, place.column)
    }

    /// The line with its caret and label, and the help below it.
    fn drawing(&self, mistake: &Mistake, width: usize) -> String {
        let mut group = Group::with_level(Level::ERROR);
        if let Some(line) = self.lines.get(&mistake.place.line) {
            let excerpt = Excerpt::of(line, mistake.place.range());
            let label = (!mistake.label.is_empty()).then_some(mistake.label.as_str());
            let annotation = AnnotationKind::Primary.span(excerpt.marked).label(label);
            let snippet = Snippet::source(excerpt.text).line_start(mistake.place.line).annotation(annotation);
            group = group.element(snippet);
        }
        if let Some(help) = &mistake.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        if group.is_empty() {
            return String::new();
        }
        indented(&RENDERER.render(&[group]), width - mistake.place.line.to_string().len())
    }
}

/// Never narrower than what is drawn: lines are shortened before, in the same way everywhere.
const RENDERER: Renderer = Renderer::plain().term_width(10_000);

/// `error: what is wrong`.
fn title(level: Level<'_>, message: &str) -> String {
    let mut title = RENDERER.render(&[Group::with_title(level.primary_title(message))]);
    title.push('\n');
    title
}

/// Each line after `by` blanks and with a line end, so that two drawings with line numbers of different length align.
fn indented(drawing: &str, by: usize) -> String {
    drawing.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.reports())?;
        let hidden = self.count - self.shown.len();
        if hidden > 0 {
            writeln!(formatter, "{hidden} more are not shown")?;
        }
        let mistakes = if self.count == 1 { "mistake" } else { "mistakes" };
        write!(formatter, "{} {mistakes}; nothing was started", self.count)
    }
}

impl std::error::Error for Mistakes {}

/// Mistakes as they are found: the first ones are kept, the others are counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    kept: Vec<Mistake>,
    count: usize,
    /// Which of those kept are about an id that had not joined, and which id.
    unknown_ids: Vec<(usize, SoughtId)>,
}

impl Tally {
    /// Adds a mistake; it is only made if it is kept.
    pub(super) fn add(&mut self, make: impl FnOnce() -> Mistake) {
        self.count += 1;
        if self.kept.len() < limits::MISTAKES_SHOWN {
            self.kept.push(make());
        }
    }

    /// Adds a mistake about an id that has not joined.
    pub(super) fn add_unknown_id(&mut self, sought: SoughtId, make: impl FnOnce() -> Mistake) {
        if self.kept.len() < limits::MISTAKES_SHOWN {
            self.unknown_ids.push((self.kept.len(), sought));
        }
        self.add(make);
    }

    /// How many were added.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Will the next one be kept?
    pub(super) fn keeps(&self) -> bool {
        self.kept.len() < limits::MISTAKES_SHOWN
    }

    /// Gives `explain` each mistake about an id that had not joined, once it is known which ids join later.
    pub(super) fn explain_unknown_ids(&mut self, explain: impl Fn(&mut Mistake, SoughtId)) {
        for (index, sought) in self.unknown_ids.drain(..) {
            explain(&mut self.kept[index], sought);
        }
    }

    /// Those that were kept, in the order of the script.
    pub(super) fn into_kept(mut self) -> Vec<Mistake> {
        self.kept.sort_by_key(|mistake| (mistake.place.line, mistake.place.start));
        self.kept
    }

    /// All of them, with the lines of `source` that are shown.
    pub(super) fn into_mistakes(self, source: &Source) -> Mistakes {
        let count = self.count;
        let shown = self.into_kept();
        let wanted: BTreeSet<_> = shown.iter().flat_map(Mistake::lines).collect();
        let last = wanted.last().copied().unwrap_or(0);
        let lines = source
            .lines()
            .take(last)
            .filter(|line| wanted.contains(&line.number))
            .map(|line| (line.number, line.text.to_owned()))
            .collect();
        Mistakes { source_name: source.name.clone(), shown, count, lines }
    }
}
