//! Reads without a block: a server answers from its store what a majority had confirmed a leader for.
//!
//! The server that is asked gathers what it is asked for, and asks the leader how long the chain is, with an
//! [`Attempt`] that nobody uses twice. The leader asks all others, with the next of its own sequence numbers, whether it
//! still leads. When a majority has echoed that number or a later one, no other leader can have decided anything before
//! the reads came: what was decided then is at most what this leader knew. The server that was asked answers when it has
//! decided as much.
//!
//! A leader knows what is decided only when something of its own term or ballot is: until then reads wait. Numbers mean
//! something only within the term or ballot in which they were sent, so the echoes carry that too. An answer counts for
//! every read that had come when its question was put, and for none that came later; of an earlier life of the server none
//! counts.
//!
//! Source: Ongaro 2014, "Consensus: Bridging Theory and Practice", section 6.4.
//!
//! Deliberately missing: what echoes a number. That is the protocol's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::{Incarnation, NodeName};
use crate::ledger::RequestId;
use crate::machine::Outputs;
use crate::protocol::replicated::log::{ReplicatedLog, respond};
use crate::protocol::replicated::progress::reached_by_majority;
use crate::store::{Operation, Value};

/// One time that a server asks how long the chain is. Answers to attempts of before a read came, and of an earlier life,
/// may still be under way; they say nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attempt {
    /// The life of the server that asks.
    pub incarnation: Incarnation,
    /// From 1 in each life.
    pub number: u64,
}

/// `read_index`: how long is the chain, as of now?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadIndex {
    /// To be repeated in the answer.
    pub attempt: Attempt,
}

/// `read_index_ok`: it was so long when the question came, or a little later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadIndexOk {
    /// As in the question.
    pub attempt: Attempt,
    /// In blocks.
    pub length: u64,
}

/// The reads that a server was asked for and has not answered.
#[derive(Debug)]
pub struct Reads {
    incarnation: Incarnation,
    attempts: u64,
    waiting: Vec<Read>,
}

#[derive(Debug)]
struct Read {
    asked: (RequestId, Operation),
    stage: Stage,
}

/// How far a read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody was asked.
    New,
    /// The leader was asked, first with this attempt.
    Asked(Attempt),
    /// It is answered when so many blocks are decided here.
    Confirmed(u64),
}

impl Reads {
    /// None yet in this life.
    #[must_use]
    pub fn new(incarnation: Incarnation) -> Self {
        Self { incarnation, attempts: 0, waiting: Vec::new() }
    }

    /// Keeps a read. A client has one at a time: a newer one takes the place of an older one.
    pub fn keep(&mut self, request: RequestId, key: Value) {
        let read = Read { asked: (request, Operation::Get { key }), stage: Stage::New };
        match self.waiting.iter_mut().find(|read| read.asked.0.client == request.client) {
            Some(Read { asked: (waiting, _), .. }) if !request.is_newer_than(waiting) => {}
            Some(place) => *place = read,
            None => self.waiting.push(read),
        }
    }

    /// An attempt for all reads of which nobody was asked, if there are any.
    pub fn begin(&mut self) -> Option<Attempt> {
        self.attempt_if(|stage| stage == Stage::New)
    }

    /// Another attempt for all reads that nobody has confirmed: another leader is to be asked, or nobody has answered.
    pub fn begin_again(&mut self) -> Option<Attempt> {
        self.attempt_if(|stage| !matches!(stage, Stage::Confirmed(_)))
    }

    /// The next attempt, if it is for any read.
    fn attempt_if(&mut self, is_for: impl Fn(Stage) -> bool) -> Option<Attempt> {
        if !self.waiting.iter().any(|read| is_for(read.stage)) {
            return None;
        }
        self.attempts += 1;
        let attempt = Attempt { incarnation: self.incarnation, number: self.attempts };
        for read in self.waiting.iter_mut().filter(|read| read.stage == Stage::New) {
            read.stage = Stage::Asked(attempt);
        }
        Some(attempt)
    }

