//! Gossip by hand: servers make their stores equal by themselves.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::cluster::{Cluster, eventually};

fn start() -> Cluster {
    Cluster::of_three("gossip")
}

/// A client that asks this server: it waits until that is there.
fn at(cluster: &Cluster, server: u32, lines: &str) -> Vec<String> {
    let mut command = cluster.client_command(&[&(10 + server).to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = command.spawn().expect("it starts");
    let mut keyboard = client.stdin.take().expect("a pipe");
    // By its answer it is connected with one, and soon with all.
    keyboard.write_all(b"get 'first'\n").expect("it reads");
    let mut answers = BufReader::new(client.stdout.take().expect("a pipe"));
    answers.read_line(&mut String::new()).expect("an answer");
    thread::sleep(Duration::from_millis(300));
    keyboard.write_all(format!("reconnect {server}\n{lines}").as_bytes()).expect("it reads");
    drop(keyboard);
    let lines = answers.lines().map(|line| line.expect("text")).collect();
    let output = client.wait_with_output().expect("it is our child");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    lines
}

fn assert_equal_soon(cluster: &mut Cluster, expected: &[&str]) {
    let expected: Vec<_> = expected.iter().map(|line| (*line).to_owned()).collect();
    for id in 1..=3 {
        eventually(&format!("server {id} holds {expected:?}"), || cluster.store(id) == expected);
    }
}

/// It chooses another server while an operation is under way: the operation is answered by the one that was asked.
#[test]
fn who_chooses_another_server_loses_no_answer() {
    let mut cluster = start();
    for number in 0..10_u32 {
        let server = number % 3 + 1;
        let lines = format!("reconnect {server}\nput 'k' {number}\nget 'k'\n");
        assert_eq!(cluster.client(20 + number, &lines), ["success", &number.to_string()], "at once, {server}");
    }
    cluster.assert_all_run();
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
    cluster.type_at(1, "failLink 3");
    cluster.type_at(2, "failLink 3");
    eventually("both ends know", || {
        let said = cluster.said(3);
        said.contains("has cut the link s1 s3") && said.contains("has cut the link s2 s3")
    });
    assert_eq!(at(&cluster, 1, "put 'a' 'one'\nput 'both' 'one'\n"), ["success"; 2]);
    assert_eq!(at(&cluster, 3, "put 'b' 'three'\nput 'both' 'three'\nput 'both' 'last'\n"), ["success"; 3]);
    eventually("server 2 has it", || cluster.store(2) == ["a:one", "both:one", "first:1"]);
    assert_eq!(cluster.store(3), ["b:three", "both:last", "first:1"]);
    cluster.type_at(3, "fixLink 1");
    cluster.type_at(3, "fixLink 2");
    assert_equal_soon(&mut cluster, &["a:one", "b:three", "both:last", "first:1"]);
}

#[test]
fn a_server_that_lost_its_disk_gets_everything_and_kill_9_loses_nothing() {
    let mut cluster = start();
    let puts: String = (0..40).map(|number| format!("put 'k{number:02}' {number}\n")).collect();
    assert_eq!(at(&cluster, 1, &puts), ["success"; 40]);
    // Whatever the others have of it by now, it is on the disk of the server that took it.
    cluster.kill(1);
    cluster.start(1, &[]);
    let mut expected: Vec<_> = (0..40).map(|number| format!("k{number:02}:{number}")).collect();
    expected.insert(0, "first:1".to_owned());
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    assert_equal_soon(&mut cluster, &expected);
    cluster.kill(3);
    fs::remove_dir_all(cluster.path("data/server-3")).expect("its folder");
    cluster.start(3, &[]);
    assert_equal_soon(&mut cluster, &expected);
    assert_eq!(at(&cluster, 3, "put 'k00' 'new'\n"), ["success"]);
    let newer: Vec<_> = expected.iter().map(|line| if *line == "k00:0" { "k00:new" } else { line }).collect();
    assert_equal_soon(&mut cluster, &newer);
    cluster.assert_all_run();
}
