//! A client with its console, and everything that was asked there.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use splitbrain::base::NodeName;
use splitbrain::console::by_hand::{Order, OrderReader};

use super::console::Console;
use super::history::{Answered, Asked};

pub struct Client {
    pub console: Console,
    node: NodeName,
    /// What was asked, in order; answers come in order, too.
    asked: Vec<Asked>,
    answers: usize,
}

impl Client {
    pub fn new(number: u32, console: Console) -> Self {
        Self { console, node: NodeName::client(number), asked: Vec::new(), answers: 0 }
    }

    /// Types an operation, and waits for its answer, which is one line.
    pub fn ask(&mut self, line: &str) -> String {
        self.begin(line);
        self.answer()
    }

    /// Types an operation.
    pub fn begin(&mut self, line: &str) {
        let servers: Vec<_> = (1..=9).map(NodeName::server).collect();
        let operation = match OrderReader::new(self.node, &servers).read(1, line) {
            Ok(Some(Order::Operation(operation))) => operation,
            other => panic!("{line} is no operation: {other:?}"),
        };
        let request = (self.node, self.asked.len() as u64 + 1);
        self.asked.push(Asked { request, operation, began: Instant::now(), answered: None });
        self.console.type_line(line);
    }

    /// Waits for the answer to the first operation that has none.
    pub fn answer(&mut self) -> String {
        self.answer_unless(&AtomicBool::new(false)).expect("nobody gives up")
    }

    /// The same; nothing if somebody gives up waiting.
    pub fn answer_unless(&mut self, is_given_up: &AtomicBool) -> Option<String> {
        let (at, text) = self.console.answer_unless(is_given_up)?;
        self.asked[self.answers].answered = Some(Answered { at, text: text.clone() });
        self.answers += 1;
        Some(text)
    }

    pub fn number(&self) -> u32 {
        self.node.number
    }

    /// What was asked at its console.
    pub fn history(&self) -> Vec<Asked> {
        self.asked.clone()
    }
}
