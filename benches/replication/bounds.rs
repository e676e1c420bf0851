//! What nobody can pass who does the same work: making the blocks and checking them, and writing and syncing them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Instant;

use splitbrain::base::NodeName;
use splitbrain::ledger::{Chain, Proof, RequestId};
use splitbrain::protocol::multi_paxos::Record;
use splitbrain::store::{Operation, Value};

use crate::measure::{Bound, Medium, Row, operation};

/// Each block is mined in one chain, and checked in two others.
const LEDGER: Bound = Bound { name: "mining and checking alone", run: blocks_a_second };
/// Three files take a round's records, and are synced.
const FILES: Bound = Bound { name: "writing and syncing alone", run: writes_a_second };

/// What bounds a row.
pub fn of(row: Row) -> &'static [Bound] {
    match row.medium {
        Medium::Memory => &[LEDGER],
        Medium::Files => &[LEDGER, FILES],
    }
}

/// Rounds of one run with files.
const ROUNDS: usize = 60;
/// Blocks of one run without.
const BLOCKS: usize = 100_000;

/// Puts of the operations of a run.
fn puts(count: usize) -> impl Iterator<Item = (Operation, RequestId)> {
    (0..count).map(|place| {
        let (key, value) = operation(place);
        let request = RequestId { client: NodeName::client(1), session: 0, sequence: place as u64 };
        (Operation::Put { key: Value::text(&key), value: Value::text(&value) }, request)
    })
}

fn blocks_a_second(_row: Row) -> f64 {
    let mut chains = [Chain::default(), Chain::default(), Chain::default()];
    let puts: Vec<_> = puts(BLOCKS).collect();
    let start = Instant::now();
    for (operation, request) in puts {
        let [leader, followers @ ..] = &mut chains;
        leader.mine(operation, request);
        let block = leader.block(leader.length()).expect("it was just mined");
        for follower in followers {
            follower.push(block.clone()).expect("a right block");
        }
    }
    BLOCKS as f64 / start.elapsed().as_secs_f64()
}

fn writes_a_second(row: Row) -> f64 {
    let mut chain = Chain::new(Proof::Nothing);
    puts(row.operations).for_each(|(operation, request)| chain.mine(operation, request));
    let blocks = chain.blocks_after(0).into();
    let bytes = Record::Accept { ballot: None, skip: 0, decided: 0, blocks }.encode();
    let folder = tempfile::tempdir().expect("a folder");
    let open = |name: u32| OpenOptions::new().append(true).create_new(true).open(folder.path().join(name.to_string()));
    let mut files = [1, 2, 3].map(|name| open(name).expect("a file"));
    let start = Instant::now();
    for _ in 0..ROUNDS {
        for file in &mut files {
            file.write_all(&bytes).expect("an append");
            file.sync_data().expect("a durable append");
        }
    }
    (row.operations * ROUNDS) as f64 / start.elapsed().as_secs_f64()
}
