//! The reference of commands, made from the table.

use crate::experiment::commands::{Function, TABLE, protocols_for};
use crate::protocol::{PROTOCOLS, Protocol};
use crate::script::{Command, Phase, SKELETON, hint_in_yaml, nearest};
use crate::wire::{Request, Response};

/// How many columns a line of text has.
const WIDTH: usize = 100;

/// All commands, a usage line and a sentence each.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from("Commands of a script, one a line. `master help commands NAME` says more about one.\n");
    for command in TABLE.commands {
        text.push_str(&format!("\n  {}\n      {}\n", command.usage(), command.summary));
        if !command.aliases.is_empty() {
            text.push_str(&format!("      also: {}\n", command.aliases.join(", ")));
        }
    }
    text.push_str(
        "\nA number names the node that joined under it; s1 and c1 name server 1 and client 1. After\n\
         `cluster` a number is the server or client that is asked for, and a server where it may be either.\n\
         SERVERS and NODES, and the ends of links, may be several (s1,s3), or known only when the command comes: all,\n\
         majority, minority, random, and where somebody leads leader, followers. `s1: printStore` is typed at the\n\
         console of s1: `printStore s1`. There keys and values are literals of Python: `c1: put 'a' {'x': 1}`.\n\
         `name(a, b)` is `name a b`. `#` and `//` begin a comment. Durations: 50ms, 2s, 1.5s, 10us, 1min.\n",
    );
    text.push_str(
        "In YAML: `master help yaml`, `master help commands NAME`, and `master fmt --to yaml SCRIPT` for a script that is there.\n",
    );
    text.push_str("TYPE is a message's:\n");
    for (who, types) in message_types() {
        text.push_str(&textwrap::fill(&format!("{who}: {}", types.join(", ")), wrapped()));
        text.push('\n');
    }
    text
}

/// How scripts are written in YAML.
#[must_use]
pub fn reference_of_yaml() -> String {
    format!("{YAML_BEFORE}\n{SKELETON}\n{YAML_BEHIND}")
}

const YAML_BEFORE: &str = "\
A script in YAML is told by its first line, which is `---`, `{` or one of three keys, or by its name (.yaml):
";

const YAML_BEHIND: &str = "
All keys may be left out. `protocol` and `seed` stand in `cluster`, or among the first steps. `network` has commands
about links, carried out before the steps. A step is one command:

- heal                                            the name alone
- cut: s1 -> s3                                   what follows it in a line, as a text
- put: [c1, color, blue]                          the same as a list
- put: {client: c1, key: color, value: blue}      the same by name: `master help commands put`
- crash: [s1, s2]                                 several nodes (s1,s2 in lines)
- partition: [[s1, s2], [s3]]                     groups of nodes (s1 s2 | s3)
- async: {name: a, do: {put: [c1, x, 1]}}         a command that holds another one; so does `when`
- fails: {put: [c1, x, 1]}                        a command that must fail (! put c1 x 1)
- par: [{put: [c1, x, 1]}, {put: [c2, y, 2]}]     steps that start at one instant
- at: {console: s1, line: print bc}               a line at a console (s1: print bc)

A scalar is a text as it stands. `null`, and texts with brackets, quotes, `: ` or ` #` in them, stand in quotes; keys
and values have no blanks, but at a console. `master fmt --to yaml SCRIPT` writes lines in YAML, `--to lines` YAML in
lines; docs/yaml.md says more.
";

/// The types of messages, and who sends them.
fn message_types() -> Vec<(String, Vec<&'static str>)> {
    let mut types =
        vec![("from clients".to_owned(), Request::TYPES.to_vec()), ("to clients".to_owned(), Response::TYPES.to_vec())];
    let between =
        |protocol: &Protocol| (format!("between servers of {}", protocol.name), protocol.message_types.to_vec());
    types.extend(PROTOCOLS.iter().map(between));
    types
}

/// How a list of types stands in the reference.
fn wrapped() -> textwrap::Options<'static> {
    textwrap::Options::new(WIDTH).initial_indent("  ").subsequent_indent("      ")
}

