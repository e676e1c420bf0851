//! The protocols whose clusters are founded and have one chain.

use std::thread;

pub const PROTOCOLS: [&str; 2] = ["multi-paxos", "raft"];

/// Runs a test under each of them, at the same time: it mostly waits.
pub fn under_both(test: impl Fn(&'static str) + Sync) {
    let failed: Vec<_> = thread::scope(|scope| {
        let runs = PROTOCOLS.map(|protocol| (protocol, scope.spawn(|| test(protocol))));
        runs.into_iter().filter_map(|(protocol, run)| run.join().is_err().then_some(protocol)).collect()
    });
    assert!(failed.is_empty(), "it fails under {}", failed.join(" and "));
}
