//! Other crates that replicate a log, beside ours:
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`.
//!
//! What is timed is in `benches/replication/measure.rs`, which the bench of our own replicas uses as well. A peer is run
//! as its own documentation recommends and as fast as it allows: batches as large as a round, no limit on the size of a
//! message, no ticks, its own storage in memory, and messages handed over as values, never as bytes. With the log file,
//! a replica syncs once per batch, and its file carries no checksums.
//!
//! - `ours`: Multi-Paxos and Raft over the hash-linked chain, and with blocks that hash nothing; their logs in memory are
//!   encoded too.
//! - `raft`: the crate `raft` (raft-rs), all operations of a round in one proposal.
//! - `raft, one proposal each`: the same with one call of `propose` for each operation.
//! - `raft, compacting`: as `raft`, but entries that are applied leave the memory; the others keep them, as a ledger
//!   has to.
//! - `omnipaxos`: the crate `omnipaxos`, all operations of a round in one batch.
//! - `no protocol`: three stores, and three files, with nothing between them; nobody can be faster.

mod bare;
#[path = "../../replication/bounds.rs"]
mod bounds;
mod journal;
mod machine;
#[path = "../../replication/measure.rs"]
mod measure;
mod omnipaxos;
#[path = "../../replication/ours.rs"]
mod ours;
mod raft;

use measure::{Contender, Figure};

/// Everybody who is measured, in the order of the table.
const CONTENDERS: [Contender; 9] = [
    Contender { name: "ours, multi-paxos", start: ours::start_multi_paxos },
    Contender { name: "ours, raft", start: ours::start_raft },
    Contender { name: OURS[0], start: ours::start_multi_paxos_without_hashes },
    Contender { name: OURS[1], start: ours::start_raft_without_hashes },
    Contender { name: "raft", start: raft::start_with_one_proposal_a_round },
    Contender { name: "raft, one proposal each", start: raft::start_with_one_proposal_an_operation },
    Contender { name: "raft, compacting", start: raft::start_with_compaction },
    Contender { name: "omnipaxos", start: omnipaxos::start },
    Contender { name: "no protocol", start: bare::start },
];
/// Who is to be at least as fast as the reference.
const OURS: [&str; 2] = ["ours, multi-paxos, no hashes", "ours, raft, no hashes"];
/// Whom the others are compared with.
const REFERENCE: &str = "raft";

fn main() {
    println!("load before: {}", measure::load());
    measure::disk();
    for row in measure::ROWS {
        let figures = measure::compare(row, &CONTENDERS, REFERENCE, bounds::of(row));
        for ours in OURS {
            let ratio = figure_of(ours, &figures).ratio(figure_of(REFERENCE, &figures));
            println!("  {ours} {ratio:.2} x {REFERENCE} (goal: at least 1.00)");
        }
    }
    println!("load after: {}", measure::load());
}

/// The figure of the contender of this name.
fn figure_of<'a>(name: &str, figures: &'a [Figure]) -> &'a Figure {
    let place = CONTENDERS.iter().position(|contender| contender.name == name).expect("a contender's name");
    &figures[place]
}

#[cfg(test)]
mod tests {
    use super::measure::{self, Medium, Row};
    use super::{CONTENDERS, REFERENCE, bounds};

    #[test]
    fn every_contender_applies_everything_everywhere() {
        for row in measure::ROWS {
            let rounds = match row.medium {
                Medium::Memory => 1_500_usize.div_ceil(row.operations),
                Medium::Files => 2,
            };
            // A run panics when a store, an answer or a file is missing.
            measure::compare(Row { rounds, ..row }, &CONTENDERS, REFERENCE, bounds::of(row));
        }
    }
}
