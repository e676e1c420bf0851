//! What follows every schedule: nothing fails any more, and then things get done.

use crate::protocol::schedules::clients;
use crate::protocol::schedules::host::name;
use crate::protocol::schedules::schedule::CLIENTS;
use crate::protocol::schedules::subject::Subject;
use crate::protocol::schedules::watch::{Breach, Claim, Part, claim};
use crate::protocol::schedules::world::{Event, World};

/// In so many fair rounds there is one leader, and all have the same.
const ROUNDS: usize = 8;
/// In a round there are no more messages than these.
const MESSAGES_IN_A_ROUND: usize = 10_000;
/// In a round no more timers are due than these.
const TIMERS_IN_A_ROUND: usize = 1_000;
/// What a client asks with this number is a write, or a read.
const WRITE: u64 = 9;
const READ: u64 = 0;

/// What a client asks.
#[derive(Clone, Copy, Debug)]
enum Asked {
    /// What it asked last.
    Before,
    /// Something new, of this number.
    New(u64),
}

/// Heals everything, and returns how many rounds it took until one led and all had the same. Where most servers have
/// lost their disks, nothing is asked but that all else goes on to hold.
///
/// # Errors
/// A claim does not hold.
pub fn make_progress<S: Subject>(world: &mut World<S>) -> Result<usize, Breach> {
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
        for what in [Asked::Before, Asked::New(WRITE), Asked::New(READ)] {
            answer(world, client, what)?;
        }
    }
    let again = rounds_until(world, true, |world| difference(world).is_none())?;
    claim(Claim::Progress, again <= ROUNDS, || difference(world).unwrap_or_default())?;
    Ok(rounds)
}

/// A client asks one server for an answer to something new, or to what it asked last, in each round again: a server may
/// lose what it was asked with the end of its log.
fn answer<S: Subject>(world: &mut World<S>, client: usize, what: Asked) -> Result<(), Breach> {
    let server = client % world.hosts.len();
    let request = match what {
        Asked::Before => world.clients.ask_again(client, 0),
        Asked::New(what) => Some(world.ask(client, what)),
    };
    let Some(request) = request else { return Ok(()) };
    let sequence = world.clients.count(client);
    for _ in 0..ROUNDS {
        world.step(server, vec![Event::Request(client, request.clone())])?;
        settle(world)?;
        if world.watch.answers.is_answered(clients::name(client), sequence) {
            return Ok(());
        }
        pass_round(world)?;
    }
    claim(Claim::Progress, false, || {
        format!("request {sequence} of {} is not answered by {}", clients::name(client), name(server))
    })
}

/// So many fair rounds until something is so, at most one more than [`ROUNDS`].
fn rounds_until<S: Subject>(
    world: &mut World<S>,
    is_asked: bool,
    is_so: impl Fn(&World<S>) -> bool,
) -> Result<usize, Breach> {
    settle(world)?;
    for round in 0..=ROUNDS {
        if is_asked && is_so(world) {
            return Ok(round);
        }
        pass_round(world)?;
    }
    Ok(ROUNDS + 1)
}

/// As much time as a fair round has, in which timers are due when they should be, and messages take none.
fn pass_round<S: Subject>(world: &mut World<S>) -> Result<(), Breach> {
    let end = world.now() + S::ROUND;
    for _ in 0..TIMERS_IN_A_ROUND {
        let mut first = end;
        for (server, host) in world.hosts.iter().enumerate() {
            claim(Claim::Progress, !host.timers.is_empty(), || format!("{} waits for nothing", name(server)))?;
            first = host.timers.values().copied().fold(first, Ord::min);
        }
        if first >= end {
            world.pass(end - world.now());
            return Ok(());
        }
        world.pass(first - world.now());
        world.wake_due()?;
        settle(world)?;
    }
    claim(Claim::Progress, false, || "timers are set again and again".to_owned())
}

/// Everything under way arrives in order.
fn settle<S: Subject>(world: &mut World<S>) -> Result<(), Breach> {
    for _ in 0..MESSAGES_IN_A_ROUND {
        let Some(letter) = world.network.next() else { return Ok(()) };
        world.deliver(letter)?;
    }
    claim(Claim::Progress, false, || "messages cause messages without end".to_owned())
}

/// What keeps the servers from being one.
fn difference<S: Subject>(world: &World<S>) -> Option<String> {
    let servers = 0..world.hosts.len();
    let parts: Vec<_> = servers.clone().map(|server| world.watch.now(server).part).collect();
    let leaders = parts.iter().filter(|part| matches!(part, Part::Leading(_))).count();
    let followers = parts.iter().filter(|part| matches!(part, Part::Follower)).count();
    if (leaders, followers) != (1, parts.len() - 1) {
        return Some(format!("the parts are {parts:?}"));
    }
    let decided: Vec<_> = servers.map(|server| world.watch.now(server).decided).collect();
    let is_same = decided.iter().all(|&decided| decided == world.watch.chosen.length());
    (!is_same).then(|| format!("{} entries are chosen, decided are {decided:?}", world.watch.chosen.length()))
}
