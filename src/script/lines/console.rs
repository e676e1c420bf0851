//! Lines that are typed at the console of a node: `s1: printStore` is `printStore s1`.

use crate::base::NodeName;
use crate::base::identity::parse_number;
use crate::script::invocation::{Argument, NodeReference};
use crate::script::links::{End, Links};
use crate::script::mistake::{Mistake, Tally};
use crate::script::source::Line;
use crate::script::table::Command;
use crate::script::targets::Target;
use crate::script::words::{Head, Word};

/// The node at whose console a line is typed, and the name of the command behind it.
pub(super) fn take_console<'l>(
    line: Line<'l>,
    head: Head<'l>,
    tally: &mut Tally,
) -> Option<(Option<Word<'l>>, Head<'l>)> {
    let Some((id, _)) = head.name.split_once(':').filter(|(id, _)| is_id(id)) else { return Some((None, head)) };
    let start = head.range.start;
    let console = Word { text: id, range: start..start + id.len(), unquoted: None };
    let behind = Head::behind(line.text, console.range.end + 1);
    if behind.is_none() {
        tally.add(|| {
            Mistake::new(format!("`{id}:` must be followed by a command"), line.place(head.range.clone()))
                .label("a command is expected behind this")
                .help("what follows is typed at the console of that node: `s1: printStore`")
        });
    }
    Some((Some(console), behind?))
}

/// Is the word an id of a node, or meant as one?
fn is_id(word: &str) -> bool {
    parse_number(word).is_some() || word.parse::<NodeName>().is_ok()
}

/// Only some commands can be typed at a node's console.
pub(super) fn check_console<F>(command: &Command<F>, (line, console): (Line<'_>, &Word<'_>), tally: &mut Tally) {
    if command.console.is_none() {
        tally.add(|| {
            let message = format!("`{}` cannot be typed at the console of a node", command.name);
            Mistake::new(message, line.place(console.range.start..console.range.end + 1))
                .label("remove this")
                .help(command.hint())
        });
    }
}

/// The commands of servers' consoles are not those of clients'. Of most commands the first word tells which it is; of
/// those that name links it does not.
pub(super) fn check_kind_of_console<F>(
    command: &Command<F>,
    node: NodeName,
    (line, console): (Line<'_>, &Word<'_>),
    tally: &mut Tally,
) {
    if let Some(kind) = command.console.filter(|kind| *kind != node.kind) {
        tally.add(|| {
            let message =
                format!("`{}` is typed at the console of a {kind}, and {node} is a {}", command.name, node.kind);
            Mistake::new(message, line.place(console.range.clone()))
                .label(format!("a {}", node.kind))
                .help(command.hint())
        });
    }
}

/// The node that stands first in an argument.
pub(super) fn first_node(argument: &Argument) -> Option<NodeReference> {
    let first_of = |targets: &[Target]| match targets.first() {
        Some(Target::Node(reference)) => Some(reference.clone()),
        Some(Target::Role(_)) | None => None,
    };
    match argument {
        Argument::Node(reference) => Some(reference.clone()),
        Argument::Targets(targets) => first_of(targets),
        Argument::Links(Links { from: End::Nodes(targets), .. }) => first_of(targets),
        _ => None,
    }
}
