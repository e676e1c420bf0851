//! `client bench`: what it counts is what was done, and how it ends.

use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::harness::{Cluster, Console, Plan, ended, eventually};

const PAXOS: &str = "multi-paxos";

fn bench(cluster: &Cluster, arguments: &[&str]) -> Output {
    ended(cluster.client_command(&[&["bench"], arguments].concat()), "")
}

fn report(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(text).expect("JSON")
}

/// A load of so many operations, without an error, whose figures fit together.
#[track_caller]
fn assert_load(cluster: &mut Cluster, operations: u64, clients: u64, others: &[&str]) {
    let before = cluster.depth(1);
    let (count, of) = (operations.to_string(), clients.to_string());
    let arguments = ["--operations", &count, "--clients", &of, "--format", "json"];
    let output = bench(cluster, &[&arguments, others].concat());
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    let report = report(&String::from_utf8_lossy(&output.stdout));
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{report}"));
    let fields: Vec<_> = report.as_object().expect("an object").keys().map(String::as_str).collect();
    let expected =
        ["clients", "elapsed_us", "errors", "latency_us", "operations", "operations_per_second", "unanswered"];
    assert_eq!(fields, expected);
    assert_eq!([&report["operations"], &report["clients"], &report["errors"]].map(number), [operations, clients, 0]);
    let elapsed = number(&report["elapsed_us"]);
    assert_eq!(number(&report["operations_per_second"]), operations * 1_000_000 / elapsed);
    let latencies = ["p50", "p90", "p99", "p999", "max"].map(|name| number(&report["latency_us"][name]));
    assert!(latencies.is_sorted() && latencies[0] > 0, "{report}");
    // The histogram has three digits.
    assert!(latencies[4] <= elapsed + elapsed / 100, "{report}");
    // Each client is connected when its first put is answered.
    let expected = before + operations + clients;
    eventually("the chain has grown", || cluster.depth(1) >= expected);
    assert_eq!(cluster.depth(1), expected, "an operation stands in the chain once");
}

#[test]
fn every_operation_of_a_load_is_counted_and_stands_in_the_chain_once() {
    let mut cluster = Cluster::of_three(PAXOS);
    assert_load(&mut cluster, 500, 8, &[]);
    assert_load(&mut cluster, 100, 3, &["--reads", "100"]);
    assert_load(&mut cluster, 100, 3, &["--reads", "50", "--value-size", "0"]);
    assert_load(&mut cluster, 8, 2, &["--value-size", "524288"]);
    assert_load(&mut cluster, 1, 1, &[]);
    // More clients than operations.
    assert_load(&mut cluster, 3, 20, &[]);
    let output = bench(&cluster, &["--operations", "10", "--clients", "2"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.starts_with("10 operations of 2 clients in ") && text.contains(", 0 errors, 0 not answered\np50 "),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(0));
    cluster.assert_all_run();
}

#[test]
fn a_load_on_gossip_and_raft_has_no_errors() {
    for protocol in ["gossip", "raft"] {
        let cluster = Cluster::of_three(protocol);
        let output = bench(&cluster, &["--duration", "300ms", "--clients", "4", "--reads", "20", "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let report = report(&String::from_utf8_lossy(&output.stdout));
        assert!(report["operations"].as_u64() > Some(4) && report["errors"] == 0, "{report}");
        assert!((300_000..10_000_000).contains(&report["elapsed_us"].as_u64().expect("a number")), "{report}");
    }
}

/// What a load prints that is interrupted when `is_time`.
fn interrupted(mut command: Command, is_time: impl FnOnce()) -> Value {
    let mut load = Console::start("a load".to_owned(), &mut command);
    is_time();
    load.signal(Signal::SIGINT);
    let (lines, code) = load.wait_until_it_leaves();
    assert_eq!(code, Some(130), "{lines:?}");
    report(&lines.join("\n"))
}

#[test]
fn an_interrupted_load_prints_what_there_was() {
    let mut cluster = Cluster::of_three(PAXOS);
    let before = cluster.depth(1);
    let command = cluster.client_command(&["bench", "--duration", "100s", "--clients", "4", "--format", "json"]);
    let report = interrupted(command, || eventually("operations are decided", || cluster.depth(1) > before + 50));
    assert!(report["operations"].as_u64() > Some(20), "{report}");
    assert_eq!(report["errors"], 0);
    cluster.assert_all_run();
    // Where nobody is there it waits, and says for what.
    let nobody = Cluster::planned(Plan::by_port(PAXOS));
    let command = nobody.client_command(&["bench", "--clients", "2", "--format", "json"]);
    assert_eq!(interrupted(command, || thread::sleep(Duration::from_millis(500)))["operations"], 0);
}

#[test]
fn a_load_that_cannot_be_is_a_mistake() {
    let cluster = Cluster::planned(Plan::by_port(PAXOS));
    for arguments in [
        &["--value-size", "524289"][..],
        &["--clients", "0"],
        &["--clients", "1001"],
        &["--operations", "0"],
        &["--reads", "101"],
        &["--operations", "5", "--duration", "1s"],
        &["--duration", "5"],
        &["--format", "xml"],
    ] {
        let output = bench(&cluster, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    }
}
