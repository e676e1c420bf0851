//! Lines become invocations: each is read by itself, but for what the lines before it joined and set.
//!
//! [`parse`] reads a whole script; [`LineParser`] is the same for one line after the other, for a prompt. After a line
//! with mistakes the ids that it would have joined count as joined, so that one mistake does not cause twenty.
//!
//! A line may hold a command within another one (`async a = put 2 x 1`), and lines may stand in a block (`par`, `end`);
//! both are read here, each in a file of its own below.

mod block;
mod by_hand;
mod console;
mod held;

pub use by_hand::ConsoleParser;

use std::collections::BTreeMap;

use crate::base::{NodeKind, NodeName, limits};
use crate::script::arguments::{ArgumentReader, Arguments, Name, Reading, TypedAt};
use crate::script::excerpt::quoted;
use crate::script::invocation::{Argument, Invocation, NodeReference, Place};
use crate::script::lines::console::{Found, names_at_consoles, take_console};
use crate::script::lines::held::{Holder, check_held};
use crate::script::mistake::{Mistake, Mistakes, Tally};
use crate::script::names::{Names, SoughtId};
use crate::script::nearest::nearest;
use crate::script::operations::Operations;
use crate::script::remarks::Remarks;
use crate::script::snapshots::Snapshots;
use crate::script::source::{Line, Source};
use crate::script::table::{Command, Given, ParameterKind, Phase, Table};
use crate::script::words::{BLANKS, Head, Word, begins_comment};

/// A whole script, checked.
#[derive(Clone, Debug)]
pub struct Script<F: 'static> {
    /// The path of the script, or `standard input`.
    pub source_name: String,
    /// What it says, in its order. If it ends with a command of [`Phase::End`], that is the last one.
    pub invocations: Vec<Invocation<F>>,
    /// What stands beside the commands.
    pub remarks: Remarks,
}

/// Reads a script in lines, up to the command that ends it.
///
/// # Errors
/// All mistakes of the script, if there is one.
///
/// # Panics
/// If the table is not sound.
pub(super) fn parse<F>(table: &Table<F>, source: &Source) -> Result<Script<F>, Mistakes> {
    let mut parser = LineParser::new(table);
    let mut tally = Tally::default();
    let mut invocations = Vec::new();
    let mut remarks = Remarks::default();
    for line in source.lines() {
        if let Some(remark) = remark(line.text) {
            remarks.add_before(invocations.len(), remark);
            continue;
        }
        if parser.ended {
            remarks.add_before(invocations.len(), Some(without_control_characters(line.text)));
            continue;
        }
        parser.comment = None;
        invocations.extend(parser.read_line(line, &mut tally));
        if let (Some(comment), Some(last)) = (parser.comment.take(), invocations.len().checked_sub(1)) {
            remarks.add_behind(last, without_mark(&line.text[comment..]));
        }
    }
    parser.note_end(&mut tally);
    if tally.count() == 0 {
        return Ok(Script { source_name: source.name.clone(), invocations, remarks });
    }
    tally.explain_unknown_ids(|mistake, sought| parser.explain_unknown_id(mistake, sought));
    Err(tally.into_mistakes(source))
}

/// Writes a script in lines, each in its canonical form.
pub(super) fn print<F>(script: &Script<F>) -> String {
    let mut text = String::new();
    let mut line = |what: &str| {
        text.push_str(what);
        text.push('\n');
    };
    for (index, invocation) in script.invocations.iter().enumerate() {
        script.remarks.before(index).for_each(|remark| line(&remark));
        line(&format!("{}{}", invocation.canonical(), script.remarks.behind(index)));
    }
    script.remarks.before(script.invocations.len()).for_each(|remark| line(&remark));
    text
}

/// How many nodes a line joins that does not say how many.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LeftOut {
    /// None.
    None,
    /// As many as there may be: something is wrong with the line, and it may be just that.
    Perhaps,
}

