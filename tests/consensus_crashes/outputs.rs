//! What servers put out in a run.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::Value;
use splitbrain::base::Environment;
use splitbrain::trace::{Happening, Moment, Reader};

/// Counts what servers say and do to their disks: neither timers nor heartbeats. It begins when a crash is ordered, and ends
/// when another is.
pub struct OutputCounter {
    orders: u32,
    count: Rc<Cell<usize>>,
}

impl OutputCounter {
    /// Tells in `count`.
    pub fn new(count: Rc<Cell<usize>>) -> Self {
        Self { orders: 0, count }
    }
}

impl Reader for OutputCounter {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        match happening {
            Happening::Command { text } => self.orders += u32::from(text.starts_with("crash ")),
            Happening::Step { node, outputs, .. } if node.is_server() && self.orders == 1 => {
                self.count.set(self.count.get() + count_in(outputs));
            }
            _ => {}
        }
        Ok(())
    }

    fn wants_lines(&self) -> bool {
        true
    }
}

fn count_in(outputs: &[u8]) -> usize {
    let lines = outputs.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let counts = |line: &&[u8]| {
        let line: Value = serde_json::from_slice(line).expect("a line is JSON");
        let kind = line["body"]["type"].as_str().expect("a body has a type");
        !matches!(kind, "init_ok" | "done" | "set_timer" | "cancel_timer" | "heartbeat" | "heartbeat_ok")
    };
    lines.filter(counts).count()
}
