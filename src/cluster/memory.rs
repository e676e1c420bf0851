//! Nodes in the master's own memory: one that speaks lines, like a process, and one that never renders any.

use crate::base::NodeName;
use crate::cluster::breach::{Breach, Quoted};
use crate::cluster::host::{Delivery, Host, StepAnswer};
use crate::cluster::line_host::{Transport, render};
use crate::machine::Program;
use crate::node::{LineNode, Shell, ShellError, Storage};
use crate::wire::control::{Inspect, InspectOk};
use crate::wire::envelope::StepHeader;

/// A node in memory, with every line encoded and decoded as on a pipe.
pub struct MemoryTransport {
    node: LineNode,
    out: Vec<u8>,
    read: usize,
    log: Vec<String>,
}

impl MemoryTransport {
    /// A node that waits for its `init`.
    pub fn new(program: Program, storage: Option<Storage>) -> Self {
        Self { node: LineNode::new(program, storage), out: Vec::new(), read: 0, log: Vec::new() }
    }
}

impl Transport for MemoryTransport {
    fn send(&mut self, line: &[u8]) -> Result<(), Breach> {
        self.out.clear();
        self.read = 0;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        self.node.handle(line, &mut self.out).map_err(|error| {
            self.log.push(error.to_string());
            Breach::Died { how: error.to_string(), line: Quoted::new(line) }
        })
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
        self.log.clone()
    }
}

/// A machine in memory, with its messages left as they are.
pub struct MachineHost {
    name: NodeName,
    program: Program,
    /// Until the node begins.
    storage: Option<Storage>,
    shell: Option<Shell>,
    log: Vec<String>,
}

impl MachineHost {
    /// A node that waits for its `init`.
    pub fn new(name: NodeName, program: Program, storage: Option<Storage>) -> Self {
        Self { name, program, storage, shell: None, log: Vec::new() }
    }

    fn take(&mut self, header: StepHeader, delivery: Delivery<'_>, answer: &mut StepAnswer) -> Result<(), ShellError> {
        let effects = &mut answer.effects;
        let shell = match (delivery, &mut self.shell) {
            (Delivery::Init(init), shell) => {
                let started = Shell::start(&self.program, self.storage.take(), init.clone(), header.now, effects)?;
                shell.insert(started)
            }
            (Delivery::Input(input), Some(shell)) => {
                shell.step(header.now, input, effects)?;
                shell
            }
            (Delivery::Room(room), Some(shell)) => {
                shell.set_room(room);
                shell
            }
            (Delivery::Input(_) | Delivery::Room(_), None) => unreachable!("`init` comes first"),
        };
        answer.changes = shell.take_changes();
        Ok(())
    }
}

impl Host for MachineHost {
    fn step(&mut self, header: StepHeader, delivery: Delivery<'_>, answer: &mut StepAnswer) -> Result<(), Breach> {
        answer.clear();
        self.take(header, delivery, answer).map_err(|error| {
            self.log.push(error.to_string());
            let mut line = Vec::new();
            render(&mut line, self.name, header, delivery);
            Breach::Died { how: error.to_string(), line: Quoted::new(&line) }
        })
    }

    fn inspect(&mut self, question: &Inspect) -> Result<Option<InspectOk>, Breach> {
        Ok(self.shell.as_ref().expect("`init` comes first").inspect(question))
    }

    fn kill(&mut self) {}

    fn close(&mut self) {}

    fn wait(&mut self) -> Result<(), Breach> {
        Ok(())
    }

    fn last_log_lines(&self) -> Vec<String> {
        self.log.clone()
    }
}
