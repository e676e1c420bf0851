//! How a command is written in YAML: what every help for a mistake in one ends with.

use crate::script::table::{Command, Given, Parameter, ParameterKind};
use crate::script::yaml::steps::NAMES;
use crate::script::yaml::text::flow_scalar;

/// The key of a command that another one holds.
pub(super) const HELD_KEY: &str = "do";

/// The key of a parameter: its own, its keyword, `do` for a command that is held, or its name.
pub(in crate::script) fn key_of(parameter: &Parameter) -> String {
    match (parameter.key().or(parameter.keyword()), parameter.kind) {
        (Some(key), _) => key.to_owned(),
        (None, ParameterKind::Command(_)) => HELD_KEY.to_owned(),
        (None, _) => parameter.name.to_lowercase(),
    }
}

/// What a command is called in YAML.
pub(super) fn name_of(name: &'static str) -> &'static str {
    NAMES.iter().find(|(_, there)| *there == name).map_or(name, |(here, _)| here)
}

/// How a command is typed here, and an example.
pub(in crate::script) fn hint_in_yaml<F>(command: &Command<F>) -> String {
    format!("usage: - {}\nexample: - {}", usage(command), example(command))
}

/// `put: {client: CLIENT, key: KEY, value: VALUE}`; what may be left out stands in brackets.
fn usage<F>(command: &Command<F>) -> String {
    let name = name_of(command.name);
    let shown = |parameter: &Parameter| match parameter.kind {
        ParameterKind::Command(_) => "STEP".to_owned(),
        ParameterKind::NewOperation => parameter.name.to_uppercase(),
        ParameterKind::Condition => "A sends TYPE to B|A dies".to_owned(),
        _ => parameter.shown(),
    };
    let words: Vec<_> = command
        .parameters
        .iter()
        .map(|parameter| {
            let pair = format!("{}: {}", key_of(parameter), shown(parameter));
            match parameter.given {
                Given::Always | Given::Named(_) => pair,
                Given::Perhaps | Given::AtEnd | Given::After(_) | Given::With { .. } | Given::MayBeNamed(_) => {
                    format!("[{pair}]")
                }
            }
        })
        .collect();
    match words.as_slice() {
        [] => name.to_owned(),
        _ => format!("{name}: {{{}}}", words.join(", ")),
    }
}

/// The example of the table, as a step: what follows the name, as a text.
fn example<F>(command: &Command<F>) -> String {
    let name = name_of(command.name);
    let words = command.example.strip_prefix(command.name).unwrap_or_default().trim_start();
    match words {
        "" => name.to_owned(),
        _ => {
            let only = match command.parameters {
                [only] if only.kind.is_in_quotes() => words.trim_matches('"'),
                _ => words,
            };
            match command.parameters.iter().any(|parameter| parameter.kind.is_key_or_value()) {
                true => format!("{name}: [{}]", words.replace(' ', ", ")),
                false => format!("{name}: {}", flow_scalar(only)),
            }
        }
    }
}
