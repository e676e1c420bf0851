//! Each fault of the table of commands is shown by a script, does something there, and stands in `docs/faults.md`.
//!
//! `ACCEPT=1 cargo test --test faults` writes the table of the documentation.

mod files;
mod library;

use std::fs;

use files::scripts;
use library::{Run, Setup};
use splitbrain::base::Verdict;
use splitbrain::cluster::InMemory;
use splitbrain::experiment::{Form, Function, TABLE, faults_as_markdown, message_types_as_markdown};
use splitbrain::protocol::{PROTOCOLS, Protocol};
use splitbrain::script::{Command, ParameterKind};
use splitbrain::trace::TraceHash;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/faults.md");
/// What stands before each table, and behind it.
const COMMANDS: &str = "<!-- the table of commands -->\n";
const TYPES: &str = "<!-- the table of types -->\n";
const END: &str = "<!-- its end -->\n";

#[test]
fn the_documentation_has_the_tables() {
    for (begin, table) in [(COMMANDS, faults_as_markdown()), (TYPES, message_types_as_markdown())] {
        let page = fs::read_to_string(PAGE).expect("the page");
        let (before, rest) = page.split_once(begin).expect("where the table begins");
        let (found, after) = rest.split_once(END).expect("where it ends");
        if std::env::var_os("ACCEPT").is_some_and(|value| value == "1") {
            fs::write(PAGE, format!("{before}{begin}{table}{END}{after}")).expect("the page is written");
        } else {
            assert_eq!(found, table, "`ACCEPT=1 cargo test --test faults` writes it");
        }
    }
}

/// Is this line of a script one that gives this command, or holds one that does?
fn gives(command: &Command<Function>, line: &str) -> bool {
    let name_of = |text: &str| text.split([' ', '(']).next().unwrap_or_default().to_owned();
    let held = line.rsplit_once(": ").map(|(_, held)| name_of(held));
    let names: Vec<_> = held.into_iter().chain([name_of(line)]).collect();
    !line.starts_with('#') && command.names().any(|known| names.iter().any(|name| name == known))
}

/// The words of which a fault is one: `lie`, `torn`, …
fn choices(command: &Command<Function>) -> Vec<&'static str> {
    let words = |kind: &ParameterKind| match kind {
        ParameterKind::Choice(choices) => choices.iter().map(|choice| choice.word).collect(),
        ParameterKind::Groups(shapes) => shapes.to_vec(),
        _ => Vec::new(),
    };
    command.parameters.iter().flat_map(|parameter| words(&parameter.kind)).collect()
}

fn text_of(script: &str) -> String {
    let path = format!("{script}.txt");
    let found = scripts().into_iter().find(|(known, _)| known.display().to_string() == path);
    found.unwrap_or_else(|| panic!("there is no script {path}")).1
}

#[test]
fn every_kind_of_a_fault_has_a_script_that_gives_it() {
    for command in TABLE.commands.iter().filter(|command| !command.scripts.is_empty()) {
        let texts: Vec<_> = command.scripts.iter().map(|script| text_of(script)).collect();
        for (script, text) in command.scripts.iter().zip(&texts) {
            assert!(text.lines().any(|line| gives(command, line)), "{script} gives no `{}`", command.name);
        }
        let lines: Vec<_> = texts.iter().flat_map(|text| text.lines()).filter(|line| gives(command, line)).collect();
        for word in choices(command) {
            let is_shown = lines.iter().any(|line| line.split([' ', '(', ')', ',']).any(|found| found == word));
            assert!(is_shown, "no script of `{}` gives `{word}`", command.name);
        }
    }
}

/// What a script does, without the lines that only repeat a command.
fn effects(text: &str, without: &Command<Function>) -> (Verdict, Vec<String>) {
    let is_named = |protocol: &&Protocol| text.contains(&format!("protocol={}", protocol.name));
    let protocol = PROTOCOLS.iter().find(is_named).unwrap_or(&PROTOCOLS[0]);
    let setup = Setup { protocol, form: Form::Transcript, spawner: InMemory };
    let Run { verdict, out, err } = library::run(text, setup, Vec::<TraceHash>::new());
    assert!(!err.contains("error:"), "{err}");
    let is_echo = |line: &str| line.split_once(' ').is_some_and(|(_, command)| gives(without, command));
    // That it did nothing, and that there was nothing to lift, are said where it did nothing.
    let is_warning = |line: &str| line.starts_with("         ! ");
    (verdict, out.lines().filter(|line| !is_echo(line) && !is_warning(line)).map(str::to_owned).collect())
}

/// A fault that is read and does nothing would leave the rest of the transcript as it is without it.
#[test]
fn every_fault_does_something_in_its_scripts() {
    let mut compared = 0;
    for command in TABLE.commands.iter().filter(|command| !command.scripts.is_empty()) {
        // Without half of a block or of a name, those scripts are none.
        for script in command.scripts.iter().filter(|script| !script.starts_with("concurrency/")) {
            let text = text_of(script);
            let without: String =
                text.lines().filter(|line| !gives(command, line)).map(|line| format!("{line}\n")).collect();
            assert_ne!(effects(&text, command), effects(&without, command), "`{}` in {script}", command.name);
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared} were compared");
}
