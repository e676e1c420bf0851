//! The nodes of a YAML document, each with its place, and what of YAML has no place in a script.
//!
//! What is guaranteed:
//! 1. Time and memory grow with the length of the text. Anchors and aliases are refused where they stand and never
//!    followed, so nothing grows by them.
//! 2. Collections nest at most [`limits::YAML_DEPTH`] deep.
//! 3. The keys of a mapping are texts, and no two of them are equal.
//!
//! Deliberately missing: what the nodes mean, and the types of YAML. A scalar is a text, as it stands; only `null` is
//! known, and nothing.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use crate::base::limits;
use crate::script::composed::Reads;
use crate::script::excerpt::quoted;
use crate::script::invocation::Place;
use crate::script::mistake::{Mistake, Tally};
use crate::script::yaml::faults::{options, what_is_wrong};
use crate::script::yaml::lines::SourceLines;

/// A node with its place: of one that reaches over several lines, what stands on the first.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) content: Content,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing, `null` or `~`.
    Null,
    /// A scalar.
    Text(Text),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order in which it is written; whether it has all that is written there.
    Map(Vec<Entry>, Whole),
    /// What has no place in a script, which was reported.
    Refused,
}

/// Is a mapping all that is written?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// It is.
    Yes,
    /// A key of it was refused, which was reported.
    No,
}

/// A scalar.
#[derive(Debug)]
pub(super) struct Text {
    /// What it says, without quotes, escapes resolved.
    pub(super) text: String,
    /// How it reads in the script, where [`Text::place`] is.
    pub(super) reads: Reads,
    /// The place of the text itself: without quotes, if it reads as it stands.
    pub(super) place: Place,
}

/// A key of a mapping with its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Text,
    pub(super) value: Node,
}

impl Content {
    /// What it is called where something else was expected.
    pub(super) fn called(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(..) => "a mapping",
            Self::Refused => "an alias",
        }
    }
}

/// A remark that stands in the document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comment {
    /// The line on which it stands.
    pub(super) line: usize,
    /// Whether something else stands before it on that line.
    pub(super) is_behind_something: bool,
    /// What stands behind its mark.
    pub(super) text: String,
}

/// What a text holds.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Its one document; none if it is empty, or cannot be read.
    pub(super) root: Option<Node>,
    /// Its comments.
    pub(super) comments: Vec<Comment>,
}

/// Reads a text as YAML, and adds what is wrong with it to the tally. Reading ends at the first thing that is no YAML.
pub(super) fn read(lines: &SourceLines<'_>, tally: &mut Tally) -> Document {
    let (open, document) = (Vec::new(), Document::default());
    let mut reader = Reader { lines, tally, open, document, documents: 0, had_anchor: false, had_alias: false };
    for event in Parser::new_from_str_with_options(lines.text(), options()) {
        match event {
            Ok((event, span)) => {
                if !reader.take(&event, &span) {
                    break;
                }
            }
            Err(error) => {
                let open = reader.open.iter().rev().find_map(|open| match open {
                    Open::List { place, style, .. } | Open::Map { place, style, .. } => {
                        (*style == StructureStyle::Flow).then_some(*place)
                    }
                });
                let mistake = what_is_wrong(&error, lines, open);
                reader.tally.add(|| mistake);
                reader.document.root = None;
                break;
            }
        }
    }
    reader.document
}

/// Puts nodes together from the parser's events.
struct Reader<'r> {
    lines: &'r SourceLines<'r>,
    tally: &'r mut Tally,
    /// The collections that are open, each within the one before it.
    open: Vec<Open>,
    document: Document,
    documents: usize,
    had_anchor: bool,
    had_alias: bool,
}

/// A collection whose end has not come.
enum Open {
    List {
        place: Place,
        style: StructureStyle,
        nodes: Vec<Node>,
    },
    Map {
        place: Place,
        style: StructureStyle,
        entries: Vec<Entry>,
        whole: Whole,
        seen: BTreeMap<String, Place>,
        key: Key,
    },
}

/// The key for which a mapping awaits a value.
enum Key {
    /// A key comes next.
    Awaited,
    /// This one.
    Is(Text),
    /// One that is none, or stands here a second time: its value is read, and forgotten.
    Refused,
}

