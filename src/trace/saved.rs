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
        let mut trace = Self { input, line: 0, text: String::new() };
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
            // Twice, for the borrow checker cannot see that a line that is passed over is let go of.
            if event_of(&self.text).map_err(|reason| Unreadable::Line { line: self.line, reason })?.is_some() {
                break;
            }
        }
        event_of(&self.text).map_err(|reason| Unreadable::Line { line: self.line, reason })
    }

    fn read_line(&mut self) -> Result<usize, Unreadable> {
        self.line += 1;
        self.text.clear();
        Ok(self.input.read_line(&mut self.text)?)
    }
}

fn event_of(text: &str) -> serde_json::Result<Option<SavedEvent<'_>>> {
    let Line { event, kind, node, protocol, run, line, outputs, after, files, fault } = serde_json::from_str(text)?;
    let what = match (kind, line, fault) {
        ("started", _, _) => Saved::Started { protocol, run },
        ("step", Some(line), _) => {
            Saved::Step { line: line.get(), outputs: outputs.into_iter().map(RawValue::get).collect() }
        }
        ("killed" | "crashed" | "refused", _, _) => Saved::Died { after, files },
        ("disk", _, Some(fault)) => Saved::Disk { fault },
        ("step", None, _) => return Err(serde_json::Error::missing_field("line")),
        ("disk", _, None) => return Err(serde_json::Error::missing_field("fault")),
        _ => return Ok(None),
    };
    let node = node.ok_or_else(|| serde_json::Error::missing_field("node"))?;
    Ok(Some(SavedEvent { event, node, what }))
}
