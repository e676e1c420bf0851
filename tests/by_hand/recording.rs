//! `--record FILE` of real servers and clients, and `master replay FILE`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use splitbrain::tcp::recording::{self, Different};

use crate::harness::{Cluster, Plan, ended, eventually};

fn replay(file: &Path) -> Output {
    let folder = file.parent().expect("it is in a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    command.arg("replay").arg(file.file_name().expect("a file")).current_dir(folder);
    ended(command, "")
}

/// What it prints, without numbers that are others each time.
fn shown(output: &Output) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let number = |word: &str| {
        if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
            "[number]".to_owned()
        } else {
            word.to_owned()
        }
    };
    let shown = |line: &str| line.split(' ').map(number).collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = text.lines().map(shown).collect();
    format!("exit code: {}\n{}\n", output.status.code().expect("an exit code"), lines.join("\n"))
}

/// A cluster whose nodes have all been recorded: servers 1 to 3, server `killed` until kill -9 and then again, and two
/// clients. All have left.
fn recorded(protocol: &'static str) -> (Cluster, u32) {
    let mut cluster = Cluster::planned(Plan::by_port(protocol));
    for id in 1..=3 {
        cluster.start_with(id, &["--record", &format!("server-{id}.jsonl")]);
    }
    let client = |cluster: &Cluster, id: u32, lines: &str| {
        let (id, file) = (id.to_string(), format!("client-{id}.jsonl"));
        let output = ended(cluster.client_command(&[&id, "--record", &file]), lines);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(client(&cluster, 1, "put 'a' 1\nput 'b' {'ü': -5}\nget 'a'\n"), "success\nsuccess\n1\n");
    let killed = if protocol == "gossip" { 2 } else { cluster.leader() };
    // Where nobody leads, what was taken elsewhere may come a little later.
    eventually("it is there", || cluster.store(killed).len() == 2);
    cluster.kill(killed);
    let more = client(&cluster, 2, "put 'c' 'after'\nget 'c'\nget 'none'\n");
    assert_eq!(more, "success\nafter\nKEY_DOES_NOT_EXIST\n");
    cluster.start_with(killed, &["--record", "again.jsonl"]);
    eventually("it has caught up", || cluster.store(killed).len() == 3);
    for id in 1..=3 {
        cluster.leave(id);
    }
    (cluster, killed)
}

fn assert_replayed(protocol: &'static str) {
    let (cluster, killed) = recorded(protocol);
    for name in ["server-1", "server-2", "server-3", "again", "client-1", "client-2"] {
        let file = cluster.path(&format!("{name}.jsonl"));
        let output = replay(&file);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), [].as_slice()), "{output:?}");
        assert!(said.contains(", the same again"), "{said}");
        let was_killed = name == format!("server-{killed}");
        assert!(was_killed || !said.contains("was killed"), "{name} left when it was told to: {said}");
        assert_cut_off(&file);
        assert_changed(&file);
    }
}

/// Cut off anywhere behind its first line, it is the recording of a node that was killed there.
fn assert_cut_off(file: &Path) {
    let bytes = fs::read(file).expect("a recording");
    let first = bytes.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
    let ends = (first..bytes.len()).step_by((bytes.len() - first) / 20 + 1);
    for end in ends.chain(bytes.len().saturating_sub(20).max(first)..bytes.len()) {
        recording::replay(&bytes[..end]).unwrap_or_else(|error| panic!("{}, {end} bytes: {error}", file.display()));
    }
}

/// A changed byte in an output is found, with its line.
fn assert_changed(file: &Path) {
    let text = fs::read_to_string(file).expect("a recording");
    let outputs = [
        "{\"send\":{\"to\":\"",
        "{\"send_early\":{\"to\":\"",
        "{\"set_timer\":{\"id\":\"",
        "{\"persist\":{\"record\":\"",
    ];
    for begin in outputs {
        let Some((number, line)) = (1_u64..).zip(text.lines()).filter(|(_, line)| line.starts_with(begin)).last()
        else {
            continue;
        };
        // Still a line, with another digit in it.
        let at = line.rfind(|letter: char| letter.is_ascii_digit()).expect("a number");
        let digit = if &line[at..=at] == "7" { "8" } else { "7" };
        let changed = format!("{}{digit}{}", &line[..at], &line[at + 1..]);
        let lines = (1..).zip(text.lines()).map(|(place, other)| if place == number { &changed } else { other });
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        match recording::replay(lines.as_bytes()) {
            Err(Different::Output { line, recorded, now }) => {
                assert_eq!((line, recorded == now), (number, false), "{}: {changed}", file.display());
            }
            other => panic!("{}:{number}: {changed} is not found: {other:?}", file.display()),
        }
    }
}

#[test]
fn a_session_of_multi_paxos_comes_out_the_same() {
    assert_replayed("multi-paxos");
}

#[test]
fn a_session_of_raft_comes_out_the_same() {
    assert_replayed("raft");
}

#[test]
fn a_session_of_gossip_comes_out_the_same() {
    assert_replayed("gossip");
}

#[test]
fn what_replay_says() {
    let (cluster, killed) = recorded("gossip");
    let file = cluster.path(&format!("server-{}.jsonl", killed % 3 + 1));
    let text = fs::read_to_string(&file).expect("a recording");
    let place = |name: &str| cluster.path(name);
    // Up to its first input, of which nothing is told then.
    let end = text.match_indices('\n').nth(1).expect("two lines").0 + 1;
    fs::write(place("cut.jsonl"), &text[..end]).expect("a file");
    fs::write(place("changed.jsonl"), text.replacen("{\"sync\":{}}", "{\"cancel_timer\":{\"id\":\"pieces\"}}", 1))
        .expect("a file");
    fs::write(place("garbage.jsonl"), format!("{}hello\n", &text[..end])).expect("a file");
    fs::write(place("newer.jsonl"), text.replacen("\"format\":1", "\"format\":2", 1)).expect("a file");
    let files = [file, place("cut.jsonl"), place("changed.jsonl"), place("garbage.jsonl"), place("newer.jsonl")];
    let shown: Vec<_> = files.iter().map(|file| shown(&replay(file))).collect();
    insta::assert_snapshot!(shown.join("\n").replace(&format!("server-{}", killed % 3 + 1), "server"));
}

/// A recording never takes the place of another file.
#[test]
fn a_recording_is_a_new_file() {
    let cluster = Cluster::planned(Plan::by_port("gossip"));
    fs::write(cluster.path("notes"), "mine").expect("a file");
    for command in
        [cluster.server_command(&["1", "--record", "notes"]), cluster.client_command(&["1", "--record", "notes"])]
    {
        let output = ended(command, "e\n");
        assert_eq!(output.status.code(), Some(4), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("could not make the recording notes, which must be a new file"), "{said}");
    }
    assert_eq!(fs::read_to_string(cluster.path("notes")).expect("a file"), "mine");
}
