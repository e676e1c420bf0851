//! The steps of a YAML script as lines.
//!
//! A step is the name of a command, or a mapping from that name to what follows it: a text with the words that a line has
//! there, a list of them, or a mapping from the parameters' names to them. Two steps are no command of the table: `par` has
//! a list of steps, and `at` types a line at the console of a node.
//!
//! What the words mean is not looked at here: the line is read as any other, so a command is the same command in both forms.

use crate::base::NodeName;
use crate::base::identity::parse_number;
use crate::script::composed::{Composed, Reads};
use crate::script::excerpt::quoted;
use crate::script::invocation::Place;
use crate::script::mistake::{Mistake, Tally};
use crate::script::nearest::nearest;
use crate::script::table::{Command, Parameter, ParameterKind, Phase, Table};
use crate::script::targets::Role;
use crate::script::yaml::hints::{HELD_KEY, PAR_EXAMPLE, hint_in_yaml, key_of};
use crate::script::yaml::tree::{Content, Entry, Node, Text, Whole};
use crate::script::yaml::words::Unsound;

/// What a command is called here whose name would need quotes.
pub(super) const NAMES: [(&str, &str); 1] = [("fails", "!")];
/// The step that types a line at a console.
pub(super) const AT: &str = "at";
/// Its keys: whose console, and the line.
pub(super) const AT_KEYS: [&str; 2] = ["console", "line"];

/// A step as a line.
pub(super) struct Step {
    pub(super) line: Composed,
    /// Whether it says all that the step says; if not, why is in the tally.
    pub(super) is_sound: bool,
}

/// Turns steps into lines.
pub(super) struct Composer<'c, F: 'static> {
    pub(super) table: &'c Table<F>,
    pub(super) tally: &'c mut Tally,
    pub(super) steps: Vec<Step>,
}

