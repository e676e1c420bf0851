//! Which requests a log holds, and what the decided ones came to.
//!
//! A client has one request at a time, and goes on to the next when it has its answer. So of each client the last request
//! that is decided is kept with its answer, and those behind it that are only accepted: they go when their blocks go.

use std::collections::BTreeMap;

use crate::base::NodeName;
use crate::ledger::RequestId;
use crate::protocol::replicated::store::Outcome;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'t> {
    /// Nowhere: it is newer than all of its client.
    New,
    /// It is accepted, and not decided.
    Accepted,
    /// It is decided, and came to this.
    Decided(&'t Outcome),
    /// Its client has gone on since: nobody waits for an answer.
    Old,
}

/// A session and a sequence number in it: a client's requests ascend.
type Number = (u64, u64);

/// The requests of a log.
///
/// Invariant: each client's stand in ascending order of session and sequence, and so they stand in the log.
#[derive(Clone, Debug, Default)]
pub struct RequestTable {
    clients: BTreeMap<NodeName, Requests>,
}

/// Those of one client.
#[derive(Clone, Debug, Default)]
struct Requests {
    decided: Option<(Number, Outcome)>,
    accepted: Vec<Number>,
}

impl RequestTable {
    /// Where a request stands.
    #[must_use]
    pub fn place(&self, request: RequestId) -> Place<'_> {
        self.clients.get(&request.client).map_or(Place::New, |requests| requests.place(number(request)))
    }

    /// Notes that a request stands in the log.
    ///
    /// # Panics
    /// If the log holds it, or a later one of its client, already.
    pub fn accept(&mut self, request: RequestId) {
        let requests = self.clients.entry(request.client).or_default();
        assert_eq!(requests.place(number(request)), Place::New, "{request:?} stands in the log already");
        requests.accepted.push(number(request));
    }

    /// Forgets a request whose block was taken away from the end of the log.
    pub fn remove(&mut self, request: RequestId) {
        if let Some(requests) = self.clients.get_mut(&request.client) {
            requests.accepted.pop();
        }
    }

    /// Notes what the first of a client's requests that are only accepted came to.
    pub fn decide(&mut self, request: RequestId, outcome: Outcome) {
        let requests = self.clients.entry(request.client).or_default();
        requests.accepted.remove(0);
        requests.decided = Some((number(request), outcome));
    }
}

fn number(request: RequestId) -> Number {
    (request.session, request.sequence)
}

impl Requests {
    fn place(&self, number: Number) -> Place<'_> {
        let Self { decided, accepted } = self;
        match (decided, accepted.last()) {
            (_, Some(&last)) if number > last => Place::New,
            (_, Some(_)) if accepted.contains(&number) => Place::Accepted,
            (Some((last, outcome)), _) if number == *last => Place::Decided(outcome),
            (Some((last, _)), None) if number > *last => Place::New,
            (None, None) => Place::New,
            (Some(_), _) | (None, Some(_)) => Place::Old,
        }
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
        table.accept(request(1));
        table.accept(request(2));
        assert_eq!(
            [1, 2, 3].map(|number| table.place(request(number))),
            [Place::Accepted, Place::Accepted, Place::New]
        );
        table.remove(request(2));
        assert_eq!([1, 2].map(|number| table.place(request(number))), [Place::Accepted, Place::New]);
    }

    #[test]
    fn the_last_decided_request_of_a_client_is_known_with_its_answer() {
        let mut table = RequestTable::default();
        (1..=3).for_each(|number| table.accept(request(number)));
        table.decide(request(1), Outcome::Written);
        table.decide(request(2), Outcome::Got(None));
        assert_eq!(table.place(request(1)), Place::Old);
        assert_eq!(table.place(request(2)), Place::Decided(&Outcome::Got(None)));
        assert_eq!(table.place(request(3)), Place::Accepted);
        table.remove(request(3));
        assert_eq!(table.place(request(3)), Place::New);
        let next = RequestId { session: 1, ..request(1) };
        assert_eq!(table.place(next), Place::New, "a later session begins anew");
        let earlier = RequestId { session: 0, ..request(1) };
        table.accept(next);
        assert_eq!(table.place(earlier), Place::Old, "and ends the earlier one");
    }
}
