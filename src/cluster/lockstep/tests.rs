//! What the cluster makes of a client that no script can bring about: ours always answers.

use std::convert::Infallible;

use super::*;
use crate::base::{Environment, Outcome};
use crate::cluster::files::NodeFiles;
use crate::cluster::host::Host;
use crate::cluster::memory::MachineHost;
use crate::cluster::spawner::{Lines, ServerProgram};
use crate::machine::{Input, Machine, Outputs, Program, Violation};
use crate::node::log::MemoryFolder;
use crate::protocol::PROTOCOLS;
use crate::wire::StateChange;
use crate::wire::control::{Inspect, InspectOk, Timeouts};

/// It takes everything, and says nothing.
struct Silent;

impl Machine for Silent {
    type Peer = Infallible;

    fn step(&mut self, _now: Time, _input: Input<'_, Infallible>, _outputs: &mut Outputs) -> Result<(), Violation> {
        Ok(())
    }

    fn take_changes(&mut self) -> StateChange {
        StateChange::default()
    }

    fn inspect(&self, _question: &Inspect) -> Option<InspectOk> {
        None
    }
}

struct SilentNodes;

impl Spawner for SilentNodes {
    fn files(&mut self, _: NodeName) -> NodeFiles {
        NodeFiles::Memory(MemoryFolder::default())
    }

    fn spawn(
        &mut self,
        name: NodeName,
        _: &ServerProgram,
        _: &NodeFiles,
        _: Lines,
    ) -> Result<Box<dyn Host>, Environment> {
        let program = Program { name: "silent", machine: Box::new(|_setup| Box::new(Silent)) };
        Ok(Box::new(MachineHost::new(name, program, None)))
    }
}

#[test]
fn an_operation_that_a_client_never_ends_is_a_breach_soon_after_its_limit() {
    let mut cluster = Cluster::new(Settings {
        seed: 1,
        spawner: Box::new(SilentNodes),
        trace: Trace::default(),
        interruption: Interruption::default(),
    });
    let client = NodeName::client(1);
    let timeouts = Timeouts { retry: Span::milliseconds(300) };
    cluster.start(client, &ServerProgram::Protocol(&PROTOCOLS[0]), &[], timeouts).unwrap();
    let operation = Operation::Get { key: "a".into() };
    let operation = cluster.invoke(client, operation, Span::seconds(10)).unwrap();
    while cluster.advance(operation.deadline).unwrap() {}
    assert_eq!(cluster.outcome_of(operation).unwrap(), None);
    let stop = cluster.never_completed(operation);
    assert_eq!(stop.outcome(), Outcome::NodeFault);
    assert_eq!(
        stop.to_string().lines().next(),
        Some("c1: it never answered `invoke` 2, although the operation's limit is over")
    );
}
