//! One server, told by hand what others say: the rules of figure 2 that take more than a script can arrange.

use std::rc::Rc;

use crate::base::{Incarnation, NodeName, Span, Time, limits};
use crate::ledger::{Block, Chain, Proof, RequestId};
use crate::machine::{Input, Machine, Output, Outputs, Payload, Setup};
use crate::protocol::raft::messages::{
    Append, AppendOk, AppendRefused, Entry, Heartbeat, Position, RaftMessage, Vote, VoteOk,
};
use crate::protocol::raft::record::Record;
use crate::protocol::raft::server::{ELECTION, Server};
use crate::store::{Operation, Value};
use crate::wire::Request;
use crate::wire::control::{Control, Timeouts, Variant};
use crate::wire::request::Write;

const OWN: NodeName = NodeName::server(1);
const SECOND: NodeName = NodeName::server(2);
const THIRD: NodeName = NodeName::server(3);
const FOURTH: NodeName = NodeName::server(4);

/// A server of three or more, with what it has done.
struct Bench {
    server: Server,
    records: Vec<Vec<u8>>,
}

impl Bench {
    /// One that finds these records of earlier lives; its election timeout has not begun.
    fn new(records: Vec<Vec<u8>>) -> Self {
        Self::among(3, records)
    }

    fn among(servers: u32, records: Vec<Vec<u8>>) -> Self {
        let setup = Setup {
            name: OWN,
            servers: (1..=servers).map(NodeName::server).collect(),
            seed: 1,
            incarnation: Incarnation(u32::from(!records.is_empty())),
            timeouts: Timeouts { retry: Span::milliseconds(300), election: Span::milliseconds(300) },
            variant: Variant::default(),
        };
        let mut bench = Self { server: Server::new(&setup, Proof::Hashes), records: Vec::new() };
        bench.take(Input::Start { records: &records });
        bench.records = [records, std::mem::take(&mut bench.records)].concat();
        bench
    }

    /// Takes one input and a flush; what it says to servers.
    fn take(&mut self, input: Input<'_, RaftMessage>) -> Vec<(NodeName, RaftMessage)> {
        self.gather([input])
    }

    /// Takes inputs and then one flush; what it says to servers.
    fn gather<'i>(&mut self, inputs: impl IntoIterator<Item = Input<'i, RaftMessage>>) -> Vec<(NodeName, RaftMessage)> {
        let mut outputs = Outputs::default();
        for input in inputs {
            self.server.step(Time(0), input, &mut outputs).expect("a right input");
        }
        self.server.flush(&mut outputs);
        let mut said = Vec::new();
        for output in outputs.drain() {
            match output {
                Output::Persist(record) => self.records.push(record),
                Output::Send { to, payload: Payload::Peer(message) }
                | Output::SendEarly { to, payload: Payload::Peer(message) } => {
                    let any: &dyn std::any::Any = &*message;
                    said.push((to, any.downcast_ref::<RaftMessage>().expect("its own protocol").clone()));
                }
                Output::Send { .. }
                | Output::SendEarly { .. }
                | Output::Sync
                | Output::SetTimer { .. }
                | Output::CancelTimer { .. }
                | Output::Complete(_) => {}
            }
        }
        said
    }

    fn hear(&mut self, from: NodeName, message: &RaftMessage) -> Vec<(NodeName, RaftMessage)> {
        self.take(Input::Peer { from, message })
    }

    /// What it answers to one that asks for its vote as if nobody led.
    fn vote_for(&mut self, from: NodeName, term: u64, last: Position) -> bool {
        let question = Vote { term, last, is_transfer: true };
        let said = self.hear(from, &RaftMessage::Vote(question));
        said.iter()
            .any(|(to, message)| *to == from && matches!(message, RaftMessage::VoteOk(VoteOk { is_granted: true, .. })))
    }

    /// Leads in the next term by the votes of two other servers.
    fn lead(&mut self) {
        self.take(Input::Control(&Control::Nominate));
        let term = self.server.term;
        for voter in [SECOND, THIRD] {
            self.hear(voter, &RaftMessage::VoteOk(VoteOk { term, is_granted: true, commit: 0 }));
        }
    }

    /// How much is committed, as it says in the append that brings another put to the second server.
    fn told_early(&mut self, sequence: u64) -> u64 {
        let (key, value) = (Value::text("b"), Value::text("1"));
        let request = Request::Write(Write { msg_id: sequence, session: 1, key, value, clock: 0 });
        let said = self.take(Input::Request { from: NodeName::client(2), request: &request });
        let told = said.iter().find_map(|(to, message)| match message {
            RaftMessage::Append(append) if *to == SECOND => Some(append.commit),
            _ => None,
        });
        told.expect("an append")
    }
}