impl Reader<'_> {
    /// Takes the next event. Is the rest to be read?
    fn take(&mut self, event: &Event<'_>, span: &Span) -> bool {
        if event.tag().is_some() && self.refuse_tag(event, span) {
            return true;
        }
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let place = self.lines.place(span);
                    self.refuse(
                        place,
                        "a second document begins here",
                        "a script is one document; put it in a file of its own",
                    );
                    return false;
                }
            }
            Event::Scalar(text, style, _, tag) => {
                let place = self.lines.place(span);
                let is_null = *style == ScalarStyle::Plain && tag.is_none() && is_null(text);
                let content = match is_null {
                    true => Content::Null,
                    false => Content::Text(self.lines.text_of(text, *style, span)),
                };
                self.put(Node { place, content });
            }
            Event::SequenceStart(style, ..) => {
                let (place, nodes) = (self.lines.place(span), Vec::new());
                self.open.push(Open::List { place, style: *style, nodes });
            }
            Event::MappingStart(style, ..) => {
                let place = self.lines.place(span);
                let (entries, seen) = (Vec::new(), BTreeMap::new());
                self.open.push(Open::Map { place, style: *style, entries, whole: Whole::Yes, seen, key: Key::Awaited });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.open.pop() {
                    Some(Open::List { place, nodes, .. }) => Node { place, content: Content::List(nodes) },
                    Some(Open::Map { place, entries, whole, .. }) => {
                        Node { place, content: Content::Map(entries, whole) }
                    }
                    None => return true,
                };
                self.put(node);
            }
            Event::Anchor(_, name) if !std::mem::replace(&mut self.had_anchor, true) => {
                let place = self.lines.place(span);
                let what = format!("the anchor {} has no place in a script", quoted(&format!("&{name}")));
                self.refuse(place, &what, "remove it, and write out what an alias would repeat");
            }
            Event::Alias(_) => self.refuse_alias(span),
            Event::UnresolvedAlias(_) => self.refuse_alias(span),
            Event::Comment(text, _) => {
                let is_behind_something = self.lines.has_something_before(span);
                let line = self.lines.place(span).line;
                self.document.comments.push(Comment { line, is_behind_something, text: text.trim().to_owned() });
            }
            // Beginning and end, anchors after the first, and what a later parser may tell beside: no nodes.
            _ => {}
        }
        true
    }

    /// Is the node of the tag refused with it?
    fn refuse_tag(&mut self, event: &Event<'_>, span: &Span) -> bool {
        let place = self.lines.place(span.tag_span().as_ref().unwrap_or(span));
        let tag = self.lines.written(place);
        let Event::Scalar(text, ..) = event else {
            self.refuse(place, &format!("the tag {} has no place in a script", quoted(tag)), "remove it");
            return false;
        };
        // In lines it is the name of a command, and without it the step would say the contrary.
        if !tag.starts_with("!!") {
            let what = format!("{} begins a tag, which has no place in a script", quoted(tag));
            self.tally.add(|| {
                let step = format!("{} {text}", &tag[1..]);
                let step = step.trim_start_matches([':', ' ']);
                Mistake::new(what, place)
                    .label("in YAML a command that must fail is called `fails`")
                    .help(format!("write `- fails: {step}`"))
            });
            self.put(Node { place, content: Content::Refused });
            return true;
        }
        self.refuse(place, &format!("the tag {} has no place in a script", quoted(tag)), "remove it");
        false
    }

    /// Only the first one is told: the others are no other mistake.
    fn refuse_alias(&mut self, span: &Span) {
        let place = self.lines.place(span);
        if !std::mem::replace(&mut self.had_alias, true) {
            self.refuse(place, "an alias has no place in a script", "write out what it would repeat");
        }
        // It stands for a node.
        self.put(Node { place, content: Content::Refused });
    }

    /// A node is whole: it goes where it belongs.
    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.document.root = Some(node),
            Some(Open::List { nodes, .. }) => nodes.push(node),
            Some(Open::Map { entries, key, .. }) => match std::mem::replace(key, Key::Awaited) {
                Key::Awaited => self.put_key(node),
                Key::Is(key) => entries.push(Entry { key, value: node }),
                Key::Refused => {}
            },
        }
    }

    /// The next key of the innermost mapping.
    fn put_key(&mut self, node: Node) {
        let place = node.place;
        let key = match node.content {
            Content::Text(text) if text.text == "<<" => {
                self.refuse(place, "the merge key `<<` has no place in a script", "write out what it would merge");
                Key::Refused
            }
            Content::Text(text) => self.distinct(text, place),
            Content::Refused => Key::Refused,
            other => {
                let what = format!("a key is a text, and this is {}", other.called());
                self.refuse(place, &what, "a key is the name of a command, or of a parameter");
                Key::Refused
            }
        };
        if let Some(Open::Map { key: awaited, whole, .. }) = self.open.last_mut() {
            if let Key::Refused = key {
                *whole = Whole::No;
            }
            *awaited = key;
        }
    }

    /// The key, unless the innermost mapping has it already.
    fn distinct(&mut self, text: Text, place: Place) -> Key {
        let Some(Open::Map { seen, .. }) = self.open.last_mut() else { return Key::Refused };
        let Some(first) = seen.get(&text.text).copied() else {
            seen.insert(text.text.clone(), place);
            return Key::Is(text);
        };
        self.tally.add(|| {
            Mistake::new(format!("the key {} stands here a second time", quoted(&text.text)), place)
                .label("the second time")
                .help("a mapping has each key once; a command that is carried out twice is two steps of a list")
                .also(first, "the first time")
        });
        Key::Refused
    }

    fn refuse(&mut self, place: Place, what: &str, label: &str) {
        self.tally.add(|| Mistake::new(what, place).label(label));
    }
}

/// Is an unquoted scalar nothing, as YAML's core schema has it?
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

const _: () = assert!(limits::YAML_DEPTH < 256, "the parser counts no deeper");
