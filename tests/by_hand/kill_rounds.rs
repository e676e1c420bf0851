//! Rounds of `kill -9` of servers that are drawn, under load. All disks are kept: nothing that was answered may be lost.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::harness::{Cluster, Draws, Load, PROTOCOLS, Plan, check};

const ROUNDS: u64 = 10;
/// How long a server is dead at most.
const DEAD_MS: u64 = 500;

#[test]
fn kill_rounds_of_multi_paxos() {
    kill_rounds(PROTOCOLS[0]);
}

#[test]
fn kill_rounds_of_raft() {
    kill_rounds(PROTOCOLS[1]);
}

fn kill_rounds(protocol: &'static str) {
    let rounds = number_in("SPLITBRAIN_KILL_ROUNDS").unwrap_or(ROUNDS);
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis();
    let seed =
        number_in("SPLITBRAIN_KILL_SEED").unwrap_or_else(|| u64::try_from(now()).expect("it is a while until then"));
    println!("{protocol}: {rounds} rounds, SPLITBRAIN_KILL_SEED={seed}");
    let mut draws = Draws::new(seed);
    let mut cluster = Cluster::running(&Plan::of(protocol));
    let load = Load::begin(&cluster, 1..=3, seed);
    load.wait_for_progress(10);
    for _ in 0..rounds {
        let killed = drawn(&mut draws);
        for server in &killed {
            cluster.kill(*server);
        }
        thread::sleep(Duration::from_millis(draws.below(DEAD_MS)));
        for server in killed {
            cluster.start(server);
        }
        // Sometimes the next one dies while this one still catches up, or before anybody leads.
        load.wait_for_progress(draws.below(20));
    }
    load.wait_for_progress(10);
    let history = load.end();
    let answered = history.iter().filter(|asked| asked.answered.is_some()).count();
    let chains = cluster.equal_chains();
    println!("{answered} operations were answered; {} blocks", chains[&1].len());
    check(&history, &chains);
}

/// One server; now and then two, or all.
fn drawn(draws: &mut Draws) -> Vec<u32> {
    let mut servers = vec![1, 2, 3];
    let stay = match draws.below(8) {
        0..6 => 2,
        6 => 1,
        _ => 0,
    };
    for _ in 0..stay {
        let at = usize::try_from(draws.below(servers.len() as u64)).expect("it is small");
        servers.remove(at);
    }
    servers
}

fn number_in(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}
