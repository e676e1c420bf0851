//! Help at the console of a server or client by hand, made from the table of commands.

use crate::base::NodeKind;
use crate::experiment::{Function, TABLE};
use crate::script::{Command, Console, nearest};

/// What is typed for help.
pub(super) const NAME: &str = "help";

/// What a line asks about that begins with the word `help`.
pub(super) fn asked(line: &str) -> Option<&str> {
    let topic = line.trim().strip_prefix(NAME)?;
    (topic.is_empty() || topic.starts_with([' ', '\t'])).then(|| topic.trim())
}

/// Everything that can be typed at the consoles of this kind of node, one line each; or everything about one name there,
/// or about the names of two words that begin with it. Without the last line end.
///
/// # Errors
/// Nothing there has this name: what would be right.
pub(super) fn about(kind: NodeKind, topic: &str) -> Result<String, String> {
    if topic.is_empty() {
        return Ok(list(kind));
    }
    let begins = |name: &&str| *name == topic || name.split(' ').next() == Some(topic);
    let found = entries(kind).filter(|(_, console)| console.names.iter().any(begins));
    let texts: Vec<_> = found.map(|(command, console)| describe(command, console)).collect();
    if !texts.is_empty() {
        return Ok(texts.join("\n\n"));
    }
    let elsewhere = match kind {
        NodeKind::Server => NodeKind::Client,
        NodeKind::Client => NodeKind::Server,
    };
    if let Some((_, console)) = entries(elsewhere).find(|(_, console)| console.names.iter().any(begins)) {
        return Err(format!("`{topic}` is typed at the console of a {elsewhere}: {}", console.summary));
    }
    let near = nearest(topic, entries(kind).flat_map(|(_, console)| console.names.iter().copied()));
    let near = near.map_or_else(|| "`help` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
    Err(format!("there is no command `{topic}` at the console of a {kind}; {near}"))
}

/// The commands of the consoles of this kind of node, in the table's order.
fn entries(kind: NodeKind) -> impl Iterator<Item = (&'static Command<Function>, Console)> {
    let at = move |command: &'static Command<Function>| command.consoles.iter().map(move |console| (command, *console));
    TABLE.commands.iter().copied().flat_map(at).filter(move |(_, console)| console.of == kind)
}

fn list(kind: NodeKind) -> String {
    let mut rows: Vec<_> =
        entries(kind).map(|(command, console)| (command.usage_by_hand(console), console.summary)).collect();
    rows.push((format!("{NAME} [NAME]"), "Lists these, or tells more about one."));
    let width = rows.iter().map(|(usage, _)| usage.len()).max().unwrap_or(0);
    let rows: Vec<_> = rows.into_iter().map(|(usage, summary)| format!("{usage:width$}  {summary}")).collect();
    rows.join("\n")
}

fn describe(command: &Command<Function>, console: Console) -> String {
    let mut text = format!("{}\n{}", command.usage_by_hand(console), console.summary);
    if let [_, also @ ..] = console.names
        && !also.is_empty()
    {
        text.push_str(&format!("\nalso:    {}", also.join(", ")));
    }
    text.push_str(&format!("\nexample: {}", console.example_by_hand()));
    text
}
