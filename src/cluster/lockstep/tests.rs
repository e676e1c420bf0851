//! What the cluster makes of nodes that no script can bring about: our clients always answer, and our servers set no timers.

use std::convert::Infallible;

use super::*;
use crate::base::{Environment, Verdict};
use crate::cluster::files::NodeFiles;
use crate::cluster::host::Host;
use crate::cluster::line_host::LineHost;
use crate::cluster::memory::{MachineHost, MemoryTransport};
use crate::cluster::spawner::{Lines, ServerProgram};
use crate::machine::{Input, Machine, Outputs, Program, Violation};
use crate::node::log::MemoryFolder;
use crate::protocol::PROTOCOLS;
use crate::trace::{Memory, TraceLines};
use crate::wire::StateChange;
use crate::wire::control::{Inspect, InspectOk, Timeouts, Variant};

/// It takes everything, and says nothing but to its clock.
struct Silent;

impl Machine for Silent {
    type Peer = Infallible;

    fn step(&mut self, _now: Time, input: Input<'_, Infallible>, outputs: &mut Outputs) -> Result<(), Violation> {
        if matches!(input, Input::Start { .. }) {
            outputs.set_timer("late", Span::milliseconds(20));
            outputs.set_timer("early", Span::milliseconds(10));
        }
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
        lines: Lines,
    ) -> Result<Box<dyn Host>, Environment> {
        let program = Program { name: "silent", machine: Box::new(|_setup| Box::new(Silent)) };
        Ok(match lines {
            Lines::Wanted => Box::new(LineHost::new(name, MemoryTransport::new(program, None))),
            Lines::Unwanted => Box::new(MachineHost::new(name, program, None)),
        })
    }
}

pub(super) fn cluster_of_silent_nodes(trace: Trace) -> Cluster {
    let interruption = Interruption::default();
    Cluster::new(Settings { seed: 1, spawner: Box::new(SilentNodes), trace, interruption })
}

/// Every step of a trace, with its time and the `type` or timer that it began with; and what waited.
pub(super) fn steps_and_waits(trace: &str) -> Vec<String> {
    let lines = trace.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let tell = |line: serde_json::Value| match line["kind"].as_str() {
        Some("step") => Some(format!("{} {}", line["at"], line["line"]["body"])),
        Some("waits") => Some(format!("{} {} waits", line["at"], line["type"])),
        _ => None,
    };
    lines.filter_map(tell).skip(1).collect()
}

pub(super) fn start(cluster: &mut Cluster, node: NodeName) {
    let timeouts = Timeouts { retry: Span::milliseconds(300), election: Span::milliseconds(300) };
    let terms = Terms { members: vec![node], timeouts, variant: Variant::default() };
    cluster.start(node, &ServerProgram::Protocol(&PROTOCOLS[0]), &terms).unwrap();
}

/// A server that was started, and what of its life the trace tells.
pub(super) fn started_server() -> (Cluster, NodeName, Memory) {
    let (lines, memory) = TraceLines::in_memory();
    let mut trace = Trace::default();
    trace.add(lines);
    let mut cluster = cluster_of_silent_nodes(trace);
    let server = NodeName::server(1);
    start(&mut cluster, server);
    (cluster, server, memory)
}

fn paused_server() -> (Cluster, NodeName, Memory) {
    let (mut cluster, server, memory) = started_server();
    cluster.pause(server, 1).unwrap();
    (cluster, server, memory)
}

#[test]
fn timers_and_orders_of_a_paused_node_wait_in_the_order_in_which_they_were_due() {
    let (mut cluster, server, memory) = paused_server();
    while cluster.advance(Time(15_000)).unwrap() {}
    cluster.move_time(Time(15_000)).unwrap();
    cluster.control(server, &Control::Members { servers: vec![server] }).unwrap();
    while cluster.advance(Time(30_000)).unwrap() {}
    cluster.move_time(Time(30_000)).unwrap();
    assert_eq!(cluster.resume(server).unwrap(), None);
    while cluster.advance(Time(40_000)).unwrap() {}
    assert_eq!(
        steps_and_waits(&memory.text()),
        [
            r#"10000 "early" waits"#,
            r#"15000 "members" waits"#,
            r#"20000 "late" waits"#,
            r#"30000 {"id":"early","type":"timer"}"#,
            r#"30000 {"servers":["s1"],"type":"members"}"#,
            r#"30000 {"id":"late","type":"timer"}"#,
        ]
    );
}

/// Those too that are due again since it was resumed, and have not come.
#[test]
fn timers_of_a_paused_node_die_with_it() {
    let (mut cluster, server, memory) = paused_server();
    while cluster.advance(Time(15_000)).unwrap() {}
    cluster.resume(server).unwrap();
    cluster.kill(server).unwrap();
    assert!(!cluster.advance(Time(60_000)).unwrap(), "nothing is due");
    assert_eq!(steps_and_waits(&memory.text()), [r#"10000 "early" waits"#]);
}

#[test]
fn an_operation_that_a_client_never_ends_is_a_breach_soon_after_its_limit() {
    let mut cluster = cluster_of_silent_nodes(Trace::default());
    let client = NodeName::client(1);
    start(&mut cluster, client);
    let operation = Operation::Get { key: "a".into() };
    let operation = cluster.invoke(client, operation, Span::seconds(10)).unwrap();
    while cluster.advance(cluster.deadline_of(operation)).unwrap() {}
    assert_eq!(cluster.outcome_of(operation).unwrap(), None);
    let stop = cluster.never_completed(operation);
    assert_eq!(stop.verdict(), Verdict::NodeFault);
    assert_eq!(
        stop.to_string().lines().next(),
        Some("c1: it never answered `invoke` 2, although the operation's limit is over")
    );
}
