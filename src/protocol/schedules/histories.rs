//! A bad history of any protocol, for a claim that no planted bug of a single server breaks.

use crate::protocol::schedules::host::{Birth, Host};
use crate::protocol::schedules::plant::Plant;
use crate::protocol::schedules::progress::make_progress;
use crate::protocol::schedules::schedule::Schedule;
use crate::protocol::schedules::subject::Subject;
use crate::protocol::schedules::watch::Breach;
use crate::protocol::schedules::world::World;
use crate::wire::control::Variant;

const SERVERS: usize = 3;

/// A server has decided something, and in the same life it has nothing.
///
/// # Errors
/// What is wrong with that.
pub fn a_server_forgets_what_it_decided<S: Subject>() -> Result<(), Breach> {
    let variant = Variant::default();
    let schedule = Schedule { servers: SERVERS, variant, has_large_values: false, steps: Vec::new() };
    let mut world = World::<S>::new(&schedule, Plant::Nothing).expect("a right beginning");
    make_progress(&mut world).expect("nothing fails");
    assert!(world.watch.now(0).decided > 0, "it has decided something");
    let mut other = Host::<S>::new();
    other.start(Birth { index: 0, servers: SERVERS, incarnation: 0, variant });
    world.watch.observe(0, other.server.as_ref().expect("it was started"))
}
