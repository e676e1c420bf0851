//! From a line that is typed by hand to what it asks for, or to the text of what is wrong with it.

use std::collections::BTreeSet;

use crate::base::NodeName;
use crate::console::by_hand::help;
use crate::console::by_hand::order::{Here, Order};
use crate::experiment::{Function, TABLE};
use crate::script::{ConsoleParser, Mistake, Mistakes};

/// Reads the lines of one console.
pub struct OrderReader {
    parser: ConsoleParser<'static, Function>,
    node: NodeName,
    servers: BTreeSet<NodeName>,
}

impl OrderReader {
    /// The console of `node` in a cluster of these servers.
    #[must_use]
    pub fn new(node: NodeName, servers: &[NodeName]) -> Self {
        Self { parser: ConsoleParser::new(&TABLE, node, servers), node, servers: servers.iter().copied().collect() }
    }

    /// With servers that listen at ports, by which links can be named.
    #[must_use]
    pub fn with_ports(self, ports: impl IntoIterator<Item = (NodeName, u16)>) -> Self {
        Self { parser: self.parser.with_ports(ports), ..self }
    }

    /// What the user is asked with: `server 1> `.
    #[must_use]
    pub fn prompt(&self) -> String {
        format!("{}> ", self.node.in_words())
    }

    /// The names that can be typed here, in byte order, `help` among them.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.parser.names().chain([help::NAME]).collect();
        names.sort_unstable();
        names
    }

    /// What a line asks for; nothing if it is blank or a comment. `number` counts lines from 1.
    ///
    /// # Errors
    /// What is wrong with it, as a text of several lines without the last line end.
    pub fn read(&mut self, number: usize, text: &str) -> Result<Option<Order>, String> {
        let explain = |mistakes: Vec<Mistake>| {
            let reports = Mistakes::of_line(&self.node.in_words(), (number, text), mistakes).reports();
            reports.trim_end_matches('\n').to_owned()
        };
        if let Some(topic) = help::asked(text) {
            return help::about(self.node.kind, topic).map(|text| Some(Order::Help(text)));
        }
        match self.parser.parse(number, text) {
            Ok(None) => Ok(None),
            Ok(Some(invocation)) => {
                let here = Here { node: self.node, servers: &self.servers };
                Order::of(&invocation, &here).map(Some).map_err(|mistake| explain(vec![*mistake]))
            }
            Err(mistakes) => Err(explain(mistakes)),
        }
    }
}

#[cfg(test)]
mod tests;
