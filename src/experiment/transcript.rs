//! The transcript: every command with its time, its answer, and what it did. Goldens hold it.
//!
//! ```text
//! 0.000000 put 2 a 1
//!          | success                              what the command printed or was answered
//!          ! text                                 a warning, or a finding with the state that decided below it
//!          ~ s0 -> s1 write lost (cut) x2         what network and faults did since; equal lines are summed
//!          ~ c2 timer retry after 0.150000 instead of 0.300000 (clock)     by the node's own clock; or any other step:
//!          ~ c2 steps by its own clock
//!          = s0 recovered 3 blocks                what a server that was started again had on its disk
//!          = s0 leads                             or `leads no longer`, or `is a learner`: its part since, as it says
//!          = s0 a:1                               what changed in stores since, the last value of each key
//! 0.004000 end: 14 messages, 2 lost, 0 in flight
//! ```
//!
//! Times are virtual, in seconds. Keys and values stand in canonical form. No hash, port, path or process id is in it,
//! but for those that a command prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::base::{Environment, Incarnation, NodeName, Time};
use crate::experiment::output::Snapshots;
use crate::store::Value;
use crate::trace::{Death, Happening, Loss, MessageName, Moment, Reader, Sink};
use crate::wire::control::InvokeOk;
use crate::wire::{Completion, ServerRole};

/// Writes a transcript.
pub struct Transcript {
    sink: Sink,
    snapshots: Snapshots,
    /// What network and faults did since the last command: each line with how often, in the order of first occurrence.
    network: Vec<(String, u64)>,
    /// Where a line stands in `network`.
    network_index: BTreeMap<String, usize>,
    /// What changed since the last command.
    stores: BTreeMap<NodeName, BTreeMap<String, Value>>,
    /// The node that was started again and has not taken its first step.
    starting: Option<NodeName>,
    /// The node whose timer has just become due at another time than by a true clock.
    shifted: Option<NodeName>,
    /// Who leads, as each says of itself.
    leaders: BTreeSet<NodeName>,
    /// What became of servers' parts since the last command.
    parts: Vec<(NodeName, Part)>,
    /// What servers recovered from their disks since the last command, in blocks.
    recovered: BTreeMap<NodeName, u64>,
}

/// What became of a server's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Leads,
    LeadsNoLonger,
    IsALearner,
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Leads => "leads",
            Self::LeadsNoLonger => "leads no longer",
            Self::IsALearner => "is a learner",
        })
    }
}

impl Transcript {
    /// Writes to `sink`.
    #[must_use]
    pub fn new(sink: Sink, snapshots: Snapshots) -> Self {
        Self {
            sink,
            snapshots,
            network: Vec::new(),
            network_index: BTreeMap::new(),
            stores: BTreeMap::new(),
            starting: None,
            shifted: None,
            leaders: BTreeSet::new(),
            parts: Vec::new(),
            recovered: BTreeMap::new(),
        }
    }

    /// A command that kills says so itself; what a loss of power costs shows only here.
    fn note_death(&mut self, node: NodeName, death: Death, losses: &[Loss]) {
        match death {
            Death::Killed | Death::Crashed | Death::Refused => {}
            Death::CrashedWaiting => {
                self.note_network(format!("{node} crashed at an output that had waited for its disk"));
            }
            Death::CrashedAfter { outputs, .. } => {
                self.note_network(format!("{node} crashed after {} of a step", counted(outputs as u64, "output")));
            }
        }
        for Loss { file, appends, torn } in losses {
            let lost = match (torn, appends) {
                (Some(_), _) => format!("lost half of an append to its {file} (torn)"),
                (None, 1) => format!("lost 1 append to its {file} that was not synced"),
                (None, _) => format!("lost {appends} appends to its {file} that were not synced"),
            };
            self.note_network(format!("{node} {lost}"));
        }
    }

    fn note_role(&mut self, node: NodeName, role: ServerRole) {
        let part = match role {
            ServerRole::Leader => {
                self.leaders.insert(node);
                Part::Leads
            }
            ServerRole::Learner => Part::IsALearner,
            ServerRole::Follower | ServerRole::Candidate if self.leaders.remove(&node) => Part::LeadsNoLonger,
            ServerRole::Follower | ServerRole::Candidate => return,
        };
        self.parts.retain(|taken| *taken != (node, part));
        self.parts.push((node, part));
    }

    /// What became of a message. Heartbeats are too many to be told.
    fn note_message(&mut self, message: &MessageName<'_>, what: fmt::Arguments<'_>) {
        let MessageName { from, to, kind } = message;
        if !MessageName::is_heartbeat(kind) {
            self.note_network(format!("{from} -> {to} {kind} {what}"));
        }
    }

    fn note_network(&mut self, line: String) {
        match self.network_index.get(&line) {
            Some(&index) => self.network[index].1 += 1,
            None => {
                self.network_index.insert(line.clone(), self.network.len());
                self.network.push((line, 1));
            }
        }
    }

