//! Which requests a log holds: each client's, in the order of the log.

use std::collections::BTreeMap;

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
/// Invariant: each client's stand in ascending order of (session, sequence) and of height.
#[derive(Clone, Debug, Default)]
pub struct RequestTable {
    clients: BTreeMap<NodeName, Vec<(u64, u64, u64)>>,
}

impl RequestTable {
    /// Where a request stands.
    #[must_use]
    pub fn place(&self, request: RequestId) -> Place {
        let RequestId { client, session, sequence } = request;
        let Some(&(last_session, last_sequence, height)) = self.clients.get(&client).and_then(|all| all.last()) else {
            return Place::New;
        };
        match (session, sequence).cmp(&(last_session, last_sequence)) {
            std::cmp::Ordering::Greater => Place::New,
            std::cmp::Ordering::Equal => Place::At(height),
            std::cmp::Ordering::Less => Place::Old,
        }
    }

    /// Notes that a request stands at this height.
    ///
    /// # Panics
    /// If the log holds it, or a later one of its client, already.
    pub fn add(&mut self, request: RequestId, height: u64) {
        assert_eq!(self.place(request), Place::New, "{request:?} stands in the log already");
        self.clients.entry(request.client).or_default().push((request.session, request.sequence, height));
    }

    /// Forgets a request that was taken away from the end of the log.
    pub fn remove(&mut self, request: RequestId) {
        if let Some(all) = self.clients.get_mut(&request.client) {
            all.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_known_until_it_is_taken_away_with_its_block() {
        let request = |sequence| RequestId { client: NodeName::client(1), session: 0, sequence };
        let mut table = RequestTable::default();
        assert_eq!(table.place(request(1)), Place::New);
        table.add(request(1), 1);
        table.add(request(2), 5);
        assert_eq!((table.place(request(1)), table.place(request(2))), (Place::Old, Place::At(5)));
        table.remove(request(2));
        assert_eq!((table.place(request(1)), table.place(request(2))), (Place::At(1), Place::New));
        let next = RequestId { session: 1, ..request(1) };
        assert_eq!(table.place(next), Place::New, "a later session begins anew");
    }
}
