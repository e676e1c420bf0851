//! From the words of a line to the arguments of its command, one for each parameter.
//!
//! Every word is looked at, whatever was wrong with those before it; what is wrong goes into the tally. The arguments
//! are whole only if nothing was added to it.
//!
//! Deliberately missing: what a line changes for later lines (`lines` does that).

mod choices;
mod clocks;
mod complaints;
mod conditions;
mod ends;
mod expectations;
mod literals;
mod scalars;
mod snapshots;

use std::ops::{Range, RangeInclusive};

use crate::base::identity::parse_number;
use crate::base::{NodeKind, NodeName};
use crate::script::consoles::{Console, Shape};
use crate::script::excerpt::quoted;
use crate::script::invocation::{Argument, NodeReference};
use crate::script::links::ARROW;
use crate::script::mistake::{Mistake, Tally};
use crate::script::names::{Id, Joined, Names};
use crate::script::operations::Operations;
use crate::script::snapshots::Snapshots;
use crate::script::source::Line;
use crate::script::table::{Choice, Command, Given, Parameter, ParameterKind};
use crate::script::words::{Head, Quotes, SeparateParenthesis, Word, Words};

/// What arguments are read from.
#[derive(Clone, Copy)]
pub(super) struct Reading<'r> {
    /// The line.
    pub(super) line: Line<'r>,
    /// The name that it begins with.
    pub(super) name: Name<'r>,
    /// At whose console it is typed, if at one.
    pub(super) typed_at: Option<TypedAt<'r>>,
    /// What joined before it.
    pub(super) names: &'r Names,
    /// What was begun before it.
    pub(super) operations: &'r Operations,
    /// What was named before it.
    pub(super) snapshots: &'r Snapshots,
}

/// The name of a command in a line.
#[derive(Clone, Copy)]
pub(super) struct Name<'r> {
    /// Its first word.
    pub(super) head: &'r Head<'r>,
    /// Where it ends: behind the first word, or the second one.
    pub(super) end: usize,
}

/// The console at which a line is typed.
#[derive(Clone, Copy)]
pub(super) struct TypedAt<'r> {
    /// The word that names its node.
    pub(super) node: &'r Word<'r>,
    /// How the command is typed there.
    pub(super) console: Console,
}

/// What was read from one line.
pub(super) struct Arguments {
    /// One argument for each parameter.
    pub(super) values: Vec<Argument>,
    /// Where the keyword or key of each stands, if it has one and was given.
    pub(super) keys: Vec<Option<Range<usize>>>,
    /// The byte at which the command begins that this one holds, if it does.
    pub(super) held_at: Option<usize>,
    /// The byte at which a comment begins behind the last word, if one does and no command is held.
    pub(super) comment_at: Option<usize>,
}

/// Reads the arguments of one line.
pub(super) struct ArgumentReader<'r, F: 'static> {
    command: &'static Command<F>,
    /// The name of the command as it was typed.
    typed: &'r str,
    line: Line<'r>,
    words: Words<'r>,
    /// The node of the console, where it stands for the first word and was not taken yet.
    node: Option<&'r Word<'r>>,
    console: Option<Console>,
    names: &'r Names,
    operations: &'r Operations,
    snapshots: &'r Snapshots,
    tally: &'r mut Tally,
    first_end: Option<(NodeName, Range<usize>)>,
    keys: Vec<Option<Range<usize>>>,
}

impl<'r, F> ArgumentReader<'r, F> {
    /// Reads what stands after the name as the arguments of `command`.
    pub(super) fn new(command: &'static Command<F>, reading: Reading<'r>, tally: &'r mut Tally) -> Self {
        let Reading { line, name, typed_at, names, operations, snapshots } = reading;
        let first_typed = command.parameters.get(typed_at.map_or(0, |typed_at| typed_at.console.untyped()));
        let word_first = first_typed.is_some_and(|parameter| parameter.kind.is_key_or_value());
        let parenthesis = if word_first { SeparateParenthesis::Word } else { SeparateParenthesis::Fault };
        let mut words = Words::after(line.text, name.head, parenthesis);
        words.pass_name(name.end);
        let (node, console) = typed_at.map(|TypedAt { node, console }| (node, console)).unzip();
        let keys = vec![None; command.parameters.len()];
        let typed = &line.text[name.head.range.start..name.end];
        Self { command, typed, line, words, node, console, names, operations, snapshots, tally, first_end: None, keys }
    }

