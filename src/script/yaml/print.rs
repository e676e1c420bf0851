//! A script written in YAML, so that reading it gives the same script.

use crate::base::NodeName;
use crate::script::invocation::{Argument, Invocation};
use crate::script::lines::Script;
use crate::script::table::{Given, ParameterKind, Phase};
use crate::script::yaml::hints::{key_of, name_of};
use crate::script::yaml::sections::SECTIONS;
use crate::script::yaml::steps::{AT, AT_KEYS};
use crate::script::yaml::text::flow_scalar;

/// Writes a script as a document.
pub(in crate::script) fn print<F>(script: &Script<F>) -> String {
    let mut printer = Printer { text: String::new(), indent: 0 };
    let [cluster, _, steps] = SECTIONS;
    let mut rest = script.invocations.iter().enumerate().peekable();
    printer.remarks(script, 0);
    if let Some((_, founding)) = rest.next_if(|(_, first)| first.typed_name == cluster && first.console.is_none()) {
        let behind = script.remarks.behind(0);
        printer.line(&format!("{cluster}: {}{behind}", pairs(founding)));
    }
    // Without it a comment at the beginning would be all that tells what the script is.
    if rest.peek().is_none() {
        printer.line(&format!("{steps}: []"));
    } else {
        printer.line(&format!("{steps}:"));
    }
    printer.indent = 1;
    for (index, invocation) in rest {
        if index > 0 {
            printer.remarks(script, index);
        }
        let behind = script.remarks.behind(index);
        match invocation.command.phase {
            Phase::Block => {
                printer.line(&format!("- {}:{behind}", invocation.typed_name));
                printer.indent += 2;
            }
            // The list ends by itself; a comment at its end stands alone.
            Phase::BlockEnd => {
                printer.indent -= 2;
                if !behind.is_empty() {
                    printer.line(behind.trim_start());
                }
            }
            _ => printer.line(&format!("- {}{behind}", step(invocation))),
        }
    }
    if !script.invocations.is_empty() {
        printer.remarks(script, script.invocations.len());
    }
    printer.text
}

/// Writes lines with their indentation.
struct Printer {
    text: String,
    /// In steps of two blanks.
    indent: usize,
}

impl Printer {
    fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(&"  ".repeat(self.indent));
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn remarks<F>(&mut self, script: &Script<F>, index: usize) {
        script.remarks.before(index).for_each(|line| self.line(&line));
    }
}

/// A step, without the mark of a list.
fn step<F>(invocation: &Invocation<F>) -> String {
    if let Some(console) = &invocation.console {
        let line = invocation.canonical();
        let (node, typed) = line.split_once(": ").unwrap_or((&line, ""));
        debug_assert!(console.canonical() == node || node.parse::<NodeName>().is_ok(), "{line}");
        let [console, line] = AT_KEYS;
        return format!("{AT}: {{{console}: {node}, {line}: {}}}", flow_scalar(typed));
    }
    let name = name_of(invocation.typed_name);
    match arguments(invocation) {
        None => name.to_owned(),
        Some(arguments) => format!("{name}: {arguments}"),
    }
}

/// What follows the name, if anything does.
fn arguments<F>(invocation: &Invocation<F>) -> Option<String> {
    let given: Vec<_> = given(invocation).collect();
    match given.as_slice() {
        [] => None,
        [only] if only.kind.is_held() => Some(held(invocation)),
        _ if given.iter().any(|one| one.given.is_named() || one.kind.is_held()) => Some(pairs(invocation)),
        [only] if only.kind.is_in_quotes() || only.kind.is_key_or_value() => Some(flow_scalar(&only.text)),
        [only] if matches!(only.kind, ParameterKind::Ranked(..)) && only.text.contains(' ') => {
            Some(list(only.text.split(' ')))
        }
        _ if given.iter().any(|one| one.kind.is_in_quotes()) => Some(pairs(invocation)),
        _ if given.iter().any(|one| one.kind.is_key_or_value()) => {
            Some(list(given.iter().map(|one| one.text.as_str())))
        }
        // Words that say something only together read best as they stand in a line.
        _ if given.iter().any(|one| one.keyword.is_some() || !is_simple(one)) => {
            let words: Vec<_> =
                given.iter().flat_map(|one| one.keyword.into_iter().chain([one.text.as_str()])).collect();
            Some(flow_scalar(&words.join(" ")))
        }
        _ => {
            let words: Vec<_> = given.iter().flat_map(|one| one.text.split([' ', ','])).collect();
            if let [only] = words.as_slice() { Some(flow_scalar(only)) } else { Some(list(words.iter().copied())) }
        }
    }
}

/// An argument that was given.
struct GivenArgument {
    key: String,
    keyword: Option<&'static str>,
    given: Given,
    kind: ParameterKind,
    /// As YAML has it, but for quotes; empty for a command that is held.
    text: String,
}

fn given<F>(invocation: &Invocation<F>) -> impl Iterator<Item = GivenArgument> {
    invocation.command.parameters.iter().zip(&invocation.arguments).filter_map(|(parameter, argument)| {
        let text = match (argument, parameter.kind) {
            (Argument::Absent, _) => return None,
            (Argument::Held, _) => String::new(),
            (Argument::Text(text), kind) if kind.is_in_quotes() => text.clone(),
            (Argument::Text(name), ParameterKind::NewOperation) => name.clone(),
            (argument, kind) => argument.canonical(&kind).unwrap_or_default(),
        };
        let text =
            if let ParameterKind::Condition = parameter.kind { text.trim_end_matches(':').to_owned() } else { text };
        let (key, keyword) = (key_of(parameter), parameter.keyword());
        Some(GivenArgument { key, keyword, given: parameter.given, kind: parameter.kind, text })
    })
}

/// The step that another one holds.
fn held<F>(invocation: &Invocation<F>) -> String {
    let step = step(invocation.held());
    if step.contains(": ") { format!("{{{step}}}") } else { step }
}

/// `{servers: 3, clients: 1}`
fn pairs<F>(invocation: &Invocation<F>) -> String {
    let pairs = given(invocation).map(|one| match one.kind.is_held() {
        true => format!("{}: {}", one.key, held(invocation)),
        false if one.given.is_named() && one.text.contains(',') => {
            format!("{}: {}", one.key, list(one.text.split(',')))
        }
        false => format!("{}: {}", one.key, flow_scalar(&one.text)),
    });
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
}

/// `[c1, color, blue]`
fn list<'w>(words: impl Iterator<Item = &'w str>) -> String {
    format!("[{}]", words.map(flow_scalar).collect::<Vec<_>>().join(", "))
}

/// Is it a word or two that mean something one by one, or nodes?
fn is_simple(argument: &GivenArgument) -> bool {
    let joins = |letter: char| match argument.kind {
        ParameterKind::Targets(_) => letter == ',',
        _ => letter == ' ',
    };
    argument.text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '.' || joins(letter))
        && (matches!(argument.kind, ParameterKind::Targets(_)) || argument.text.split(' ').count() <= 2)
}