    /// The leader has answered an attempt: all reads that had come when it was made are as good as that.
    pub fn confirm(&mut self, answer: ReadIndexOk) {
        let ReadIndexOk { attempt, length } = answer;
        if attempt.incarnation != self.incarnation {
            return;
        }
        for read in &mut self.waiting {
            if matches!(read.stage, Stage::Asked(first) if first <= attempt) {
                read.stage = Stage::Confirmed(length);
            }
        }
    }

    /// Answers what can be answered.
    pub fn answer(&mut self, log: &ReplicatedLog, outputs: &mut Outputs) {
        self.waiting.retain(|Read { asked: (request, operation), stage }| {
            let is_ready = matches!(stage, Stage::Confirmed(length) if *length <= log.decided());
            if is_ready {
                respond(*request, &log.get(operation.key()), outputs);
            }
            !is_ready
        });
    }

    /// All that wait, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &(RequestId, Operation)> {
        self.waiting.iter().map(|read| &read.asked)
    }

    /// How many wait.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.waiting.len() as u64
    }
}

/// What a leader was asked, until a majority has confirmed it.
///
/// Invariant: what has begun stands in ascending order of sequence numbers and lengths.
#[derive(Debug, Default)]
pub struct Confirmations {
    /// The last number that was given to attempts.
    sequence: u64,
    /// Who asks, and has no number yet.
    new: Vec<(NodeName, Attempt)>,
    begun: Vec<Begun>,
    /// The greatest number that each of the others has echoed.
    echoes: BTreeMap<NodeName, u64>,
}

#[derive(Clone, Copy, Debug)]
struct Begun {
    sequence: u64,
    asker: NodeName,
    attempt: Attempt,
    length: u64,
}

impl Confirmations {
    /// A server asks, maybe the leader itself. Of each at most two attempts wait for echoes: the oldest, which is answered
    /// first, and the latest, whose answer is one for all between them.
    pub fn ask(&mut self, asker: NodeName, attempt: Attempt) {
        self.new.push((asker, attempt));
    }

    /// Gives all that has none the next number, to be sent to all others from now on: so much is decided. Is there any?
    pub fn begin(&mut self, length: u64) -> bool {
        if self.new.is_empty() {
            return false;
        }
        self.sequence += 1;
        assert!(self.begun.last().is_none_or(|last| last.length <= length), "what is decided never shrinks");
        for (asker, attempt) in std::mem::take(&mut self.new) {
            let mut its = (0..self.begun.len()).filter(|&place| self.begun[place].asker == asker);
            if let (Some(_), Some(later)) = (its.next(), its.next()) {
                self.begun.remove(later);
            }
            self.begun.push(Begun { sequence: self.sequence, asker, attempt, length });
        }
        true
    }

