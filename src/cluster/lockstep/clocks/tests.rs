//! What a changed clock makes of timers that are set and of operations under way: in a script a command begins when the one
//! before is over, so no script can bring most of it about.

use super::*;
use crate::cluster::lockstep::tests::{cluster_of_silent_nodes, start, started_server, steps_and_waits};
use crate::store::Operation;
use crate::trace::{Memory, Trace};
use crate::wire::control::Control;

fn fault(text: &str) -> ClockFault {
    match text.split_once(' ').expect("two words") {
        ("rate", rate) => ClockFault::Rate { rate: rate.parse().unwrap() },
        ("jump", offset) => ClockFault::Jump { offset: offset.parse().unwrap() },
        (other, _) => panic!("there is no `{other}`"),
    }
}

fn advance_to(cluster: &mut Cluster, until: u64) {
    while cluster.advance(Time(until)).unwrap() {}
    cluster.move_time(Time(until)).unwrap();
}

/// Every timer of a trace that was shifted: its id, after how many microseconds it was due, and after how many it was to be.
fn shifts(memory: &Memory) -> Vec<(String, u64, u64)> {
    let trace = memory.text();
    let lines = trace.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let number = |value: &serde_json::Value| value.as_u64().expect("a number");
    lines
        .filter(|line| line["kind"] == "shifted")
        .map(|line| (line["timer"].as_str().unwrap().to_owned(), number(&line["after"]), number(&line["asked"])))
        .collect()
}

/// Every step's time by the master's clock and by the node's.
fn times(memory: &Memory) -> Vec<(u64, u64)> {
    let trace = memory.text();
    let lines = trace.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let steps = lines.filter(|line| line["kind"] == "step");
    steps.map(|line| (line["at"].as_u64().unwrap(), line["line"]["now"].as_u64().unwrap())).collect()
}

fn shift(id: &str, after: u64, asked: u64) -> (String, u64, u64) {
    (id.to_owned(), after, asked)
}

