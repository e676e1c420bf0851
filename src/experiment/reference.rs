//! The reference of commands, made from the table.

use crate::experiment::commands::{Function, TABLE, protocols_for};
use crate::script::{Command, Phase};

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
         majority, minority, random. `s1: printStore` is typed at the console of s1: `printStore s1`. There keys and\n\
         values are literals of Python: `c1: put 'a' {'x': 1}`.\n\
         TYPE is a message's: from clients read, write; to them read_ok, write_ok, error; between servers of gossip\n\
         write, stabilize. `name(a, b)` is `name a b`. `#` and `//` begin a comment. Durations: 50ms, 2s, 1.5s, 10us, 1min.\n",
    );
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

/// Everything about one command; `None` if there is none of this name or alias.
#[must_use]
pub fn reference_of(name: &str) -> Option<String> {
    TABLE.find(name).map(describe)
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
    for (script, label) in command.scripts.iter().zip(["see:    "].into_iter().chain(std::iter::repeat("        "))) {
        text.push_str(&format!("{label} scripts/{script}.txt\n"));
    }
    text.push_str(match command.phase {
        Phase::Setting => "\nIt stands before the first command that starts anything, and only once.\n",
        Phase::Founding => "\nIt stands before the first node joins, and only once.\n",
        Phase::Step | Phase::Operation | Phase::Passage | Phase::Block | Phase::BlockEnd | Phase::End => "",
    });
    if let Some(console) = command.console {
        let also = match console.also {
            [] => String::new(),
            also => format!(", also as {}", also.join(", ")),
        };
        text.push_str(&format!("\nAt the console of a {}{also}: {}\n", console.of, console.example));
    }
    text
}
