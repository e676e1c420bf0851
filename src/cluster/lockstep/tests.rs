//! What the cluster makes of a client that no script can bring about: ours always answers.

use std::convert::Infallible;

use super::*;
use crate::base::{Environment, Outcome};
use crate::cluster::memory::MachineHost;
use crate::machine::{Input, Machine, Outputs, Violation};
use crate::protocol::PROTOCOLS;
use crate::wire::StateChange;

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
    fn spawn(&mut self, name: NodeName, _: &ServerProgram, _: Lines) -> Result<Box<dyn Host>, Environment> {
        Ok(Box::new(MachineHost::new(name, Box::new(|_setup| Box::new(Silent)))))
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
    let stop = cluster.invoke(client, operation, Span::seconds(10)).unwrap_err();
    assert_eq!(stop.outcome(), Outcome::NodeFault);
    assert_eq!(
        stop.to_string().lines().next(),
        Some("c1: it never answered `invoke` 2, although the operation's limit is over")
    );
}
