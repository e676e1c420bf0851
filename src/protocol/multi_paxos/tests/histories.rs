//! Bad histories, for claims that no planted bug of a single server breaks: its own invariants hold it back before.

use crate::ledger::{Chain, RequestId};
use crate::protocol::multi_paxos::Ballot;
use crate::protocol::multi_paxos::tests::subject::MultiPaxos;
use crate::protocol::schedules::{Breach, Part, State, Watch, client_name, name};
use crate::store::Operation;
use crate::wire::control::Reads;

const SERVERS: usize = 3;

fn watch() -> Watch<MultiPaxos> {
    Watch::new(SERVERS, Reads::Chain)
}

fn leading() -> State<MultiPaxos> {
    let ballot = Ballot::first(name(0)).next(name(0));
    State { part: Part::Leading(ballot), ..State::default() }
}

/// A log with one request in so many blocks.
fn log_with_one_request(length: usize) -> State<MultiPaxos> {
    let request = RequestId { client: client_name(0), session: 0, sequence: 1 };
    let mut chain = Chain::default();
    for _ in 0..length {
        chain.mine(Operation::Put { key: "a".into(), value: "1".into() }, request);
    }
    State { log: chain.blocks_after(0).to_vec(), ..leading() }
}

/// Two servers can be seen to lead the same ballot.
pub fn two_servers_lead_one_ballot() -> Result<(), Breach> {
    let mut watch = watch();
    watch.show(0, &leading()).expect("one may lead");
    watch.show(1, &leading())
}

/// A leader takes a block away.
pub fn a_leader_shortens_its_log() -> Result<(), Breach> {
    let mut watch = watch();
    watch.observe_log(0, &log_with_one_request(1), 0).expect("a leader has a log");
    watch.observe_log(0, &leading(), 0)
}

/// A request stands in two blocks of a log, each right by itself.
pub fn a_log_holds_a_request_twice() -> Result<(), Breach> {
    watch().observe_log(0, &log_with_one_request(2), 0)
}
