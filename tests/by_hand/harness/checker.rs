//! Compares what clients asked and were answered with the chains of all servers.
//!
//! What must hold, once nobody waits any more:
//! 1. All chains are equal; heights count from 1, and each block points to the one before.
//! 2. Every block holds an operation that a client asked, as it asked it, and no request stands in the chain twice.
//! 3. Every operation that was answered is in the chain.
//! 4. Its answer is the one that a store gives which carries out the chain from its beginning.
//! 5. An operation that was answered before another one began stands before it.
//!
//! An operation that was not answered may be in the chain, or not. Deliberately missing: what the nonces and hashes are
//! made of; that is tested where chains are made.

use std::collections::BTreeMap;
use std::time::Instant;

use splitbrain::store::{Operation, Value};

use super::chain::Block;
use super::history::{Asked, Request};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    #[error("the chains of servers {one} and {other} differ at height {height}")]
    Differ { one: u32, other: u32, height: usize },
    #[error("block {height} does not point to the block before, or has another height")]
    Unlinked { height: usize },
    #[error("nobody asked for block {height}: {operation}")]
    NotAsked { height: usize, operation: String },
    #[error("block {height} is {found}, and {asked} was asked")]
    Altered { height: usize, asked: String, found: String },
    #[error("block {height} holds a request that stands in block {before}: {operation}")]
    Twice { height: usize, before: usize, operation: String },
    #[error("{operation} of {client} was answered, and is in no block")]
    Lost { operation: String, client: String },
    #[error("block {height}, {operation}, was answered {found:?}; there it is {expected:?}")]
    Wrong { height: usize, operation: String, found: String, expected: String },
    #[error("block {height}, {operation}, was answered before block {before} was asked")]
    Late { height: usize, operation: String, before: usize },
}

/// Everything that is wrong; nothing if all is right.
pub fn violations(history: &[Asked], chains: &BTreeMap<u32, Vec<Block>>) -> Vec<Violation> {
    let Some((&one, chain)) = chains.iter().max_by_key(|(_, chain)| chain.len()) else { return Vec::new() };
    let mut found = Vec::new();
    for (&other, theirs) in chains {
        found.extend(difference((one, chain), (other, theirs)));
    }
    found.extend(unlinked(chain));
    let asked: BTreeMap<Request, &Asked> = history.iter().map(|asked| (asked.request, asked)).collect();
    assert_eq!(asked.len(), history.len(), "the test counts operations wrongly");
    let (places, misplaced) = places(&asked, chain);
    found.extend(misplaced);
    found.extend(lost(history, &places));
    let placed: Vec<_> = by_height(&places).into_iter().map(|(height, request)| (height, asked[&request])).collect();
    found.extend(wrong_answers(&placed));
    found.extend(late(&placed));
    found
}

/// Fails if anything is wrong.
pub fn check(history: &[Asked], chains: &BTreeMap<u32, Vec<Block>>) {
    let violations = violations(history, chains);
    let lines: Vec<_> = violations.iter().take(20).map(ToString::to_string).collect();
    let count = violations.len();
    assert!(violations.is_empty(), "{count} violations, first:\n{}", lines.join("\n"));
}

fn difference((one, chain): (u32, &[Block]), (other, theirs): (u32, &[Block])) -> Option<Violation> {
    let equal = chain.iter().zip(theirs).take_while(|(block, their)| block == their).count();
    (equal < chain.len()).then_some(Violation::Differ { one, other, height: equal + 1 })
}

fn unlinked(chain: &[Block]) -> Vec<Violation> {
    let mut previous = "None";
    let mut found = Vec::new();
    for (height, block) in (1..).zip(chain) {
        if block.previous != previous || block.height != height as u64 {
            found.push(Violation::Unlinked { height });
        }
        previous = &block.hash;
    }
    found
}

/// Where each request stands, and what does not belong there.
fn places(asked: &BTreeMap<Request, &Asked>, chain: &[Block]) -> (BTreeMap<Request, usize>, Vec<Violation>) {
    let (mut places, mut found) = (BTreeMap::new(), Vec::new());
    for (height, block) in (1..).zip(chain) {
        let operation = block.operation.clone();
        let Some(asked) = asked.get(&block.request) else {
            found.push(Violation::NotAsked { height, operation });
            continue;
        };
        let expected = asked.operation.to_string();
        if expected != operation {
            found.push(Violation::Altered { height, asked: expected, found: operation });
        } else if let Some(before) = places.get(&block.request).copied() {
            found.push(Violation::Twice { height, before, operation });
        } else {
            places.insert(block.request, height);
        }
    }
    (places, found)
}

fn lost(history: &[Asked], places: &BTreeMap<Request, usize>) -> Vec<Violation> {
    let lost = history.iter().filter(|asked| asked.answered.is_some() && !places.contains_key(&asked.request));
    let violation =
        |asked: &Asked| Violation::Lost { operation: asked.operation.to_string(), client: asked.request.0.to_string() };
    lost.map(violation).collect()
}

fn by_height(places: &BTreeMap<Request, usize>) -> BTreeMap<usize, Request> {
    places.iter().map(|(request, height)| (*height, *request)).collect()
}

fn wrong_answers(placed: &[(usize, &Asked)]) -> Vec<Violation> {
    let mut store = BTreeMap::new();
    let mut found = Vec::new();
    for &(height, asked) in placed {
        let expected = carry_out(&mut store, &asked.operation);
        if let Some(answered) = asked.answered.as_ref().filter(|answered| answered.text != expected) {
            let (operation, found_text) = (asked.operation.to_string(), answered.text.clone());
            found.push(Violation::Wrong { height, operation, found: found_text, expected });
        }
    }
    found
}

/// What a client prints of an operation that a store carries out.
fn carry_out(store: &mut BTreeMap<Value, Value>, operation: &Operation) -> String {
    let success = "success".to_owned();
    let none = "KEY_DOES_NOT_EXIST".to_owned();
    match operation {
        Operation::Get { key } => store.get(key).map_or(none, ToString::to_string),
        Operation::Put { key, value } => {
            store.insert(key.clone(), value.clone());
            success
        }
        Operation::Cas { key, from, to } => match store.get_mut(key) {
            None => none,
            Some(value) if value == from => {
                value.clone_from(to);
                success
            }
            Some(_) => "PRECONDITION_FAILED".to_owned(),
        },
    }
}

fn late(placed: &[(usize, &Asked)]) -> Vec<Violation> {
    let mut found = Vec::new();
    // Of all blocks so far the one that was asked last.
    let mut last: Option<(usize, Instant)> = None;
    for &(height, asked) in placed {
        if let (Some(answered), Some((before, began))) = (&asked.answered, last)
            && answered.at < began
        {
            found.push(Violation::Late { height, operation: asked.operation.to_string(), before });
        }
        if last.is_none_or(|(_, began)| asked.began > began) {
            last = Some((height, asked.began));
        }
    }
    found
}
