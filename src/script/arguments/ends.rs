//! Arguments that name nodes, and the links and messages between them.

use crate::base::identity::parse_number;
use crate::base::{NodeKind, NodeName};
use crate::script::arguments::ArgumentReader;
use crate::script::excerpt::quoted;
use crate::script::invocation::Argument;
use crate::script::links::{ARROW, BAR, EVERYBODY, End, Links, Ways};
use crate::script::messages::{Messages, NEXT, may_be_a_type};
use crate::script::mistake::Mistake;
use crate::script::nearest::nearest;
use crate::script::table::{Next, Parameter};
use crate::script::targets::{Role, Target};
use crate::script::words::{Quotes, Word};

impl<'r, F> ArgumentReader<'r, F> {
    /// Nodes of kind `wanted` (or of any) with commas between them, by name or by the part that they play.
    pub(super) fn targets(
        &mut self,
        parameter: &Parameter,
        wanted: Option<NodeKind>,
        word: &Word<'_>,
    ) -> Option<Vec<Target>> {
        let mut start = word.range.start;
        let mut targets: Vec<Target> = Vec::new();
        let mut is_whole = true;
        for text in word.text.split(',') {
            let range = start..start + text.len();
            start = range.end + 1;
            match self.target(parameter, wanted, &Word { text, range, unquoted: None }) {
                Some(target) => targets.push(target),
                None => is_whole = false,
            }
        }
        is_whole.then_some(targets)
    }

    fn target(&mut self, parameter: &Parameter, wanted: Option<NodeKind>, word: &Word<'_>) -> Option<Target> {
        if let Some(role) = Role::of(word.text) {
            return Some(Target::Role(role));
        }
        if may_be_a_type(word.text) {
            self.report_unknown_role(word);
            return None;
        }
        match self.joined(parameter, wanted, word) {
            Argument::Node(reference) => Some(Target::Node(reference)),
            // What is wrong with it was reported.
            _ => None,
        }
    }

    /// A word that looks like that of a role, and is none.
    fn report_unknown_role(&mut self, word: &Word<'_>) {
        let (line, command) = (self.line, self.command);
        let console = self.console;
        self.tally.add(|| {
            let words = Role::EVERY.map(Role::word);
            let meant = nearest(word.text, words);
            let meant = meant.map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
            Mistake::new(
                format!("{} is no node, and no part that servers play", quoted(word.text)),
                line.place(word.range.clone()),
            )
            .label(format!("expected a number, s or c and a number, or one of {}", words.join(", ")))
            .help(format!("{meant}{}", line.hint_at(command, console)))
        });
    }

    /// Nodes with blanks between them, up to the line's end.
    pub(super) fn several(&mut self, parameter: &Parameter, kind: NodeKind, first: &Word<'r>) -> Argument {
        let mut targets = Vec::new();
        let mut is_whole = true;
        let mut word = Some(first.clone());
        while let Some(next) = word {
            match self.target(parameter, Some(kind), &next) {
                Some(target) => targets.push(target),
                None => is_whole = false,
            }
            word = self.next(Quotes::Ordinary);
        }
        if is_whole { Argument::Targets(targets) } else { Argument::Absent }
    }

    /// Links: one end, perhaps an arrow, the other end.
    pub(super) fn links(&mut self, parameter: &Parameter, first: &Word<'_>) -> Option<Links> {
        let from = self.end(parameter, first);
        let Some(mut second) = self.next(Quotes::Ordinary) else {
            match self.line.is_by_hand() {
                // The node of the console, which nobody typed, is the first end.
                true => self.report_missing_after(&Word { text: self.typed, ..first.clone() }, "DEST"),
                false => self.report_missing_after(first, "B"),
            }
            return None;
        };
        let mut ways = Ways::Both;
        if second.text == ARROW {
            ways = Ways::One;
            let Some(third) = self.next(Quotes::Ordinary) else {
                self.report_missing_after(&second, "B");
                return None;
            };
            second = third;
        }
        let to = self.end(parameter, &second);
        let links = Links { from: from?, to: to?, ways };
        self.check_link(&links, first, &second);
        Some(links)
    }