impl<F> Composer<'_, F> {
    /// A list of steps, in their order; `of` is the key that it stands behind.
    pub(super) fn list(&mut self, of: &Text, node: &Node) {
        match &node.content {
            Content::List(nodes) => nodes.iter().for_each(|node| self.step(node)),
            Content::Refused => {}
            other => {
                let place = if let Content::Null = other { of.place } else { node.place };
                let what = format!("{} is a list of steps, and this is {}", quoted(&of.text), other.called());
                self.refuse(place, &what, "a list is expected here", "each step begins with `- `, as in `- heal`");
            }
        }
    }

    /// One step.
    fn step(&mut self, node: &Node) {
        match self.named(node) {
            Some((name, Some(value))) if name.text == Phase::BLOCK => self.block(name, value),
            Some((name, value)) => self.push(name.place, |composer, line| composer.command(name, value, line)),
            None => {}
        }
    }

    /// The name of a step's command, and what stands behind it. Nothing if it has none, which is reported.
    fn named<'n>(&mut self, node: &'n Node) -> Option<(&'n Text, Option<&'n Node>)> {
        const HELP: &str = "a step is `- heal`, `- crash: s3` or `- put: {client: c1, key: color, value: blue}`";
        match &node.content {
            Content::Text(name) => Some((name, None)),
            Content::Map(entries, whole) => match entries.as_slice() {
                _ if *whole == Whole::No => None,
                [Entry { key, value }] => Some((key, Some(value))),
                [_, second, ..] => {
                    let help =
                        format!("begin another step with `- ` here, or indent what belongs to the first\n{HELP}");
                    self.refuse(second.key.place, "a step is one command, and this one has another", "too much", &help);
                    None
                }
                [] => {
                    self.refuse(
                        node.place,
                        "a step is one command, and this one is empty",
                        "a command is missing",
                        HELP,
                    );
                    None
                }
            },
            Content::Refused => None,
            other => {
                let what = format!("a step is one command, and this is {}", other.called());
                self.refuse(node.place, &what, "a command is expected here", HELP);
                None
            }
        }
    }

    /// Steps that start at one instant.
    fn block(&mut self, name: &Text, value: &Node) {
        let marker = |composer: &mut Self, text: &str| {
            let mut line = Composed::default();
            line.push(text, name.place, Reads::Otherwise(name.text.chars().count()));
            composer.steps.push(Step { line, is_sound: true });
        };
        marker(self, Phase::BLOCK);
        self.list(name, value);
        marker(self, Phase::BLOCK_END);
    }

    /// Adds the line that `write` writes; it begins at `place`.
    pub(super) fn push(&mut self, place: Place, write: impl FnOnce(&mut Self, &mut Composed) -> Result<(), Unsound>) {
        let mut line = Composed::default();
        let is_sound = write(self, &mut line).is_ok();
        if line.text().is_empty() {
            line.push("", place, Reads::Otherwise(0));
        }
        self.steps.push(Step { line, is_sound });
    }

    /// The command `name` with what stands behind it.
    pub(super) fn command(&mut self, name: &Text, value: Option<&Node>, line: &mut Composed) -> Result<(), Unsound> {
        if name.text == AT {
            return self.at_console(name, value, line);
        }
        let known = NAMES.iter().find(|(here, _)| *here == name.text).map(|(_, name)| *name);
        let found = self.table.find(known.unwrap_or(&name.text));
        match (known, found) {
            (Some(known), _) => line.push(known, name.place, Reads::Otherwise(name.text.chars().count())),
            (None, found) => self.push_name((name, value), found.is_some(), line)?,
        }
        if let Some(command) = found.filter(|command| matches!(command.phase, Phase::Block | Phase::BlockEnd)) {
            let what = format!("`{}` is no step here", command.name);
            let help = format!("steps that start at one instant are a list behind `par`\nexample: - {PAR_EXAMPLE}");
            self.refuse(name.place, &what, "a list says where it begins and ends", &help);
            return Err(Unsound);
        }
        let Some(value) = value else { return Ok(()) };
        match (&value.content, found) {
            (Content::Null, _) => {
                let what = format!("behind `{}:` stands nothing", name.text);
                let help = match found {
                    Some(command) if command.parameters.is_empty() => format!("write `- {}`", name.text),
                    Some(command) => hint_in_yaml(command),
                    None => String::new(),
                };
                let label = if is_written(value) {
                    "null is no word; a text stands in quotes"
                } else {
                    "what follows is missing"
                };
                self.refuse(if is_written(value) { value.place } else { name.place }, &what, label, &help);
                Err(Unsound)
            }
            (Content::Refused, _) => Err(Unsound),
            // What follows an unknown name cannot be told: the line says that it is not known.
            (_, None) => Ok(()),
            (Content::Text(text), Some(command)) => match command.parameters {
                [only] if only.kind.is_in_quotes() => text.push_in_quotes(line, self.tally),
                // The blanks between its quotes are its own.
                parameters if text.text.contains('"') && parameters.iter().any(|one| one.kind.is_in_quotes()) => {
                    text.push_as_line(line, self.tally)
                }
                [only] if only.kind.is_key_or_value() => text.push_as_word(line, self.tally),
                _ => text.push_as_words(line, self.tally),
            },
            (Content::List(nodes), Some(command)) => self.short(command, nodes, line),
            (Content::Map(entries, _), Some(command)) if holds_alone(command) && is_step(entries) => {
                self.held(value, line)
            }
            (Content::Map(entries, whole), Some(command)) => {
                let sound = if *whole == Whole::Yes { Ok(()) } else { Err(Unsound) };
                self.long(command, entries, line).and(sound)
            }
        }
    }

    /// A name is one word, and ends where words begin.
    fn push_name(
        &mut self,
        (name, value): (&Text, Option<&Node>),
        is_known: bool,
        line: &mut Composed,
    ) -> Result<(), Unsound> {
        let is_console = name.text.parse::<NodeName>().is_ok();
        let must_fail = name.text.starts_with('!');
        if is_known && !must_fail || !is_console && !must_fail && !name.text.contains([' ', '(', ':']) {
            return name.push_as_word(line, self.tally);
        }
        let (first, rest) = name.text.split_at(name.text.find([' ', '(', ':']).unwrap_or(name.text.len()));
        let rest = rest.trim_start_matches([' ', '(', ':']).trim_end_matches(')').replace(',', "");
        let help = match self.table.find(first) {
            _ if name.text.starts_with('!') => format!("write `- fails: {}`", name.text[1..].trim_start()),
            // What it would be with all that stands behind it is more than a guess.
            Some(command) if value.is_some() => hint_in_yaml(command),
            Some(command) => format!("write `- {first}: {rest}`\n{}", hint_in_yaml(command)),
            None if first.parse::<NodeName>().is_ok() => {
                let rest = if rest.is_empty() { "..." } else { &rest };
                format!("a line at a console is `- {AT}: {{console: {first}, line: {rest}}}`")
            }
            None => "a step is `- heal`, `- crash: s3` or `- put: {client: c1, key: color, value: blue}`".to_owned(),
        };
        let what = format!("{} is not the name of a command", quoted(&name.text));
        let label = match is_console {
            true => "the name of a node",
            false if must_fail => "in YAML a command that must fail is called `fails`",
            false => "what follows the name stands behind a colon and a blank",
        };
        self.refuse(name.place, &what, label, &help);
        Err(Unsound)
    }

    /// `at: {console: s1, line: printBlockchain}`
    fn at_console(&mut self, name: &Text, value: Option<&Node>, line: &mut Composed) -> Result<(), Unsound> {
        const HELP: &str = "example: - at: {console: s1, line: printBlockchain}";
        let entries = match value.map(|node| &node.content) {
            Some(Content::Map(entries, _)) => entries.as_slice(),
            _ => &[],
        };
        let mut sound = Ok(());
        for Entry { key, .. } in entries.iter().filter(|entry| !AT_KEYS.contains(&entry.key.text.as_str())) {
            self.refuse_key(&quoted(AT), key, &AT_KEYS, HELP);
            sound = Err(Unsound);
        }
        let [console, typed] = AT_KEYS.map(|wanted| match entries.iter().find(|entry| entry.key.text == wanted) {
            Some(Entry { value: Node { content: Content::Text(text), .. }, .. }) => Some(text),
            _ => None,
        });
        let (Some(console), Some(typed)) = (console, typed) else {
            self.refuse(name.place, "`at` needs a console and a line, each a text", "one of them is missing", HELP);
            return Err(Unsound);
        };
        console.push_as_word(line, self.tally)?;
        line.glue(":", Place { start: console.place.end, ..console.place }, Reads::Otherwise(0));
        typed.push_as_line(line, self.tally).and(sound)
    }

    /// The arguments of a command as a list.
    fn short(&mut self, command: &'static Command<F>, nodes: &[Node], line: &mut Composed) -> Result<(), Unsound> {
        let mut sound = Ok(());
        let is_list = |node: &Node| matches!(node.content, Content::List(_));
        let takes_groups =
            command.parameters.iter().any(|parameter| matches!(parameter.kind, ParameterKind::Groups(_)));
        if takes_groups && nodes.len() > 1 && nodes.iter().all(is_list) {
            return self.groups(nodes, line);
        }
        // Nodes that come first are one argument where several may stand: `crash: [s1, s2]`.
        let targets = match command.parameters.first() {
            Some(Parameter { kind: ParameterKind::Targets(_), .. }) => {
                nodes.iter().take_while(|node| names_node(node)).count()
            }
            _ => 0,
        };
        let (first, nodes) = nodes.split_at(if targets > 1 { targets } else { 0 });
        if !first.is_empty() {
            sound = self.joined(first, line);
        }
        let mut keyword = None;
        for (index, node) in (usize::from(!first.is_empty())..).zip(nodes) {
            let has_place = |parameter: &&Parameter| parameter.keyword().is_none() && parameter.key().is_none();
            let parameter = keyword.take().or_else(|| command.parameters.get(index).filter(has_place));
            keyword = match (&node.content, parameter) {
                (Content::Text(text), None) => {
                    command.parameters.iter().find(|parameter| parameter.keyword() == Some(&text.text))
                }
                _ => None,
            };
            let written = match (&node.content, parameter) {
                (Content::List(_), Some(parameter)) if parameter.kind.is_key_or_value() => {
                    self.refuse_argument(command, node)
                }
                (Content::List(nodes), _) => self.joined(nodes, line),
                (_, Some(parameter)) => self.argument(command, parameter, node, line),
                (Content::Text(text), None) => text.push_as_words(line, self.tally),
                (Content::Null | Content::Map(..) | Content::Refused, None) => self.refuse_argument(command, node),
            };
            sound = written.and(sound);
        }
        sound
    }

    /// The arguments of a command by their parameters' names.
    fn long(&mut self, command: &'static Command<F>, entries: &[Entry], line: &mut Composed) -> Result<(), Unsound> {
        let mut sound = Ok(());
        for parameter in command.parameters {
            let Some(Entry { key, value }) = entries.iter().find(|entry| entry.key.text == key_of(parameter)) else {
                continue;
            };
            if let Some(keyword) = parameter.keyword() {
                line.push(keyword, key.place, key.reads);
            }
            let written = match (parameter.key(), &value.content) {
                (Some(_), Content::Text(_)) => self.named_words((parameter, key), std::slice::from_ref(value), line),
                (Some(_), Content::List(nodes)) => self.named_words((parameter, key), nodes, line),
                _ => self.argument(command, parameter, value, line),
            };
            sound = written.and(sound);
        }
        let keys: Vec<_> = command.parameters.iter().map(key_of).collect();
        let known: Vec<_> = keys.iter().map(String::as_str).collect();
        for Entry { key, .. } in entries.iter().filter(|entry| !known.contains(&entry.key.text.as_str())) {
            self.refuse_key(&quoted(command.name), key, &known, &hint_in_yaml(command));
            // The line is to show that something is missing: who knows how many clients were meant.
            sound = key.push_as_word(line, self.tally).and(Err(Unsound));
        }
        sound
    }

    /// What stands for a parameter whose key stands before an `=` in a line: words with commas between them.
    fn named_words(
        &mut self,
        (parameter, key): (&Parameter, &Text),
        nodes: &[Node],
        line: &mut Composed,
    ) -> Result<(), Unsound> {
        let mut words = Composed::default();
        self.joined(nodes, &mut words)?;
        let equals = format!("{}=", parameter.key().unwrap_or_default());
        line.push(&equals, key.place, Reads::Otherwise(key.text.chars().count()));
        line.append(words);
        Ok(())
    }

    /// What stands for one parameter.
    fn argument(
        &mut self,
        command: &'static Command<F>,
        parameter: &Parameter,
        node: &Node,
        line: &mut Composed,
    ) -> Result<(), Unsound> {
        match (&node.content, parameter.kind) {
            (_, ParameterKind::Command(_)) => self.held(node, line),
            (Content::Text(text), kind) if kind.is_in_quotes() => text.push_in_quotes(line, self.tally),
            (Content::Text(text), kind) if kind.is_key_or_value() => text.push_as_word(line, self.tally),
            (Content::Text(text), ParameterKind::NewOperation) => {
                text.push_as_word(line, self.tally)?;
                line.glue(" =", Place { start: text.place.end, ..text.place }, Reads::Otherwise(0));
                Ok(())
            }
            (Content::Text(text), ParameterKind::Condition) => {
                text.push_as_words(line, self.tally)?;
                if !text.text.ends_with(':') {
                    line.glue(":", Place { start: text.place.end, ..text.place }, Reads::Otherwise(0));
                }
                Ok(())
            }
            (Content::Text(text), _) => text.push_as_words(line, self.tally),
            (Content::List(nodes), ParameterKind::Targets(_)) => self.joined(nodes, line),
            (Content::List(nodes), ParameterKind::Groups(_)) => self.groups(nodes, line),
            (Content::List(nodes), kind) if !kind.is_one_word() => {
                let mut sound = Ok(());
                for node in nodes {
                    let written = match &node.content {
                        Content::Text(text) => text.push_as_words(line, self.tally),
                        Content::List(nodes) => self.joined(nodes, line),
                        Content::Null | Content::Map(..) | Content::Refused => self.refuse_argument(command, node),
                    };
                    sound = written.and(sound);
                }
                sound
            }
            (Content::Null | Content::List(_) | Content::Map(..) | Content::Refused, _) => {
                self.refuse_argument(command, node)
            }
        }
    }

    /// A command that another one holds.
    fn held(&mut self, node: &Node, line: &mut Composed) -> Result<(), Unsound> {
        match &node.content {
            Content::Text(text) if text.text.contains(' ') => text.push_as_line(line, self.tally),
            _ => {
                let (name, value) = self.named(node).ok_or(Unsound)?;
                self.command(name, value, line)
            }
        }
    }

    /// Nodes with commas between them.
    fn joined(&mut self, nodes: &[Node], line: &mut Composed) -> Result<(), Unsound> {
        let mut sound = Ok(());
        for (index, node) in nodes.iter().enumerate() {
            let Content::Text(text) = &node.content else {
                let what = format!("a word is expected here, and this is {}", node.content.called());
                self.refuse(node.place, &what, "not expected here", "what belongs together is a list of words");
                sound = Err(Unsound);
                continue;
            };
            let mut alone = Composed::default();
            match text.push_as_word(&mut alone, self.tally) {
                Ok(()) if index == 0 => line.push(&text.text, text.place, text.reads),
                Ok(()) => {
                    line.glue(",", Place { end: text.place.start, ..text.place }, Reads::Otherwise(0));
                    line.glue(&text.text, text.place, text.reads);
                }
                Err(unsound) => sound = Err(unsound),
            }
        }
        sound
    }

    /// Groups of nodes, with `|` between them.
    fn groups(&mut self, nodes: &[Node], line: &mut Composed) -> Result<(), Unsound> {
        let mut sound = Ok(());
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                line.push("|", Place { end: node.place.start, ..node.place }, Reads::Otherwise(0));
            }
            let group =
                if let Content::List(group) = &node.content { group.as_slice() } else { std::slice::from_ref(node) };
            for node in group {
                let written = match &node.content {
                    Content::Text(text) => text.push_as_word(line, self.tally),
                    other => {
                        let what = format!("a group is a list of nodes, and this is {}", other.called());
                        self.refuse(node.place, &what, "not expected here", "example: - partition: [[s1, s2], [s3]]");
                        Err(Unsound)
                    }
                };
                sound = written.and(sound);
            }
        }
        sound
    }

    fn refuse_argument(&mut self, command: &'static Command<F>, node: &Node) -> Result<(), Unsound> {
        if let Content::Refused = node.content {
            return Err(Unsound);
        }
        let what = match node.content {
            Content::Null => format!("`{}` takes words, and this is nothing", command.name),
            _ => format!("`{}` takes words here, and this is {}", command.name, node.content.called()),
        };
        let label = match node.content {
            Content::Null => "null is no word; a text stands in quotes",
            _ => "a text is expected here",
        };
        self.refuse(node.place, &what, label, &hint_in_yaml(command));
        Err(Unsound)
    }

    pub(super) fn refuse_key(&mut self, of: &str, key: &Text, known: &[&str], help: &str) {
        let near = nearest(&key.text, known.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
        let label = match known {
            [] => "too much".to_owned(),
            _ => format!("expected {}", known.join(" or ")),
        };
        let what = format!("{of} has no {}", quoted(&key.text));
        self.refuse(key.place, &what, &label, &format!("{near}{help}"));
    }

    pub(super) fn refuse(&mut self, place: Place, what: &str, label: &str, help: &str) {
        self.tally.add(|| {
            let mistake = Mistake::new(what, place).label(label);
            if help.is_empty() { mistake } else { mistake.help(help) }
        });
    }
}

/// Is it the name of a node?
fn names_node(node: &Node) -> bool {
    match &node.content {
        Content::Text(Text { text, .. }) => {
            parse_number(text).is_some() || text.parse::<NodeName>().is_ok() || Role::of(text).is_some()
        }
        Content::Null | Content::List(_) | Content::Map(..) | Content::Refused => false,
    }
}

/// Does the node stand in the script, or is it left out?
fn is_written(node: &Node) -> bool {
    node.place.end > node.place.start
}

/// Is the command that it holds all that it takes?
fn holds_alone<F>(command: &Command<F>) -> bool {
    matches!(command.parameters, [Parameter { kind: ParameterKind::Command(_), .. }])
}

/// Is a mapping a step, and not the key of one?
fn is_step(entries: &[Entry]) -> bool {
    matches!(entries, [Entry { key, .. }] if key.text != HELD_KEY)
}
