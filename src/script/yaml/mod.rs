//! The YAML form of scripts: the same commands as in lines.
//!
//! ```text
//! cluster: {servers: 3, clients: 1, protocol: multi-paxos}
//! network:                        # carried out first
//!   - delay: [s1, s2, 50ms]
//! steps:
//!   - put: [c1, color, blue]      # what follows the name, in order
//!   - put: {client: c1, key: color, value: blue}
//!   - cut: s1 -> s3               # or as in a line
//!   - heal
//! ```
//!
//! Each step becomes a line, put together from the parts of the document, and is read as any other; what is wrong with it is
//! shown where it stands in the document. So the two forms cannot differ in what they know.
//!
//! What is guaranteed:
//! 1. A document gives the invocations that the same commands in lines give, with places in the document.
//! 2. What YAML has and scripts have no use for is refused where it stands: anchors and aliases, merge keys, tags,
//!    directives, several documents, `null`.
//! 3. Time and memory grow with the length of the document, which is at most [`limits::YAML_BYTES`].
//!
//! Deliberately missing: types. A scalar is a text as it stands, with or without quotes.

mod faults;
mod hints;
mod lines;
mod print;
mod sections;
mod steps;
mod text;
mod tree;
mod words;

use crate::base::limits;
use crate::script::invocation::Place;
use crate::script::lines::{LineParser, Script};
use crate::script::mistake::{Mistake, Mistakes, Tally};
use crate::script::remarks::Remarks;
use crate::script::source::{Line, Source};
use crate::script::table::Table;
use crate::script::yaml::lines::SourceLines;
use crate::script::yaml::tree::{Comment, Document};

pub use hints::hint_in_yaml;
pub(super) use hints::key_of;
pub(super) use print::print;
pub(super) use sections::SECTIONS;
pub use sections::SKELETON;

/// Reads a script in YAML.
///
/// # Errors
/// All mistakes of the script, if there is one.
///
/// # Panics
/// If the table is not sound.
pub(super) fn parse<F>(table: &Table<F>, source: &Source) -> Result<Script<F>, Mistakes> {
    let mut tally = Tally::default();
    if source.text().len() > limits::YAML_BYTES {
        return Err(too_long(source));
    }
    let lines = SourceLines::of(source.text());
    let Document { root, comments } = tree::read(&lines, &mut tally);
    let steps = root.map(|root| sections::compose(table, &root, &mut tally)).unwrap_or_default();
    let mut parser = LineParser::new(table);
    let mut invocations = Vec::new();
    for step in &steps {
        let line = Line::of_composed(&step.line);
        match step.is_sound {
            true => invocations.extend(parser.read_line(line, &mut tally)),
            // What it joins is known to the lines after it all the same; what is wrong with it was said.
            false => drop(parser.read_line(line, &mut Tally::default())),
        }
        if parser.ended() {
            break;
        }
    }
    if tally.count() == 0 {
        let places: Vec<_> = invocations.iter().map(|invocation| invocation.place).collect();
        let remarks = place_remarks(lines.remarks(&comments), &places);
        return Ok(Script { source_name: source.name.clone(), invocations, remarks });
    }
    tally.explain_unknown_ids(|mistake, sought| parser.explain_unknown_id(mistake, sought));
    Err(tally.into_mistakes(source))
}

/// Gives each remark to the command behind which it stands on its line, or before which it stands alone.
fn place_remarks<'c>(remarks: impl Iterator<Item = (usize, Option<&'c Comment>)>, places: &[Place]) -> Remarks {
    let mut placed = Remarks::default();
    let mut after = 0;
    for (line, comment) in remarks {
        after += places[after..].iter().take_while(|place| place.line <= line).count();
        let on_line = after.checked_sub(1).filter(|&index| places[index].line == line);
        match (comment, on_line.filter(|_| comment.is_some_and(|comment| comment.is_behind_something))) {
            (Some(comment), Some(index)) => placed.add_behind(index, &comment.text),
            (Some(comment), None) => placed.add_before(after, Some(comment.text.clone())),
            (None, _) => placed.add_before(after, None),
        }
    }
    placed
}

/// The mistake of a document that is longer than any may be.
fn too_long(source: &Source) -> Mistakes {
    let number = memchr::memchr_iter(b'\n', &source.text().as_bytes()[..limits::YAML_BYTES]).count() + 1;
    let place = Place { line: number, column: 1, start: 0, end: 0 };
    let bytes = source.text().len();
    let message = format!("the script is longer than {} bytes, and it is in YAML", limits::YAML_BYTES);
    let mistake = Mistake::new(message, place).label("the limit is reached on this line").help(format!(
        "it has {bytes} bytes; split it, or write it in lines, of which there may be {} bytes",
        limits::SCRIPT_BYTES
    ));
    Mistakes::gather(source, vec![mistake])
}
