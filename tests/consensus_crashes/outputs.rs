//! What servers put out in a run.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use splitbrain::base::Environment;
use splitbrain::trace::{Happening, Moment, Reader};

/// The kinds of the outputs of each step of a server, in order.
#[derive(Default)]
pub struct Steps(Vec<Vec<String>>);

impl Steps {
    /// How often servers said something or did something to their disks: neither timers nor heartbeats.
    pub fn count(&self) -> usize {
        let counts = |kind: &&String| {
            !matches!(kind.as_str(), "init_ok" | "done" | "set_timer" | "cancel_timer" | "heartbeat" | "heartbeat_ok")
        };
        self.0.iter().flatten().filter(counts).count()
    }

    /// How often a message of a kind was said.
    pub fn said(&self, kind: &str) -> usize {
        self.0.iter().flatten().filter(|output| *output == kind).count()
    }
}

/// Collects what servers put out. It begins when a crash is ordered, and ends when another is.
pub struct Collector {
    orders: u32,
    steps: Rc<RefCell<Steps>>,
}

impl Collector {
    /// Collects in `steps`.
    pub fn new(steps: Rc<RefCell<Steps>>) -> Self {
        Self { orders: 0, steps }
    }
}

impl Reader for Collector {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        match happening {
            Happening::Command { text } => self.orders += u32::from(text.starts_with("crash ")),
            Happening::Step { node, outputs, .. } if node.is_server() && self.orders == 1 => {
                self.steps.borrow_mut().0.push(kinds(outputs));
            }
            _ => {}
        }
        Ok(())
    }

    fn wants_lines(&self) -> bool {
        true
    }
}

fn kinds(outputs: &[u8]) -> Vec<String> {
    let lines = outputs.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let kind = |line| {
        let line: Value = serde_json::from_slice(line).expect("a line is JSON");
        line["body"]["type"].as_str().expect("a body has a type").to_owned()
    };
    lines.map(kind).collect()
}