/// The types of messages, as a table in Markdown.
#[must_use]
pub fn message_types_as_markdown() -> String {
    let mut text = String::from("| messages | types |\n|---|---|\n");
    for (who, types) in message_types() {
        let types: Vec<_> = types.into_iter().map(|kind| format!("`{kind}`")).collect();
        text.push_str(&format!("| {who} | {} |\n", types.join(", ")));
    }
    text
}

/// The faults, as a table in Markdown: how each is typed, what it does, and the scripts that show it, as seen from `docs`.
#[must_use]
pub fn faults_as_markdown() -> String {
    let mut text = String::from("| command | what it does | shown by |\n|---|---|---|\n");
    for command in TABLE.commands.iter().filter(|command| is_fault(command)) {
        let scripts: Vec<_> =
            command.scripts.iter().map(|script| format!("[{script}](../scripts/{script}.txt)")).collect();
        let usage = command.usage().replace('|', "\\|");
        text.push_str(&format!("| `{usage}` | {} | {} |\n", command.summary, scripts.join("<br>")));
    }
    text
}

/// Is it something that goes wrong, or what lifts that?
fn is_fault(command: &Command<Function>) -> bool {
    command.scripts.iter().any(|script| FAULTS.iter().any(|folder| script.starts_with(folder)))
}

/// Where the scripts stand that show faults.
const FAULTS: [&str; 3] = ["network/", "process/", "disk/"];

/// Everything about one command; `None` if there is none of this name or alias, also at consoles. The first of two words
/// tells of all commands that begin with it there.
#[must_use]
pub fn reference_of(name: &str) -> Option<String> {
    if let Some(command) = TABLE.find(name) {
        return Some(describe(command));
    }
    let at_consoles = |command: &Command<Function>| command.consoles.iter().flat_map(|console| console.names);
    let begins = |known: &str| known == name || known.split(' ').next() == Some(name);
    let found = TABLE.commands.iter().filter(|command| at_consoles(command).any(|known| begins(known)));
    let texts: Vec<_> = found.map(|command| describe(command)).collect();
    if !texts.is_empty() {
        return Some(texts.join("\n"));
    }
    // `network reset`, `!put`: the name is a part of what was typed.
    let first = if name.starts_with('!') { "!" } else { name.split_once(' ')?.0 };
    TABLE.find(first).map(describe)
}

/// The name or alias of a command that is near to one that is none.
#[must_use]
pub fn nearest_command(name: &str) -> Option<&'static str> {
    nearest(name, TABLE.names())
}

fn describe(command: &Command<Function>) -> String {
    let mut text = format!("{}\n\n{}\n", command.usage(), command.summary);
    if !command.details.is_empty() {
        text.push_str(&format!("{}\n", textwrap::fill(command.details, WIDTH)));
    }
    text.push_str(&protocols_for(command));
    if !command.aliases.is_empty() {
        text.push_str(&format!("\nalso:    {}", command.aliases.join(", ")));
    }
    text.push_str(&format!("\nexample: {}\n", command.example));
    let in_yaml = hint_in_yaml(command).replace("usage: ", "in YAML: ").replace("\nexample: ", "\n         ");
    text.push_str(&format!("{in_yaml}\n"));
    for (script, label) in command.scripts.iter().zip(["see:    "].into_iter().chain(std::iter::repeat("        "))) {
        text.push_str(&format!("{label} scripts/{script}.txt\n"));
    }
    text.push_str(match command.phase {
        Phase::Setting => "\nIt stands before the first command that starts anything, and only once.\n",
        Phase::Founding => "\nIt stands before the first node joins, and only once.\n",
        Phase::Step | Phase::Operation | Phase::Passage | Phase::Block | Phase::BlockEnd | Phase::End => "",
    });
    for console in command.consoles {
        let is_of_scripts = |name: &&&str| command.names().any(|known| known == **name);
        let own: Vec<_> = console.names.iter().filter(|name| !is_of_scripts(name)).copied().collect();
        let also = if own.len() < console.names.len() { "also as" } else { "as" };
        let own = if own.is_empty() { String::new() } else { format!(", {also} {}", own.join(", ")) };
        text.push_str(&format!("\nAt the console of a {}{own}: {}\n", console.of, console.example));
    }
    text
}