/// Reads one line after the other, and keeps what they joined and set.
///
/// A prompt that does not carry out a line with mistakes, and so does not join what that line joins, goes on with a
/// clone made before that line.
#[derive(Clone)]
pub struct LineParser<'t, F: 'static> {
    table: &'t Table<F>,
    commands: BTreeMap<&'static str, &'static Command<F>>,
    /// What is typed at the consoles of each kind of node.
    consoles: BTreeMap<NodeKind, console::Names<F>>,
    names: Names,
    settings: BTreeMap<&'static str, Place>,
    operations: Operations,
    snapshots: Snapshots,
    first_step: Option<Place>,
    founding: Option<Place>,
    /// Where the block begins that is not ended.
    block: Option<(&'static str, Place)>,
    ended: bool,
    /// The byte at which the comment behind the last command begins on its line.
    comment: Option<usize>,
}

impl<'t, F> LineParser<'t, F> {
    /// Before the first line.
    ///
    /// # Panics
    /// If the table is not sound.
    #[must_use]
    pub fn new(table: &'t Table<F>) -> Self {
        table.assert_sound();
        let commands = table.commands.iter().flat_map(|command| command.names().map(move |name| (name, *command)));
        Self {
            table,
            commands: commands.collect(),
            consoles: names_at_consoles(table),
            names: Names::default(),
            settings: BTreeMap::new(),
            operations: Operations::default(),
            snapshots: Snapshots::default(),
            first_step: None,
            founding: None,
            block: None,
            ended: false,
            comment: None,
        }
    }

    /// The next line, given without its end. Nothing if it is blank or a comment, or if the script has ended.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_line(&mut self, line_number: usize, text: &str) -> Result<Option<Invocation<F>>, Vec<Mistake>> {
        let mut tally = Tally::default();
        let invocation = self.read_line(Line::of_script(line_number, text), &mut tally);
        if tally.count() == 0 { Ok(invocation) } else { Err(tally.into_kept()) }
    }

    /// Has a command ended the script?
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The nodes that joined so far, by number.
    pub fn joined(&self) -> impl Iterator<Item = NodeName> {
        self.names.iter()
    }

    /// Reads a line, and adds what is wrong with it to the tally.
    pub(super) fn read_line(&mut self, line: Line<'_>, tally: &mut Tally) -> Option<Invocation<F>> {
        if self.ended || !is_short(line, tally) {
            return None;
        }
        if let Some((at, letter)) = first_control(line.text) {
            tally.add(|| control_mistake(line, at, letter));
            self.read_for_names(line);
            return None;
        }
        let head = Head::of(line.text)?;
        self.read_command(line, head, None, tally)
    }

