//! Nodes in the master's own memory: one that speaks lines, like a process, and one that never renders any.

use crate::base::NodeName;
use crate::cluster::breach::{Breach, Quoted};
use crate::cluster::host::{Delivery, Host, StepAnswer};
use crate::cluster::line_host::{Transport, render};
use crate::machine::{AnyMachine, Outputs, Program, Setup};
use crate::node::{LineNode, NodeError};
use crate::wire::control::{Init, Inspect, InspectOk};
use crate::wire::envelope::StepHeader;

/// A node in memory, with every line encoded and decoded as on a pipe.
pub struct MemoryTransport {
    node: LineNode,
    out: Vec<u8>,
    read: usize,
}

impl MemoryTransport {
    /// A node that waits for its `init`.
    pub fn new(program: Program) -> Self {
        Self { node: LineNode::new(program), out: Vec::new(), read: 0 }
    }
}

impl Transport for MemoryTransport {
    fn send(&mut self, line: &[u8]) -> Result<(), Breach> {
        self.out.clear();
        self.read = 0;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let died = |error: NodeError| Breach::Died { how: error.to_string(), line: Quoted::new(line) };
        self.node.handle(line, &mut self.out).map_err(died)
    }

    fn receive(&mut self) -> Result<&[u8], Breach> {
        let rest = &self.out[self.read..];
        let Some(length) = memchr::memchr(b'\n', rest) else { return Err(Breach::ClosedOutput) };
        self.read += length + 1;
        Ok(&rest[..length])
    }

    fn finish(&mut self) -> Result<(), Breach> {
        assert_eq!(self.read, self.out.len(), "our own shell ends a step with `done`");
        Ok(())
    }

    fn kill(&mut self) {}

    fn close(&mut self) {}

    fn wait(&mut self) -> Result<(), Breach> {
        Ok(())
    }

    fn last_log_lines(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A machine in memory, with its messages left as they are.
pub struct MachineHost {
    name: NodeName,
    program: Program,
    machine: Option<Box<dyn AnyMachine>>,
    outputs: Outputs,
}

impl MachineHost {
    /// A node that waits for its `init`.
    pub fn new(name: NodeName, program: Program) -> Self {
        Self { name, program, machine: None, outputs: Outputs::default() }
    }

    fn begin(&mut self, init: &Init) -> &mut dyn AnyMachine {
        let Init { node_ids, seed, incarnation, timeouts, .. } = init.clone();
        let timeouts = timeouts.expect("the cluster's `init` offers lockstep, with timeouts");
        let setup = Setup { name: self.name, servers: node_ids, seed, incarnation, timeouts };
        &mut **self.machine.insert((self.program)(setup))
    }
}

impl Host for MachineHost {
    fn step(&mut self, header: StepHeader, delivery: Delivery<'_>, answer: &mut StepAnswer) -> Result<(), Breach> {
        answer.clear();
        let input = match delivery {
            Delivery::Init(init) => {
                // As on a pipe, where `done` tells what a node begins with.
                answer.changes = self.begin(init).take_changes();
                return Ok(());
            }
            Delivery::Input(input) => input,
        };
        let machine = self.machine.as_mut().expect("`init` comes first");
        let result = machine.step(header.now, input, &mut self.outputs);
        answer.outputs.extend(self.outputs.drain());
        answer.changes = machine.take_changes();
        result.map_err(|error| {
            let mut line = Vec::new();
            render(&mut line, self.name, header, delivery);
            Breach::Died { how: error.to_string(), line: Quoted::new(&line) }
        })
    }

    fn inspect(&mut self, question: &Inspect) -> Result<Option<InspectOk>, Breach> {
        Ok(self.machine.as_ref().expect("`init` comes first").inspect(question))
    }

    fn kill(&mut self) {}

    fn close(&mut self) {}

    fn wait(&mut self) -> Result<(), Breach> {
        Ok(())
    }

    fn last_log_lines(&self) -> Vec<String> {
        Vec::new()
    }
}
