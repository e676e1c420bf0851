//! Messages that wait before they leave, so that people can watch them.

use std::time::{Duration, Instant};

use crate::harness::{Cluster, Plan, check, under_both};

const DELAY: Duration = Duration::from_millis(200);

#[test]
fn with_a_delay_a_leader_is_elected_and_a_put_takes_four_of_them() {
    under_both(|protocol| {
        let plan = Plan { arguments: &["--delay", "200ms"], ..Plan::of(protocol) };
        let mut cluster = Cluster::running(&plan);
        let mut client = cluster.client(1);
        assert_eq!(client.ask("put 'a' 0"), "success");
        cluster.leader();
        let began = Instant::now();
        assert_eq!(client.ask("put 'a' 1"), "success");
        // To the leader, to a majority, back, and back to the client.
        assert!(began.elapsed() >= 4 * DELAY, "{:?}", began.elapsed());
        check(&client.history(), &cluster.equal_chains());
    });
}
