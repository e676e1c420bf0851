//! How a command is written in YAML: what every help for a mistake in one ends with.

use crate::script::table::{Command, Given, Parameter, ParameterKind, Phase};
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
pub fn hint_in_yaml<F>(command: &Command<F>) -> String {
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

/// The example of the table, as a step.
fn example<F>(command: &Command<F>) -> String {
    let name = name_of(command.name);
    let words = command.example.strip_prefix(command.name).unwrap_or_default().trim_start();
    match (command.phase, words) {
        (Phase::Block | Phase::BlockEnd, _) => PAR_EXAMPLE.to_owned(),
        (_, "") => name.to_owned(),
        (_, words) => match by_name(command, words) {
            Some(pairs) => format!("{name}: {{{}}}", pairs.join(", ")),
            None => {
                let only = match command.parameters {
                    [only] if only.kind.is_in_quotes() => words.trim_matches('"'),
                    _ => words,
                };
                format!("{name}: {}", flow_scalar(only))
            }
        },
    }
}

/// How steps are written that start at one instant.
pub(super) const PAR_EXAMPLE: &str = "par: [{put: [c1, x, 1]}, {put: [c2, x, 2]}]";

/// The words of an example with their keys, if each of several is one parameter.
fn by_name<F>(command: &Command<F>, words: &str) -> Option<Vec<String>> {
    let words: Vec<_> = words.split(' ').collect();
    let are_single = command.parameters.iter().take(words.len()).all(|parameter| parameter.kind.is_one_word());
    if words.len() < 2 && !words[0].contains('=') || words.len() > command.parameters.len() || !are_single {
        return None;
    }
    let pair = |(word, parameter): (&&str, &Parameter)| match (word.split_once('='), parameter.key()) {
        (Some((key, value)), _) if value.contains(',') => Some(format!("{key}: [{}]", value.replace(',', ", "))),
        (Some((key, value)), _) => Some(format!("{key}: {}", flow_scalar(value))),
        (None, None) if parameter.keyword().is_none() => Some(format!("{}: {}", key_of(parameter), flow_scalar(word))),
        (None, _) => None,
    };
    words.iter().zip(command.parameters).map(pair).collect()
}