/// Its timers are due after 10 ms (`early`) and 20 ms (`late`, which it sets first).
#[test]
fn timers_whose_time_a_clock_has_passed_come_at_once_and_by_their_deadlines() {
    let (mut cluster, server, memory) = started_server();
    advance_to(&mut cluster, 3_000);
    cluster.clock_fault(server, fault("jump +50ms"), 1).unwrap();
    advance_to(&mut cluster, 3_000);
    assert_eq!(
        steps_and_waits(&memory.text()),
        [r#"3000 {"id":"early","type":"timer"}"#, r#"3000 {"id":"late","type":"timer"}"#]
    );
    assert_eq!(times(&memory), [(0, 0), (3_000, 53_000), (3_000, 53_000)]);
    assert_eq!(shifts(&memory), [shift("early", 3_000, 10_000), shift("late", 3_000, 20_000)]);
}

#[test]
fn timers_of_a_clock_that_is_set_back_come_later() {
    let (mut cluster, server, memory) = started_server();
    advance_to(&mut cluster, 3_000);
    cluster.clock_fault(server, fault("jump -2ms"), 1).unwrap();
    advance_to(&mut cluster, 30_000);
    assert_eq!(times(&memory), [(0, 0), (12_000, 10_000), (22_000, 20_000)]);
    assert_eq!(shifts(&memory), [shift("early", 12_000, 10_000), shift("late", 22_000, 20_000)]);
}

#[test]
fn timers_that_are_set_follow_every_change_of_the_rate() {
    let (mut cluster, server, memory) = started_server();
    advance_to(&mut cluster, 2_000);
    cluster.clock_fault(server, fault("rate 2"), 1).unwrap();
    advance_to(&mut cluster, 4_000);
    cluster.clock_fault(server, fault("rate 0.5"), 1).unwrap();
    advance_to(&mut cluster, 60_000);
    // 2 ms, then twice 2 ms, then half of what follows.
    assert_eq!(times(&memory), [(0, 0), (12_000, 10_000), (32_000, 20_000)]);
}

#[test]
fn a_timer_that_comes_at_its_time_is_not_shifted() {
    let (mut cluster, server, memory) = started_server();
    cluster.clock_fault(server, fault("rate 2"), 1).unwrap();
    advance_to(&mut cluster, 1_000);
    cluster.clock_fault(server, fault("jump -1ms"), 1).unwrap();
    cluster.clock_fault(server, fault("rate 1"), 1).unwrap();
    advance_to(&mut cluster, 60_000);
    assert_eq!((times(&memory), shifts(&memory)), (vec![(0, 0), (10_000, 10_000), (20_000, 20_000)], vec![]));
}

#[test]
fn timers_that_wait_for_a_paused_server_wait_on() {
    let (mut cluster, server, memory) = started_server();
    cluster.pause(server, 1).unwrap();
    advance_to(&mut cluster, 12_000);
    cluster.clock_fault(server, fault("jump -11ms"), 2).unwrap();
    advance_to(&mut cluster, 20_000);
    cluster.resume(server).unwrap();
    // Before it has come: it is due already.
    cluster.clock_fault(server, fault("jump -1ms"), 3).unwrap();
    advance_to(&mut cluster, 40_000);
    assert_eq!(
        steps_and_waits(&memory.text()),
        [r#"10000 "early" waits"#, r#"20000 {"id":"early","type":"timer"}"#, r#"32000 {"id":"late","type":"timer"}"#]
    );
    assert_eq!(shifts(&memory), [shift("late", 32_000, 20_000)], "that it was paused is no matter of its clock");
}

#[test]
fn a_clock_runs_on_over_the_lives_of_its_node() {
    let (mut cluster, server, memory) = started_server();
    cluster.clock_fault(server, fault("rate 2"), 1).unwrap();
    cluster.kill(server).unwrap();
    advance_to(&mut cluster, 100_000);
    start(&mut cluster, server);
    advance_to(&mut cluster, 200_000);
    assert_eq!(times(&memory), [(0, 0), (100_000, 200_000), (105_000, 210_000), (110_000, 220_000)]);
}

/// Its clock has shown that time since 1 ms.
#[test]
fn a_timer_of_no_length_is_due_now_by_a_slow_clock_too() {
    let (mut cluster, server, memory) = started_server();
    cluster.clock_fault(server, fault("rate 0.001"), 1).unwrap();
    advance_to(&mut cluster, 1_500);
    cluster.set_timer(server, "now".to_owned(), Span(0));
    advance_to(&mut cluster, 3_000);
    assert_eq!((times(&memory), shifts(&memory)), (vec![(0, 0), (1_500, 1)], vec![]));
}

#[test]
fn a_deadline_beyond_the_end_of_time_is_never_reached() {
    let (mut cluster, server, _) = started_server();
    for change in ["rate 1000", "jump +1000000s", "rate 0.001", "jump -1s"] {
        cluster.clock_fault(server, fault(change), 1).unwrap();
        cluster.set_timer(server, "never".to_owned(), Span(u64::MAX));
        let later = cluster.now().0 + 1_000_000;
        advance_to(&mut cluster, later);
    }
    assert!(cluster.node(server).timers.contains_key("never"));
}

/// An operation that a client with a changed clock was asked for at 0, with a limit of 10 s.
fn operation_by_a_clock(changes: &[&str]) -> (Cluster, NodeName, OperationId) {
    let mut cluster = cluster_of_silent_nodes(Trace::default());
    let client = NodeName::client(1);
    start(&mut cluster, client);
    for change in changes {
        cluster.clock_fault(client, fault(change), 1).unwrap();
    }
    let operation = cluster.invoke(client, Operation::Get { key: "a".into() }, Span::seconds(10)).unwrap();
    (cluster, client, operation)
}

#[test]
fn a_client_has_its_limit_by_its_own_clock() {
    for (changes, seconds) in
        [(&[][..], 10), (&["rate 2"], 5), (&["rate 0.1"], 100), (&["jump +7s"], 10), (&["jump +7s", "rate 2"], 5)]
    {
        let (cluster, _, operation) = operation_by_a_clock(changes);
        assert_eq!(cluster.deadline_of(operation), Time(seconds * 1_000_000 + 1_000), "{changes:?}");
    }
}

#[test]
fn the_deadline_of_an_operation_moves_with_the_clock_and_with_nothing_else() {
    let (mut cluster, client, operation) = operation_by_a_clock(&[]);
    advance_to(&mut cluster, 4_000_000);
    cluster.clock_fault(client, fault("rate 2"), 1).unwrap();
    assert_eq!(cluster.deadline_of(operation), Time(7_001_000));
    cluster.clock_fault(client, fault("jump -4s"), 1).unwrap();
    assert_eq!(cluster.deadline_of(operation), Time(9_001_000));
    advance_to(&mut cluster, 5_000_000);
    cluster.clock_fault(client, fault("jump +1min"), 1).unwrap();
    assert_eq!(cluster.deadline_of(operation), Time(5_001_000), "it is over");
    advance_to(&mut cluster, 60_000_000);
    assert_eq!(cluster.deadline_of(operation), Time(5_001_000), "and stays so");
}

/// Where the end of a run tells what did nothing.
const END: usize = usize::MAX;

/// What did nothing: the line of the order that told it, or [`END`], and the line that it is told of.
fn idle_lines(orders: &[(usize, &str)], between: impl Fn(&mut Cluster, NodeName, usize)) -> Vec<(usize, usize)> {
    let (mut cluster, server, _) = started_server();
    advance_to(&mut cluster, 100_000);
    let mut told = Vec::new();
    for (line, text) in orders {
        let idle = cluster.clock_fault(server, fault(text), *line).unwrap();
        told.extend(idle.iter().map(|idle| (*line, idle.line)));
        between(&mut cluster, server, *line);
    }
    told.extend(cluster.idle_faults().iter().map(|idle| (END, idle.line)));
    told
}

fn nothing(_: &mut Cluster, _: NodeName, _: usize) {}

fn time_passes(cluster: &mut Cluster, _: NodeName, _: usize) {
    let later = cluster.now().0 + 1_000;
    advance_to(cluster, later);
}

fn it_steps(cluster: &mut Cluster, server: NodeName, line: usize) {
    time_passes(cluster, server, line);
    cluster.control(server, &Control::Members { servers: vec![server] }).unwrap();
}

#[test]
fn an_order_that_nothing_has_shown_is_told_when_it_is_replaced_or_at_the_end() {
    assert_eq!(idle_lines(&[(1, "rate 2"), (2, "rate 3")], nothing), [(2, 1), (END, 2)]);
    assert_eq!(idle_lines(&[(1, "rate 2"), (2, "rate 1")], nothing), [(2, 1)]);
    assert_eq!(idle_lines(&[(1, "jump +1s"), (2, "jump -1s")], time_passes), [(2, 1)]);
    assert_eq!(idle_lines(&[(1, "jump +1s"), (2, "rate 2")], time_passes), [(END, 1), (END, 2)]);
}

/// A rate that is over has made the clock what it is, if time has passed: what follows may show it.
#[test]
fn a_rate_that_has_left_its_mark_is_not_over() {
    assert_eq!(idle_lines(&[(1, "rate 2"), (2, "rate 1")], time_passes), [(END, 1)]);
    let a_step_at_the_end = |cluster: &mut Cluster, server, line| match line {
        2 => it_steps(cluster, server, line),
        _ => time_passes(cluster, server, line),
    };
    assert!(idle_lines(&[(1, "rate 2"), (2, "rate 1")], a_step_at_the_end).is_empty());
}

#[test]
fn an_order_that_a_step_has_shown_is_never_told() {
    let orders = [(1, "rate 2"), (2, "rate 3"), (3, "jump +1s"), (4, "jump -2s"), (5, "rate 1")];
    assert!(idle_lines(&orders, it_steps).is_empty());
}

/// The server takes no step: it is paused.
#[test]
fn an_order_that_a_timer_has_shown_is_never_told() {
    let pause_for = |span: u64| {
        move |cluster: &mut Cluster, server, _: usize| {
            cluster.set_timer(server, "a".to_owned(), Span(2_000));
            cluster.pause(server, 9).unwrap();
            let until = cluster.now().0 + span;
            advance_to(cluster, until);
        }
    };
    assert_eq!(idle_lines(&[(1, "rate 2")], pause_for(900)), [(END, 1), (END, 9)]);
    assert!(idle_lines(&[(1, "rate 2")], pause_for(1_000)).is_empty());
}

#[test]
fn an_order_that_changes_nothing_is_told_at_once() {
    let orders = [(1, "rate 1"), (2, "jump +0s"), (3, "rate 2"), (4, "rate 2"), (5, "jump -0s")];
    assert_eq!(idle_lines(&orders, nothing), [(1, 1), (2, 2), (4, 4), (5, 5), (END, 3)]);
    let back = idle_lines(&[(1, "jump -1s"), (2, "jump -1s")], nothing);
    assert_eq!(back, [(2, 2), (END, 1)], "it shows 0 already");
}
