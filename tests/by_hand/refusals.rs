//! Nodes that were started otherwise than the others are refused, and both ends say why.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use crate::harness::{Addresses, Cluster, Console, Plan, under_both};

/// How server 2 or client 1 is started instead.
struct Otherwise {
    plan: Plan,
    /// What both ends say of it.
    why: &'static str,
}

fn delayed() -> Otherwise {
    Otherwise {
        plan: Plan { arguments: &["--delay", "2s"], ..Plan::of("raft") },
        why: "it delays messages by 2s, and server 1 by 0s: give all the same --delay",
    }
}

/// What neither a server nor a client may do.
fn foreign() -> [Otherwise; 3] {
    let right = Plan::of("raft");
    [
        Otherwise { plan: Plan::of("gossip"), why: "it was started with --protocol gossip, and server 1 with raft" },
        Otherwise {
            plan: Plan { servers: 2, ..right.clone() },
            why: "it takes servers 1, 2 for the cluster's, and server 1 takes 1, 2, 3: give all the same",
        },
        Otherwise {
            plan: Plan { addresses: Addresses::File { name: "other" }, ..right },
            why: "it is of the cluster \"other\", and server 1 of \"lab\"",
        },
    ]
}

#[test]
fn a_server_that_was_started_otherwise_is_refused() {
    for otherwise in foreign().into_iter().chain([delayed()]) {
        let mut cluster = Cluster::planned(Plan::of("raft"));
        cluster.start(1);
        let command = cluster.server_command_of(&otherwise.plan, &["2"]);
        cluster.start_as(2, command);
        cluster.server(1).wait_for_remark(&format!("refused server 2: {}", otherwise.why));
        cluster.server(2).wait_for_remark(&format!("server 1 refused server 2: {}", otherwise.why));
        // It keeps serving.
        cluster.kill(2);
        cluster.wipe(2);
        cluster.start(2);
        cluster.server(1).wait_for_remark("connected with server 2");
    }
}

/// A client takes over the servers' delay.
#[test]
fn a_client_that_was_started_otherwise_is_refused() {
    let mut cluster = Cluster::running(&Plan::of("raft"));
    for otherwise in foreign() {
        let mut command = cluster.client_command_of(&otherwise.plan, &["1"]);
        let client = Console::start("client 1".to_owned(), &mut command);
        cluster.server(1).wait_for_remark(&format!("refused client 1: {}", otherwise.why));
        client.wait_for_remark(&format!("server 1 refused client 1: {}", otherwise.why));
    }
    assert_eq!(cluster.client(1).ask("put 'a' 1"), "success");
}

#[test]
fn the_folder_and_the_port_of_another_server_are_refused() {
    under_both(|protocol| {
        let mut cluster = Cluster::planned(Plan::of(protocol));
        cluster.start(1);
        let start = |command: &mut Command| {
            let mut console = Console::start("another server".to_owned(), command);
            let (_, code) = console.wait_until_it_leaves();
            (code, console.remarks().join("\n"))
        };
        let (code, remarks) = start(&mut cluster.server_command(&["1"]));
        assert_eq!(code, Some(4), "{remarks}");
        assert!(remarks.contains("server-1 is in use"), "{remarks}");
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, cluster.port(2))).expect("nobody listens there");
        let (code, remarks) = start(&mut cluster.server_command(&["2"]));
        assert_eq!(code, Some(4), "{remarks}");
        assert!(remarks.contains("is another server 2 running, or another program at that port?"), "{remarks}");
        drop(taken);
        cluster.wipe(2);
        cluster.kill(1);
        fs::rename(cluster.data(1), cluster.data(2)).unwrap();
        let (code, remarks) = start(&mut cluster.server_command(&["2"]));
        assert_eq!(code, Some(4), "{remarks}");
        assert!(remarks.contains("it belongs to server 1 of the cluster \"lab\""), "{remarks}");
        let (code, remarks) = start(&mut cluster.server_command(&["7"]));
        assert_eq!(code, Some(2), "{remarks}");
        assert!(remarks.contains("server 7 is none of the cluster's, which are 1, 2, 3"), "{remarks}");
    });
}
