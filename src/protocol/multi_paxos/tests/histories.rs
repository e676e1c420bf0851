//! Bad histories, for claims that no planted bug of a single server breaks: its own invariants hold it back before.

use crate::ledger::{Chain, RequestId};
use crate::protocol::multi_paxos::Ballot;
use crate::protocol::multi_paxos::tests::clients;
use crate::protocol::multi_paxos::tests::host::{Host, name};
use crate::protocol::multi_paxos::tests::plant::Plant;
use crate::protocol::multi_paxos::tests::progress::make_progress;
use crate::protocol::multi_paxos::tests::schedule::Schedule;
use crate::protocol::multi_paxos::tests::watch::{Breach, Part, State, Watch};
use crate::protocol::multi_paxos::tests::world::World;
use crate::store::Operation;

const SERVERS: usize = 3;

/// A server has decided something, and in the same life it has nothing.
pub fn a_server_forgets_what_it_decided() -> Result<(), Breach> {
    let schedule = Schedule { servers: SERVERS, has_large_values: false, actions: Vec::new() };
    let mut world = World::new(&schedule, Plant::Nothing).expect("a right beginning");
    make_progress(&mut world).expect("nothing fails");
    assert!(world.watch.now(0).decided > 0, "it has decided something");
    let mut other = Host::new();
    other.start(0, SERVERS, 0);
    world.watch.observe(0, other.server.as_ref().expect("it was started"))
}

/// Two servers can be seen to lead the same ballot.
pub fn two_servers_lead_one_ballot() -> Result<(), Breach> {
    let ballot = Ballot::first(name(0)).next(name(0));
    let leading = State { part: Part::Leading(ballot), ..State::default() };
    let mut watch = Watch::new(SERVERS);
    watch.show(0, &leading).expect("one may lead");
    watch.show(1, &leading)
}

/// A request stands in two blocks of a log, each right by itself.
pub fn a_log_holds_a_request_twice() -> Result<(), Breach> {
    let request = RequestId { client: clients::name(0), session: 0, sequence: 1 };
    let mut chain = Chain::default();
    for _ in 0..2 {
        chain.mine(Operation::Put { key: "a".into(), value: "1".into() }, request);
    }
    let blocks = chain.blocks_after(0).to_vec();
    Watch::new(SERVERS).observe_log(0, &State { blocks, ..State::default() }, 0)
}
