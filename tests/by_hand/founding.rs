//! How a cluster begins, in whatever order its nodes are started.

use crate::harness::{Cluster, Plan, check, under_both};

#[test]
fn nodes_are_started_in_any_order_the_client_first() {
    under_both(|protocol| {
        let mut cluster = Cluster::planned(Plan::of(protocol));
        let mut client = cluster.client(1);
        client.begin("put 'a' 1");
        cluster.start(3);
        cluster.server(3).wait_for_remark("waits for server 1, 2: a cluster is founded when all its servers are there");
        cluster.start(1);
        for (server, missing) in [(1, 2), (3, 2)] {
            cluster.server(server).wait_for_remark(&format!("waits for server {missing}: a cluster is founded"));
        }
        client.console.wait_for_remark("the cluster is not founded yet; server 2 is missing");
        assert!(cluster.ask(1, "print depth").is_empty());
        cluster.server(1).wait_for_remark("there is nothing to show: the cluster is not founded yet");
        cluster.ask(1, "nominate");
        cluster.server(1).wait_for_remark("the cluster is not founded yet: server 1 was not asked to lead");
        cluster.start(2);
        assert_eq!(client.answer(), "success");
        check(&client.history(), &cluster.equal_chains());
    });
}

#[test]
fn who_was_not_there_when_two_of_three_found_the_cluster_only_learns() {
    under_both(|protocol| {
        let mut cluster = Cluster::planned(Plan::of(protocol));
        for server in [2, 1] {
            cluster.start_with(server, &["--found"]);
        }
        let mut client = cluster.client(1);
        assert_eq!(client.ask("put 'a' 1"), "success");
        cluster.start_with(3, &["--found"]);
        cluster.wait_for_role(3, "learner");
        assert_eq!(client.ask("put 'a' 2"), "success");
        assert_eq!(client.ask("get 'a'"), "2");
        let chains = cluster.equal_chains();
        assert_eq!(chains.len(), 3);
        check(&client.history(), &chains);
        // Started again as usual, the members are members.
        for server in 1..=3 {
            cluster.kill(server);
        }
        for server in 1..=3 {
            cluster.start(server);
        }
        assert_eq!(client.ask("put 'a' 3"), "success");
        check(&client.history(), &cluster.equal_chains());
    });
}

#[test]
fn one_server_is_a_cluster() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan { servers: 1, ..Plan::of(protocol) });
        let mut client = cluster.client(1);
        assert_eq!(client.ask("put 'a' 1"), "success");
        cluster.kill(1);
        cluster.start(1);
        assert_eq!(client.ask("get 'a'"), "1");
        check(&client.history(), &cluster.equal_chains());
    });
}