    /// One end of links: a node, several with commas between them, or everybody.
    fn end(&mut self, parameter: &Parameter, word: &Word<'_>) -> Option<End> {
        if let Some((one, other)) = word.text.split_once(ARROW).filter(|_| word.text != ARROW) {
            let expected = format!("expected blanks around the arrow: `{one} {ARROW} {other}`");
            self.refuse(word, "is not the end of a link", &expected);
            self.skip_rest();
            return None;
        }
        if word.text == EVERYBODY {
            return Some(End::All);
        }
        self.targets(parameter, None, word).map(End::Nodes)
    }

    /// Two nodes between which there is no link.
    fn check_link(&mut self, links: &Links, first: &Word<'_>, second: &Word<'_>) {
        let Some((from, to)) = links.single() else { return };
        if from == to {
            self.report_own_link(to, second);
        } else if !from.is_server() && !to.is_server() {
            self.report_clients_link(&(from, first.range.clone()), &(to, second.range.clone()));
        }
    }

    /// Between these two nothing is ever sent.
    pub(super) fn check_ends(&mut self, from: NodeName, to: NodeName, word: &Word<'_>) {
        if from == to {
            self.report_own_link(to, word);
        } else if !from.is_server() && !to.is_server() {
            self.report_clients_link(&(from, word.range.clone()), &(to, word.range.clone()));
        }
    }

    /// Messages: perhaps how many, perhaps of which type, and their links.
    pub(super) fn messages(&mut self, parameter: &Parameter, allowed: Next, first: &Word<'r>) -> Option<Messages> {
        let mut word = first.clone();
        let mut next = None;
        let mut is_whole = true;
        if word.text == NEXT {
            if allowed == Next::Refused {
                let expected = "it is about all of them; `deliver next` lets some pass that are held";
                self.refuse(&word, "stands in the wrong place", expected);
                is_whole = false;
            }
            next = Some(1);
            word = self.after_next(&word)?;
            // A number is how many, unless an arrow behind it says that it is a node.
            if parse_number(word.text).is_some() && self.peek().is_none_or(|behind| behind.text != ARROW) {
                next = self.how_many_next(&word);
                is_whole &= next.is_some();
                word = self.after_next(&word)?;
            }
        }
        let mut kind = None;
        if may_be_a_type(word.text) && Role::of(word.text).is_none() {
            kind = Some(word.text.to_owned());
            let Some(behind) = self.next(Quotes::Ordinary) else {
                self.report_missing_after(&word, "A [->] B");
                return None;
            };
            word = behind;
        }
        let links = self.links(parameter, &word)?;
        is_whole.then_some(Messages { next, kind, links })
    }

    /// What stands behind `next`, or behind its number.
    fn after_next(&mut self, word: &Word<'_>) -> Option<Word<'r>> {
        let behind = self.next(Quotes::Ordinary);
        if behind.is_none() {
            self.report_missing_after(word, "[TYPE] A [->] B");
        }
        behind
    }

    fn how_many_next(&mut self, word: &Word<'_>) -> Option<u64> {
        let count = parse_number(word.text).filter(|count| *count > 0);
        if count.is_none() {
            self.refuse(word, "is not how many", "expected 1 or more");
        }
        count.map(u64::from)
    }

    /// Groups of nodes, with bars between them; or a word that stands for some.
    pub(super) fn groups(&mut self, parameter: &Parameter, shapes: &[&'static str], first: &Word<'r>) -> Argument {
        if shapes.contains(&first.text) {
            return Argument::Text(first.text.to_owned());
        }
        let mut groups: Vec<Vec<Target>> = vec![Vec::new()];
        let mut is_whole = true;
        let mut word = Some(first.clone());
        while let Some(next) = word {
            if next.text == BAR {
                groups.push(Vec::new());
            } else if groups.len() == 1 && groups[0].is_empty() && self.peek().is_none() && may_be_a_type(next.text) {
                self.report_no_choice(parameter, shapes, &next);
                return Argument::Absent;
            } else if let Some(target) = self.target(parameter, None, &next) {
                if groups.iter().flatten().any(|other| other.canonical() == target.canonical()) {
                    self.refuse(&next, "is named twice", "a node is in one group");
                    is_whole = false;
                }
                groups.last_mut().expect("there is one from the start").push(target);
            } else {
                is_whole = false;
            }
            word = self.next(Quotes::Ordinary);
        }
        if is_whole && groups.iter().any(Vec::is_empty) {
            self.refuse(
                first,
                "begins groups of which one is empty",
                "each group has a node at least, and `|` stands between groups",
            );
            return Argument::Absent;
        }
        if is_whole { Argument::Groups(groups) } else { Argument::Absent }
    }
}