    /// The last number, which all are to echo.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Does anything wait for echoes?
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.begun.is_empty()
    }

    /// One of the others, which counts, echoes a number.
    pub fn hear(&mut self, from: NodeName, sequence: u64) {
        let heard = self.echoes.entry(from).or_default();
        *heard = sequence.max(*heard);
    }

    /// What a majority of `servers` has confirmed: that of the leader itself goes to its `reads`, and the rest is returned,
    /// each with who is to be told.
    #[must_use]
    pub fn hand_out(&mut self, servers: usize, own: NodeName, reads: &mut Reads) -> Vec<(NodeName, ReadIndexOk)> {
        let (its, others): (Vec<_>, Vec<_>) =
            self.take_confirmed(servers).into_iter().partition(|(asker, _)| *asker == own);
        its.into_iter().for_each(|(_, answer)| reads.confirm(answer));
        others
    }

    fn take_confirmed(&mut self, servers: usize) -> Vec<(NodeName, ReadIndexOk)> {
        if self.begun.is_empty() {
            return Vec::new();
        }
        let echoed = reached_by_majority(self.echoes.values().copied().chain([self.sequence]), servers);
        let count = self.begun.partition_point(|begun| begun.sequence <= echoed);
        let told = |Begun { asker, attempt, length, .. }| (asker, ReadIndexOk { attempt, length });
        self.begun.drain(..count).map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKER: NodeName = NodeName::server(2);

    fn reads_of(count: u32) -> Reads {
        let mut reads = Reads::new(Incarnation(4));
        for number in 1..=count {
            let request = RequestId { client: NodeName::client(number), session: 0, sequence: 1 };
            reads.keep(request, Value::text("a"));
        }
        reads
    }

    fn answered(reads: &mut Reads) -> usize {
        let mut outputs = Outputs::default();
        reads.answer(&ReplicatedLog::default(), &mut outputs);
        outputs.drain().count()
    }

    #[test]
    fn an_answer_to_an_attempt_of_before_a_read_came_does_not_answer_it() {
        let mut reads = reads_of(1);
        let first = reads.begin().unwrap();
        assert_eq!(reads.begin(), None, "nothing is new");
        let request = RequestId { client: NodeName::client(9), session: 0, sequence: 1 };
        reads.keep(request, Value::text("a"));
        let second = reads.begin().unwrap();
        reads.confirm(ReadIndexOk { attempt: first, length: 0 });
        assert_eq!((answered(&mut reads), reads.count()), (1, 1));
        reads.confirm(ReadIndexOk { attempt: second, length: 0 });
        assert_eq!(answered(&mut reads), 1);
        assert_eq!(reads.begin_again(), None, "nothing waits");
    }

    #[test]
    fn a_late_answer_to_one_of_several_attempts_for_a_read_answers_it() {
        let mut reads = reads_of(2);
        let first = reads.begin().unwrap();
        let second = reads.begin_again().unwrap();
        assert_ne!(first, second);
        reads.confirm(ReadIndexOk { attempt: first, length: 0 });
        assert_eq!(answered(&mut reads), 2);
    }

    #[test]
    fn an_answer_to_an_attempt_of_an_earlier_life_answers_nothing() {
        let mut reads = reads_of(1);
        let attempt = reads.begin().unwrap();
        let earlier = Attempt { incarnation: Incarnation(3), number: attempt.number + 1 };
        reads.confirm(ReadIndexOk { attempt: earlier, length: 0 });
        assert_eq!(answered(&mut reads), 0);
    }

    #[test]
    fn a_read_waits_until_as_much_is_decided() {
        let mut reads = reads_of(1);
        let attempt = reads.begin().unwrap();
        reads.confirm(ReadIndexOk { attempt, length: 1 });
        assert_eq!(answered(&mut reads), 0);
    }

    #[test]
    fn a_majority_confirms_what_began_before_it_was_asked_and_no_more() {
        let attempt = |number| Attempt { incarnation: Incarnation(0), number };
        let mut confirmations = Confirmations::default();
        confirmations.ask(ASKER, attempt(1));
        assert!(confirmations.begin(7));
        assert!(!confirmations.begin(7));
        confirmations.ask(ASKER, attempt(2));
        assert!(confirmations.begin(9));
        confirmations.hear(NodeName::server(3), 1);
        assert_eq!(confirmations.take_confirmed(5), [], "two of five");
        confirmations.hear(NodeName::server(4), 2);
        assert_eq!(confirmations.take_confirmed(5), [(ASKER, ReadIndexOk { attempt: attempt(1), length: 7 })]);
        confirmations.hear(NodeName::server(3), 1);
        assert_eq!(confirmations.take_confirmed(5), []);
        confirmations.hear(NodeName::server(3), 2);
        assert_eq!(confirmations.take_confirmed(5), [(ASKER, ReadIndexOk { attempt: attempt(2), length: 9 })]);
    }

    #[test]
    fn whoever_asks_again_and_again_waits_at_two_places() {
        let mut confirmations = Confirmations::default();
        let attempt = |number| Attempt { incarnation: Incarnation(0), number };
        for number in 1..=100 {
            confirmations.ask(ASKER, attempt(number));
            confirmations.begin(number);
        }
        confirmations.hear(NodeName::server(3), 100);
        let told = [1, 100].map(|number| (ASKER, ReadIndexOk { attempt: attempt(number), length: number }));
        assert_eq!(confirmations.take_confirmed(3), told);
    }

    #[test]
    fn one_server_is_a_majority_by_itself() {
        let mut confirmations = Confirmations::default();
        confirmations.ask(ASKER, Attempt { incarnation: Incarnation(0), number: 1 });
        assert!(confirmations.begin(0));
        assert_eq!(confirmations.take_confirmed(1).len(), 1);
    }
}
