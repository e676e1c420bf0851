//! Clients: whom they ask, who leads because they say so, and what becomes of namesakes.

use std::net::TcpListener;
use std::thread;

use splitbrain::tcp::founding::{DiskNumber, Standing};

use crate::harness::wire::{Introduction, say};
use crate::harness::{Cluster, Plan, check, eventually, under_both};

#[test]
fn a_client_asks_the_server_to_which_it_is_reconnected_and_goes_on_without_it() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let mut client = cluster.client_with(1, &["--debug"]);
        assert_eq!(client.ask("put 'a' 0"), "success");
        for (count, server) in (1..).zip([2, 3, 1, 2]) {
            client.console.ask(&format!("reconnect {server}"));
            assert_eq!(client.ask(&format!("put 'a' {count}")), "success");
            client.console.wait_for_remark(&format!("c1 -> s{server} write"));
        }
        cluster.kill(2);
        assert_eq!(client.ask("put 'a' 5"), "success");
        client.console.wait_for_remark("lost server 2");
        client.console.ask("reconnect s2");
        client.console.wait_for_remark("server 2 is not there; it is asked first when it is");
        assert_eq!(client.ask("get 'a'"), "5");
        cluster.start(2);
        check(&client.history(), &cluster.equal_chains());
    });
}

/// It introduces itself, and says nothing more: a client that has chosen it goes on without.
#[test]
fn a_chosen_server_that_says_nothing_counts_as_absent_after_a_while() {
    let cluster = Cluster::planned(Plan::by_port("multi-paxos"));
    let listener = TcpListener::bind(("127.0.0.1", cluster.port(1))).expect("the port was free");
    let standing = Standing { disk: DiskNumber(1), founding: None };
    let introduction = Introduction::of_server("multi-paxos", 1, standing).bytes();
    let silent = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the client comes");
        say(&mut stream, &introduction);
        stream
    });
    let mut client = cluster.client(1);
    client.console.type_line("reconnect 1");
    client.console.type_line("nominate 1");
    client.console.wait_for_remark("server 1 is not there; it is asked first when it is");
    client.console.wait_for_remark("server 1 is not there: nobody was asked to lead");
    drop(silent.join());
}

#[test]
fn who_is_nominated_leads() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        let mut client = cluster.client(1);
        assert_eq!(client.ask("put 'a' 1"), "success");
        cluster.equal_chains();
        let leads = |cluster: &mut Cluster, number: u32| {
            eventually(&format!("server {number} leads"), || cluster.leader() == number);
        };
        let first = cluster.leader();
        let second = first % 3 + 1;
        let third = second % 3 + 1;
        cluster.ask(second, "nominate");
        leads(&mut cluster, second);
        client.console.ask(&format!("nominate {third}"));
        leads(&mut cluster, third);
        assert_eq!(client.ask("put 'a' 2"), "success");
        cluster.equal_chains();
        cluster.ask(second, &format!("nominate {first}"));
        leads(&mut cluster, first);
        cluster.kill(third);
        cluster.server(first).wait_for_remark(&format!("lost server {third}"));
        cluster.ask(first, &format!("nominate {third}"));
        cluster.server(first).wait_for_remark(&format!("server {third} is not there: nobody was asked to lead"));
        assert_eq!(client.ask("get 'a'"), "2");
        check(&client.history(), &cluster.equal_chains());
    });
}

#[test]
fn a_client_may_be_started_again_and_of_two_at_once_the_later_one_stays() {
    under_both(|protocol| {
        let cluster = Cluster::running(&Plan::of(protocol));
        for expected in ["KEY_DOES_NOT_EXIST", "1"] {
            let mut client = cluster.client(1);
            client.console.type_line("get 'a'");
            client.console.type_line("put 'a' 1");
            client.console.type_line("get 'a'");
            client.console.end_input();
            let (answers, code) = client.console.wait_until_it_leaves();
            assert_eq!((answers, code), (vec![expected.to_owned(), "success".into(), "1".into()], Some(0)));
        }
        let mut first = cluster.client(1);
        assert_eq!(first.ask("get 'a'"), "1");
        let mut second = cluster.client(1);
        assert_eq!(second.ask("put 'a' 2"), "success");
        first.console.wait_for_remark("client 1 has been started again elsewhere");
        let (_, code) = first.console.wait_until_it_leaves();
        assert_eq!(code, Some(3));
        assert_eq!(second.ask("get 'a'"), "2");
    });
}