    /// Reads a command from its name on, up to the line's end.
    fn read_command<'l>(
        &mut self,
        line: Line<'l>,
        head: Head<'l>,
        holder: Option<Holder>,
        tally: &mut Tally,
    ) -> Option<Invocation<F>> {
        let typed = take_console(line, head, tally)?;
        self.read_typed(line, typed, holder, tally)
    }

    /// The same from the name on that stands behind the node of a console, if one is named.
    fn read_typed<'l>(
        &mut self,
        line: Line<'l>,
        (node, head): (Option<Word<'l>>, Head<'l>),
        holder: Option<Holder>,
        tally: &mut Tally,
    ) -> Option<Invocation<F>> {
        let start = node.as_ref().map_or(head.range.start, |node| node.range.start);
        let Found { command, typed_name, console, end } = match &node {
            None => self.find(line, &head, tally)?,
            Some(node) => self.find_at_console((line, node), &head, tally)?,
        };
        let before = tally.count();
        let place = line.place(start..end);
        if let Some(holder) = holder {
            check_held(command, holder, place, tally);
        }
        let typed_at = node.as_ref().zip(console).map(|(node, console)| TypedAt { node, console });
        let name = Name { head: &head, end };
        let arguments = ArgumentReader::new(command, self.reading((line, name, typed_at)), tally).read();
        self.comment = arguments.comment_at;
        self.note_named_settings(command, (line, &arguments), tally);
        match holder {
            None => self.note_phase(command, (line, place), tally),
            Some(holder) => self.check_joins_nobody_new(command, &arguments, (holder, place), tally),
        }
        let is_sound = tally.count() == before;
        self.note_joins(command, (&arguments, place), if is_sound { LeftOut::None } else { LeftOut::Perhaps });
        self.note_names(command, &arguments, place);
        let held = arguments.held_at.map(|at| self.read_held(command, (line, at), holder, tally));
        let console = typed_at.and_then(|TypedAt { node, console }| self.node_of_console(node, console));
        (tally.count() == before).then(|| Invocation {
            command,
            typed_name,
            console,
            arguments: arguments.values,
            held: held.flatten().map(Box::new),
            place,
        })
    }

    /// The command of a script that a line names; if there is none, that is reported.
    fn find(&mut self, line: Line<'_>, head: &Head<'_>, tally: &mut Tally) -> Option<Found<F>> {
        if let Some((typed_name, command)) = self.commands.get_key_value(head.name) {
            return Some(Found { command, typed_name, console: None, end: head.range.end });
        }
        self.report_unknown_command(line, head, tally);
        None
    }

    /// What arguments are read from: a part of a line, and what is known from the lines before it.
    fn reading<'r>(&'r self, (line, name, typed_at): (Line<'r>, Name<'r>, Option<TypedAt<'r>>)) -> Reading<'r> {
        let Self { names, operations, snapshots, .. } = self;
        Reading { line, name, typed_at, names, operations, snapshots }
    }

    /// Notes the operations that a line begins and waits for, and the snapshots that it takes.
    fn note_names(&mut self, command: &Command<F>, read: &Arguments, place: Place) {
        for (parameter, argument) in command.parameters.iter().zip(&read.values) {
            match (parameter.kind, argument) {
                (ParameterKind::NewOperation, Argument::Text(name)) => self.operations.begin(name, place),
                (ParameterKind::Operation, Argument::Text(name)) => self.operations.wait_for(name, place),
                (ParameterKind::SnapshotName, Argument::Text(name)) => self.snapshots.take(name, place),
                _ => {}
            }
        }
    }

    /// Notes where settings, steps and the end are, and what is wrong with that.
    fn note_phase(&mut self, command: &'static Command<F>, (line, place): (Line<'_>, Place), tally: &mut Tally) {
        self.check_block(command, (line, place), tally);
        match command.phase {
            Phase::Setting => self.note_setting(command, place, tally),
            Phase::Step | Phase::Operation | Phase::Passage => {
                self.first_step.get_or_insert(place);
            }
            Phase::Block => {
                self.first_step.get_or_insert(place);
                self.block.get_or_insert((command.name, place));
            }
            Phase::BlockEnd => self.block = None,
            Phase::Founding => {
                self.note_founding(command, (line, place), tally);
                self.first_step.get_or_insert(place);
            }
            Phase::End => self.ended = true,
        }
    }

    /// Notes the settings that stand among the named parameters of a command.
    fn note_named_settings(&mut self, command: &Command<F>, (line, read): (Line<'_>, &Arguments), tally: &mut Tally) {
        for (parameter, range) in command.parameters.iter().zip(&read.keys) {
            let setting = parameter.key().and_then(|key| self.commands.get(key).copied());
            let setting = setting.filter(|setting| setting.phase == Phase::Setting);
            if let (Some(setting), Some(range)) = (setting, range) {
                self.note_setting(setting, line.place(range.clone()), tally);
            }
        }
    }

    fn note_founding(&mut self, command: &Command<F>, (line, place): (Line<'_>, Place), tally: &mut Tally) {
        let name = command.name;
        if let Some(first) = self.founding {
            tally.add(|| {
                Mistake::new(format!("`{name}` stands here a second time"), place)
                    .label("the second time")
                    .help(format!("one line says all; single nodes may join later\n{}", line.hint(command)))
                    .also(first, "the first time")
            });
        } else if let Some(joined) = self.names.first() {
            tally.add(|| {
                Mistake::new(format!("`{name}` comes too late"), place)
                    .label("move it before the first node that joins")
                    .help(format!("it numbers servers and clients from 1, and so comes first\n{}", line.hint(command)))
                    .also(joined.place, "the first node joins here")
            });
        }
        self.founding.get_or_insert(place);
    }

    fn note_setting(&mut self, command: &Command<F>, place: Place, tally: &mut Tally) {
        let name = command.name;
        let first = self.settings.get(name).copied();
        if let Some(step) = self.first_step {
            tally.add(|| {
                Mistake::new(format!("`{name}` is a setting, and comes too late"), place)
                    .label("move it to the top")
                    .help("settings stand before the first command that is not one")
                    .also(step, "the first command that is not a setting")
            });
        } else if let Some(first) = first {
            tally.add(|| {
                Mistake::new(format!("`{name}` is set twice"), place)
                    .label("the second time")
                    .help("a setting holds for the whole script; keep one of them")
                    .also(first, "the first time")
            });
        }
        self.settings.entry(name).or_insert(place);
    }

    /// Notes the nodes that a line joins, whatever else is wrong with the line. Where it cannot be read how many these
    /// are, it is as many as there may be.
    fn note_joins(&mut self, command: &Command<F>, (read, place): (&Arguments, Place), left_out: LeftOut) {
        for ((parameter, argument), key) in command.parameters.iter().zip(&read.values).zip(&read.keys) {
            if let (Some(_), Argument::Node(reference)) = (parameter.kind.joins(), argument) {
                self.names.join(reference, place);
            }
            if let Some((kind, most)) = parameter.kind.joins_up_to() {
                self.names.number_kinds_apart();
                let is_left_out = key.is_none() && matches!(parameter.given, Given::MayBeNamed(_));
                let count = match argument {
                    Argument::Number(count) => u32::try_from(*count).unwrap_or(most),
                    _ if is_left_out && left_out == LeftOut::None => 0,
                    _ => most,
                };
                for number in 1..=count {
                    let name = NodeName { kind, number };
                    let numbering = self.names.numbering();
                    self.names.join(&NodeReference { name, typed: name.to_string(), numbering }, place);
                }
            }
        }
    }

    /// Reads a line with control characters as if it had none, only for what it would join.
    fn read_for_names(&mut self, line: Line<'_>) {
        let text: String = line.text.chars().filter(|letter| !letter.is_control() || *letter == '\t').collect();
        let Some(head) = Head::of(&text) else { return };
        if let Some(&command) = self.commands.get(head.name) {
            self.read_names_as(command, line.with_text(&text), &head);
        }
    }

    /// Reads a line that has a mistake already as one of `command`, only for what it would join.
    fn read_names_as(&mut self, command: &'static Command<F>, line: Line<'_>, head: &Head<'_>) {
        let name = Name { head, end: head.range.end };
        let arguments = ArgumentReader::new(command, self.reading((line, name, None)), &mut Tally::default()).read();
        self.note_joins(command, (&arguments, line.place(0..0)), LeftOut::Perhaps);
    }

    /// There is no such command. If a near one joins nodes, the line counts as one of that command.
    fn report_unknown_command(&mut self, line: Line<'_>, head: &Head<'_>, tally: &mut Tally) {
        // Beyond those that are shown no near command is looked for: that would be most of the work.
        let looked_for = tally.keeps() && console::meant_console(head.name).is_none() && !head.name.ends_with(':');
        let near = if looked_for { nearest(head.name, self.table.names()) } else { None };
        let near = near.and_then(|name| Some((name, *self.commands.get(name)?)));
        tally.add(|| {
            let help = match near {
                Some((name, command)) => format!("did you mean `{name}`?\n{}", line.hint(command)),
                None => self.where_typed(head.name),
            };
            Mistake::new(format!("there is no command {}", quoted(head.name)), line.place(head.range.clone()))
                .label("not a command")
                .help(help)
        });
        if let Some((_, command)) = near {
            self.read_names_as(command, line, head);
        }
    }

    /// What is no command of a script may be one of a console.
    fn where_typed(&self, name: &str) -> String {
        if name == "-" || name.strip_suffix(':').is_some_and(|name| !name.is_empty()) {
            return "this looks like YAML: such a script begins with `cluster:`, `network:` or `steps:`, or its name ends in \
                    .yaml, or it is read with --format yaml"
                .to_owned();
        }
        if name == "fails" {
            return "in lines it is written `!`\nexample: ! put 2 x 1".to_owned();
        }
        if let Some(node) = console::meant_console(name) {
            let example = if node.is_server() { "printStore" } else { "get 'a'" };
            return format!("a line for a console begins `{node}:`\nexample: {node}: {example}");
        }
        let at_console = |(kind, names)| Some((kind, console::named(names, name)?));
        match self.consoles.iter().find_map(at_console) {
            Some((kind, (_, console))) => {
                let example = console::example_of(console, name);
                format!("it is typed at the console of a {kind}\nexample: {example}")
            }
            None => "`master help commands` lists the commands".to_owned(),
        }
    }

    /// The script has been read to its end: says of an id that was unknown on its line that it joins later.
    pub(super) fn explain_unknown_id(&self, mistake: &mut Mistake, (id, wanted): SoughtId) {
        let Some(joined) = self.names.find(id, wanted).filter(|joined| joined.place.line > mistake.place.line) else {
            return;
        };
        mistake.help = Some(format!("it joins later, on line {}; a node joins before it is used", joined.place.line));
        mistake.also =
            Some((joined.place, format!("{} joins as a {} here", self.names.text(joined.name()), joined.kind)));
    }
}

/// What a line says that holds no command: a comment without its mark, or nothing. `None` if it may hold one.
fn remark(line: &str) -> Option<Option<String>> {
    match line.trim_matches(BLANKS) {
        "" => Some(None),
        text if begins_comment(text) && !text.contains(is_odd) && text.len() <= limits::SCRIPT_LINE_BYTES => {
            Some(Some(without_mark(text).to_owned()))
        }
        _ => None,
    }
}

/// What stands behind the end of a script is not read, and kept as a comment.
fn without_control_characters(text: &str) -> String {
    text.trim().chars().filter(|letter| !is_odd(*letter)).collect()
}

/// A comment without what marks it as one.
fn without_mark(comment: &str) -> &str {
    comment.strip_prefix('#').or_else(|| comment.strip_prefix("//")).unwrap_or(comment).trim()
}

/// Is the line short enough to be read?
fn is_short(line: Line<'_>, tally: &mut Tally) -> bool {
    let (text, limit) = (line.text, limits::SCRIPT_LINE_BYTES);
    if text.len() <= limit {
        return true;
    }
    tally.add(|| {
        let start = (0..=limit).rev().find(|&at| text.is_char_boundary(at)).expect("0 is one");
        Mistake::new(format!("the line is longer than {limit} bytes"), line.place(start..text.len()))
            .label("the limit is reached here")
            .help(format!("it has {} bytes", text.len()))
    });
    false
}

/// The first control character that is not a blank, and where it stands.
fn first_control(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(_, letter)| is_odd(*letter))
}

/// A control character that is no blank.
fn is_odd(letter: char) -> bool {
    letter.is_control() && letter != '\t'
}

fn control_mistake(line: Line<'_>, at: usize, letter: char) -> Mistake {
    let code = format!("U+{:04X}", u32::from(letter));
    let name = match letter {
        '\0' => format!("a NUL byte ({code})"),
        '\r' => format!("a carriage return ({code})"),
        '\u{1b}' => format!("an escape character ({code})"),
        _ => format!("the control character {code}"),
    };
    Mistake::new(format!("{name} stands in the line"), line.place(at..at + letter.len_utf8()))
        .label(code)
        .help("a line is text without control characters; remove it")
}