/// The blocks of a chain of puts of these values.
fn blocks(values: &[&str]) -> Vec<Rc<Block>> {
    let mut chain = Chain::default();
    for (sequence, value) in (1..).zip(values) {
        let request = RequestId { client: NodeName::client(1), session: 0, sequence };
        chain.mine(Operation::Put { key: "a".into(), value: Value::text(value) }, request);
    }
    chain.blocks_after(0).to_vec()
}

/// A no-op of a term, and blocks of puts behind it.
fn entries(term: u64, values: &[&str]) -> Vec<Entry> {
    let blocks = blocks(values).into_iter().map(|block| Entry { term, block: Some(block) });
    [Entry { term, block: None }].into_iter().chain(blocks).collect()
}

fn append(term: u64, previous: Position, entries: Vec<Entry>, commit: u64) -> RaftMessage {
    RaftMessage::Append(Rc::new(Append { term, previous, entries, commit }))
}

/// A put of a client.
fn put(msg_id: u64) -> Request {
    Request::Write(Write { msg_id, session: 0, key: "a".into(), value: "1".into(), clock: 0 })
}

const fn at(index: u64, term: u64) -> Position {
    Position { index, term }
}

/// Section 5.4.2 and figure 8: the old entry is on a majority, and not committed; with the leader's own it is. The old one
/// fills a piece by itself, or the two would come together.
#[test]
fn an_entry_of_an_earlier_term_is_committed_with_one_of_the_leaders_own() {
    let large = "x".repeat(limits::CHUNK_BYTES);
    let old = Record::Append { skip: 0, commit: 0, entries: entries(1, &[&large]).into() };
    let mut bench = Bench::new(vec![Record::Term { term: 1, vote: Some(OWN) }.encode(), old.encode()]);
    bench.lead();
    assert_eq!((bench.server.term, bench.server.log.last()), (2, at(3, 2)));
    let ok = |index| RaftMessage::AppendOk(AppendOk { term: 2, index, counts: true });
    bench.hear(SECOND, &ok(2));
    assert_eq!(bench.server.log.commit(), 0, "two of three have it, and it is of term 1");
    bench.hear(SECOND, &ok(3));
    assert_eq!((bench.server.log.commit(), bench.server.decided()), (3, 1));
}

/// An append leaves before the leader's own sync: what is committed only with the leader's disk is not said in it, and of what
/// is on a majority of the others' disks only what ends in this term.
#[test]
fn an_append_tells_what_is_committed_without_the_leaders_disk() {
    let large = "x".repeat(limits::CHUNK_BYTES);
    let old = Record::Append { skip: 0, commit: 0, entries: entries(1, &[&large, "y"]).into() };
    let mut bench = Bench::among(5, vec![Record::Term { term: 1, vote: Some(OWN) }.encode(), old.encode()]);
    bench.lead();
    let ok = |index| RaftMessage::AppendOk(AppendOk { term: 2, index, counts: true });
    bench.hear(SECOND, &ok(4));
    bench.hear(THIRD, &ok(4));
    assert_eq!(bench.server.log.commit(), 4, "three of five have it, the leader among them");
    assert_eq!(bench.told_early(1), 0);
    bench.hear(FOURTH, &ok(2));
    assert_eq!(bench.told_early(2), 0, "three others have the entries of term 1");
    bench.hear(FOURTH, &ok(4));
    assert_eq!(bench.told_early(3), 4);
}

