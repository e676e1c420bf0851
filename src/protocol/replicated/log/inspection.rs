//! What a log shows of itself, piece by piece.

use crate::base::limits;
use crate::ledger::{BlockRecord, EntryRecord, RequestId, RequestRecord, Under};
use crate::protocol::replicated::log::ReplicatedLog;
use crate::protocol::replicated::requests::Place;
use crate::store::{Operation, Value};
use crate::wire::control::{Inspect, InspectOk, Part};

/// What a server knows beside its log.
#[derive(Debug)]
pub struct Beside<'a, U, Q> {
    /// Under what the block at a height was accepted, of those that are not decided.
    pub under: U,
    /// The requests that it keeps until they stand in a log, in their order.
    pub queue: Q,
    /// The rest is found in the log.
    pub log: &'a ReplicatedLog,
}

impl<'a, U, Q> Beside<'a, U, Q>
where
    U: Fn(u64) -> Option<Under>,
    Q: Iterator<Item = &'a (RequestId, Operation)>,
{
    /// Answers a question with one piece.
    #[must_use]
    pub fn inspect(self, question: &Inspect) -> InspectOk {
        let log = self.log;
        let mut answer = InspectOk { in_reply_to: question.msg_id, ..InspectOk::default() };
        let skip = usize::try_from(question.skip).unwrap_or(usize::MAX);
        match question.part {
            Part::Store => {
                let pairs = log.store.pairs().map(|(key, value)| (key.clone(), value.clone()));
                let bytes_of = |(key, value): &(Value, Value)| key.encoded_bytes() + value.encoded_bytes() + 4;
                let (store, more) = limits::piece(pairs.skip(skip), bytes_of);
                (answer.store, answer.more) = (Some(store), more);
            }
            Part::Chain => {
                let left = usize::try_from(log.decided.saturating_sub(question.skip)).unwrap_or(usize::MAX);
                let records = log.chain.records_after(question.skip).take(left);
                let (chain, more) = limits::piece(records, BlockRecord::encoded_bytes);
                (answer.chain, answer.more) = (Some(chain), more);
            }
            Part::Log => {
                let (entries, more) = limits::piece(self.entries(question.skip), EntryRecord::encoded_bytes);
                (answer.log, answer.more) = (Some(entries), more);
            }
            Part::Queue => {
                let (queue, more) = limits::piece(self.waiting().skip(skip), RequestRecord::encoded_bytes);
                (answer.queue, answer.more) = (Some(queue), more);
            }
        }
        answer
    }

    /// The accepted blocks after the first `skip`, each as decided or not.
    fn entries(self, skip: u64) -> impl Iterator<Item = EntryRecord> {
        let Self { log, under, .. } = self;
        (skip + 1..).zip(log.chain.blocks_after(skip)).map(move |(height, block)| {
            let decided = height <= log.decided;
            let request = RequestRecord::of(&block.request, &block.operation);
            EntryRecord { height, request, decided, under: if decided { None } else { under(height) } }
        })
    }

    /// What waits to be decided: first what stands in the log, then what is kept until it does.
    fn waiting(self) -> impl Iterator<Item = RequestRecord> {
        let log = self.log;
        let undecided = log.chain.blocks_after(log.decided).iter();
        let undecided = undecided.map(|block| RequestRecord::of(&block.request, &block.operation));
        let kept = self.queue.filter(|(request, _)| log.place(*request) == Place::New);
        undecided.chain(kept.map(|(request, operation)| RequestRecord::of(request, operation)))
    }
}
