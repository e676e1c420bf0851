//! Servers that crash, and come back with their disks.

use crate::harness::{Cluster, Load, Plan, check, under_both};

#[test]
fn fail_process_is_a_crash_and_the_server_comes_back_with_what_it_had() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let mut client = cluster.client(1);
        assert_eq!(client.ask("put 'a' 1"), "success");
        let mut console = cluster.take(3);
        console.type_line("failProcess");
        let (answers, code) = console.wait_until_it_leaves();
        assert_eq!((answers, code), (Vec::new(), None), "a signal ends it, and it says nothing");
        assert_eq!(client.ask("put 'a' 2"), "success");
        cluster.start(3);
        cluster.server(3).wait_for_remark("server 3 begins again, with what is on its disk");
        assert_eq!(client.ask("get 'a'"), "2");
        check(&client.history(), &cluster.equal_chains());
    });
}

#[test]
fn the_leader_is_killed_under_load() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let load = Load::begin(&cluster, 1..=3, 4);
        for _ in 0..2 {
            load.wait_for_progress(10);
            let leader = cluster.leader();
            cluster.kill(leader);
            load.wait_for_progress(10);
            assert_ne!(cluster.leader(), leader);
            cluster.start(leader);
        }
        load.wait_for_progress(10);
        let history = load.end();
        check(&history, &cluster.equal_chains());
    });
}

#[test]
fn all_are_killed_under_load_and_nothing_that_was_answered_is_lost() {
    under_both(|protocol| {
        for servers in [3, 5] {
            let mut cluster = Cluster::running(&Plan { servers, ..Plan::of(protocol) });
            let load = Load::begin(&cluster, 1..=2, 5);
            load.wait_for_progress(20);
            for server in 1..=servers {
                cluster.kill(server);
            }
            for server in (1..=servers).rev() {
                cluster.start(server);
            }
            load.wait_for_progress(10);
            let history = load.end();
            check(&history, &cluster.equal_chains());
        }
    });
}

/// A server that was away for long is brought up to date.
#[test]
fn who_comes_back_late_catches_up() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let load = Load::begin(&cluster, 1..=2, 6);
        load.wait_for_progress(5);
        cluster.kill(2);
        load.wait_for_progress(50);
        let history = load.end();
        cluster.start(2);
        let chains = cluster.equal_chains();
        assert_eq!(chains.len(), 3);
        check(&history, &chains);
    });
}
