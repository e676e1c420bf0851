//! What `server` and `client` say of themselves, and of a command line that will not do.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output};

use crate::harness::{Cluster, Plan, ended};

fn help(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments);
    let output = ended(command, "");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), [].as_slice()));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_options_of_a_server() {
    insta::assert_snapshot!(help(env!("CARGO_BIN_EXE_server"), &["--help"]));
}

#[test]
fn the_options_of_a_client() {
    insta::assert_snapshot!(help(env!("CARGO_BIN_EXE_client"), &["--help"]));
}

#[test]
fn the_options_of_a_load() {
    insta::assert_snapshot!(help(env!("CARGO_BIN_EXE_client"), &["bench", "--help"]));
}

/// How a command ended, and what it said, with ports by the server's number and the folder by a word.
fn shown(cluster: &Cluster, what: &str, output: &Output) -> String {
    let mut said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for number in 0..=3 {
        said = said.replace(&cluster.port(number).to_string(), &format!("[port + {number}]"));
    }
    let said = said.replace(&cluster.path("").display().to_string(), "[folder]/");
    format!("{what}\nexit code: {:?}\n{said}", output.status.code())
}

#[test]
fn command_lines_that_will_not_do() {
    let cluster = Cluster::planned(Plan::by_port("raft"));
    fs::write(cluster.path("lab.txt"), "server 1 127.0.0.1:1\nserver two\n").expect("a file");
    let run = |program: &str, arguments: &str| {
        let words: Vec<_> = arguments.split_whitespace().collect();
        let mut command = Command::new(program);
        command.args(words).current_dir(cluster.path(""));
        let name = program.rsplit('/').next().expect("a name");
        shown(&cluster, &format!("{name} {arguments}"), &ended(command, ""))
    };
    let server = |arguments: &str| run(env!("CARGO_BIN_EXE_server"), arguments);
    let client = |arguments: &str| run(env!("CARGO_BIN_EXE_client"), arguments);
    let texts = [
        server("4"),
        server("0"),
        server("one"),
        server("2 --servers 1"),
        server("1 --servers 101"),
        server("1 --port 65534"),
        server("1 --cluster nowhere.txt"),
        server("1 --cluster lab.txt"),
        server("1 --cluster lab.txt --servers 3"),
        server("1 --protocol paxos"),
        server("1 --delay 2"),
        server("--found"),
        client("0"),
        client("1000"),
        client("1 --cluster lab.txt"),
        client("1 bench"),
        client("--debug"),
        client("bench --reads 101"),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn folders_and_ports_that_others_use() {
    let mut cluster = Cluster::planned(Plan::by_port("raft"));
    cluster.start_with(1, &["--data", "mine"]);
    let run = |what: &str, arguments: &[&str]| {
        // It has no console: what is said comes of how it begins.
        shown(&cluster, what, &ended(cluster.server_command(arguments), ""))
    };
    let in_use = run("another server in the folder of one that runs", &["2", "--data", "mine"]);
    let again = run("the same server twice", &["1", "--data", "mine"]);
    let port = run("another program at the port", &["1", "--data", "other"]);
    let nowhere = run("a folder that cannot be made", &["2", "--data", "mine/founding.json/x"]);
    cluster.leave(1);
    let run = |what: &str, arguments: &[&str]| shown(&cluster, what, &ended(cluster.server_command(arguments), ""));
    let foreign = run("the folder of another server", &["2", "--data", "mine"]);
    let paxos = cluster.server_command_of(&Plan::by_port("multi-paxos"), &["1", "--data", "mine"]);
    let protocol = shown(&cluster, "the folder of another protocol", &ended(paxos, ""));
    fs::write(cluster.path("mine/founding.json"), "{}").expect("a file");
    let damaged = run("a founding record that is none", &["1", "--data", "mine"]);
    insta::assert_snapshot!([in_use, again, port, nowhere, foreign, protocol, damaged].join("\n"));
}

#[test]
fn another_program_at_a_servers_port_is_told_of() {
    let cluster = Cluster::planned(Plan::by_port("raft"));
    let _other = TcpListener::bind(("127.0.0.1", cluster.port(1))).expect("it is free");
    let output = ended(cluster.server_command(&["1"]), "");
    let said = shown(&cluster, "", &output);
    assert!(said.contains("could not listen at 127.0.0.1:[port + 1] (is another server 1 running"), "{said}");
    assert_eq!(output.status.code(), Some(4));
}

/// Each client that is running needs an id of its own: the later one stays.
#[test]
fn of_two_clients_with_one_id_the_earlier_is_sent_away() {
    let cluster = Cluster::of_three("multi-paxos");
    let mut first = cluster.client(1);
    assert_eq!(first.ask("put 'a' 1"), "success");
    assert_eq!(cluster.answers(1, "get 'a'\n"), ["1"]);
    // Its input has not ended.
    assert_eq!(first.console.wait_until_it_leaves().1, Some(3));
    let said = first.console.remarks().join("\n");
    let expected = "client 1 has been started again elsewhere; each client that is running needs an id of its own";
    assert!(said.contains("sends this client away") && said.contains(expected), "{said}");
}
