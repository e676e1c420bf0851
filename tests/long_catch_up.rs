//! A server that is 10,000 blocks behind catches up: in pieces of a bounded size, to the same chain.

mod consensus;
mod library;
#[path = "consensus/words.rs"]
mod words;

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use splitbrain::base::{Environment, NodeName, limits};
use splitbrain::protocol::Protocol;
use splitbrain::trace::{Happening, Moment, Reader};

use words::{in_words_of, protocols, word};

/// How many blocks s1 misses.
const BLOCKS: usize = 10_000;
/// A message with a piece of a log is not longer, in bytes: what stands around its blocks is short.
const LONGEST_BYTES: usize = limits::CHUNK_BYTES + 1024;
/// Each block is longer than this, in bytes, so that there must be several pieces.
const SHORTEST_BLOCK: usize = 200;

/// The messages that bring a piece of a log, and those that are asked for.
const KINDS: [&str; 2] = ["accept", "blocks"];
/// Where in a message the piece stands.
const FIELDS: [&str; 2] = ["blocks", "entries"];

/// The lengths of all messages with blocks that reach a server.
struct Pieces {
    server: NodeName,
    kinds: [&'static str; 2],
    lengths: Rc<RefCell<Vec<usize>>>,
}

impl Reader for Pieces {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        if let Happening::Step { node, line, .. } = happening
            && *node == self.server
        {
            let line_as_json: Value = serde_json::from_slice(line).expect("a line is JSON");
            let body = &line_as_json["body"];
            let is_piece = self.kinds.iter().any(|kind| body["type"] == *kind);
            let brings = |field: &&str| body[*field].as_array().is_some_and(|blocks| !blocks.is_empty());
            if is_piece && FIELDS.iter().any(brings) {
                self.lengths.borrow_mut().push(line.len());
            }
        }
        Ok(())
    }

    fn wants_lines(&self) -> bool {
        true
    }
}

/// The delay of the messages that carry blocks makes them show in the transcript.
fn script() -> String {
    let puts: String = (1..=BLOCKS).map(|number| format!("put c1 k{number} v{number}\n")).collect();
    format!(
        "cluster servers=3 clients=1\njoinClient c1 s3\nisolate s1\n{puts}\
         delay accept s2,s3 -> s1 2ms\ndelay blocks s2,s3 -> s1 2ms\n\
         heal\nstabilize\nput c1 last 1\nstabilize\n\
         printBlockchain s1\nprintBlockchain s2\nprintBlockchain s3\n"
    )
}

/// How many pieces the transcript tells of: `~ s3 -> s1 accept under way for 0.002000 x12`.
fn told(transcript: &str, kinds: [&str; 2]) -> usize {
    let pieces = |line: &&str| kinds.iter().any(|kind| line.contains(&format!("-> s1 {kind} ")));
    let is_lost = |line: &&str| line.contains(" lost ");
    let count = |line: &str| line.rsplit_once(" x").and_then(|(_, count)| count.parse().ok()).unwrap_or(1);
    transcript.lines().filter(pieces).filter(|line| !is_lost(line)).map(count).sum()
}

#[test]
fn a_server_10_000_blocks_behind_catches_up_in_pieces() {
    protocols().for_each(catches_up_in_pieces);
}

fn catches_up_in_pieces(protocol: &'static Protocol) {
    let kinds = KINDS.map(|kind| word(protocol, kind));
    let lengths = Rc::default();
    let pieces = Pieces { server: NodeName::server(1), kinds, lengths: Rc::clone(&lengths) };
    let ended = consensus::run(&in_words_of(protocol, &script()), protocol, vec![Box::new(pieces)]);
    assert_eq!(ended.objections(), []);
    assert!(ended.seen.chains.iter().all(|chain| chain.lines.len() == BLOCKS + 1));
    let lengths = lengths.borrow();
    let longest = lengths.iter().copied().max().unwrap_or(0);
    assert!(longest <= LONGEST_BYTES, "a piece has {longest} bytes");
    let least = BLOCKS * SHORTEST_BLOCK / LONGEST_BYTES;
    assert!(lengths.len() >= least, "{} pieces, and {least} at least were expected", lengths.len());
    let told = told(&ended.transcript, kinds);
    assert!(told >= least, "the transcript tells of {told} pieces");
}

/// Eight values of 200 kB are pieces of more than a round's length over slow links: whoever adopts them keeps what has come.
#[test]
fn a_log_that_takes_longer_than_a_round_to_adopt_is_adopted() {
    let value = "v".repeat(200_000);
    let puts: String = (0..8).map(|number| format!("put c1 k{number} {value}\n")).collect();
    let script = format!(
        "cluster servers=3 clients=1\ndelay * -> * 50ms\nisolate s3\nput c1 a 1\n{puts}\
         crash s2\nheal\nwait 20s\nput c1 b 2\nrestart s2\nstabilize\n\
         printBlockchain s1\nprintBlockchain s2\nprintBlockchain s3\n"
    );
    for protocol in protocols() {
        let ended = consensus::run(&script, protocol, Vec::new());
        assert_eq!(ended.objections(), [], "{}", protocol.name);
        assert!(ended.seen.chains.iter().all(|chain| chain.lines.len() == 10), "all puts are decided");
        assert!(!ended.transcript.contains("ERR_TIMEOUT"), "two of three decide under {}", protocol.name);
    }
}
