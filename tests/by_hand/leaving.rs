//! How nodes leave: at the end of their input, when they are told to, and when they are interrupted.

use nix::sys::signal::Signal;

use crate::harness::{Cluster, Console, Plan, under_both};

#[test]
fn at_the_end_of_its_input_a_client_waits_for_all_answers() {
    under_both(|protocol| {
        let mut cluster = Cluster::planned(Plan::of(protocol));
        let mut client = cluster.client(1);
        for line in ["put 'a' 1", "put 'b' 2", "get 'a'", "get 'c'"] {
            client.console.type_line(line);
        }
        client.console.end_input();
        client.console.wait_for_remark("`put a =1` waits");
        for server in 1..=3 {
            cluster.start(server);
        }
        let (answers, code) = client.console.wait_until_it_leaves();
        assert_eq!(answers, ["success", "success", "1", "KEY_DOES_NOT_EXIST"]);
        assert_eq!(code, Some(0));
    });
}

/// All leave as soon as they are answered, at the same time: the last line is printed all the same.
#[test]
fn no_answer_is_lost_when_the_input_has_ended_long_before() {
    let mut cluster = Cluster::planned(Plan::of("multi-paxos"));
    let mut clients: Vec<_> = (1..=24).map(|number| cluster.client(number)).collect();
    for client in &mut clients {
        client.console.type_line("put 'a' 1");
        client.console.end_input();
    }
    for client in &clients {
        client.console.wait_for_remark("`put a =1` waits");
    }
    for server in 1..=3 {
        cluster.start(server);
    }
    for client in &mut clients {
        assert_eq!(client.console.wait_until_it_leaves(), (vec!["success".to_owned()], Some(0)));
    }
}

#[test]
fn who_is_told_to_leave_leaves_and_can_be_started_at_once() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let mut client = cluster.client(1);
        assert_eq!(client.ask("put 'a' 1"), "success");
        client.console.type_line("e");
        assert_eq!(client.console.wait_until_it_leaves(), (Vec::new(), Some(0)));
        for (server, way) in [(1, Way::Line), (2, Way::Signal(Signal::SIGINT)), (3, Way::End)] {
            let mut console = cluster.take(server);
            let expected = match way {
                Way::Line => {
                    console.type_line("e");
                    0
                }
                Way::Signal(signal) => {
                    console.signal(signal);
                    130
                }
                Way::End => {
                    console.end_input();
                    0
                }
            };
            assert_eq!(console.wait_until_it_leaves(), (Vec::new(), Some(expected)));
            cluster.start(server);
            cluster.server(server).wait_for_remark("begins again, with what is on its disk");
        }
        let mut client = cluster.client(2);
        assert_eq!(client.ask("get 'a'"), "1");
    });
}

/// How a server is made to leave.
#[derive(Clone, Copy)]
enum Way {
    Line,
    Signal(Signal),
    End,
}

#[test]
fn a_client_that_is_interrupted_says_what_was_not_answered() {
    let cluster = Cluster::planned(Plan::of("raft"));
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut client = cluster.client(1);
        client.begin("put 'a' 1");
        client.console.wait_for_remark("`put a =1` waits: no server is there");
        client.console.signal(signal);
        assert_eq!(client.console.wait_until_it_leaves(), (Vec::new(), Some(130)));
        client.console.wait_for_remark("`put a =1` was never sent");
    }
}

/// As one in the background: it has no console, and stays.
#[test]
fn a_server_without_any_input_goes_on() {
    let mut cluster = Cluster::planned(Plan { servers: 1, ..Plan::of("raft") });
    let mut console = Console::start("server 1".to_owned(), &mut cluster.server_command(&["1"]));
    console.end_input();
    console.wait_for_remark("server 1 begins");
    let mut client = cluster.client(1);
    assert_eq!(client.ask("put 'a' 1"), "success");
    console.signal(Signal::SIGTERM);
    assert_eq!(console.wait_until_it_leaves(), (Vec::new(), Some(130)));
    cluster.start(1);
    assert_eq!(client.ask("get 'a'"), "1");
}
