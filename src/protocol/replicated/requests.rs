//! Which requests a log holds.
//!
//! A client has one request at a time, and goes on to the next when it has its answer: so of each client only the last
//! request is kept, and for as long as its block may be taken away again, the one before.

use std::collections::{BTreeMap, VecDeque, btree_map::Entry};

use crate::base::NodeName;
use crate::ledger::RequestId;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: it is newer than all of its client.
    New,
    /// At this height.
    At(u64),
    /// Its client has gone on since: nobody waits for an answer.
    Old,
}

/// The requests of a log.
///
/// Invariant: each client's stand in ascending order of session and sequence, and so they stand in the log.
#[derive(Clone, Debug, Default)]
pub struct RequestTable {
    last: BTreeMap<NodeName, Last>,
    /// For each block that is not decided, in order: whose request it is, and which was that client's last before.
    before: VecDeque<(NodeName, Option<Last>)>,
}

/// The last request of a client.
#[derive(Clone, Copy, Debug)]
struct Last {
    session: u64,
    sequence: u64,
    height: u64,
}

impl Last {
    fn place(&self, request: RequestId) -> Place {
        match (request.session, request.sequence).cmp(&(self.session, self.sequence)) {
            std::cmp::Ordering::Greater => Place::New,
            std::cmp::Ordering::Equal => Place::At(self.height),
            std::cmp::Ordering::Less => Place::Old,
        }
    }
}

impl RequestTable {
    /// Where a request stands.
    #[must_use]
    pub fn place(&self, request: RequestId) -> Place {
        self.last.get(&request.client).map_or(Place::New, |last| last.place(request))
    }

    /// Notes that a request stands at this height, which is the next, if it is new. Was it?
    pub fn accept(&mut self, request: RequestId, height: u64) -> Place {
        let RequestId { client, session, sequence } = request;
        let new = Last { session, sequence, height };
        let before = match self.last.entry(client) {
            Entry::Vacant(place) => {
                place.insert(new);
                None
            }
            Entry::Occupied(mut place) => match place.get().place(request) {
                Place::New => Some(place.insert(new)),
                old @ (Place::At(_) | Place::Old) => return old,
            },
        };
        self.before.push_back((client, before));
        Place::New
    }

    /// Forgets the request of the last block, which was taken away.
    ///
    /// # Panics
    /// If all blocks are decided.
    pub fn remove_last(&mut self) {
        let (client, before) = self.before.pop_back().expect("what is taken away is not decided");
        match before {
            Some(last) => self.last.insert(client, last),
            None => self.last.remove(&client),
        };
    }

    /// The first block that was not decided is decided: its request stays.
    ///
    /// # Panics
    /// If all blocks are decided.
    pub fn decide_first(&mut self) {
        self.before.pop_front().expect("a block that was not decided");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn request(sequence: u64) -> RequestId {
        RequestId { client: NodeName::client(1), session: 0, sequence }
    }

    #[test]
    fn a_request_is_known_until_it_is_taken_away_with_its_block() {
        let mut table = RequestTable::default();
        assert_eq!(table.place(request(1)), Place::New);
        assert_eq!(table.accept(request(1), 1), Place::New);
        assert_eq!(table.accept(request(2), 2), Place::New);
        assert_eq!([1, 2, 3].map(|number| table.place(request(number))), [Place::Old, Place::At(2), Place::New]);
        table.remove_last();
        assert_eq!([1, 2].map(|number| table.place(request(number))), [Place::At(1), Place::New]);
        table.remove_last();
        assert_eq!(table.place(request(1)), Place::New);
    }

    #[test]
    fn a_request_that_stands_there_is_not_noted_again() {
        let mut table = RequestTable::default();
        table.accept(request(2), 1);
        assert_eq!(table.accept(request(2), 2), Place::At(1));
        assert_eq!(table.accept(request(1), 2), Place::Old);
        table.decide_first();
        assert_eq!(table.place(request(2)), Place::At(1), "a decided request stays");
    }

    #[test]
    fn a_later_session_of_a_client_ends_the_earlier_one() {
        let mut table = RequestTable::default();
        table.accept(request(7), 1);
        let next = RequestId { session: 1, ..request(1) };
        assert_eq!(table.accept(next, 2), Place::New);
        assert_eq!(table.place(request(8)), Place::Old);
    }
}