    /// Writes a line that belongs to the command above it.
    fn detail(&self, mark: char, text: impl fmt::Display) -> Result<(), Environment> {
        self.sink.line(format_args!("         {mark} {text}"))
    }

    /// Writes what happened since the last command.
    fn conclude(&mut self) -> Result<(), Environment> {
        self.network_index.clear();
        for (line, count) in std::mem::take(&mut self.network) {
            match count {
                1 => self.detail('~', line)?,
                _ => self.detail('~', format_args!("{line} x{count}"))?,
            }
        }
        for (node, blocks) in std::mem::take(&mut self.recovered) {
            self.detail('=', format_args!("{node} recovered {}", counted(blocks, "block")))?;
        }
        for (node, part) in std::mem::take(&mut self.parts) {
            self.detail('=', format_args!("{node} {part}"))?;
        }
        for (node, changes) in std::mem::take(&mut self.stores) {
            for (key, value) in changes {
                self.detail('=', format_args!("{node} {key}:{}", value.canonical()))?;
            }
        }
        self.sink.flush()
    }
}

/// `1 append`, `2 appends`.
fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

impl Reader for Transcript {
    fn read(&mut self, Moment { at, .. }: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        // Of a step that a shifted timer begins there is a line already.
        let shifted = self.shifted.take();
        match happening {
            Happening::Command { text } => self.sink.line(format_args!("{at} {text}"))?,
            Happening::Settled => self.conclude()?,
            Happening::Printed { text } | Happening::Answered { text } => self.detail('|', text)?,
            Happening::Snapshot { text, .. } => match self.snapshots {
                Snapshots::Printed => text.lines().try_for_each(|line| self.detail('|', line))?,
                Snapshots::Apart => {}
            },
            Happening::Warning { text, .. } => self.detail('!', text)?,
            Happening::Finding { text, .. } => text.lines().try_for_each(|line| self.detail('!', line))?,
            Happening::Stopped { text } => {
                self.detail('!', format_args!("stopped: {text}"))?;
                self.conclude()?;
            }
            Happening::Delayed { message, by } => self.note_message(message, format_args!("delayed {}", Time(by.0))),
            Happening::Held { message } => self.note_message(message, format_args!("held")),
            Happening::Released { message } => self.note_message(message, format_args!("released")),
            Happening::Duplicated { message } => self.note_message(message, format_args!("duplicated")),
            Happening::Reordered { message } => self.note_message(message, format_args!("reordered")),
            Happening::LetThrough { message } => self.note_message(message, format_args!("let through (deliver)")),
            Happening::Partitioned { text } => self.note_network(format!("partition: {text}")),
            Happening::Lost { message, cause } => self.note_message(message, format_args!("lost ({cause})")),
            Happening::Cast { role, servers } => {
                let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
                self.note_network(format!("{role}: {}", servers.join(" ")));
            }
            Happening::Followed { text } => self.note_network((*text).to_owned()),
            Happening::Waits { kind, .. } if MessageName::is_heartbeat(kind) => {}
            Happening::Waits { from, to, kind } => self.note_network(format!("{from} -> {to} {kind} waits (paused)")),
            Happening::Shifted { node, timer, after, asked } => {
                let (after, asked) = (Time(after.0), Time(asked.0));
                self.note_network(format!("{node} timer {timer} after {after} instead of {asked} (clock)"));
                self.shifted = Some(*node);
            }
            Happening::Step { node, now, changes, .. } => {
                if *now != at && shifted != Some(*node) {
                    self.note_network(format!("{node} steps by its own clock"));
                }
                if self.starting.take() == Some(*node) {
                    self.recovered.extend(changes.length.map(|blocks| (*node, blocks)));
                }
                if let Some(role) = changes.role {
                    self.note_role(*node, role);
                }
                for (key, value) in &changes.store {
                    let key = key.canonical().to_string();
                    self.stores.entry(*node).or_default().insert(key, value.clone());
                }
            }
            Happening::End { account } => {
                self.conclude()?;
                self.sink.line(format_args!("{at} end: {account}"))?;
                self.sink.flush()?;
            }
            Happening::Died { node, death, losses, .. } => {
                self.leaders.remove(node);
                self.note_death(*node, *death, losses);
            }
            // In its first life there is nothing to recover.
            Happening::Started { node, incarnation, .. } => {
                self.starting = (*incarnation > Incarnation(0)).then_some(*node);
            }
            Happening::Begun { .. }
            | Happening::DiskFault { .. }
            | Happening::ClockFault { .. }
            | Happening::Paused { .. }
            | Happening::Resumed { .. }
            | Happening::Invoked { .. }
            | Happening::Completed { .. } => {}
            Happening::Late { client, operation, completion } => {
                let answer = match completion {
                    Completion::Ok(InvokeOk { value: Some(value), .. }) => value.canonical().to_string(),
                    Completion::Ok(InvokeOk { value: None, .. }) => "success".to_owned(),
                    Completion::Error(error) => error.code.word(),
                };
                self.note_network(format!("{client} `{operation}` is answered late: {answer}"));
            }
        }
        Ok(())
    }
}
