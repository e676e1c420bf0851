//! Servers that lose their disks.

use crate::harness::{Cluster, Load, Plan, check, under_both, violations};

const ONLY_LEARNS: &str = "only learns what the others decide";

/// Nobody can do anything about that; it shows that the checker sees what is lost.
#[test]
fn when_all_disks_are_lost_so_is_what_was_answered_and_the_checker_says_so() {
    let mut cluster = Cluster::running(&Plan::of("raft"));
    let mut client = cluster.client(1);
    assert_eq!(client.ask("put 'a' 1"), "success");
    for server in 1..=3 {
        cluster.kill(server);
        cluster.wipe(server);
    }
    for server in 1..=3 {
        cluster.start(server);
    }
    assert_eq!(client.ask("get 'a'"), "KEY_DOES_NOT_EXIST");
    let found: Vec<_> =
        violations(&client.history(), &cluster.equal_chains()).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["put a =1 of c1 was answered, and is in no block"]);
}

#[test]
fn who_lost_its_disk_learns_for_good_and_when_two_have_nothing_is_decided_any_more() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let load = Load::begin(&cluster, 1..=2, 7);
        load.wait_for_progress(10);
        cluster.kill(3);
        cluster.wipe(3);
        load.wait_for_progress(5);
        cluster.start(3);
        cluster.server(3).wait_for_remark(&format!("server 3 {ONLY_LEARNS}"));
        load.wait_for_progress(10);
        cluster.wait_for_role(3, "learner");
        cluster.ask(3, "nominate");
        let why = "server 3 only learns what the others decide: it was not asked to lead";
        cluster.server(3).wait_for_remark(why);
        let mut nominating = cluster.client(9);
        nominating.console.ask("nominate 3");
        nominating.console.wait_for_remark(why);
        // It stays one.
        cluster.kill(3);
        cluster.start(3);
        cluster.server(3).wait_for_remark(ONLY_LEARNS);
        load.wait_for_progress(5);
        let history = load.end();
        check(&history, &cluster.equal_chains());
        assert_ne!(cluster.leader(), 3);

        let depth = cluster.depth(1);
        cluster.kill(2);
        cluster.wipe(2);
        cluster.start(2);
        cluster.server(2).wait_for_remark(ONLY_LEARNS);
        let mut client = cluster.client(3);
        client.begin("put 'a' 1");
        client.console.wait_for_remark("`put a =1` waits: ");
        let depths: Vec<_> = (1..=3).map(|server| cluster.depth(server)).collect();
        assert!(depths.iter().all(|known| *known <= depth), "{depths:?} after {depth}");
        let why = "no majority can decide: servers 2, 3 lost their disks, and only learn";
        assert!(client.console.remarks().iter().any(|line| line.contains(why)), "{:?}", client.console.remarks());
    });
}
