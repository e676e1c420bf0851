//! Gossip by hand: servers make their stores equal by themselves.

use crate::harness::{Cluster, eventually};

fn start() -> Cluster {
    Cluster::of_three("gossip")
}

/// What a client is answered that asks this server from its first line on.
fn at(cluster: &Cluster, server: u32, lines: &str) -> Vec<String> {
    cluster.answers(10 + server, &format!("reconnect {server}\n{lines}"))
}

fn assert_equal_soon(cluster: &mut Cluster, expected: &[&str]) {
    let expected: Vec<_> = expected.iter().map(|line| (*line).to_owned()).collect();
    for id in 1..=3 {
        eventually(&format!("server {id} holds {expected:?}"), || cluster.store(id) == expected);
    }
}

/// A server that is chosen before the client is connected with it is waited for; while an operation is under way, the server
/// that was asked answers it, whichever is chosen meanwhile.
#[test]
fn who_chooses_another_server_loses_no_answer() {
    let mut cluster = start();
    for number in 0..10_u32 {
        let (server, other) = (number % 3 + 1, (number + 1) % 3 + 1);
        let lines = format!("put 'k' {number}\nget 'k'\nreconnect {other}\nget 'k'\n");
        let answers = at(&cluster, server, &lines);
        assert_eq!(answers[..2], ["success", &number.to_string()], "at once, {server}");
        // What it has written may not be there yet: then it is told so, and never given an older value.
        let elsewhere = [number.to_string(), "DEPENDENCIES_NOT_SATISFIED".to_owned()];
        assert!(answers.len() == 3 && elsewhere.contains(&answers[2]), "{answers:?}");
    }
    cluster.assert_all_run();
}

#[test]
fn nobody_leads_and_no_request_waits() {
    let mut cluster = start();
    let nobody = "under this protocol nobody leads: server 2 was not asked to";
    cluster.ask(2, "nominate");
    cluster.server(2).wait_for_remark(nobody);
    let mut client = cluster.client(1);
    client.console.ask("nominate 2");
    client.console.wait_for_remark(nobody);
    let nothing = "there is nothing to show: servers under gossip have no such part";
    for (line, count) in [("printQueue", 1), ("printLog", 2), ("printRole", 3)] {
        assert!(cluster.ask(1, line).is_empty());
        eventually(&format!("{line} shows nothing"), || {
            cluster.server(1).remarks().iter().filter(|remark| *remark == nothing).count() == count
        });
    }
}

#[test]
fn a_put_at_one_server_is_seen_at_the_others() {
    let mut cluster = start();
    assert_eq!(at(&cluster, 2, "put 'a' {'x': [1, 2]}\nget 'a'\n"), ["success", "{'x': [1, 2]}"]);
    assert_equal_soon(&mut cluster, &["a:{'x': [1, 2]}", "first:1"]);
    assert_eq!(at(&cluster, 3, "get 'a'\nget 'none'\n"), ["{'x': [1, 2]}", "KEY_DOES_NOT_EXIST"]);
}

#[test]
fn stores_that_grew_apart_are_equal_when_the_link_is_mended() {
    let mut cluster = start();
    assert_equal_soon(&mut cluster, &["first:1"]);
    cluster.ask(1, "failLink 3");
    cluster.ask(2, "failLink 3");
    cluster.server(3).wait_for_remark("has cut the link s1 s3");
    cluster.server(3).wait_for_remark("has cut the link s2 s3");
    assert_eq!(at(&cluster, 1, "put 'a' 'one'\nput 'both' 'one'\n"), ["success"; 2]);
    assert_eq!(at(&cluster, 3, "put 'b' 'three'\nput 'both' 'three'\nput 'both' 'last'\n"), ["success"; 3]);
    eventually("server 2 has it", || cluster.store(2) == ["a:one", "both:one", "first:1"]);
    assert_eq!(cluster.store(3), ["b:three", "both:last", "first:1"]);
    cluster.ask(3, "fixLink 1");
    cluster.ask(3, "fixLink 2");
    assert_equal_soon(&mut cluster, &["a:one", "b:three", "both:last", "first:1"]);
}

#[test]
fn a_server_that_lost_its_disk_gets_everything_and_kill_9_loses_nothing() {
    let mut cluster = start();
    let puts: String = (0..40).map(|number| format!("put 'k{number:02}' {number}\n")).collect();
    assert_eq!(at(&cluster, 1, &puts), ["success"; 40]);
    // Whatever the others have of it by now, it is on the disk of the server that took it.
    cluster.kill(1);
    cluster.start(1);
    let mut expected: Vec<_> = (0..40).map(|number| format!("k{number:02}:{number}")).collect();
    expected.insert(0, "first:1".to_owned());
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    assert_equal_soon(&mut cluster, &expected);
    cluster.kill(3);
    cluster.wipe(3);
    cluster.start(3);
    assert_equal_soon(&mut cluster, &expected);
    assert_eq!(at(&cluster, 3, "put 'k00' 'new'\n"), ["success"]);
    let newer: Vec<_> = expected.iter().map(|line| if *line == "k00:0" { "k00:new" } else { line }).collect();
    assert_equal_soon(&mut cluster, &newer);
    cluster.assert_all_run();
}
