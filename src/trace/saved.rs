//! A trace that was saved, read again.
//!
//! Only what nodes did and what was done to them is read; what the script said and the network lost is passed over.

use std::io::BufRead;

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

use crate::base::NodeName;
use crate::trace::TRACE_VERSION;
use crate::wire::disk::FileName;

/// Why a trace cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The first line is not that of a trace.
    #[error("its first line is not that of a splitbrain trace of version {TRACE_VERSION}")]
    Header,
    /// A line is no happening.
    #[error("its line {line} is no happening: {reason}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why not.
        reason: serde_json::Error,
    },
}

/// A saved trace, read line by line.
pub struct SavedTrace<R> {
    input: R,
    line: usize,
    text: String,
    ending: Ending,
}

/// How a trace ends, as far as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// In the middle: what came after was not saved, or is lost.
    #[default]
    Missing,
    /// The run came to its end.
    End,
    /// The run could not go on, for this reason.
    Stopped(String),
}

/// The happenings that concern one node.
#[derive(Debug)]
pub struct SavedEvent<'a> {
    /// The number of the happening.
    pub event: u64,
    /// Whom it concerns.
    pub node: NodeName,
    /// What happened.
    pub what: Saved<'a>,
}

/// What happened to a node.
#[derive(Debug)]
pub enum Saved<'a> {
    /// It was started.
    Started {
        /// The protocol that it runs, if it is a server of ours.
        protocol: Option<String>,
        /// The program that it runs, if it is one of the user's.
        run: Option<Vec<String>>,
    },
    /// It took a step.
    Step {
        /// The line that it got, without its line break.
        line: &'a str,
        /// The lines that it put out, without their line breaks.
        outputs: Vec<&'a str>,
    },
    /// It died.
    Died {
        /// How many outputs of its last step had happened, if not all had.
        after: Option<usize>,
        /// The lengths of its files after that.
        files: Vec<(FileName, u64)>,
    },
    /// Something was done to its disk.
    Disk {
        /// What, as the script said it.
        fault: String,
    },
}

/// A line of the file, with the fields of all kinds.
#[derive(Deserialize)]
struct Line<'a> {
    event: u64,
    kind: &'a str,
    node: Option<NodeName>,
    protocol: Option<String>,
    run: Option<Vec<String>>,
    #[serde(borrow)]
    line: Option<&'a RawValue>,
    #[serde(borrow, default)]
    outputs: Vec<&'a RawValue>,
    after: Option<usize>,
    #[serde(default)]
    files: Vec<(FileName, u64)>,
    fault: Option<String>,
    text: Option<String>,
}

impl<R: BufRead> SavedTrace<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// It is no trace, or one of another version.
    pub fn new(input: R) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Header {
            format: String,
            version: u32,
        }
        let mut trace = Self { input, line: 0, text: String::new(), ending: Ending::default() };
        trace.read_line()?;
        match serde_json::from_str::<Header>(&trace.text) {
            Ok(Header { format, version: TRACE_VERSION }) if format == "splitbrain trace" => Ok(trace),
            Ok(_) | Err(_) => Err(Unreadable::Header),
        }
    }

    /// The next happening that concerns a node; `None` at the end.
    ///
    /// # Errors
    /// A line is no happening, or cannot be read.
    pub fn next_event(&mut self) -> Result<Option<SavedEvent<'_>>, Unreadable> {
        loop {
            if self.read_line()? == 0 {
                return Ok(None);
            }
            let unreadable = |reason| Unreadable::Line { line: self.line, reason };
            // Twice, for the borrow checker cannot see that a line that is passed over is let go of.
            match read(&self.text).map_err(unreadable)? {
                Read::Event(_) => break,
                Read::Ending(ending) => self.ending = ending,
                Read::Other => {}
            }
        }
        match read(&self.text).map_err(|reason| Unreadable::Line { line: self.line, reason })? {
            Read::Event(event) => Ok(Some(event)),
            Read::Ending(_) | Read::Other => unreachable!("looked at above"),
        }
    }

    /// How it ends, as far as it was read.
    #[must_use]
    pub fn ending(&self) -> &Ending {
        &self.ending
    }

    fn read_line(&mut self) -> Result<usize, Unreadable> {
        self.line += 1;
        self.text.clear();
        Ok(self.input.read_line(&mut self.text)?)
    }
}

/// What a line is to whoever follows the nodes.
enum Read<'a> {
    Event(SavedEvent<'a>),
    Ending(Ending),
    Other,
}

fn read(text: &str) -> serde_json::Result<Read<'_>> {
    let Line { event, kind, node, protocol, run, line, outputs, after, files, fault, text } =
        serde_json::from_str(text)?;
    let what = match (kind, line, fault) {
        ("started", _, _) => Saved::Started { protocol, run },
        ("step", Some(line), _) => {
            Saved::Step { line: line.get(), outputs: outputs.into_iter().map(RawValue::get).collect() }
        }
        ("killed" | "crashed" | "refused", _, _) => Saved::Died { after, files },
        ("disk", _, Some(fault)) => Saved::Disk { fault },
        ("step", None, _) => return Err(serde_json::Error::missing_field("line")),
        ("disk", _, None) => return Err(serde_json::Error::missing_field("fault")),
        ("end", _, _) => return Ok(Read::Ending(Ending::End)),
        ("stopped", _, _) => return Ok(Read::Ending(Ending::Stopped(text.unwrap_or_default()))),
        _ => return Ok(Read::Other),
    };
    let node = node.ok_or_else(|| serde_json::Error::missing_field("node"))?;
    Ok(Read::Event(SavedEvent { event, node, what }))
}
