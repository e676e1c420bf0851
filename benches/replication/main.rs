//! What replication costs: `cargo bench --bench replication` prints all figures of one run, the machine's load first;
//! `-- memory` behind it those rows whose title has this word.
//!
//! Three replicas of Multi-Paxos and of Raft in one thread, in memory and with the log file, 1, 64 and 1,024 operations a round; with the ledger and
//! with blocks that hash nothing. Beside each row stands what making and checking the blocks alone would allow, and with
//! the log file what writing and syncing the same bytes would: nobody can do better than both together.
//!
//! `benches/peers` measures other crates in the same way.

mod bounds;
mod measure;
mod ours;

use measure::Contender;

/// Everybody who is measured, in the order of the table.
const CONTENDERS: [Contender; 4] = [
    Contender { name: "multi-paxos", start: ours::start_multi_paxos },
    Contender { name: "raft", start: ours::start_raft },
    Contender { name: "multi-paxos, no hashes", start: ours::start_multi_paxos_without_hashes },
    Contender { name: "raft, no hashes", start: ours::start_raft_without_hashes },
];
/// Whom the others are compared with.
const REFERENCE: &str = "multi-paxos, no hashes";
/// Those that make and check what they are compared with.
const WITH_HASHES: usize = 2;

fn main() {
    // `cargo test --benches` asks for a list of tests.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!("load before: {}", measure::load());
    measure::disk();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    for row in measure::ROWS.into_iter().filter(|row| wanted.iter().all(|words| row.title().contains(words))) {
        let figures = measure::compare(row, &CONTENDERS, REFERENCE, bounds::of(row));
        let (ours, alone) = figures.split_at(CONTENDERS.len());
        let bound = 1.0 / alone.iter().map(|figure| 1.0 / figure.median()).sum::<f64>();
        for (contender, figure) in CONTENDERS.iter().zip(ours).take(WITH_HASHES) {
            println!("  {} {:.2} x what that allows (goal: at least 0.70)", contender.name, figure.median() / bound);
        }
    }
    println!("load after: {}", measure::load());
}
