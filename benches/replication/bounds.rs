//! What nobody can pass who does the same work: making the blocks and checking them, and writing and syncing them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Instant;

use splitbrain::base::NodeName;
use splitbrain::ledger::{Chain, Proof, RequestId};
use splitbrain::protocol::multi_paxos::Record;
use splitbrain::store::{Operation, Value};

use crate::measure::{Bound, Row, operation};

/// Each block is mined in one chain, and checked in two others.
pub const LEDGER: Bound = Bound { name: "mining and checking alone", run: blocks_a_second };
/// Three files take a round's records, and are synced.
pub const FILES: Bound = Bound { name: "writing and syncing alone", run: writes_a_second };

/// Rounds of one run with files.
const ROUNDS: usize = 60;
/// Blocks of one run without.
const BLOCKS: usize = 100_000;

/// Takes the operation at a place in the run.
fn mine(chain: &mut Chain, place: usize) {
    let (key, value) = operation(place);
    let request = RequestId { client: NodeName::client(1), session: 0, sequence: place as u64 };
    chain.mine(Operation::Put { key: Value::text(&key), value: Value::text(&value) }, request);
}

fn blocks_a_second(_row: Row) -> f64 {
    let mut chains = [Chain::default(), Chain::default(), Chain::default()];
    let start = Instant::now();
    for place in 0..BLOCKS {
        let [leader, followers @ ..] = &mut chains;
        mine(leader, place);
        let block = leader.blocks_after(place as u64).first().expect("it was just mined");
        for follower in followers {
            follower.push(block.clone()).expect("a right block");
        }
    }
    BLOCKS as f64 / start.elapsed().as_secs_f64()
}

fn writes_a_second(row: Row) -> f64 {
    let mut chain = Chain::new(Proof::Nothing);
    (0..row.operations).for_each(|place| mine(&mut chain, place));
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