    /// The next word.
    fn next(&mut self, quotes: Quotes) -> Option<Word<'r>> {
        self.node.take().cloned().or_else(|| self.words.next(quotes))
    }

    /// Where more is typed than stands behind the node of the console, that node is no argument: both ends of a link, or
    /// all parameters.
    fn settle_node(&mut self) {
        let (Some(node), Some(console)) = (self.node, self.console) else { return };
        let mut ahead = self.words.clone();
        let first = ahead.next(Quotes::Ordinary);
        let is_no_argument = match console.shape {
            Shape::Own => false,
            Shape::OwnUnlessNamed => first.is_some(),
            Shape::Whole => true,
            Shape::Link => ahead.next(Quotes::Ordinary).is_some() && first.is_some_and(|first| first.text != ARROW),
        };
        if is_no_argument {
            self.node = None;
            self.joined(&self.command.parameters[0], None, node);
        }
    }

    /// The next word, which stays the next one.
    fn peek(&self) -> Option<Word<'r>> {
        self.words.clone().next(Quotes::Ordinary)
    }

    /// Passes all words that are left.
    fn skip_rest(&mut self) {
        while self.words.next(Quotes::Ordinary).is_some() {}
    }

    /// One argument for each parameter.
    pub(super) fn read(mut self) -> Arguments {
        let mut arguments = vec![Argument::Absent; self.command.parameters.len()];
        let mut held_at = None;
        self.settle_node();
        if self.read_positional(&mut arguments) {
            if self.command.parameters.last().is_some_and(|last| matches!(last.kind, ParameterKind::Command(_))) {
                held_at = self.read_held(&mut arguments);
            } else if self.command.parameters.iter().any(|parameter| parameter.key().is_some()) {
                self.read_named(&mut arguments);
            } else {
                self.read_optional(&mut arguments);
            }
        }
        if let Some((fault, range)) = self.words.fault.clone() {
            self.report_fault(&fault, range);
        }
        let comment_at = self.words.comment();
        Arguments { values: arguments, keys: self.keys, held_at, comment_at }
    }

    /// The parameters that have a place, but for a command. Is each of them there that must be?
    fn read_positional(&mut self, arguments: &mut [Argument]) -> bool {
        let has_place = |parameter: &&Parameter| {
            matches!(parameter.given, Given::Always | Given::Perhaps)
                && !matches!(parameter.kind, ParameterKind::Command(_))
        };
        for (index, parameter) in self.command.parameters.iter().take_while(has_place).enumerate() {
            let argument = match parameter.kind.is_key_or_value() && self.console.is_some() {
                true => self.next_literal(),
                false => self.next(quotes_in(&parameter.kind)).map(|word| self.argument(parameter, &word)),
            };
            match argument {
                Some(argument) => arguments[index] = argument,
                None if parameter.given == Given::Perhaps => {}
                None => {
                    self.report_missing(index);
                    return false;
                }
            }
        }
        true
    }

    /// The next word, at a console, where a key or value stands.
    fn next_literal(&mut self) -> Option<Argument> {
        let (word, value) = self.words.next_literal()?;
        if value.is_none() && self.words.fault.is_none() {
            self.report_name(&word);
        }
        Some(value.map_or(Argument::Absent, Argument::Value))
    }

    /// Where the command begins that this one holds.
    fn read_held(&mut self, arguments: &mut [Argument]) -> Option<usize> {
        let (held, before) = arguments.split_last_mut()?;
        if before.contains(&Argument::Absent) {
            // Where it begins is not known; why not was reported.
            self.skip_rest();
            return None;
        }
        if !self.words.are_plain() {
            self.report_held_in_parentheses();
            return None;
        }
        if self.peek().is_none() {
            self.report_missing(self.command.parameters.len() - 1);
            return None;
        }
        *held = Argument::Held;
        Some(self.words.at())
    }

    /// The parameters after a keyword, in any order, and whatever is too much.
    fn read_optional(&mut self, arguments: &mut [Argument]) {
        while !self.read_last(arguments) {
            let Some(keyword) = self.words.next(Quotes::Ordinary) else { break };
            let found = self.command.parameters.iter().position(|known| known.keyword() == Some(keyword.text));
            let Some(index) = found else {
                self.report_surplus(&keyword, &self.left());
                return;
            };
            if let Some(first) = self.keys[index].clone() {
                self.report_repeated_keyword(&keyword, first);
            }
            let parameter = &self.command.parameters[index];
            let Some(word) = self.next(quotes_in(&parameter.kind)) else {
                self.report_missing_after(&keyword, &parameter.shown());
                return;
            };
            arguments[index] = self.argument(parameter, &word);
            self.keys[index] = Some(keyword.range);
        }
        self.report_missing_company();
    }

    /// The text at the line's end, if one begins here, and whatever is too much. Did one?
    fn read_last(&mut self, arguments: &mut [Argument]) -> bool {
        let last = self.command.parameters.iter().position(|parameter| parameter.given == Given::AtEnd);
        let begins = self.peek().is_some_and(|word| word.text.starts_with('"'));
        let Some(index) = last.filter(|_| begins) else { return false };
        let parameter = &self.command.parameters[index];
        if let Some(word) = self.next(quotes_in(&parameter.kind)) {
            arguments[index] = self.argument(parameter, &word);
        }
        if let Some(surplus) = self.words.next(Quotes::Ordinary) {
            self.report_surplus(&surplus, &[]);
        }
        true
    }

    /// How what may still come begins, as usage lines write it.
    fn left(&self) -> Vec<String> {
        let begins = |parameter: &'static Parameter| match parameter.given {
            Given::AtEnd => Some(parameter.shown()),
            _ => parameter.keyword().map(str::to_owned),
        };
        self.not_given().filter_map(begins).collect()
    }

    /// The parameters whose key was not seen.
    fn not_given(&self) -> impl Iterator<Item = &'static Parameter> {
        self.command.parameters.iter().zip(&self.keys).filter(|(_, key)| key.is_none()).map(|(parameter, _)| parameter)
    }

    /// The parameters of the form `key=value`, in any order.
    fn read_named(&mut self, arguments: &mut [Argument]) {
        while let Some(word) = self.words.next(Quotes::Ordinary) {
            let (key, value) = match word.text.split_once('=') {
                Some((key, value)) => (key, Some(value).filter(|value| !value.is_empty())),
                None => (word.text, None),
            };
            let found = self.command.parameters.iter().position(|known| known.key() == Some(key));
            let Some(index) = found else {
                self.report_unknown_key(&word, key);
                continue;
            };
            let parameter = &self.command.parameters[index];
            let start = word.range.start;
            let key = Word { text: key, range: start..start + key.len(), unquoted: None };
            match self.keys[index].clone() {
                Some(first) => self.report_repeated_keyword(&key, first),
                None => self.keys[index] = Some(key.range),
            }
            match value {
                Some(text) => {
                    let range = word.range.end - text.len()..word.range.end;
                    arguments[index] = self.argument(parameter, &Word { text, range, unquoted: None });
                }
                None => {
                    self.report_missing_value(&word, parameter);
                    self.skip_detached_value(&word);
                }
            }
        }
        self.report_missing_named();
    }

    /// Passes what a user meant as the value of `word`, with blanks around the `=`.
    fn skip_detached_value(&mut self, word: &Word<'_>) {
        let mut ahead = self.words.clone();
        let mut open = word.text.ends_with('=');
        while let Some(next) = ahead.next(Quotes::Ordinary) {
            let belongs = if open { !next.text.contains('=') } else { next.text.starts_with('=') };
            if !belongs {
                return;
            }
            let more = !open && next.text == "=";
            self.words = ahead.clone();
            if !more {
                return;
            }
            open = true;
        }
    }

    /// What `word` is for `parameter`; `Absent` if it is nothing.
    fn argument(&mut self, parameter: &Parameter, word: &Word<'r>) -> Argument {
        match parameter.kind {
            ParameterKind::NewServer => self.joining(NodeKind::Server, word),
            ParameterKind::NewClient => self.joining(NodeKind::Client, word),
            ParameterKind::NewServers(most) => self.how_many(1..=most, "servers", word),
            ParameterKind::NewClients(most) => self.how_many(0..=most, "clients", word),
            ParameterKind::Server => self.joined(parameter, Some(NodeKind::Server), word),
            ParameterKind::Client => self.joined(parameter, Some(NodeKind::Client), word),
            ParameterKind::Node => self.joined(parameter, None, word),
            ParameterKind::LinkEnd => self.link_end(parameter, word),
            ParameterKind::Targets(kind) => {
                self.targets(parameter, kind, word).map_or(Argument::Absent, Argument::Targets)
            }
            ParameterKind::Several(kind) => self.several(parameter, kind, word),
            ParameterKind::Links => self.links(parameter, word).map_or(Argument::Absent, Argument::Links),
            ParameterKind::Messages(next) => {
                self.messages(parameter, next, word).map_or(Argument::Absent, Argument::Messages)
            }
            ParameterKind::Groups(shapes) => self.groups(parameter, shapes, word),
            ParameterKind::Condition => self.condition(parameter, word),
            ParameterKind::SendingPoint => self.sending_point(parameter, word),
            ParameterKind::NewOperation => self.new_operation(word),
            ParameterKind::Operation => self.operation(word),
            ParameterKind::Command(_) => unreachable!("a command is read where the words before it end"),
            ParameterKind::Key | ParameterKind::Value => Argument::Text(word.text.to_owned()),
            ParameterKind::Duration => self.duration(word),
            ParameterKind::Seed => self.seed(word),
            ParameterKind::Percent => self.percent(word),
            ParameterKind::Rate => self.rate(word),
            ParameterKind::Number => self.number(word),
            ParameterKind::Factor => self.factor(word),
            ParameterKind::Offset => self.offset(word),
            ParameterKind::Count(unit) => self.count(unit, word),
            ParameterKind::Choice(choices) => self.choice_with_more(parameter, choices, word),
            ParameterKind::OneOf(choices) => self.one_of(parameter, &choices(), word),
            ParameterKind::Ranked(choices, between) => self.ranked(parameter, (&choices(), between), word),
            ParameterKind::SomeOf(choices) => self.some_of(parameter, choices, word),
            ParameterKind::SnapshotName => self.snapshot_name(word),
            ParameterKind::Expectation => self.expectation(word),
            ParameterKind::Text => self.quoted_text(parameter, word),
            ParameterKind::CommandLine => self.command_line(parameter, word),
        }
    }

    /// The node that this line joins.
    fn joining(&mut self, kind: NodeKind, word: &Word<'_>) -> Argument {
        let Some(id) = self.id(word) else { return Argument::Absent };
        let (line, command) = (self.line, self.command);
        let console = self.console;
        if let Some(typed) = id.kind.filter(|typed| *typed != kind) {
            self.tally.add(|| {
                let message = format!("`{}` names a {typed}, and `{}` joins a {kind}", word.text, self.typed);
                Mistake::new(message, line.place(word.range.clone()))
                    .label(format!("expected {} or {}{}", id.number, kind.letter(), id.number))
                    .help(line.hint_at(command, console))
            });
        } else if let Some(first) = self.names.in_the_way_of(NodeName { kind, number: id.number }) {
            self.tally.add(|| {
                let message = format!("{} is a {} already, and cannot join as a {kind}", id.number, first.kind);
                Mistake::new(message, line.place(word.range.clone()))
                    .label(format!("not free for a {kind}"))
                    .help(format!(
                        "a number is a server or a client, never both; choose another\n{}",
                        line.hint_at(command, console)
                    ))
                    .also(first.place, format!("{} joined as a {} here", id.number, first.kind))
            });
        }
        self.reference(NodeName { kind, number: id.number }, word)
    }

    fn reference(&self, name: NodeName, word: &Word<'_>) -> Argument {
        Argument::Node(NodeReference { name, typed: word.text.to_owned(), numbering: self.names.numbering() })
    }

    /// How many nodes this line joins.
    fn how_many(&mut self, bounds: RangeInclusive<u32>, nodes: &str, word: &Word<'_>) -> Argument {
        if let Some(number) = parse_number(word.text).filter(|number| bounds.contains(number)) {
            return Argument::Number(u64::from(number));
        }
        let expected = format!("expected a whole number from {} to {}", bounds.start(), bounds.end());
        self.refuse(word, &format!("is not a number of {nodes}"), &expected);
        Argument::Absent
    }

    /// A node that joined on an earlier line, of kind `wanted` if there is one.
    fn joined(&mut self, parameter: &Parameter, wanted: Option<NodeKind>, word: &Word<'_>) -> Argument {
        let Some(id) = self.id(word) else { return Argument::Absent };
        let Some(joined) = self.names.find(id, wanted).or_else(|| self.at_port(id)) else {
            self.report_unknown_id(id, wanted, word);
            return Argument::Absent;
        };
        let misnamed = id.kind.filter(|typed| *typed != joined.kind);
        let misused = wanted.filter(|kind| *kind != joined.kind);
        if joined.doubtful {
            // Reported where it joined; what it is here is not used.
        } else if let Some(typed) = misnamed {
            self.report_misnamed(typed, joined, word);
            return Argument::Absent;
        } else if let Some(kind) = misused {
            self.report_misused(parameter, kind, joined, word);
            return Argument::Absent;
        }
        let kind = wanted.or(id.kind).unwrap_or(joined.kind);
        let number = joined.number;
        self.reference(NodeName { kind, number }, word)
    }

    /// The server that listens at a port, where one may be typed.
    fn at_port(&self, id: Id) -> Option<&'r Joined> {
        self.console.filter(|console| console.shape == Shape::Link && id.kind.is_none())?;
        self.names.at_port(id.number)
    }

    /// One end of a link; the second one is compared with the first.
    fn link_end(&mut self, parameter: &Parameter, word: &Word<'_>) -> Argument {
        let argument = self.joined(parameter, None, word);
        let Argument::Node(reference) = &argument else { return argument };
        let end = reference.name;
        let Some((first, first_range)) = self.first_end.replace((end, word.range.clone())) else { return argument };
        if first == end {
            self.report_own_link(end, word);
        } else if !first.is_server() && !end.is_server() {
            self.report_clients_link(&(first, first_range), &(end, word.range.clone()));
        }
        argument
    }

    /// One of several words, and what stands behind it.
    fn choice_with_more(&mut self, parameter: &Parameter, choices: &'static [Choice], word: &Word<'r>) -> Argument {
        let words: Vec<_> = choices.iter().map(|choice| choice.word).collect();
        let Some(choice) = choices.iter().find(|choice| choice.word == word.text) else {
            // What stands behind a word that is not known cannot be read.
            self.skip_rest();
            self.report_no_choice(parameter, &words, word);
            return Argument::Absent;
        };
        let argument = match &choice.parameter {
            None => Argument::Absent,
            Some(parameter) => match self.next(quotes_in(&parameter.kind)) {
                Some(behind) => self.argument(parameter, &behind),
                None => {
                    self.report_missing_after(word, &parameter.shown());
                    Argument::Absent
                }
            },
        };
        Argument::Choice(choice, Box::new(argument))
    }

    /// A program with its arguments, in quotes.
    fn command_line(&mut self, parameter: &Parameter, word: &Word<'_>) -> Argument {
        let Some(text) = &word.unquoted else { return self.report_unquoted(parameter, word) };
        match shlex::split(text).as_deref() {
            None => self.refuse(word, "cannot be split into words", "a quote in it is not closed"),
            Some([]) => self.refuse(word, "names no program", "expected a program and its arguments"),
            Some([_, ..]) => return Argument::Text(text.clone()),
        }
        Argument::Absent
    }

    /// A text in quotes.
    fn quoted_text(&mut self, parameter: &Parameter, word: &Word<'_>) -> Argument {
        match &word.unquoted {
            Some(text) => Argument::Text(text.clone()),
            None => self.report_unquoted(parameter, word),
        }
    }

    /// Without quotes, all that follows was meant to stand in them, and is not read further.
    fn report_unquoted(&mut self, parameter: &Parameter, word: &Word<'_>) -> Argument {
        self.skip_rest();
        let (line, command, end) = (self.line, self.command, self.words.end);
        let console = self.console;
        self.tally.add(|| {
            let message = format!("{} of `{}` must stand in double quotes", parameter.shown(), self.typed);
            Mistake::new(message, line.place(word.range.start..end))
                .label("put this in quotes")
                .help(line.hint_at(command, console))
        });
        Argument::Absent
    }

    /// The number of a node, and its kind if the word says it.
    fn id(&mut self, word: &Word<'_>) -> Option<Id> {
        if let Some(number) = parse_number(word.text) {
            return Some(Id { kind: None, number });
        }
        if let Ok(name) = word.text.parse::<NodeName>() {
            return Some(Id { kind: Some(name.kind), number: name.number });
        }
        self.refuse(word, "is not a node's id", &what_an_id_is(word.text));
        None
    }

    fn refuse(&mut self, word: &Word<'_>, what: &str, label: &str) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            Mistake::new(format!("{} {what}", quoted(word.text)), line.place(word.range.clone()))
                .label(label)
                .help(line.hint_at(command, console))
        });
    }
}

/// What an id is, for a word that is none.
fn what_an_id_is(word: &str) -> String {
    let digits = word.strip_prefix(['s', 'c']).unwrap_or(word);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        "expected a number, or s or c and a number".to_owned()
    } else if digits.starts_with('0') {
        "expected a number without leading zeros".to_owned()
    } else {
        format!("the greatest number of a node is {}", u32::MAX)
    }
}

fn quotes_in(kind: &ParameterKind) -> Quotes {
    if kind.is_in_quotes() { Quotes::Special } else { Quotes::Ordinary }
}
