//! What follows every schedule: nothing fails any more, and then things get done.

use crate::protocol::multi_paxos::tests::clients;
use crate::protocol::multi_paxos::tests::host::name;
use crate::protocol::multi_paxos::tests::schedule::CLIENTS;
use crate::protocol::multi_paxos::tests::watch::{Breach, Claim, Part, claim};
use crate::protocol::multi_paxos::tests::world::{Event, World};

/// In so many rounds of heartbeats without a fault there is one leader, and all have the same.
const ROUNDS: usize = 8;
/// In a round there are no more messages than these.
const MESSAGES_IN_A_ROUND: usize = 10_000;

/// Heals everything, and returns how many rounds it took until one led and all had the same. Where most servers have
/// lost their disks, nothing is asked but that all else goes on to hold.
///
/// # Errors
/// A claim does not hold.
pub fn make_progress(world: &mut World) -> Result<usize, Breach> {
    world.network.mend();
    for server in 0..world.hosts.len() {
        world.hosts[server].crash = None;
        world.catch_up(server, u64::MAX)?;
        world.restart(server)?;
    }
    let is_asked = world.watch.has_majority();
    let rounds = rounds_until(world, is_asked, |world| difference(world).is_none())?;
    if !is_asked {
        return Ok(0);
    }
    claim(Claim::Progress, rounds <= ROUNDS, || difference(world).unwrap_or_default())?;
    for client in 0..CLIENTS {
        for is_new in [false, true] {
            answer(world, client, is_new)?;
        }
    }
    let again = rounds_until(world, true, |world| difference(world).is_none())?;
    claim(Claim::Progress, again <= ROUNDS, || difference(world).unwrap_or_default())?;
    Ok(rounds)
}

/// A client asks one server for an answer to something new, or to what it asked last, in each round again: a server may
/// lose what it was asked with the end of its log.
fn answer(world: &mut World, client: usize, is_new: bool) -> Result<(), Breach> {
    let server = client % world.hosts.len();
    let request = if is_new { Some(world.clients.ask(client, 6)) } else { world.clients.ask_again(client, 0) };
    let Some(request) = request else { return Ok(()) };
    let sequence = world.clients.count(client);
    for _ in 0..ROUNDS {
        world.step(server, vec![Event::Request(client, request.clone())])?;
        settle(world)?;
        if world.watch.is_answered(clients::name(client), sequence) {
            return Ok(());
        }
        pass_round(world)?;
    }
    claim(Claim::Progress, false, || {
        format!("request {sequence} of {} is not answered by {}", clients::name(client), name(server))
    })
}

/// So many fair rounds until something is so, at most one more than [`ROUNDS`].
fn rounds_until(world: &mut World, is_asked: bool, is_so: impl Fn(&World) -> bool) -> Result<usize, Breach> {
    settle(world)?;
    for round in 0..=ROUNDS {
        if is_asked && is_so(world) {
            return Ok(round);
        }
        pass_round(world)?;
    }
    Ok(ROUNDS + 1)
}

/// One round of heartbeats.
fn pass_round(world: &mut World) -> Result<(), Breach> {
    for server in 0..world.hosts.len() {
        let is_set = world.hosts[server].timer.is_some();
        claim(Claim::Progress, is_set, || format!("{} waits for nothing", name(server)))?;
        world.wake(server)?;
    }
    settle(world)
}

/// Everything under way arrives in order.
fn settle(world: &mut World) -> Result<(), Breach> {
    for _ in 0..MESSAGES_IN_A_ROUND {
        let Some(letter) = world.network.next() else { return Ok(()) };
        world.deliver(letter)?;
    }
    claim(Claim::Progress, false, || "messages cause messages without end".to_owned())
}

/// What keeps the servers from being one.
fn difference(world: &World) -> Option<String> {
    let servers = 0..world.hosts.len();
    let parts: Vec<_> = servers.clone().map(|server| world.watch.now(server).part).collect();
    let leaders = parts.iter().filter(|part| matches!(part, Part::Leading(_))).count();
    let followers = parts.iter().filter(|part| matches!(part, Part::Follower)).count();
    if (leaders, followers) != (1, parts.len() - 1) {
        return Some(format!("the parts are {parts:?}"));
    }
    let decided: Vec<_> = servers.map(|server| world.watch.now(server).decided).collect();
    let is_same = decided.iter().all(|&decided| decided == world.watch.chosen());
    (!is_same).then(|| format!("{} blocks are chosen, decided are {decided:?}", world.watch.chosen()))
}
