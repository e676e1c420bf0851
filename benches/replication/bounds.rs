//! What nobody can pass who does the same work: hashing alone, and writing and syncing alone.

use std::fs::OpenOptions;
use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use splitbrain::ledger::{Nonce, hash};

use crate::measure::{RUNS, operation};

/// Blocks of one run.
const BLOCKS: usize = 100_000;
/// Rounds of one run.
const ROUNDS: usize = 60;
/// The bytes that a record of a block takes in a log, measured; about what its operation, request and hashes take.
const BLOCK_BYTES: usize = 150;

/// Blocks a second if each is mined once and checked twice, and nothing else is done.
pub fn hashing() -> f64 {
    let texts: Vec<_> = (0..BLOCKS).map(operation).map(|(key, value)| format!("put {key} {value}")).collect();
    let bound = median(|| {
        let start = Instant::now();
        let mut previous = None;
        for text in &texts {
            let nonce = Nonce::search(text);
            let hash = hash::of_block(text, nonce, previous);
            for _ in 0..2 {
                assert!(black_box(nonce).is_accepted_for(text), "the nonce was searched for");
                assert!(hash::of_block(text, nonce, previous) == hash, "a hash is a function");
            }
            previous = Some(hash);
        }
        BLOCKS as f64 / start.elapsed().as_secs_f64()
    });
    println!("hashing: {bound:.0} blocks/s, each mined once and checked twice");
    bound
}

/// Operations a second if three files take the bytes of a round's blocks, and are synced.
pub fn writing(operations: usize) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = vec![b'a'; operations * BLOCK_BYTES];
    let bound = median(|| {
        let open = |name: u32| OpenOptions::new().append(true).create(true).open(folder.path().join(name.to_string()));
        let mut files = [1, 2, 3].map(|name| open(name).expect("a file"));
        let start = Instant::now();
        for _ in 0..ROUNDS {
            for file in &mut files {
                file.write_all(&bytes).expect("an append");
                file.sync_data().expect("a durable append");
            }
        }
        (operations * ROUNDS) as f64 / start.elapsed().as_secs_f64()
    });
    println!("writing: {bound:.0} operations/s, {operations} a round, three files with fdatasync each");
    bound
}

fn median(mut run: impl FnMut() -> f64) -> f64 {
    run();
    let mut figures: Vec<_> = (0..RUNS).map(|_| run()).collect();
    figures.sort_by(f64::total_cmp);
    figures[RUNS / 2]
}
