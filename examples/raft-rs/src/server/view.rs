//! What a server shows of itself.

use raft::StateRole;
use splitbrain::base::limits;
use splitbrain::ledger::{EntryRecord, RequestRecord, Under};
use splitbrain::protocol::replicated::{Beside, Report};
use splitbrain::wire::control::{Inspect, InspectOk, Part};
use splitbrain::wire::{ServerRole, StateChange};

use crate::proposal::Proposal;
use crate::server::RaftServer;

impl RaftServer {
    /// What changed since this was last called.
    pub(super) fn changes(&mut self) -> StateChange {
        let now = self.report();
        let changes = self.log.take_changes();
        self.reported.add_changes(now, changes)
    }

    fn report(&self) -> Report {
        let role = match self.node.raft.state {
            StateRole::Follower => ServerRole::Follower,
            StateRole::PreCandidate | StateRole::Candidate => ServerRole::Candidate,
            StateRole::Leader => ServerRole::Leader,
        };
        Report { role: Some(role), term: Some(self.node.raft.term), queued: Some(self.waiting().count() as u64) }
    }

    /// Answers a question with one piece.
    pub(super) fn answer(&self, question: &Inspect) -> InspectOk {
        match question.part {
            Part::Log => self.entries(question),
            Part::Store | Part::Chain | Part::Queue => {
                let queue: Vec<_> =
                    self.waiting().map(|(_, Proposal { request, operation })| (request, operation)).collect();
                Beside { under: |_| None, queue: queue.iter(), log: &self.log }.inspect(question)
            }
        }
    }

    /// The decided operations, and behind them what else stands in raft's log, each with its term.
    fn entries(&self, question: &Inspect) -> InspectOk {
        let decided = self.log.blocks_after(0).iter();
        let decided = decided.map(|block| (RequestRecord::of(&block.request, &block.operation), None));
        let waiting = self.waiting().map(|(term, Proposal { request, operation })| {
            (RequestRecord::of(&request, &operation), Some(Under::Term(term)))
        });
        let skip = usize::try_from(question.skip).unwrap_or(usize::MAX);
        let entries = (1..).zip(decided.chain(waiting)).skip(skip).map(|(height, (request, under))| EntryRecord {
            height,
            request,
            decided: under.is_none(),
            under,
        });
        let (log, more) = limits::piece(entries, EntryRecord::encoded_bytes);
        InspectOk { in_reply_to: question.msg_id, log: Some(log), more, ..InspectOk::default() }
    }
}