/// What an earlier life said may come after what the next one says.
#[test]
fn a_late_answer_makes_no_learner_count() {
    let mut bench = Bench::new(Vec::new());
    bench.lead();
    let ok = |counts| RaftMessage::AppendOk(AppendOk { term: 1, index: 1, counts });
    bench.hear(SECOND, &ok(false));
    bench.hear(SECOND, &ok(true));
    assert_eq!(bench.server.log.commit(), 0);
    bench.hear(THIRD, &ok(true));
    assert_eq!(bench.server.log.commit(), 1);
}

/// A server whose disk was lost may hold another leader's entries where the leader takes it for up to date.
#[test]
fn what_is_committed_is_told_by_index_and_term() {
    let mut bench = Bench::new(Vec::new());
    bench.hear(SECOND, &append(1, at(0, 0), entries(1, &["1", "2"]), 0));
    let said = bench
        .hear(THIRD, &RaftMessage::Heartbeat(Heartbeat { term: 3, commit: at(3, 2), matched: at(3, 2), sequence: 0 }));
    assert_eq!(bench.server.log.commit(), 0);
    let refusal = AppendRefused { term: 3, index: 3, hint: at(3, 1), counts: true };
    assert!(said.contains(&(THIRD, RaftMessage::AppendRefused(refusal))), "{said:?}");
}

/// The leader may not hear that it has them.
#[test]
fn whoever_has_the_last_committed_entry_commits_up_to_it() {
    let mut bench = Bench::new(Vec::new());
    bench.hear(SECOND, &append(1, at(0, 0), entries(1, &["1", "2"]), 0));
    let heartbeat = |index| Heartbeat { term: 1, commit: at(index, 1), matched: at(0, 0), sequence: 0 };
    bench.hear(SECOND, &RaftMessage::Heartbeat(heartbeat(2)));
    assert_eq!(bench.server.log.commit(), 2);
    let said = bench.hear(SECOND, &RaftMessage::Heartbeat(heartbeat(9)));
    assert_eq!((bench.server.log.commit(), said.len()), (2, 1), "it waits for what is on its way: {said:?}");
}

/// Figure 2, AppendEntries 5: what stands behind the last entry that was brought may be another leader's.
#[test]
fn a_short_append_commits_no_more_than_it_brings() {
    let mut bench = Bench::new(Vec::new());
    bench.hear(SECOND, &append(1, at(0, 0), entries(1, &["1", "2"]), 1));
    let said = bench.hear(THIRD, &append(2, at(1, 1), Vec::new(), 3));
    assert_eq!((bench.server.log.commit(), bench.server.log.length()), (1, 3));
    let ok = RaftMessage::AppendOk(AppendOk { term: 2, index: 1, counts: true });
    assert!(said.contains(&(THIRD, ok)), "it has no more of that leader's log: {said:?}");
}

/// Figure 2, AppendEntries 3: only what differs is taken away.
#[test]
fn an_append_that_comes_again_takes_nothing_away() {
    let mut bench = Bench::new(Vec::new());
    let all = entries(1, &["1", "2", "3"]);
    bench.hear(SECOND, &append(1, at(0, 0), all.clone(), 0));
    let written = bench.records.len();
    bench.hear(SECOND, &append(1, at(1, 1), all[1..2].to_vec(), 0));
    assert_eq!((bench.server.log.length(), bench.records.len()), (4, written), "nothing is written either");
}

