//! Links that are cut and mended at consoles.

use crate::harness::{Cluster, Load, Plan, check, eventually, under_both};

/// The leader is cut off, so that the others have to elect one of them.
#[test]
fn a_majority_goes_on_without_a_leader_that_is_cut_off_which_catches_up_afterwards() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let load = Load::begin(&cluster, 1..=2, 2);
        load.wait_for_progress(10);
        let off = cluster.leader();
        let [one, other] = others(off);
        // At one end, and at the other.
        cluster.ask(off, &format!("failLink {one}"));
        let port = cluster.port(off);
        cluster.ask(other, &format!("failLink({other}, {port})"));
        let broken_at = |cluster: &mut Cluster, server: u32, expected: &[String]| {
            eventually(&format!("broken links of {server}"), || cluster.ask(server, "print brokenLinks") == expected);
        };
        broken_at(&mut cluster, off, &[format!("s{off} s{one}"), format!("s{off} s{other}")]);
        broken_at(&mut cluster, one, &[format!("s{one} s{off}")]);
        broken_at(&mut cluster, other, &[format!("s{other} s{off}")]);
        let depth = cluster.depth(off);
        load.wait_for_progress(20);
        assert_ne!(cluster.leader(), off);
        assert!(cluster.depth(one) >= depth + 20);
        assert!(cluster.depth(off) <= depth + 2, "it decides alone");
        // Mended at the end at which it was not cut.
        cluster.ask(one, &format!("fixLink {off}"));
        cluster.ask(off, &format!("fixLink({off}, {other})"));
        for server in 1..=3 {
            broken_at(&mut cluster, server, &[]);
        }
        load.wait_for_progress(10);
        let history = load.end();
        check(&history, &cluster.equal_chains());
    });
}

#[test]
fn a_link_stays_cut_when_one_end_is_started_again() {
    let mut cluster = Cluster::running(&Plan::of("raft"));
    cluster.leader();
    cluster.ask(3, "failLink 1");
    cluster.kill(1);
    cluster.start(1);
    eventually("a link that is cut", || cluster.ask(1, "print brokenLinks") == ["s1 s3"]);
    cluster.ask(1, "c");
    eventually("a link that is mended", || cluster.ask(3, "print brokenLinks").is_empty());
}

/// Of five servers two are on one side: they decide nothing, and the three others do.
#[test]
fn of_five_servers_the_three_that_are_connected_go_on() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan { servers: 5, ..Plan::of(protocol) });
        let load = Load::begin(&cluster, 1..=2, 3);
        load.wait_for_progress(10);
        for side in [1, 2] {
            for other in 3..=5 {
                cluster.ask(side, &format!("failLink {other}"));
            }
        }
        load.wait_for_progress(20);
        let depths: Vec<_> = (1..=5).map(|server| cluster.depth(server)).collect();
        assert!(depths[..2].iter().all(|depth| depths[2..].iter().all(|majority| depth < majority)), "{depths:?}");
        cluster.ask(1, "reconnect");
        cluster.ask(2, "c");
        load.wait_for_progress(10);
        let history = load.end();
        check(&history, &cluster.equal_chains());
    });
}

fn others(server: u32) -> [u32; 2] {
    match server {
        1 => [2, 3],
        2 => [1, 3],
        _ => [1, 2],
    }
}
