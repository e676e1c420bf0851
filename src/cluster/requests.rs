//! What clients ask of servers while their operations are under way: the history tells it.

use std::collections::BTreeMap;

use crate::base::NodeName;
use crate::trace::Requests;
use crate::wire::Request;

/// The requests of all operations under way, by the client that carries them out.
#[derive(Debug, Default)]
pub(super) struct OpenRequests {
    open: BTreeMap<NodeName, Open>,
}

#[derive(Debug, Default)]
struct Open {
    requests: Requests,
    /// Has the client ended the operation, in the step that it is at?
    has_ended: bool,
}

impl OpenRequests {
    /// A client begins an operation.
    pub fn begin(&mut self, client: NodeName) {
        self.open.insert(client, Open::default());
    }

    /// A node sends a message.
    pub fn note_send(&mut self, from: NodeName, to: NodeName, kind: &str) {
        // Servers send most messages, and some of what they send to each other is named as requests are.
        if from.is_server() || !Request::is_kind(kind) {
            return;
        }
        if let Some(Open { requests, .. }) = self.open.get_mut(&from) {
            requests.count += 1;
            requests.server = Some(to);
        }
    }

    /// A message of a node comes to be there twice. Of a request that has waited on its link the operation may be over,
    /// and then it counts for the next one: so that is taken to have sent more than it did, and nothing to be certain
    /// that is not.
    pub fn note_copy(&mut self, from: NodeName, kind: &str) {
        if from.is_server() || !Request::is_kind(kind) {
            return;
        }
        if let Some(Open { requests, .. }) = self.open.get_mut(&from) {
            requests.count += 1;
        }
    }

    /// A client ends its operation.
    pub fn note_end(&mut self, client: NodeName) {
        if let Some(open) = self.open.get_mut(&client) {
            open.has_ended = true;
        }
    }

    /// A node has taken a message. If its operation has ended with that, the sender is the one that answered.
    pub fn note_taken(&mut self, from: NodeName, to: NodeName) {
        if let Some(open) = self.open.get_mut(&to).filter(|open| open.has_ended) {
            open.requests.server = Some(from);
        }
    }

    /// The end of an operation is told.
    pub fn take(&mut self, client: NodeName) -> Requests {
        self.open.remove(&client).map(|open| open.requests).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: NodeName = NodeName::client(9);
    const A: NodeName = NodeName::server(1);
    const B: NodeName = NodeName::server(2);

    /// A client that has asked both.
    fn asked_both() -> OpenRequests {
        let mut requests = OpenRequests::default();
        requests.begin(CLIENT);
        requests.note_send(CLIENT, A, "read");
        requests.note_send(CLIENT, B, "read");
        requests
    }

    #[test]
    fn the_server_is_the_one_that_answered() {
        let mut requests = asked_both();
        requests.note_end(CLIENT);
        requests.note_taken(A, CLIENT);
        assert_eq!(requests.take(CLIENT), Requests { count: 2, server: Some(A) });
    }

    /// What does not end the operation is no answer to it.
    #[test]
    fn without_an_answer_it_is_the_one_that_was_asked_last() {
        let mut requests = asked_both();
        requests.note_taken(A, CLIENT);
        requests.note_end(CLIENT);
        assert_eq!(requests.take(CLIENT), Requests { count: 2, server: Some(B) });
    }

    /// The first of the two may have taken effect where the second is refused.
    #[test]
    fn a_copy_of_a_request_is_a_request_and_asks_nobody_else() {
        let mut requests = asked_both();
        requests.note_copy(CLIENT, "read");
        requests.note_copy(A, "read");
        requests.note_copy(CLIENT, "read_ok");
        assert_eq!(requests.take(CLIENT), Requests { count: 3, server: Some(B) });
    }

    #[test]
    fn what_servers_send_to_each_other_counts_for_nobody() {
        let mut requests = OpenRequests::default();
        requests.begin(CLIENT);
        requests.note_send(A, B, "write");
        requests.note_send(NodeName::client(8), A, "write");
        assert_eq!(requests.take(CLIENT), Requests::default());
    }
}