#[test]
fn a_tail_of_an_earlier_term_gives_way() {
    let mut bench = Bench::new(Vec::new());
    bench.hear(SECOND, &append(1, at(0, 0), entries(1, &["1", "2"]), 0));
    bench.hear(THIRD, &append(2, at(1, 1), entries(2, &["3"]), 0));
    assert_eq!(bench.server.log.last(), at(3, 2));
    let again = Bench::new(bench.records);
    assert_eq!(again.server.log.last(), at(3, 2), "its disk says the same");
}

/// In one step for a term: the leader is told the last entry that its log may have.
#[test]
fn who_refuses_says_where_the_logs_may_part() {
    let mut bench = Bench::new(Vec::new());
    bench.hear(SECOND, &append(1, at(0, 0), entries(1, &["1", "2"]), 0));
    bench.hear(SECOND, &append(3, at(3, 1), vec![Entry { term: 3, block: None }], 0));
    let said = bench.hear(THIRD, &append(4, at(9, 2), Vec::new(), 0));
    let refusal = AppendRefused { term: 4, index: 9, hint: at(3, 1), counts: true };
    assert!(said.contains(&(THIRD, RaftMessage::AppendRefused(refusal))), "{said:?}");
}

#[test]
fn a_server_votes_once_in_a_term_also_in_its_next_life() {
    let mut bench = Bench::new(Vec::new());
    assert!(bench.vote_for(SECOND, 1, at(0, 0)));
    assert!(bench.vote_for(SECOND, 1, at(0, 0)), "a lost answer may be given again");
    assert!(!bench.vote_for(THIRD, 1, at(0, 0)));
    let mut again = Bench::new(bench.records);
    assert!(!again.vote_for(THIRD, 1, at(0, 0)));
    assert!(again.vote_for(SECOND, 1, at(0, 0)));
    assert!(again.vote_for(THIRD, 2, at(0, 0)));
}

/// Section 5.4.1.
#[test]
fn nobody_votes_for_a_log_that_is_behind() {
    let mut bench = Bench::new(Vec::new());
    bench.hear(SECOND, &append(2, at(0, 0), entries(2, &["1"]), 0));
    assert!(!bench.vote_for(THIRD, 3, at(1, 2)), "shorter");
    assert!(!bench.vote_for(THIRD, 4, at(9, 1)), "of an earlier term");
    assert!(bench.vote_for(THIRD, 5, at(2, 2)));
}

#[test]
fn who_asks_first_is_in_no_later_term() {
    let mut bench = Bench::new(Vec::new());
    let said = bench.take(Input::Timer { id: ELECTION });
    assert!(said.iter().all(|(_, message)| matches!(message, RaftMessage::PreVote(question) if question.term == 1)));
    assert_eq!((said.len(), bench.server.term), (2, 0));
}

/// Its disk may be gone since the leader last heard of it.
#[test]
fn who_has_less_than_its_leader_thinks_says_what_it_has() {
    let mut bench = Bench::new(Vec::new());
    let said = bench
        .hear(SECOND, &RaftMessage::Heartbeat(Heartbeat { term: 1, commit: at(7, 1), matched: at(7, 1), sequence: 0 }));
    let refusal = AppendRefused { term: 1, index: 7, hint: at(0, 0), counts: true };
    assert!(said.contains(&(SECOND, RaftMessage::AppendRefused(refusal))), "{said:?}");
}

/// Else it would count itself later for what its disk never had.
#[test]
fn a_leader_keeps_what_it_added_last_when_it_steps_down() {
    let mut bench = Bench::new(Vec::new());
    bench.lead();
    let (client, request) = (NodeName::client(1), put(1));
    let later = append(2, at(5, 1), Vec::new(), 0);
    bench.gather([Input::Request { from: client, request: &request }, Input::Peer { from: SECOND, message: &later }]);
    assert_eq!((bench.server.term, bench.server.log.last()), (2, at(2, 1)));
    assert_eq!(Bench::new(bench.records).server.log.last(), at(2, 1), "its disk has it as well");
}
