//! Every form in which the consoles of the courses are written, at real consoles.

use crate::harness::{Cluster, Plan, under_both};

#[test]
fn what_a_server_holds_is_shown_under_all_its_names() {
    under_both(|protocol| {
        let mut cluster = Cluster::running(&Plan::of(protocol));
        assert!(cluster.ask(1, "print bc").is_empty());
        let mut client = cluster.client(1);
        assert_eq!(client.ask("put 'a' 1"), "success");
        assert_eq!(client.ask("get 'a'"), "1");
        cluster.equal_chains();
        for server in 1..=3 {
            let chain = cluster.ask(server, "printBlockchain");
            assert_eq!(chain.len(), 2);
            assert!(chain[0].starts_with("1 put a =1 client=c1 request=1 nonce="), "{chain:?}");
            assert!(chain[1].starts_with("2 get a client=c1 request=2 nonce="), "{chain:?}");
            for name in ["print blockchain", "print bc", "  printBlockchain  "] {
                assert_eq!(cluster.ask(server, name), chain, "{name}");
            }
            for name in ["printKVStore", "print kv", "printStore"] {
                assert_eq!(cluster.ask(server, name), ["a:1"], "{name}");
            }
            for name in ["printDepth", "print depth"] {
                assert_eq!(cluster.ask(server, name), ["2"], "{name}");
            }
            for name in ["printQueue", "print rq", "printBrokenLinks", "print brokenLinks", "", "# nothing"] {
                assert!(cluster.ask(server, name).is_empty(), "{name}");
            }
            let log = cluster.ask(server, "printLog");
            assert!(log[0].starts_with("1 put a =1 client=c1 request=1 decided"), "{log:?}");
        }
        assert_eq!(cluster.server(1).remarks().iter().filter(|line| line.contains("error")).count(), 0);
    });
}

#[test]
fn links_are_cut_and_mended_in_every_form() {
    let mut cluster = Cluster::running(&Plan::of("multi-paxos"));
    cluster.leader();
    let broken = ["s1 s2"];
    let port = |cluster: &Cluster, number| cluster.port(number).to_string();
    let (one, two) = (port(&cluster, 1), port(&cluster, 2));
    let pairs =
        ["(1, 2)", "(2,1)", " 1 2", " 2", " s1 s2", &format!(" {two}"), &format!("({one}, {two})")].map(str::to_owned);
    for pair in &pairs {
        assert!(cluster.ask(1, &format!("failLink{pair}")).is_empty());
        assert_eq!(cluster.ask(1, "print brokenLinks"), broken, "failLink{pair}");
        assert!(cluster.ask(1, &format!("fixLink{pair}")).is_empty());
        assert!(cluster.ask(1, "print brokenLinks").is_empty(), "fixLink{pair}");
    }
    for all in ["reconnect", "c", "connect", "reconnect 3", "c 3"] {
        assert!(cluster.ask(1, "failLink 2").is_empty());
        assert!(cluster.ask(1, all).is_empty());
        assert!(cluster.ask(1, "print brokenLinks").is_empty(), "{all}");
    }
    assert!(cluster.ask(1, "failLink 2").is_empty());
    assert!(cluster.ask(1, "failLink 3").is_empty());
    assert!(cluster.ask(1, "reconnect 2 3").is_empty());
    assert_eq!(cluster.ask(1, "print brokenLinks"), ["s1 s2", "s1 s3"]);
    assert!(cluster.ask(1, "reconnect 2").is_empty());
    assert_eq!(cluster.ask(1, "print brokenLinks"), broken);
    cluster.ask(1, "failLink 2");
    cluster.server(1).wait_for_remark("the link s1 s2 is cut already");
    cluster.ask(1, "fixLink 3");
    cluster.server(1).wait_for_remark("the link s1 s3 is not cut");
}

#[test]
fn a_mistake_at_a_console_is_explained_and_the_next_line_is_carried_out() {
    let mut cluster = Cluster::running(&Plan::of("raft"));
    let mut client = cluster.client(1);
    for (line, sentence) in [
        ("gte 'a'", "there is no command `gte`"),
        ("get a", "`a` is a name, and no literal of Python"),
        ("put 'a'", "`put` lacks VALUE"),
        ("reconnect 7", "no server 7 is in the cluster"),
    ] {
        client.console.ask(line);
        client.console.wait_for_remark(sentence);
    }
    assert_eq!(client.ask("put 'a' 1"), "success");
    cluster.ask(2, "failLink(1, 3)");
    cluster.server(2).wait_for_remark("changes the links of s2 only");
    assert!(cluster.ask(2, "help").iter().any(|line| line.starts_with("failProcess")));
}
