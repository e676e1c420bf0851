//! What replication costs: `cargo bench --bench replication` prints all figures of one run, the machine's load first.
//!
//! Three replicas in one thread, in memory and with the log file, 1, 64 and 1,024 operations a round; with the ledger and
//! with blocks that hash nothing. Beside each row stands what hashing alone would allow, and with the log file what
//! writing and syncing the same bytes would: a replica can do no better than both together.
//!
//! `benches/peers` measures other crates in the same way.

mod bounds;
mod measure;
mod ours;

use measure::{Contender, Medium};

/// Everybody who is measured, in the order of the table.
const CONTENDERS: [Contender; 2] = [
    Contender { name: "with hashes", start: ours::start_with_hashes },
    Contender { name: "without hashes", start: ours::start_without_hashes },
];
/// Whom the others are compared with.
const REFERENCE: &str = "without hashes";

fn main() {
    // `cargo test --benches` asks for a list of tests.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!("load before: {}", load());
    measure::disk();
    let hashing = bounds::hashing();
    for row in measure::ROWS {
        let figures = measure::compare(row, &CONTENDERS, REFERENCE);
        let bound = match row.medium {
            Medium::Memory => hashing,
            Medium::Files => 1.0 / (1.0 / hashing + 1.0 / bounds::writing(row.operations)),
        };
        let ratio = figures[0].median() / bound;
        println!("  bound {bound:.0}/s, with hashes {ratio:.2} of it (goal: at least 0.70)");
    }
    println!("load after: {}", load());
}

/// The machine's load, where it tells.
fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}
